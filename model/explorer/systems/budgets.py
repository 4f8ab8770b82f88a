"""The bounds of an exploration of Raft, and what of them is spent."""

from typing import Final

from attrs import frozen

from model.explorer.systems.system import IMPOSSIBLE, Refusal
from raft_core.evolve import evolve


@frozen(kw_only=True)
class Bounds:
    """How far to look: a state beyond a bound is not explored.

    Timeouts, heartbeats and deliveries have no bound of their own: terms and inboxes limit them.
    """

    max_term: int = 2
    """The highest term of any server."""
    max_inbox: int = 2
    """The most messages under way to one server; a step that would send more is not made."""
    client_requests: int = 1
    restarts: int = 0
    drops: int = 0
    duplicates: int = 0
    compactions: int = 0
    membership_changes: int = 0
    transfers: int = 0
    ticks: int = 0
    """How often an election timeout of time goes by."""


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
"""The bounds that moves use up, in the order of `Budget.spent`."""


@frozen
class Spend:
    """The label of a move that uses up one of the bound of this name."""

    name: str


@frozen
class Budget:
    """How much of each bound is spent so far, in the order of SPENT."""

    spent: tuple[int, ...] = (0,) * len(SPENT)

    def of(self, name: str) -> int:
        """How much of the bound of this name is spent."""
        return self.spent[SPENT.index(name)]

    def after(self, spend: Spend, bounds: Bounds) -> "Budget | Refusal":
        """The budget after one more is spent; IMPOSSIBLE where none is left."""
        position = SPENT.index(spend.name)
        used = self.spent[position]
        limit: int = getattr(bounds, spend.name)
        if used >= limit:
            return IMPOSSIBLE
        return evolve(self, spent=(*self.spent[:position], used + 1, *self.spent[position + 1 :]))
