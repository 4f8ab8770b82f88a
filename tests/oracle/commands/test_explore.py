"""`raft-oracle explore`: its verdicts, its files, and that nothing found is lost."""

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.model.explorer.cases import COMPILED_OR_NOT
from tests.oracle.command import Done, command_line, environment, is_refused, raft_oracle
from tests.require import require

SMALL = ("explore", "--max-inbox", "2")
"""143,676 states."""
BROKEN = ("explore", "--mutant", "double-vote", "--max-term", "1", "--client-requests", "0")


def counts(done: Done) -> tuple[str, str, str]:
    """States, generated successors and levels that a command printed."""
    found = re.search(r"([\d,]+) states \(([\d,]+) generated\) in (\d+) levels", done.out)
    assert found is not None, done
    return found[1], found[2], found[3]


def test_says_what_was_covered(tmp_path: Path) -> None:
    """Never "passed": the bounds, the properties, and what was not reached."""
    done = raft_oracle(tmp_path, *SMALL)
    assert done.code == 0, done.err
    assert done.out.startswith("Exhausted within the bounds below, no violation: 143,676 states")
    assert "terms to 2, 2 messages under way to a server, 1 client request" in done.out
    assert "6 renamings count as one" in done.out
    assert "LeaderCompleteness" in done.out
    assert "Not checked: Linearizable (not explored: client histories)" in done.out
    assert "Reached:     leader elected, entry committed" in done.out
    assert "server restarted" in done.out.partition("Not reached:")[2]
    assert "odds of 1 to" in done.out


@pytest.mark.parametrize("engine", [*COMPILED_OR_NOT, "reference"])
def test_violation_is_a_shortest_schedule_with_files(tmp_path: Path, engine: str) -> None:
    """Every engine finds the same six steps, which can be replayed and tested."""
    done = raft_oracle(tmp_path, *BROKEN, "--engine", engine, "--out", "found")
    assert done.code == 1, done.err
    assert done.out.startswith("ElectionSafety violated at step 6: ")
    assert "a shortest schedule within these bounds, 6 moves" in done.out
    again = raft_oracle(tmp_path, "replay", "found/schedule.json")
    assert again.code == 1
    assert "ElectionSafety violated at step 6" in again.out
    regression = (tmp_path / "found/test_regression.py").read_text()
    assert "def test_election_safety_holds" in regression


def test_same_bytes_with_any_engine_workers_and_hash_seed(tmp_path: Path) -> None:
    """A counterexample depends on the order alone."""
    files = []
    for engine, workers, hash_seed in (("numpy", "1", "1"), ("auto", "2", "2")):
        words = (*BROKEN, "--engine", engine, "--workers", workers, "--out", f"out{workers}")
        done = raft_oracle(tmp_path, *words, variables={"PYTHONHASHSEED": hash_seed})
        assert done.code == 1, done.err
        files.append((tmp_path / f"out{workers}/schedule.json").read_bytes())
    assert files[0] == files[1]


def test_only_the_named_property_is_checked(tmp_path: Path) -> None:
    """The same mutant elects two leaders, and LogMatching does not mind."""
    done = raft_oracle(tmp_path, *BROKEN, "--property", "LogMatching")
    assert done.code == 0, done.out
    assert "Checked:     LogMatching\n" in done.out


def test_reduction_is_given_up_where_it_could_hide_something(tmp_path: Path) -> None:
    """A protocol that counts stale votes answers to what would be thrown away."""
    done = raft_oracle(tmp_path, "explore", "--mutant", "stale-vote-counted")
    assert done.code == 1, done.out
    assert done.out.startswith("ElectionSafety violated at step 8: ")


@pytest.mark.parametrize("bound", ["--max-depth", "--max-states"])
def test_stop_at_a_bound_is_said(tmp_path: Path, bound: str) -> None:
    """Less than all is never called exhausted."""
    done = raft_oracle(tmp_path, *SMALL, bound, "9")
    assert done.code == 0
    assert done.out.startswith(f"Stopped at {bound} 9, no violation so far: ")


def test_bound_that_empties_the_model_is_warned_of(tmp_path: Path) -> None:
    """With room for one message a broadcast hardly ever fits."""
    done = raft_oracle(tmp_path, "explore", "--servers", "5", "--max-term", "1", "--max-inbox", "1")
    assert done.code == 0
    assert "Warning:     within these bounds no server is ever elected" in done.out


def test_checkpoint_goes_on_where_memory_ended(tmp_path: Path) -> None:
    """Stopped for want of memory, taken up by another engine: the same counts as in one go."""
    whole = raft_oracle(tmp_path, *SMALL, "--restarts", "1")
    part = raft_oracle(
        tmp_path, *SMALL, "--restarts", "1", "--memory", "9MiB", "--checkpoint", "kept"
    )
    assert part.code == 2, part.out
    assert "Stopped at --memory" in part.out
    assert "Stored:      go on with raft-oracle explore --resume kept" in part.out
    rest = raft_oracle(tmp_path, "explore", "--resume", "kept", "--engine", "numpy")
    assert rest.code == 0, rest.err
    assert counts(rest) == counts(whole)
    assert counts(part) != counts(whole)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_search_that_was_ended_is_taken_up(tmp_path: Path, ending: signal.Signals) -> None:
    """Killed or interrupted at some moment, it ends with the counts of one go."""
    words = ("explore", "--max-inbox", "2", "--restarts", "1", "--engine", "numpy")
    whole = raft_oracle(tmp_path, *words, "--engine", "auto")
    line = command_line(*words, "--checkpoint", "kept", "--interval", "0.2")
    process = subprocess.Popen(
        line, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "kept/current/manifest.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(ending)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == (-signal.SIGKILL if ending is signal.SIGKILL else 2)
    assert (b"Stopped at an interrupt" in out) == (ending is signal.SIGINT)
    rest = raft_oracle(tmp_path, "explore", "--resume", "kept")
    assert rest.code == 0, rest.err
    assert counts(rest) == counts(whole)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("frontier.npy", b"", "frontier.npy"),
        ("manifest.json", b"{}", "manifest.json"),
        ("filled.npy", None, "filled.npy"),
    ],
)
def test_damaged_checkpoint_is_refused(
    tmp_path: Path, name: str, content: bytes | None, expected: str
) -> None:
    """One line that says which file, instead of wrong counts."""
    raft_oracle(tmp_path, *SMALL, "--max-depth", "9", "--checkpoint", "kept")
    path = tmp_path / "kept/current" / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    done = raft_oracle(tmp_path, "explore", "--resume", "kept")
    assert is_refused(done), done
    assert "kept/current" in done.err


def test_wrong_words_are_refused(tmp_path: Path) -> None:
    """One line, and the exit code of wrong usage; test_explore_options has all the words."""
    done = raft_oracle(tmp_path, "explore", "--max-term", "0")
    assert is_refused(done), done
    assert "max-term: found 0, expected at least 1" in done.err


def test_specification_of_ongaro_is_explored(tmp_path: Path) -> None:
    """The counts that TLC prints for the same constants."""
    done = raft_oracle(tmp_path, "explore", "--model", "raft.tla")
    assert done.code == 0, done.err
    assert counts(done) == ("322,580", "3,813,460", "53")


def test_features_are_explored(tmp_path: Path) -> None:
    """A cluster with PreVote that takes snapshots, and one whose membership changes."""
    words = ("--set", "snapshots=on", "--set", "pre_vote=on", "--compactions", "1")
    done = raft_oracle(tmp_path, "explore", *words, "--max-depth", "14")
    assert done.code == 0, done.err
    assert "Compact " in done.out
    words = ("--set", "single_server_changes=on", "--membership-changes", "1", "--max-depth", "9")
    done = raft_oracle(tmp_path, "explore", *words)
    assert "configuration changed" in done.out.partition("Reached:")[2].partition("Not")[0]


def test_random_walks_say_what_they_saw(tmp_path: Path) -> None:
    """The same seed walks the same ways; a violation has its files, and nothing is exhausted."""
    words = ("explore", "--simulate", "30000", "--seed", "4")
    done, again = (raft_oracle(tmp_path, *words) for _ in range(2))
    assert done.code == 0, done.err
    assert done.out.startswith("Stopped at 30000 moves, no violation so far: ")
    assert counted_walks(done) == counted_walks(again)
    found = raft_oracle(tmp_path, *BROKEN, "--simulate", "30000", "--out", "found")
    assert found.code == 1
    assert "the explorer: a random walk" in found.out
    assert raft_oracle(tmp_path, "replay", "found/schedule.json").code == 1


def counted_walks(done: Done) -> str:
    """What a simulation counted, without the time that it took."""
    return done.out.partition(", no violation so far: ")[2].partition("),")[0]


def test_cluster_counts_as_one_process_does(tmp_path: Path) -> None:
    """Two workers of a cluster on this machine."""
    require("dask")
    done = raft_oracle(tmp_path, *SMALL, "--cluster", "local", "--workers", "2")
    assert done.code == 0, done.err
    assert counts(done) == ("143,676", "543,966", "36")
