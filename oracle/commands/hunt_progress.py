"""What a hunt says while it takes: a line of progress, and what it found before that is shrunk."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from oracle.hunting.checked_properties import coverage_of
from oracle.hunting.findings import counted
from oracle.hunting.parallel_hunt import Budget, Found, Report, Tally
from oracle.hunting.plan import HuntPlan
from oracle.terminal.output import echo, even_if_nobody_listens
from oracle.terminal.progress import aside, is_watched, reporting

BLOCKS_AHEAD: Final = 30
"""In so many blocks, nearly everything that can be drawn is drawn."""


@contextmanager
def progress(plan: HuntPlan, budget: Budget) -> Iterator[Report]:
    """A function to report a tally of a hunt to; of shrinking, it tells a terminal only."""
    blocks = dict.fromkeys(range(BLOCKS_AHEAD), 1)
    total = len(coverage_of(plan, blocks).reachable)
    goal = f"{budget.seconds:g} s" if budget.seconds else f"{budget.steps:,} steps"

    name = plan.target.subject.text

    def line(tally: Tally) -> str:
        if tally.shrinking is not None:
            return f"{name}: {shrinking_in_words(tally)}"
        return (
            f"{name}: {tally.elapsed:.0f} s of {goal}, {counted(tally.runs, 'run')}, "
            f"{tally.steps:,} steps ({tally.rate:,.0f}/s), reached {len(tally.reached)} of {total}"
        )

    with reporting(f"{name}: starting", line) as report:
        yield lambda tally: report(tally) if tally.shrinking is None or is_watched() else None


def shrinking_in_words(tally: Tally) -> str:
    """How far shrinking is, and how to end it."""
    found, shrinking = tally.found, tally.shrinking
    assert found is not None
    assert shrinking is not None
    if shrinking.is_ending:
        return f"keeping the shortest schedule so far of {found.property}; Ctrl-C again ends all"
    if not shrinking.tried:
        return f"shrinking {found.property}"
    return (
        f"shrinking {found.property} to {counted(shrinking.length, 'action')}, "
        f"{shrinking.tried:,} schedules tried ({tally.elapsed:.0f} s in all); "
        "Ctrl-C keeps the shortest so far"
    )


def tell_found(found: Found) -> None:
    """One line at once about what was found, before it is shrunk."""
    violation, tally = found.violation, found.tally
    with aside(), even_if_nobody_listens():
        echo(
            f"Found {violation.property} after {tally.elapsed:.1f} s and "
            f"{counted(tally.steps, 'step')}, in {counted(found.actions, 'action')}, "
            f"now to be shrunk: {violation.detail}",
            err=True,
        )
