"""A search that is spread over processes or machines.

All workers finish a level before any begins the next. So counts, kinds, notes and the verdict
are those of one process, and the schedule of a violation is as short. It may be another one:
of a level's violations, and of the ways to each state, the one is taken whose parent has the
least fingerprint, and of these the least move, whatever the number of workers.
"""

from collections import Counter
from collections.abc import Callable
from functools import partial

from model.explorer.search.result import (
    SearchLimits,
    SearchResult,
    Stop,
    Verdict,
    moves_along,
    never_stop,
)
from model.explorer.spread.dask_workers import DaskWorkers, dask_workers_at
from model.explorer.spread.share import NOWHERE
from model.explorer.spread.worker import WorkerProgress
from model.explorer.systems.system import Broken, System


class SpreadSearch:
    """A search under way, as it is seen from outside."""

    def __init__(self, cluster: DaskWorkers, make_system: Callable[[], System]) -> None:
        self._cluster = cluster
        self._make_system = make_system
        self._heard: list[WorkerProgress] = cluster.ask("progress")
        self._stop: Stop | None = None
        self.levels = [1]
        """States at each distance; of the last one, all are found."""
        self.violation: tuple[int, int, int, int] | None = None
        """The least: the parent's fingerprint, the move, the parent's owner and number."""

    @property
    def distinct(self) -> int:
        """States found, in levels that are finished."""
        return sum(each.distinct for each in self._heard)

    @property
    def generated(self) -> int:
        """Successors made, and the initial state."""
        return 1 + sum(each.generated for each in self._heard)

    @property
    def bytes(self) -> int:
        """Memory that grows with the states, of all workers together."""
        return sum(each.bytes for each in self._heard)

    def run(
        self, limits: SearchLimits, watch: "Callable[[SpreadSearch], Stop | None]"
    ) -> SearchResult:
        """Go on until a level has a violation, nothing is left, or a bound is reached."""
        while True:
            if self.violation is not None:
                return self.result("violated")
            if bound := limits.reached(len(self.levels), self.distinct):
                return self.result("stopped", bound)
            is_more = self._advance(watch)
            if self._stop is not None:
                return self.result("stopped", self._stop)
            if not is_more:
                return self.result("exhausted" if self.violation is None else "violated")

    def _advance(self, watch: "Callable[[SpreadSearch], Stop | None]") -> bool:
        """Expand a level, or what `watch` lets be of it; whether there is a next one."""
        before = self.distinct
        found = self._cluster.ask("expand", meanwhile=partial(self._look, watch))
        violations = [
            (origin, number, owner, parent)
            for owner, some in enumerate(found)
            for origin, number, parent in some
        ]
        self.violation = min(violations, default=None)
        self._heard = self._cluster.ask("settle")
        if self.distinct > before and self._stop is None:
            self.levels.append(self.distinct - before)
        self._stop = self._stop or watch(self)
        return self.distinct > before

    def _look(self, watch: "Callable[[SpreadSearch], Stop | None]") -> None:
        """Ask how far the workers are, and stop them if that is enough."""
        if self._stop is None:
            self._heard = self._cluster.ask("progress")
            self._stop = watch(self)
            if self._stop is not None:
                self._cluster.ask("stop")

    def result(self, verdict: Verdict, stopped: Stop | None = None) -> SearchResult:
        """What is known by now, under this verdict."""
        tallies: list[WorkerProgress] = self._cluster.ask("tally")
        kinds: Counter[str] = Counter()
        for each in tallies:
            kinds.update(each.kinds)
        path = self._path() if verdict == "violated" else ()
        return SearchResult(
            verdict=verdict,
            distinct=self.distinct,
            generated=self.generated,
            levels=tuple(self.levels),
            kinds=dict(kinds),
            notes=frozenset().union(*(each.notes for each in tallies)),
            broken=self._broken_by(path) if path else None,
            path=path,
            stopped=stopped,
        )

    def _path(self) -> tuple[int, ...]:
        """The moves to the violation, asked for from its end."""
        assert self.violation is not None
        _, number, owner, state = self.violation
        path = []
        while owner != NOWHERE:
            path.append(number)
            owner, state, number = self._cluster.ask_one(owner, "origin", state)
        return tuple(reversed(path))

    def _broken_by(self, path: tuple[int, ...]) -> Broken | None:
        return moves_along(self._make_system(), path)[-1].successor.broken


def explore_distributed(
    make_system: Callable[[], System],
    symmetry: bool,
    engine: str,
    limits: SearchLimits,
    workers: int,
    address: str | None = None,
    watch: Callable[[SpreadSearch], Stop | None] = never_stop,
) -> SearchResult:
    """Explore with `workers` of the scheduler at `address`; None starts processes here.

    `make_system` has to be picklable. `watch` is called after each level, and twice a second in
    it; what it returns, if not None, ends the search. ClusterError says in one line why there
    is no cluster, or no result.
    """
    if engine == "reference" or workers < 1:
        raise ValueError(
            f"engine {engine}, {workers} workers: expected auto, numpy or kernel, and a worker"
        )
    with dask_workers_at(address, workers) as cluster:
        cluster.start(workers, (make_system, symmetry, engine))
        return SpreadSearch(cluster, make_system).run(limits, watch)
