"""Hunts that go on past what they find: what they find then, keep, and report."""

import re
from pathlib import Path

import pytest

from model.failures import failure_of_subject
from model.subject import SubjectError
from model.target import Reference, TargetRequest
from oracle.hunting.hunt_on import plan_past
from oracle.hunting.plan import make_plan
from oracle.store.result_folder import NAMES
from tests.oracle.command import Done, flat, raft_oracle

FORGETS = (
    "hunt",
    "--mutant",
    "vote-forgotten-with-leader",
    "--plain",
    "--hunt-on",
    "--steps",
    "30000",
)
ALL = ("hunt", "--mutant", "vote-forgotten-with-leader", "--plain", "--all", "--steps", "13800")
FALLS = ("hunt", "--mutant", "match-index-falls", "--plain", "--steps", "3000")
SHAPE = "ElectionSafety@RequestVoteResponse"
FEW = ("--plain", "--steps", "20000", "--out", "found")


@pytest.fixture(scope="module")
def forgets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """A hunt in which a forgotten vote comes before the two leaders that it leads to."""
    cwd = tmp_path_factory.mktemp("forgets")
    return cwd, raft_oracle(cwd, *FORGETS, "--out", "found", "--workers", "1")


def test_hunt_goes_on_to_what_is_unsafe(forgets: tuple[Path, Done]) -> None:
    """One line tells of what it passes, and a list ends the report, what is unsafe first."""
    _, done = forgets
    assert done.code == 1, done
    assert re.search(r"^VoteOnce in 4 steps, untidy: .* The hunt goes on\.", done.out)
    assert "ElectionSafety violated at step 7" in done.out
    listed = done.out.partition("All findings:")[2].splitlines()[1:3]
    assert [line.split()[:3] for line in listed] == [
        ["unsafe", "ElectionSafety", "7"],
        ["untidy", "VoteOnce", "4"],
    ]


def test_each_finding_has_a_folder_and_replays(forgets: tuple[Path, Done]) -> None:
    """What was passed lies below; the schedule of what came next ignores it."""
    cwd, _ = forgets
    for folder, name in (("found", "ElectionSafety"), ("found/untidy/VoteOnce", "VoteOnce")):
        assert all((cwd / folder / each).is_file() for each in NAMES)
        again = raft_oracle(cwd, "replay", f"{folder}/schedule.json")
        assert again.code == 1, again
        assert again.out.startswith(f"{name} violated")


def test_all_findings_are_told_once_whatever_the_number_of_workers(tmp_path: Path) -> None:
    """Each has a folder of its own and a row; the same seed gives the same bytes and counts."""
    one, two = (
        raft_oracle(tmp_path, *ALL, "--out", f"found{number}", "--workers", number)
        for number in ("1", "2")
    )
    assert one.code == 1, one
    table = one.out.partition("All findings:")[2].replace("found1/", "")
    rows = [line.split() for line in table.splitlines() if line.startswith("  un")]
    names = [(row[0], row[1], row[-1]) for row in rows]
    assert ("untidy", "VoteOnce", "untidy/VoteOnce") in names
    assert ("unsafe", "ElectionSafety", "unsafe/ElectionSafety-RequestVoteResponse") in names
    assert len(names) == len(set(names)) >= 3
    assert one.err.count("now to be shrunk") == len(names)
    assert counts_in(one.out) == counts_in(two.out)
    assert table == two.out.partition("All findings:")[2].replace("found2/", "")
    files = [each for each in (tmp_path / "found1").rglob("*") if each.is_file()]
    assert len(files) == len(names) * len(NAMES)
    for each in files:
        other = tmp_path / "found2" / each.relative_to(tmp_path / "found1")
        assert other.read_bytes() == each.read_bytes()


def test_finding_that_was_passed_replays_past_what_came_before(tmp_path: Path) -> None:
    """A shape that is ignored silences the property in its run, and another shape still ends it."""
    done = raft_oracle(tmp_path, "hunt", "--mutant", "double-vote", "--ignore", SHAPE, *FEW)
    assert done.code == 1, done
    assert "ElectionSafety" not in done.out.splitlines()[0]
    again = raft_oracle(tmp_path, "replay", "found/schedule.json")
    assert again.out.splitlines()[0] == done.out.splitlines()[0]
    assert f'"ignore": ["{SHAPE}"]' in (tmp_path / "found/schedule.json").read_text("utf-8")


def counts_in(out: str) -> list[str]:
    """How many runs and steps a report counts."""
    return re.findall(r"[\d,]+ (?:runs|steps)\b(?!/s)", out)


def test_only_untidy_findings_do_not_fail_the_hunt(tmp_path: Path) -> None:
    """The exit code is 0, and the report says why; runs are counted once, though done again."""
    done = raft_oracle(tmp_path, *FALLS, "--hunt-on", "--out", "found")
    assert done.code == 0, done
    assert "No further violation found in" in done.out
    assert "untidy  MatchMonotonic" in done.out
    assert "the exit code is that of a hunt that found nothing" in flat(done.out)
    plain = raft_oracle(tmp_path, *FALLS, "--ignore", "MatchMonotonic")
    assert counts_in(plain.out)[:2] == counts_in(done.out.partition("further")[2])[:2]


def test_hunt_ends_at_the_first_finding_unless_asked(tmp_path: Path) -> None:
    """A hunt of the reference ends at an untidy finding as at any other, with exit code 1."""
    done = raft_oracle(tmp_path, *FALLS, "--out", "found")
    assert done.code == 1, done
    assert "MatchMonotonic violated" in done.out
    assert (tmp_path / "found/schedule.json").is_file()


def test_busy_loop_of_a_subject_without_the_setting_cannot_be_passed() -> None:
    """Only the program around an unmodified Raft can be asked to let loops sleep."""
    plan = make_plan(TargetRequest(subject=Reference()))
    assert plan_past(plan, failure_of_subject(SubjectError("S1: busy loop at raft.go:1"))) is None
