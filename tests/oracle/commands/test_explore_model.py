"""`raft-oracle explore FILE`: protocols and systems of one's own, such as the example of Paxos."""

import json
from pathlib import Path

import pytest

from model.target import UserFile
from oracle.commands.explore import explore_command
from oracle.commands.explore_model import read_model
from oracle.subjects.own_system import OwnSystem
from oracle.terminal.usage import UsageError
from tests.oracle.command import flat

PAXOS = str(Path(__file__).parents[3] / "examples/protocols/paxos.py")
TWO_VOTES = """
from raft_oracle import ReferenceFactory, with_replaced
FACTORY = ReferenceFactory(
    with_replaced("raft_core.election.is_vote_free", lambda state, candidate: True)
)
"""
SMALL = ("--max-term", "1", "--client-requests", "0", "--out", "found")


def explored(words: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code of an exploration in this process, and what it printed."""
    with pytest.raises(SystemExit) as caught:
        explore_command.main(words, standalone_mode=False)
    return int(str(caught.value.code or 0)), capfd.readouterr().out


def test_protocol_of_ones_own_is_explored_and_its_counterexample_replayed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As a mutant that was built in; its schedule names the file."""
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(TWO_VOTES)
    code, out = explored(["mine.py", *SMALL], capfd)
    assert code == 1
    assert out.startswith("ElectionSafety violated at step 6: ")
    assert "mine.py, 3 servers; terms to 1" in out
    assert "mine.py" in json.loads(Path("found/schedule.json").read_text())["subject"]


def test_paxos_agrees_and_a_hasty_proposer_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The example of a system: its story is told in sentences, and stored."""
    monkeypatch.chdir(tmp_path)
    code, out = explored([PAXOS], capfd)
    assert code == 0
    assert "no violation: 1,464 states" in out
    assert "Checked:     Agreement" in out
    code, out = explored(["--model", f"{PAXOS}:HASTY", "--out", "found", "--json"], capfd)
    assert code == 1
    (case,) = json.loads(out)["cases"]
    assert (case["name"], case["outcome"], case["steps"]) == ("Agreement", "broken", 16)
    story = Path("found/story.txt").read_text()
    assert story.startswith("Agreement violated after 16 moves: v1 and v2 were both chosen.")
    assert "the promise of acceptor 2 reaches ballot 2\n       ballot 2 promises +[1 1 v1]" in story


def test_specification_says_what_it_checked(capfd: pytest.CaptureFixture[str]) -> None:
    """By name, as a hunt does; one can be asked for alone."""
    code, out = explored(["raft.tla", "--max-term", "1"], capfd)
    assert code == 0
    assert "Checked: ElectionSafety, LogMatching, LeaderCompleteness, State" in flat(out)
    code, out = explored(["raft.tla", "--max-term", "1", "--property", "LogMatching"], capfd)
    assert "Checked: LogMatching Ignored: CandidateTermNotInLog, ElectionSafety" in flat(out)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["nonsense"], "model: found 'nonsense', expected raft, reference, raft.tla, or a file"),
        (["rft.tla"], "did you mean 'raft.tla'?"),
        (["raft", "--model", "raft.tla"], "found 'raft' beside --model raft.tla"),
        (["missing.py"], "found no file"),
        ([PAXOS, "--max-term", "3"], "max-term: found it with a System of your own"),
        ([PAXOS, "--property", "Agreement"], "property: found it with a System of your own"),
        ([PAXOS, "--checkpoint", "kept"], "checkpoint: found it with a file of your own"),
        ([PAXOS, "--cluster", "local"], "cluster: found it with a file of your own"),
        (
            ["raft.tla", "--property", "Progress"],
            "found 'Progress', expected one of ElectionSafety",
        ),
        (["raft.tla", "--mutant", "double-vote"], "mutant: found it with raft.tla"),
    ],
)
def test_wrong_models_are_refused(
    words: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, before anything is explored."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        explore_command.main(words, standalone_mode=False)
    assert expected in str(caught.value)


def test_file_may_be_named_with_what_is_taken_from_it() -> None:
    """As subjects are."""
    wanted = read_model(f"{PAXOS}:HASTY", None)
    assert isinstance(wanted.system, OwnSystem)
    assert wanted.system.text.endswith("paxos.py:HASTY")
    assert not isinstance(wanted.subject, UserFile)
