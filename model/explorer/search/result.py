"""What ends a search early, and what a search says: counts, levels, and one of three verdicts."""

from collections.abc import Hashable, Mapping
from enum import Enum
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from model.explorer.systems.system import Broken, State, Successor, System, successors

Verdict: TypeAlias = Literal["violated", "exhausted", "stopped"]
UNBOUNDED: Final = 1 << 62


class StoppedBy(Enum):
    """What ends a search although more is left; the unit of its limit stands with each."""

    DEPTH = "depth"
    """Moves from the initial state."""
    STATES = "states"
    """Distinct states."""
    MEMORY = "memory"
    """Bytes."""
    WALK_BUDGET = "walk budget"
    """Moves of all random walks together."""
    NO_MOVE = "no move"
    """No walker can make a move from the initial state; it has no limit."""
    INTERRUPT = "interrupt"
    """The user asked for the end; it has no limit."""


@frozen
class Stop:
    """Why a search ended early: what ended it, and the limit at which it did (0: it has none)."""

    by: StoppedBy
    limit: int = 0


INTERRUPTED: Final = Stop(StoppedBy.INTERRUPT)


@frozen(kw_only=True)
class SearchLimits:
    """Where a breadth-first search stops, whatever is left."""

    depth: int = UNBOUNDED
    """Moves from the initial state."""
    states: int = UNBOUNDED
    """Distinct states; the level in which they are reached is finished."""

    def reached(self, levels: int, distinct: int) -> Stop | None:
        """The limit that ends a search between two levels; None while there is none."""
        if levels > self.depth:
            return Stop(StoppedBy.DEPTH, self.depth)
        return Stop(StoppedBy.STATES, self.states) if distinct >= self.states else None


@frozen(kw_only=True)
class SearchResult:
    """What a breadth-first search found, whichever engine made it.

    `levels` has the number of new states at each distance from the initial state, which is itself
    at distance 0. `path` leads to the violation: for each state on the way, the position among
    its successors of the move that is made.
    """

    verdict: Verdict
    distinct: int
    generated: int
    """Successors that were made, and the initial state."""
    levels: tuple[int, ...]
    kinds: Mapping[str, int] = field(factory=dict)
    """Generated successors, by the kind of offer that made them."""
    notes: frozenset[Hashable] = frozenset()
    """The notes of all outcomes that were taken."""
    broken: Broken | None = None
    """The first violation; None unless the verdict is "violated"."""
    path: tuple[int, ...] = ()
    stopped: Stop | None = None
    """What ended the search; None unless the verdict is "stopped"."""


def never_stop(search: object) -> None:
    """A watch that lets every search and every walk go on to its end."""


@frozen
class Move:
    """One move of a counterexample, with the state in which it is made."""

    state: State
    successor: Successor


def moves_along(system: System, path: tuple[int, ...]) -> tuple[Move, ...]:
    """The moves of a path, from the initial state on; ValueError where one cannot be made."""
    state: State | None = system.initial()
    moves = []
    for number in path:
        made = [] if state is None else list(successors(system, state))
        if state is None or not 0 <= number < len(made):
            raise ValueError(f"path: found {path}, expected moves that can be made")
        successor = made[number]
        moves.append(Move(state, successor))
        state = successor.state
    return tuple(moves)
