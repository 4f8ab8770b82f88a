"""Random walks within the bounds, for systems with too many states to visit them all.

Many walkers stand side by side, each in a row. In a round every one of them makes one move, drawn
evenly from all that it can make. A walk ends after `depth` moves, or where no move can be made, and
the walker begins anew. All moves that a walker could make are looked at, so that a violation one
move beside its way is found too. The verdict is never "exhausted".

The same seed gives the same walks, on every machine and in every process: random bits come from
PCG64 itself, whose stream NumPy promises to keep.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from model.explorer.engines.engine import Counts, Numbers, Rows, ThreadPool
from model.explorer.engines.fingerprints import FingerprintSet
from model.explorer.engines.numpy_engine import NO_OUTCOME, Candidates, expand, fingerprints_of
from model.explorer.engines.tables import FIRST_BROKEN, Tables
from model.explorer.search.breadth_first import by_name
from model.explorer.search.invariants import InvariantJudge
from model.explorer.search.result import Stop, StoppedBy, Verdict
from model.explorer.systems.system import Broken, System

MOST_WALKERS: Final = 1024


@frozen(kw_only=True)
class WalkBudget:
    """How far to walk: the same budget, with the same seed, gives the same walks."""

    seed: int = 0
    walkers: int = MOST_WALKERS
    depth: int = 100
    """The most moves of one walk."""
    moves: int = 1_000_000
    """A round begins as long as fewer moves were made, by all walkers together."""


@frozen(kw_only=True)
class WalkResult:
    """What random walks have shown; `path` leads to the violation as in `SearchResult`."""

    verdict: Verdict
    walks: int
    """Walks that were begun."""
    moves: int
    generated: int
    """Successors looked at, and the initial state."""
    distinct: int
    """States in which a walker stood."""
    deepest: int
    """The most moves that a walker made in one walk."""
    kinds: Mapping[str, int] = field(factory=dict)
    """Generated successors, by what made them."""
    notes: frozenset[Hashable] = frozenset()
    broken: Broken | None = None
    path: tuple[int, ...] = ()
    stopped: Stop | None = None
    """What ended the walks; None where a violation did."""


class RandomWalks:
    """Walks under way; between two rounds they can be looked at."""

    def __init__(self, system: System, budget: WalkBudget, symmetry: bool = True) -> None:
        self.tables = Tables(system, symmetry)
        self.budget = budget
        self.pool = ThreadPool(1)
        self.counts = Counts()
        self.fingerprints = FingerprintSet()
        self.rows: Rows = np.tile(
            np.array(self.tables.initial, dtype=np.int32), (budget.walkers, 1)
        )
        self.fingerprints.add(fingerprints_of(self.tables, self.rows[:1]))
        self.ages: NDArray[np.int64] = np.zeros(budget.walkers, dtype=np.int64)
        """How many moves each walker has made in its walk."""
        self.trail: NDArray[np.uint16] = np.zeros((budget.walkers, budget.depth), dtype=np.uint16)
        self.walks = budget.walkers
        self.moves = 0
        self.deepest = 0
        self._bits = np.random.PCG64(budget.seed)
        self._judge = InvariantJudge(self.tables)

    def run(self, watch: "Callable[[RandomWalks], Stop | None]") -> WalkResult:
        """Walk until a violation is found, the budget is used up, or `watch` returns a reason."""
        while self.moves < self.budget.moves:
            before, all_begin = self.moves, not self.ages.any()
            violation = self._round()
            if violation is not None:
                return self._result("violated", violation)
            stop = watch(self)
            if self.moves == before and all_begin:
                stop = Stop(StoppedBy.NO_MOVE)
            if stop is not None:
                return self._result("stopped", stopped=stop)
        return self._result("stopped", stopped=Stop(StoppedBy.WALK_BUDGET, self.budget.moves))

    def _round(self) -> tuple[int, int, Broken] | None:
        """One move of each walker; or the first violation: its walker, its move, and what broke."""
        made = expand(self.tables, self.rows, self.pool)
        self.counts.add(
            self.tables,
            np.bincount(self.tables.offer_kind.array[made.offers]),
            np.bincount(made.outcomes[made.outcomes != NO_OUTCOME]),
        )
        numbers = np.arange(len(made.parents)) - np.searchsorted(made.parents, made.parents)
        for each in np.flatnonzero(made.flags <= FIRST_BROKEN)[:1]:
            broken = self.tables.broken[FIRST_BROKEN - int(made.flags[each])]
            return int(made.parents[each]), int(numbers[each]), broken
        within = np.flatnonzero(made.flags == 0)
        if refuted := self._judge.first_broken(made.rows[within]):
            place = within[refuted[0]]
            return int(made.parents[place]), int(numbers[place]), refuted[1]
        chosen = self._chosen(made)
        walkers = made.parents[chosen]
        self.rows[walkers] = made.rows[chosen]
        self.trail[walkers, self.ages[walkers]] = numbers[chosen]
        self.ages[walkers] += 1
        self.moves += len(walkers)
        self.deepest = max(self.deepest, int(self.ages.max()))
        self.fingerprints.add(np.unique(made.fingerprints[chosen]))
        self._begin_anew(walkers)
        return None

    def _chosen(self, made: Candidates) -> Numbers:
        """One candidate of each walker that has any."""
        within = np.flatnonzero(made.flags == 0)
        drawn = self._bits.random_raw(len(within))
        order = within[np.lexsort((drawn, made.parents[within]))]
        _, firsts = np.unique(made.parents[order], return_index=True)
        chosen: Numbers = order[firsts]
        return chosen

    def _begin_anew(self, walkers: Numbers) -> None:
        """Walkers that have gone far enough, or could not go on, are put to the start again."""
        ends = np.ones(len(self.rows), dtype=bool)
        ends[walkers] = self.ages[walkers] == self.budget.depth
        self.rows[ends] = self.tables.initial
        self.ages[ends] = 0
        self.walks += int(np.count_nonzero(ends))

    def _result(
        self,
        verdict: Verdict,
        violation: tuple[int, int, Broken] | None = None,
        stopped: Stop | None = None,
    ) -> WalkResult:
        broken: Broken | None = None
        path: tuple[int, ...] = ()
        if violation is not None:
            walker, last, broken = violation
            path = (*self.trail[walker, : self.ages[walker]].tolist(), last)
        taken = (self.tables.notes[each] for each in np.flatnonzero(self.counts.outcomes))
        return WalkResult(
            verdict=verdict,
            walks=self.walks,
            moves=self.moves,
            generated=1 + self.counts.generated,
            distinct=self.fingerprints.length,
            deepest=self.deepest,
            kinds=by_name(self.tables.kinds, self.counts.kinds),
            notes=frozenset(note for note in taken if note is not None),
            broken=broken,
            path=path,
            stopped=stopped,
        )
