"""A search that is spread over processes or machines, as it is seen from outside.

All workers finish a level before any begins the next. So counts, kinds, notes and the verdict are
those of one process, and the schedule of a violation is as short. It may be another one: of a
level's violations, and of the ways to each state, the one is taken whose parent has the least
fingerprint, and of these the one with the least move. So the number of workers makes no difference.
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
from model.explorer.spread.dask_workers import DaskWorkers, IsInterrupted, dask_workers_at
from model.explorer.spread.share import NOWHERE
from model.explorer.spread.worker import WorkerProgress
from model.explorer.systems.system import Broken, System


class SpreadSearch:
    """A search under way over workers that have started."""

    def __init__(self, workers: DaskWorkers, make_system: Callable[[], System]) -> None:
        self._workers = workers
        self._make_system = make_system
        self._last_progress: list[WorkerProgress] = workers.ask("progress")
        self._stop: Stop | None = None
        self.levels = [1]
        """New states at each distance from the initial state; all of the last level are found."""
        self.violation: tuple[int, int, int, int] | None = None
        """The least one: its parent's fingerprint, the move, its parent's owner and number."""

    @property
    def distinct(self) -> int:
        """States that the workers own, as they last said."""
        return sum(each.distinct for each in self._last_progress)

    @property
    def generated(self) -> int:
        """Successors made, and the initial state."""
        return 1 + sum(each.generated for each in self._last_progress)

    @property
    def bytes(self) -> int:
        """Memory that grows with the states, of all workers together."""
        return sum(each.bytes for each in self._last_progress)

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
        """Expand a level, or the part until `watch` ends it; whether there is a next one."""
        before = self.distinct
        found = self._workers.ask("expand", meanwhile=partial(self._look, watch))
        violations = [
            (origin, number, owner, parent)
            for owner, some in enumerate(found)
            for origin, number, parent in some
        ]
        self.violation = min(violations, default=None)
        self._last_progress = self._workers.ask("settle")
        if self.distinct > before and self._stop is None:
            self.levels.append(self.distinct - before)
        self._stop = self._stop or watch(self)
        return self.distinct > before

    def _look(self, watch: "Callable[[SpreadSearch], Stop | None]") -> None:
        """Ask how far the workers are, and stop them if `watch` says so."""
        if self._stop is None:
            self._last_progress = self._workers.ask("progress")
            self._stop = watch(self)
            if self._stop is not None:
                self._workers.ask("stop")

    def result(self, verdict: Verdict, stopped: Stop | None = None) -> SearchResult:
        """What is known by now, under this verdict."""
        counted: list[WorkerProgress] = self._workers.ask("counted")
        kinds: Counter[str] = Counter()
        for each in counted:
            kinds.update(each.kinds)
        path = self._path() if verdict == "violated" else ()
        return SearchResult(
            verdict=verdict,
            distinct=self.distinct,
            generated=self.generated,
            levels=tuple(self.levels),
            kinds=dict(kinds),
            notes=frozenset().union(*(each.notes for each in counted)),
            broken=self._broken_by(path) if path else None,
            path=path,
            stopped=stopped,
        )

    def _path(self) -> tuple[int, ...]:
        """The moves to the violation, which the workers know from its end on."""
        assert self.violation is not None
        _, number, owner, state = self.violation
        path = []
        while owner != NOWHERE:
            path.append(number)
            owner, state, number = self._workers.ask_one(owner, "origin", state)
        return tuple(reversed(path))

    def _broken_by(self, path: tuple[int, ...]) -> Broken | None:
        return moves_along(self._make_system(), path)[-1].successor.broken


def never_interrupted() -> bool:
    """Nobody wants an end."""
    return False


def explore_distributed(
    make_system: Callable[[], System],
    symmetry: bool,
    engine: str,
    limits: SearchLimits,
    workers: int,
    address: str | None = None,
    watch: Callable[[SpreadSearch], Stop | None] = never_stop,
    is_interrupted: IsInterrupted = never_interrupted,
) -> SearchResult:
    """Explore with `workers` of the scheduler at `address`; None starts processes here.

    `make_system` has to be picklable. `watch` is called after each level, and twice a second in
    it; what it returns, if not None, ends the search. Before the search, `is_interrupted` does,
    by KeyboardInterrupt. ClusterError says in one line why there is no cluster, or no result.
    """
    if engine == "reference" or workers < 1:
        raise ValueError(
            f"engine {engine}, {workers} workers: expected auto, numpy or kernel, and a worker"
        )
    with dask_workers_at(address, workers, is_interrupted) as dask_workers:
        dask_workers.start(workers, (make_system, symmetry, engine))
        return SpreadSearch(dask_workers, make_system).run(limits, watch)
