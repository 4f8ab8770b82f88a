"""Progress of long work: a line that moves on a terminal, a line now and then in a pipe.

May import: rich, sys, time, contextlib, model, oracle.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from oracle.hunt import Budget, Report, Tally
from oracle.plan import Plan

QUIET_SECONDS = 15.0
"""Between two lines in a pipe."""


@contextmanager
def progress(plan: Plan, budget: Budget) -> Iterator[Report]:
    """A function to report a tally to; what it shows goes to standard error."""
    total = len(plan.checker().reachable)
    goal = f"{budget.seconds:g} s" if budget.seconds else f"{budget.steps:,} steps"

    def line(tally: Tally) -> str:
        if tally.is_shrinking:
            return f"{plan.subject}: found a violation, shrinking ({tally.seconds:.0f} s in all)"
        return (
            f"{plan.subject}: {tally.seconds:.0f} s of {goal}, {tally.runs:,} runs, "
            f"{tally.steps:,} steps ({tally.rate:,.0f}/s), reached {len(tally.reached)} of {total}"
        )

    console = Console(stderr=True)
    if console.is_terminal:
        with console.status(f"{plan.subject}: starting") as status:
            yield lambda tally: status.update(line(tally))
        return
    last = time.monotonic()

    def report(tally: Tally) -> None:
        nonlocal last
        if time.monotonic() - last >= QUIET_SECONDS:
            last = time.monotonic()
            print(line(tally), file=sys.stderr, flush=True)

    yield report
