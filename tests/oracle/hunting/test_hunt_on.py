"""Hunts that go on past what is only untidy: what they find then, keep, and report."""

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

FORGETS = ("hunt", "--mutant", "vote-forgotten-with-leader", "--hunt-on", "--steps", "30000")
FALLS = ("hunt", "--mutant", "match-index-falls", "--steps", "3000")


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


def test_findings_do_not_depend_on_the_number_of_workers(
    forgets: tuple[Path, Done], tmp_path: Path
) -> None:
    """The same seed gives the same bytes, and counts the same runs and steps."""
    cwd, first = forgets
    for workers in ("2", "4"):
        done = raft_oracle(tmp_path, *FORGETS, "--out", "found", "--workers", workers)
        assert counts_in(done.out) == counts_in(first.out)
        files = [each for each in (cwd / "found").rglob("*") if each.is_file()]
        assert len(files) == 2 * len(NAMES)
        for each in files:
            assert (tmp_path / each.relative_to(cwd)).read_bytes() == each.read_bytes()


def counts_in(out: str) -> list[str]:
    """How many runs and steps a report counts."""
    return re.findall(r"[\d,]+ (?:runs|steps)\b", out)


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
