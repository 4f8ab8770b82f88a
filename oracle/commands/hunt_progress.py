"""The progress line of a hunt."""

from contextlib import AbstractContextManager

from oracle.hunting.parallel_hunt import Budget, Report, Tally
from oracle.hunting.plan import HuntPlan
from oracle.terminal.progress import reporting


def progress(plan: HuntPlan, budget: Budget) -> AbstractContextManager[Report]:
    """A function to report a tally of a hunt to."""
    total = len(plan.checker().reachable)
    goal = f"{budget.seconds:g} s" if budget.seconds else f"{budget.steps:,} steps"

    name = plan.target.subject.text

    def line(tally: Tally) -> str:
        if tally.is_shrinking:
            return f"{name}: found a violation, shrinking ({tally.seconds:.0f} s in all)"
        return (
            f"{name}: {tally.seconds:.0f} s of {goal}, {tally.runs:,} runs, "
            f"{tally.steps:,} steps ({tally.rate:,.0f}/s), reached {len(tally.reached)} of {total}"
        )

    return reporting(f"{name}: starting", line)
