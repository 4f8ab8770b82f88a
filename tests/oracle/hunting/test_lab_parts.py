"""The parts of a lab share a budget, and know what an earlier part has shown already."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from oracle.hunting.findings import Artefacts
from oracle.hunting.hunt_on import Finding, Hunted
from oracle.hunting.lab_parts import SHORTEST, WEIGHTS, Course, LabRequest, outcome_and_note
from oracle.hunting.parallel_hunt import Budget, Outcome, Tally
from oracle.hunting.plan import HuntPlan
from oracle.store.result_folder import Store
from properties.property import Violation
from tests.oracle.formats.found import SAVED


@pytest.fixture
def course_with(tmp_path: Path) -> Callable[[Budget], Course]:
    """A way through the parts with this budget, on which nothing is hunted."""

    def made(budget: Budget) -> Course:
        request = LabRequest(
            directory="here", budget=budget, seed=0, workers=1, settings={}, through=None
        )
        return Course(cast(HuntPlan, None), request, Store(tmp_path), lambda said: None)

    return made


def finding(name: str) -> Finding:
    """A finding of this name."""
    violation = Violation(name, "", "", "S1 did\x1b so")
    artefacts = Artefacts(violation, found=9, macro=3, micro=5, trace="", files={}, saved=SAVED)
    return Finding(artefacts=artefacts, folder=Path("out/3A"))


def test_steps_are_shared_by_weight(course_with: Callable[[Budget], Course]) -> None:
    """The later a part, the more of the budget it gets, and all of it is used."""
    course = course_with(Budget(steps=10_000))
    shares = [course.share(letter, "D").steps for letter in "ABCD"]
    assert shares == [1_000, 2_000, 3_000, 4_000]
    assert course.share("A", "A").steps == 10_000


def test_seconds_are_those_that_are_left(course_with: Callable[[Budget], Course]) -> None:
    """What one part leaves over, the next ones get; the last is hunted even if none are left."""
    course = course_with(Budget(seconds=100))
    assert course.share("A", "D").seconds == pytest.approx(10, abs=1)
    course.started -= 60
    whole = WEIGHTS["C"] + WEIGHTS["D"]
    assert course.share("C", "D").seconds == pytest.approx(40 * WEIGHTS["C"] / whole, abs=1)
    course.started -= 60
    assert course.share("D", "D").seconds == SHORTEST


def test_finding_names_the_earlier_part_with_the_same(
    course_with: Callable[[Budget], Course],
) -> None:
    """So a student sees that it is no news; the words are fit for a terminal."""
    course = course_with(Budget(steps=1))
    first = course.finding("3A", finding("ElectionSafety"))
    again = course.finding("3B", finding("ElectionSafety"))
    other = course.finding("3B", finding("VoteOnce"))
    assert (first.seen_in, again.seen_in, other.seen_in) == (None, "3A", None)
    assert (first.severity, other.severity) == ("unsafe", "untidy")
    assert (first.steps, first.folder, first.detail) == (5, "out/3A", "S1 did? so")


@pytest.mark.parametrize(
    ("expected", "reached", "outcome", "note"),
    [
        (["leader elected", "entry committed"], {"leader elected"}, "inconclusive", "committed"),
        (["leader elected"], {"leader elected"}, "held", None),
        (["leader elected"], set(), "inconclusive", "elected"),
        (["entry committed"], {"leader elected", "entry committed"}, "held", None),
    ],
)
def test_a_part_in_which_nothing_is_committed_does_not_hold(
    expected: list[str], reached: set[str], outcome: str, note: str | None
) -> None:
    """From part B on, a lab that never commits has not been put to the test."""
    tally = Tally(runs=9, steps=9_000, reached=reached)
    ended = Outcome(tally, artefacts=None, folder=None, interrupted=False)
    found = Hunted(plan=cast(HuntPlan, None), outcome=ended)
    said, why = outcome_and_note(found, expected)
    assert said == outcome
    assert (why is None) if note is None else (why is not None and note in why)
