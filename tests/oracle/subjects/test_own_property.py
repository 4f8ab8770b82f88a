"""Properties of a user's own: loaded, hunted with, explored with, and kept in a regression test."""

from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from model.actions import ClientRequest, Elect, Exchange
from model.drivers.walker import walk
from model.reference.cluster import ReferenceFactory
from model.setup import Setup
from model.target import TargetRequest
from oracle.commands.explore import explore_command
from oracle.commands.replay import replay
from oracle.hunting.plan import make_plan
from oracle.regression import violation_of_schedule
from oracle.subjects.naming import read_subject
from oracle.subjects.own_property import absolute_words, loaded, own_properties
from oracle.terminal.usage import UsageError
from properties.property import Property
from raft_core import s1, s2
from tests.oracle.command import ROOT, raft_oracle

PROTOCOLS: Final = ROOT / "examples/protocols"
FLEXIBLE: Final = str(PROTOCOLS / "flexible_quorums.py")
ON_TWO: Final = f"{PROTOCOLS / 'committed_on_two.py'}:ON_TWO"
ON_THREE: Final = f"{PROTOCOLS / 'committed_on_two.py'}:ON_THREE"
NO_MAJORITY: Final = frozenset({"CommittedOnQuorum"})
SHORT: Final = (
    Elect(s1, unreachable=()),
    ClientRequest(s1, "v"),
    Exchange(s1, s2, newest_first=False),
)
MINE: Final = """
from raft_oracle import BecameLeader, Property

def check(history, fact):
    return history

MINE = Property("{name}", "It holds.", "here", frozenset({needs}), {facts}, {check})
"""


def written(folder: Path, **fields: str) -> str:
    """A file with one property, and its name."""
    usual = {"name": "Mine", "needs": "{'role'}", "facts": "(BecameLeader,)", "check": "check"}
    path = folder / f"mine_{len(list(folder.iterdir()))}.py"
    path.write_text(MINE.format(**{**usual, **fields}))
    return str(path)


@pytest.mark.parametrize(("named", "broken"), [(ON_TWO, None), (ON_THREE, "CommittedOn3")])
def test_hunt_judges_a_property_of_ones_own(named: str, broken: str | None) -> None:
    """What is promised holds in all runs, and what is not does not."""
    request = TargetRequest(subject=read_subject(FLEXIBLE), servers=4, ignore=NO_MAJORITY)
    cluster = evolve(make_plan(request), property_files=(named,)).cluster()
    found = [walk(cluster, 0, number)[0] for number in range(20)]
    assert {each.property for each in found if each} == ({broken} if broken else set())


def test_test_of_ones_own_names_properties_as_objects() -> None:
    """Beside subject and servers."""
    setup = Setup(factory=ReferenceFactory(), servers=3, network="any", properties=loaded(ON_THREE))
    cluster = setup.cluster()
    assert any(walk(cluster, 0, number)[0] for number in range(9))


def test_regression_test_names_the_file() -> None:
    """Relative to itself, as the subject."""
    beside = str(ROOT / "tests/test_regression.py")
    named = "../examples/protocols/committed_on_two.py"
    subject = "../examples/protocols/flexible_quorums.py"
    for words, expected in ((f"{named}:ON_THREE", "CommittedOn3"), (f"{named}:ON_TWO", None)):
        found = violation_of_schedule(
            SHORT,
            subject,
            4,
            "any",
            {},
            ignore=NO_MAJORITY,
            beside=beside,
            properties=(words,),
        )
        assert (found and found.property) == expected


def test_finding_is_told_and_replayed_with_its_file(tmp_path: Path) -> None:
    """A schedule names the property alone; the file comes from the command line."""
    words = ("hunt", FLEXIBLE, "--servers", "4", "--only", "CommittedOn3", "--property", ON_THREE)
    done = raft_oracle(tmp_path, *words, "--out", "found", "--steps", "3000", "--workers", "1")
    assert done.code == 1, done
    assert f"Replay:     raft-oracle replay found/schedule.json --property {ON_THREE}" in done.out
    schedule = str(tmp_path / "found/schedule.json")
    with pytest.raises(SystemExit) as caught:
        replay.main([schedule, "--property", ON_THREE, "--trust"], standalone_mode=False)
    assert caught.value.code == 1
    with pytest.raises(UsageError) as refused:
        replay.main([schedule], standalone_mode=False)
    assert "property: found 'CommittedOn3'" in str(refused.value)
    assert "expected --property FILE.py with it" in str(refused.value)


def test_explorer_judges_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """In every state within the bounds; its history is part of each."""
    monkeypatch.chdir(tmp_path)
    words = ["--max-term", "1", "--max-inbox", "2", "--property", ON_TWO]
    with pytest.raises(SystemExit) as caught:
        explore_command.main(words, standalone_mode=False)
    out = capfd.readouterr().out
    assert (caught.value.code, "Checked:     CommittedOn2, EntriesWithinTerm" in out) == (0, True)
    with pytest.raises(UsageError, match=r"checkpoint: found it with --property FILE\.py"):
        explore_command.main([*words, "--checkpoint", "kept"], standalone_mode=False)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"name": "no name"}, "no name: expected a name of letters"),
        ({"needs": "{'colour'}"}, "Mine: needs 'colour', expected some of applied_digest"),
        ({"facts": "()"}, "Mine: facts (), expected some of AppliedMoved"),
        ({"facts": "(int,)"}, "Mine: facts (<class 'int'>,), expected some of AppliedMoved"),
        ({"check": "undefined"}, "NameError: name 'undefined' is not defined"),
    ],
)
def test_what_is_no_property_is_refused(
    tmp_path: Path, fields: dict[str, str], expected: str
) -> None:
    """In one line with the file."""
    with pytest.raises(UsageError) as caught:
        loaded(written(tmp_path, **fields))
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_names_are_taken_once(tmp_path: Path) -> None:
    """Two properties of one name could not be told apart, nor ignored."""
    files = [written(tmp_path), written(tmp_path)]
    assert [each.name for each in own_properties(files[:1], ["LogMatching"])] == ["Mine"]
    for named, taken in ((files, []), (files[:1], ["Mine"])):
        with pytest.raises(UsageError, match="found two that are called 'Mine'"):
            own_properties(named, taken)
    with pytest.raises(UsageError, match=r"found no OTHER, expected a raft_oracle\.Property"):
        loaded(f"{files[0]}:OTHER")
    assert absolute_words("mine.py:ONE") == f"{Path('mine.py').absolute()}:ONE"


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("lambda history, fact: 1 / 0", "Mine: check() raised ZeroDivisionError"),
        ("lambda history, fact: [1]", "check() gave [1], expected a Breach, or a history that"),
    ],
)
def test_mistake_in_a_property_is_named(tmp_path: Path, check: str, expected: str) -> None:
    """It is the user's, and neither the subject's nor ours."""
    (mine,) = loaded(written(tmp_path, check=check))
    assert isinstance(mine, Property)
    with pytest.raises(UsageError) as caught:
        mine.check(None, object())
    assert expected in str(caught.value)
