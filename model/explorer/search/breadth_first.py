"""Breadth-first search with an engine, one level after the other.

All states of a level are expanded before those of the next one, so that the first violation is
one of those that take the fewest moves. Within a level the order is that of discovery, with every
engine and any number of workers: the same search gives the same schedule.
"""

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.explorer.engines.engine import Engine, Rows
from model.explorer.engines.numpy_engine import fingerprints_of
from model.explorer.engines.tables import FIRST_BROKEN
from model.explorer.search.invariants import InvariantJudge
from model.explorer.search.result import SearchLimits, SearchResult, Stop, Verdict
from model.explorer.systems.system import Broken


class Trail:
    """By the number of a state, its parent and its position among the parent's successors.

    States are numbered from 0 on as they are found; state 0 is the initial one.
    """

    def __init__(self) -> None:
        self.parents: list[NDArray[np.uint32]] = []
        self.numbers: list[NDArray[np.uint16]] = []
        self._starts: list[int] = []
        self.length = 0

    def append(self, parents: NDArray[np.uint32], numbers: NDArray[np.uint16]) -> None:
        """Add the states that were found next."""
        if len(parents):
            self._starts.append(self.length)
            self.parents.append(parents)
            self.numbers.append(numbers)
            self.length += len(parents)

    def path_to(self, state: int, last: int) -> tuple[int, ...]:
        """The moves from the initial state to this one, and one more."""
        return (*self.path_of(state), last)

    def path_of(self, state: int) -> tuple[int, ...]:
        """The moves from the initial state to this one."""
        path = []
        while state:
            piece = bisect_right(self._starts, state) - 1
            offset = state - self._starts[piece]
            path.append(int(self.numbers[piece][offset]))
            state = int(self.parents[piece][offset])
        return tuple(reversed(path))

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        return 6 * self.length


class BreadthFirstSearch:
    """A search under way; between two chunks it can be looked at, stored and taken up again."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.frontier: Rows = np.array([engine.tables.initial], dtype=np.int32)
        self.levels = [1]
        """States at each distance; of the last one, all are found."""
        self.trail = Trail()
        self.first = 0
        """The number of the frontier's first state."""
        self.position = 0
        """How many states of the frontier are expanded."""
        self.following: list[Rows] = []
        """The rows of the next level that were found so far, one array for each chunk."""
        self.violation: tuple[int, int, int] | None = None
        """The first one: the number of its parent, its position, and its code in the tables."""
        self.refuted: tuple[int, Broken] | None = None
        """The number of the first state in which an invariant does not hold, and which."""
        self._judge = InvariantJudge(engine.tables)

    @property
    def distinct(self) -> int:
        """How many states were found."""
        return self.trail.length

    @property
    def generated(self) -> int:
        """How many successors were made, with the initial state."""
        return 1 + self.engine.counts.generated

    @property
    def bytes(self) -> int:
        """Memory that grows with the states."""
        rows = self.frontier.nbytes + sum(each.nbytes for each in self.following)
        return self.engine.fingerprints.slots.nbytes + self.trail.bytes + rows

    def run(
        self, limits: SearchLimits, watch: "Callable[[BreadthFirstSearch], Stop | None]"
    ) -> SearchResult:
        """Go on until a level has a violation, nothing is left, or a bound is reached.

        `watch` is called after each chunk; what it returns, if not None, ends the search.
        """
        if not self.trail.length:
            self._begin()
        while len(self.frontier):
            if self.position == 0:
                if self.is_violated:
                    return self.result("violated")
                if bound := limits.reached(len(self.levels), self.distinct):
                    return self.result("stopped", bound)
            self._advance()
            stop = watch(self)
            if stop is not None:
                return self.result("stopped", stop)
        return self.result("violated" if self.is_violated else "exhausted")

    @property
    def is_violated(self) -> bool:
        """Whether a move or a state was found that must not be."""
        return self.violation is not None or self.refuted is not None

    def _begin(self) -> None:
        """Find the initial state."""
        self.engine.fingerprints.add(fingerprints_of(self.engine.tables, self.frontier))
        self.trail.append(np.zeros(1, dtype=np.uint32), np.zeros(1, dtype=np.uint16))
        self.judge(self.frontier, 0)

    def judge(self, rows: Rows, first: int) -> None:
        """Hold states, which are numbered from `first` on, against the system's invariants."""
        found = None if self.refuted else self._judge.first_broken(rows)
        if found is not None:
            self.refuted = first + found[0], found[1]

    def _advance(self) -> None:
        """Expand the next chunk; after the last one of a level, the next level begins."""
        chunk = self.frontier[self.position : self.position + self.engine.chunk]
        step = self.engine.advance(chunk, self.first + self.position)
        self.position += len(chunk)
        self.judge(step.rows, self.trail.length)
        self.trail.append(step.parents, step.numbers)
        self.following.append(step.rows)
        self.violation = self.violation or next(iter(step.violation), None)
        if self.position < len(self.frontier):
            return
        self.first += len(self.frontier)
        self.position = 0
        self.frontier = np.concatenate(self.following)
        self.following = []
        if len(self.frontier):
            self.levels.append(len(self.frontier))

    def result(self, verdict: Verdict, stopped: Stop | None = None) -> SearchResult:
        """What is known by now, under this verdict."""
        counts, tables = self.engine.counts, self.engine.tables
        broken: Broken | None = None
        path: tuple[int, ...] = ()
        if verdict == "violated" and self.violation is not None:
            parent, number, flag = self.violation
            broken, path = tables.broken[FIRST_BROKEN - flag], self.trail.path_to(parent, number)
        elif verdict == "violated" and self.refuted is not None:
            state, broken = self.refuted
            path = self.trail.path_of(state)
        taken = (tables.notes[each] for each in np.flatnonzero(counts.outcomes))
        return SearchResult(
            verdict=verdict,
            distinct=self.distinct,
            generated=self.generated,
            levels=tuple(self.levels),
            kinds=by_name(tables.kinds, counts.kinds),
            notes=frozenset(note for note in taken if note is not None),
            broken=broken,
            path=path,
            stopped=stopped,
        )


def by_name(names: list[str], counts: NDArray[Any]) -> dict[str, int]:
    """Counts that are not 0, by name."""
    pairs = zip(names, counts.tolist(), strict=False)
    return {name: count for name, count in pairs if count}
