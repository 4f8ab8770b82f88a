"""The bounds of an exploration of Raft, and what of them is spent."""

from typing import Final

from attrs import evolve, frozen

from model.explorer.systems.system import IMPOSSIBLE, Refusal


@frozen(kw_only=True)
class Bounds:
    """How far to look. What costs nothing else is bounded by terms and inboxes alone."""

    max_term: int = 2
    max_inbox: int = 2
    """The most messages under way to one server; what would send more is not done."""
    client_requests: int = 1
    restarts: int = 0
    drops: int = 0
    duplicates: int = 0
    compactions: int = 0
    membership_changes: int = 0
    transfers: int = 0
    ticks: int = 0
    """How often time goes by."""


SPENT: Final = (
    "client_requests",
    "restarts",
    "drops",
    "duplicates",
    "compactions",
    "membership_changes",
    "transfers",
    "ticks",
)
"""The bounds that moves use up."""


@frozen
class Spend:
    """A move that costs one of what `name` bounds."""

    name: str


@frozen
class Budget:
    """What is spent so far, in the order of SPENT."""

    spent: tuple[int, ...] = (0,) * len(SPENT)

    def of(self, name: str) -> int:
        """How much of this is spent."""
        return self.spent[SPENT.index(name)]

    def after(self, spend: Spend, bounds: Bounds) -> "Budget | Refusal":
        """The budget after one more; IMPOSSIBLE where none is left."""
        position = SPENT.index(spend.name)
        used = self.spent[position]
        limit: int = getattr(bounds, spend.name)
        if used >= limit:
            return IMPOSSIBLE
        return evolve(self, spent=(*self.spent[:position], used + 1, *self.spent[position + 1 :]))
