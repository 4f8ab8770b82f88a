"""What an exploration is asked for, and what it says: counts, levels, and one of three verdicts."""

from collections.abc import Hashable, Mapping
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from model.explorer.systems.system import Broken, State, Successor, System, successors

Verdict: TypeAlias = Literal["violated", "exhausted", "stopped"]
UNBOUNDED: Final = 1 << 62


@frozen(kw_only=True)
class Limits:
    """Where to stop, whatever is left."""

    depth: int = UNBOUNDED
    """Moves from the initial state."""
    states: int = UNBOUNDED
    """Distinct states; the level in which they are reached is finished."""

    def reached(self, levels: int, distinct: int) -> str:
        """The option that ends a search between two levels; empty while there is none."""
        if levels > self.depth:
            return f"--max-depth {self.depth}"
        return f"--max-states {self.states}" if distinct >= self.states else ""


@frozen(kw_only=True)
class Explored:
    """What an engine found.

    `levels` has the number of new states at each distance from the initial state, itself at 0.
    `path` leads to the violation: for each state, which of its moves is made.
    """

    verdict: Verdict
    distinct: int
    generated: int
    levels: tuple[int, ...]
    kinds: Mapping[str, int] = field(factory=dict)
    """Generated successors, by what made them."""
    notes: frozenset[Hashable] = frozenset()
    """What the outcomes that were taken have reached."""
    broken: Broken | None = None
    path: tuple[int, ...] = ()
    stopped_at: str = ""
    """Which bound ended it, where one did."""


@frozen
class Move:
    """One move of a counterexample, with the state in which it is made."""

    state: State
    successor: Successor


def moves_along(system: System, path: tuple[int, ...]) -> tuple[Move, ...]:
    """The moves of a path, from the initial state on."""
    state: State | None = system.initial()
    moves = []
    for number in path:
        if state is None:
            raise ValueError(f"path: found {path}, expected moves that can be made")
        successor = list(successors(system, state))[number]
        moves.append(Move(state, successor))
        state = successor.state
    return tuple(moves)
