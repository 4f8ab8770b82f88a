"""How much is spent on shrinking a finding: steps, so that every machine gets the same schedule.

A finding at which a hunt ends is worth more than one that it goes past. The clock only says when to
give up, where a hunt has a budget in seconds: on a machine that has much else to do, steps take so
long that nobody would wait for all of them.
"""

from typing import Final

from attrs import evolve, frozen

from model.runs.shrink import GoesOn
from model.world.macro_actions import Cluster
from oracle.adapter.subject import AdapterSubject
from oracle.hunting.shrink_board import ShrinkBoard

SHORTEST_SECONDS: Final = 5.0
"""Shrinking is not given up before, whatever the budget of a hunt."""
LAST_SECONDS: Final = (30.0, 60.0)
"""The finding at which a hunt ends is shrunk for as long as its budget, but between these two."""
PART: Final = 8
"""What a hunt goes past is shrunk for no more than one part in so many of its budget."""
SPENT: Final = "\nShrinking was ended after {:,} steps: a shorter schedule may be found."
"""What a trace says of a schedule that could have become shorter."""


@frozen(kw_only=True)
class Effort:
    """What may be spent on one finding."""

    shrinking: int
    """Steps to make the schedule that was found smaller."""
    neighbours: int
    """Steps to look on for a schedule that shrinks shorter, the shrinking of those included."""
    start: int = 0
    """The start of a run counts as so many steps, if a subject takes long for one."""
    seconds: float | None = None
    """After so long, shrinking is given up; None for never."""

    def passing(self, budget: float | None) -> "Effort":
        """What may be spent on a finding that a hunt of so many seconds, or of steps, goes past."""
        seconds = None if budget is None else max(budget / PART, SHORTEST_SECONDS)
        less = self.shrinking // 5, self.neighbours // 10
        return evolve(self, shrinking=less[0], neighbours=less[1], seconds=seconds)

    def ending(self, budget: float | None) -> "Effort":
        """What may be spent on the finding that ends a hunt of so many seconds, or of steps."""
        least, most = LAST_SECONDS
        return evolve(self, seconds=None if budget is None else min(max(budget, least), most))


OF_FUNCTIONS: Final = Effort(shrinking=2_000_000, neighbours=300_000)
"""For a subject whose steps take microseconds, and which starts as soon."""
OF_THREADS: Final = Effort(shrinking=200_000, neighbours=60_000, start=25)
"""For one that owns its threads: it does some 12,000 steps a second, or 500 starts."""


def steps_of(cluster: Cluster) -> int:
    """All steps of a cluster so far, and those for which an adapter's long lines count."""
    subject = cluster.subject
    further = subject.further_steps if isinstance(subject, AdapterSubject) else 0
    return cluster.micro_steps + further


class Purse:
    """The steps that are left for a part of the work on a finding, whatever clusters it takes."""

    def __init__(self, board: ShrinkBoard, steps: int, start: int) -> None:
        self.board = board
        self.steps = self.left = steps
        self.start = start

    def goes_on(self, cluster: Cluster) -> GoesOn:
        """What to ask before each candidate that this cluster runs: whether to try it."""
        before = steps_of(cluster)

        def ask(length: int) -> bool:
            nonlocal before
            now = steps_of(cluster)
            self.left -= now - before
            before = now
            if self.left < self.start:
                return False
            self.left -= self.start
            return self.board.goes_on(length)

        return ask

    def note(self) -> str:
        """What a trace says where the end came early; nothing where it did not."""
        spent = SPENT.format(self.steps) if self.left < self.start else ""
        return self.board.note() or spent
