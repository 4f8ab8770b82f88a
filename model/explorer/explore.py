"""The search, a level at a time, with any engine.

May import: numpy, attrs, collections.abc, time, typing, model.explorer.
"""

from collections.abc import Callable

import numpy as np

from model.explorer.engine import Engine, Rows
from model.explorer.numpy_engine import fingerprints_of
from model.explorer.result import Explored, Limits
from model.explorer.tables import FIRST_BROKEN


class Frontier:
    """The states of one level, in pieces as they were found."""

    def __init__(self) -> None:
        self.pieces: list[Rows] = []
        self.length = 0


class Search:
    """A search under way."""

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self.engine = engine
        self.limits = limits
        tables = engine.tables
        self.frontier: Rows = np.array([tables.initial], dtype=np.int32)
        engine.fingerprints.add(fingerprints_of(tables, self.frontier))
        self.levels = [1]
        self.parents = [np.zeros(1, dtype=np.uint32)]
        self.numbers = [np.zeros(1, dtype=np.uint16)]
        self.first = 0
        self.violation = None

    def run(self, report: Callable[["Search"], None] = lambda search: None) -> Explored:
        stopped_at = ""
        while len(self.frontier) and self.violation is None:
            if len(self.levels) > self.limits.depth:
                stopped_at = "depth"
                break
            pieces = []
            for start in range(0, len(self.frontier), self.engine.chunk):
                step = self.engine.advance(self.frontier[start : start + self.engine.chunk], self.first + start)
                pieces.append(step.rows); self.parents.append(step.parents); self.numbers.append(step.numbers)
                if step.violation and self.violation is None:
                    self.violation = step.violation[0]
            self.first += len(self.frontier)
            self.frontier = np.concatenate(pieces)
            if len(self.frontier):
                self.levels.append(len(self.frontier))
            report(self)
            if len(self.frontier) and self.first + len(self.frontier) >= self.limits.states:
                stopped_at = "states"
                break
        counts, tables = self.engine.counts, self.engine.tables
        broken, path = None, ()
        if self.violation is not None:
            parent, number, flag = self.violation
            broken, path = tables.broken[FIRST_BROKEN - flag], self.path_to(parent, number)
        return Explored(
            verdict="violated" if broken else "stopped" if stopped_at else "exhausted",
            distinct=sum(self.levels),
            generated=1 + counts.generated,
            levels=tuple(self.levels),
            kinds={k: int(c) for k, c in zip(tables.kinds, counts.kinds) if c},
            notes=frozenset(tables.notes[each] for each in np.flatnonzero(counts.outcomes) if tables.notes[each] is not None),
            broken=broken,
            path=path,
            stopped_at="" if broken else stopped_at,
        )

    def path_to(self, state: int, last: int) -> tuple[int, ...]:
        parents, numbers = np.concatenate(self.parents), np.concatenate(self.numbers)
        path = [last]
        while state:
            path.append(int(numbers[state]))
            state = int(parents[state])
        return tuple(reversed(path))
