"""One breadth-first exploration in this process, with an eye on time, memory and the user."""

import time
from pathlib import Path

from model.explorer.engines.choice import make_engine
from model.explorer.engines.engine import Engine
from model.explorer.running.distributed import explore_on_cluster
from model.explorer.running.outcome import (
    ExplorationProgress,
    ExplorationResult,
    IsInterrupted,
    ReportProgress,
)
from model.explorer.running.specification import ExecutionOptions, ExplorationSpec
from model.explorer.search.breadth_first import BreadthFirstSearch
from model.explorer.search.checkpoint import CheckpointError, restore, save
from model.explorer.search.reduction_check import why_reduction_is_unsound
from model.explorer.search.reference_search import reference_search
from model.explorer.search.result import INTERRUPTED, SearchResult, Stop, StoppedBy, moves_along
from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.system import System
from raft_core.evolve import evolve

CANDIDATES_OF_A_STATE = 16
"""How many successors a state is thought to have, when memory for the next chunk is set aside."""


def explore(
    spec: ExplorationSpec,
    execution: ExecutionOptions,
    report: ReportProgress,
    is_interrupted: IsInterrupted,
) -> ExplorationResult:
    """Explore; where throwing stale replies away could have mattered, once more with all of them.

    ValueError says what does not fit, NoKernelError and ClusterError what is not there.
    """
    system = spec.system()
    if execution.engine == "reference":
        return explore_with_reference(spec, execution, system)
    if execution.cluster is not None:
        return explore_on_cluster(spec, execution, report, is_interrupted)
    engine = make_engine(execution.engine, system, spec.symmetry, execution.workers)
    try:
        result = ExplorationRun(spec, execution, system, engine, report, is_interrupted).run()
    finally:
        engine.close()
    reason = reason_to_repeat(spec, system, engine)
    if reason and not result.interrupted:
        again = explore(spec.without_reduction(), execution, report, is_interrupted)
        return evolve(again, unreduced_because=reason)
    return result


def explore_with_reference(
    spec: ExplorationSpec, execution: ExecutionOptions, system: System
) -> ExplorationResult:
    """Explore with the search over plain objects, which nothing but its limits ends."""
    started = time.monotonic()
    search = reference_search(system, execution.limits, spec.symmetry)
    return ExplorationResult(
        spec=spec,
        system=system,
        search=search,
        engine="reference",
        workers=1,
        seconds=time.monotonic() - started,
        bytes=0,
    )


def reason_to_repeat(spec: ExplorationSpec, system: System, engine: Engine) -> str:
    """Why a search without stale replies may have missed something; empty where it cannot."""
    if isinstance(system, RaftSystem) and spec.needs_reduction_check(system):
        return why_reduction_is_unsound(system, engine.tables)
    return ""


class ExplorationRun:
    """A search in this process that reports, stores itself, and can be ended."""

    def __init__(
        self,
        spec: ExplorationSpec,
        execution: ExecutionOptions,
        system: System,
        engine: Engine,
        report: ReportProgress,
        is_interrupted: IsInterrupted,
    ) -> None:
        self.spec, self.execution, self.system, self.engine = spec, execution, system, engine
        self.report, self.is_interrupted = report, is_interrupted
        self.stored: Path | None = None
        self.unstored_because = ""
        self.before = 0.0
        """Seconds that a search took before it was taken up again."""

    def run(self) -> ExplorationResult:
        """Search until the end, or until something ends it."""
        if self.execution.resume is None:
            search = BreadthFirstSearch(self.engine)
        else:
            search, manifest = restore(self.engine, self.execution.resume)
            self.before = manifest.seconds
        self.started = self.saved = time.monotonic()
        found = search.run(self.execution.limits, self.watch)
        if self.execution.resume is not None:
            check_way(self.system, search, found, self.execution.resume)
        if found.verdict == "stopped":
            self.store(search)
        return ExplorationResult(
            spec=self.spec,
            system=self.system,
            search=found,
            engine=self.engine.name,
            workers=self.execution.workers,
            seconds=self.seconds,
            bytes=search.bytes,
            interrupted=self.is_interrupted(),
            stored=self.stored,
            unstored_because=self.unstored_because,
        )

    @property
    def seconds(self) -> float:
        """How long it took so far, with the time before it was taken up again."""
        return self.before + time.monotonic() - self.started

    def watch(self, search: BreadthFirstSearch) -> Stop | None:
        """After each chunk: what ends the search now, if anything."""
        self.report(self.progress(search))
        if self.is_interrupted():
            return INTERRUPTED
        if needed_for_more(search) > self.execution.memory > 0:
            return Stop(StoppedBy.MEMORY, self.execution.memory)
        if time.monotonic() - self.saved >= self.execution.interval:
            self.store(search)
        return None

    def store(self, search: BreadthFirstSearch) -> None:
        """Write a checkpoint, where the user wants one."""
        folder = self.execution.checkpoint
        if folder is None:
            return
        self.saved = time.monotonic()
        try:
            save(search, self.spec.as_json(), self.seconds, folder)
            self.stored, self.unstored_because = folder, ""
        except OSError as error:  # a full disk must not end the search
            self.unstored_because = f"cannot write to {folder}: {error.strerror or error}"

    def progress(self, search: BreadthFirstSearch) -> ExplorationProgress:
        """How far it is."""
        return ExplorationProgress(
            level=len(search.levels),
            frontier=len(search.frontier),
            done=search.position,
            distinct=search.distinct,
            generated=search.generated,
            seconds=self.seconds,
            bytes=search.bytes,
            levels=tuple(search.levels),
        )


def check_way(
    system: System, search: BreadthFirstSearch, found: SearchResult, folder: Path
) -> None:
    """CheckpointError where the moves that were stored do not lead to what is told as found."""
    try:
        moves = moves_along(system, found.path)
        if search.violation is not None and moves[-1].successor.broken is None:
            raise ValueError(f"path: found {found.path}, expected moves that break something")
    except ValueError as error:
        raise CheckpointError(f"{folder}: {error}") from None


def needed_for_more(search: BreadthFirstSearch) -> int:
    """Bytes with one more chunk: the set of fingerprints may have to move to a larger one."""
    fingerprints = search.engine.fingerprints
    room = CANDIDATES_OF_A_STATE * min(search.engine.chunk, len(search.frontier))
    needed = search.bytes
    if fingerprints.is_full_with(room):
        needed += 3 * fingerprints.slots.nbytes
    if search.position and search.position + search.engine.chunk >= len(search.frontier):
        needed += sum(each.nbytes for each in search.following)  # they are joined
    return needed
