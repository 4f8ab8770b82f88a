"""Progress of long work: a line that moves on a terminal, a line now and then in a pipe."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from rich.console import Console

from oracle.hunting.plan import Plan
from oracle.hunting.search import Budget, Report, Tally

QUIET_SECONDS = 15.0
"""Between two lines in a pipe."""


Said = TypeVar("Said")


def progress(plan: Plan, budget: Budget) -> AbstractContextManager[Report]:
    """A function to report a tally of a hunt to."""
    total = len(plan.checker().reachable)
    goal = f"{budget.seconds:g} s" if budget.seconds else f"{budget.steps:,} steps"

    def line(tally: Tally) -> str:
        if tally.is_shrinking:
            return f"{plan.subject}: found a violation, shrinking ({tally.seconds:.0f} s in all)"
        return (
            f"{plan.subject}: {tally.seconds:.0f} s of {goal}, {tally.runs:,} runs, "
            f"{tally.steps:,} steps ({tally.rate:,.0f}/s), reached {len(tally.reached)} of {total}"
        )

    return reporting(f"{plan.subject}: starting", line)


@contextmanager
def reporting(first: str, line: Callable[[Said], str]) -> Iterator[Callable[[Said], None]]:
    """A function to report to; what it shows goes to standard error, a line each time."""
    console = Console(stderr=True)
    if console.is_terminal:
        with console.status(first) as status:
            yield lambda said: status.update(line(said))
        return
    last = time.monotonic()

    def report(said: Said) -> None:
        nonlocal last
        if time.monotonic() - last >= QUIET_SECONDS:
            last = time.monotonic()
            print(line(said), file=sys.stderr, flush=True)

    yield report
