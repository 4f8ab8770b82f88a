"""Breadth-first search over plain objects: slow and short, and every engine must agree with it.

Every move is worked out anew, every state is kept in full, and two states are the same if their
canonical bytes are. It uses no tables, no numbers for values and no 64-bit hashes; the bytes of a
value are all that it remembers.
"""

from collections import Counter
from collections.abc import Hashable

from attrs import Factory, define

from model.explorer.search.invariants import broken_in
from model.explorer.search.result import SearchLimits, SearchResult, Stop, Verdict
from model.explorer.systems.system import (
    Broken,
    Renaming,
    State,
    Successor,
    System,
    Value,
    successors,
)

Part = tuple[str, int, bytes]
"""The kind and the server of a component (-1: it belongs to none), and the bytes of its value."""
Key = tuple[Part, ...]
"""What identifies a state: its parts, sorted."""
Origin = dict[Key, tuple[Key, int] | None]
"""By state, the state that it was reached from and the position of the move; None of the first."""


class Keys:
    """The key of each state: the least of its bytes under all renamings."""

    def __init__(self, system: System, renamings: tuple[Renaming, ...]) -> None:
        self._system = system
        self._renamings = renamings
        self._written: dict[tuple[int, Value], tuple[Part, ...]] = {}

    def of(self, state: State) -> Key:
        """The key of a state, and of all that are a renaming of it."""
        parts = [self._parts(place, value) for place, value in enumerate(state)]
        return min(tuple(sorted(part)) for part in zip(*parts, strict=True))

    def _parts(self, place: int, value: Value) -> tuple[Part, ...]:
        """A value under each renaming: where it is then, and its bytes."""
        parts = self._written.get((place, value))
        if parts is None:
            where = self._system.components[place]
            parts = self._written[place, value] = tuple(
                (
                    where.kind,
                    -1 if where.server is None else renaming[where.server],
                    self._system.encode(place, value, renaming),
                )
                for renaming in self._renamings
            )
        return parts


@define
class SuccessorCounts:
    """What a search has counted so far, and the first violation that it met.

    `violation` is what is broken, the key of the state before, and the number of the move there.
    """

    generated: int = 1
    kinds: Counter[str] = Factory(Counter)
    notes: set[Hashable] = Factory(set)
    violation: tuple[Broken, Key, int] | None = None
    refuted: tuple[Broken, Key] | None = None
    """The first invariant that does not hold, and the key of the state in which it does not."""

    @property
    def is_violated(self) -> bool:
        """Whether a move or a state was found that must not be."""
        return self.violation is not None or self.refuted is not None

    def judge(self, system: System, state: State, key: Key) -> None:
        """Hold a state against the system's invariants."""
        broken = None if self.refuted else broken_in(system, state)
        if broken is not None:
            self.refuted = broken, key

    def count(self, successor: Successor, key: Key, number: int) -> None:
        """Count one more successor, the one at position `number` of the state of this key."""
        self.generated += 1
        self.kinds[successor.offer.kind] += 1
        if successor.outcome is not None and successor.outcome.note is not None:
            self.notes.add(successor.outcome.note)
        if successor.broken is not None and self.violation is None:
            self.violation = (successor.broken, key, number)


def reference_search(system: System, limits: SearchLimits, symmetry: bool = True) -> SearchResult:
    """Explore all that can be reached, a level at a time; a violation ends it after its level."""
    keys = Keys(system, system.renamings if symmetry else system.renamings[:1])
    initial = system.initial()
    frontier = {keys.of(initial): initial}
    origin: Origin = dict.fromkeys(frontier)
    levels, counts = [1], SuccessorCounts()
    counts.judge(system, initial, keys.of(initial))
    stop: Stop | None = None
    while frontier and not counts.is_violated and stop is None:
        stop = limits.reached(len(levels), len(origin))
        if stop is None:
            frontier = next_level(system, frontier, keys, origin, counts)
            levels += [len(frontier)] if frontier else []
    return result_of(origin, levels, counts, stop)


def next_level(
    system: System,
    frontier: dict[Key, State],
    keys: Keys,
    origin: Origin,
    counts: SuccessorCounts,
) -> dict[Key, State]:
    """The states that one more move leads to, and that no fewer moves did."""
    following: dict[Key, State] = {}
    for key, state in frontier.items():
        for number, successor in enumerate(successors(system, state)):
            counts.count(successor, key, number)
            if successor.state is not None:
                reached = keys.of(successor.state)
                if reached not in origin:
                    origin[reached] = (key, number)
                    following[reached] = successor.state
                    counts.judge(system, successor.state, reached)
    return following


def result_of(
    origin: Origin, levels: list[int], counts: SuccessorCounts, stop: Stop | None
) -> SearchResult:
    """The result of a search that has ended."""
    verdict: Verdict = "exhausted" if stop is None else "stopped"
    broken: Broken | None = None
    path: tuple[int, ...] = ()
    if counts.violation is not None:
        broken, key, last = counts.violation
        verdict, path = "violated", (*path_to(origin, key), last)
    elif counts.refuted is not None:
        broken, key = counts.refuted
        verdict, path = "violated", path_to(origin, key)
    return SearchResult(
        verdict=verdict,
        distinct=len(origin),
        generated=counts.generated,
        levels=tuple(levels),
        kinds=counts.kinds,
        notes=frozenset(counts.notes),
        broken=broken,
        path=path,
        stopped=stop,
    )


def path_to(origin: Origin, key: Key) -> tuple[int, ...]:
    """The moves from the initial state to the state of this key."""
    path = []
    while (step := origin[key]) is not None:
        key, number = step
        path.append(number)
    return tuple(reversed(path))
