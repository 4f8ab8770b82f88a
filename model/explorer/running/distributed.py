"""One breadth-first exploration whose states are spread over the workers of a Dask cluster."""

import time
from typing import Final

from model.explorer.running.outcome import (
    ExplorationProgress,
    ExplorationResult,
    IsInterrupted,
    ReportProgress,
)
from model.explorer.running.specification import ExecutionOptions, ExplorationSpec
from model.explorer.search.result import INTERRUPTED, Stop, StoppedBy
from model.explorer.spread.coordinator import SpreadSearch, explore_distributed

LOCAL: Final = "local"
"""The address that stands for worker processes on this machine."""


def explore_on_cluster(
    spec: ExplorationSpec,
    execution: ExecutionOptions,
    report: ReportProgress,
    is_interrupted: IsInterrupted,
) -> ExplorationResult:
    """Explore with the workers of a cluster; ClusterError says why there are none.

    Stale replies are kept wherever they might matter: whether they do is asked of all tables,
    and each worker has only its own.
    """
    system, reason = spec.system(), ""
    if spec.needs_reduction_check(system):
        spec, reason = spec.without_reduction(), "no one worker sees all of them"
        system = spec.system()
    started, most = time.monotonic(), 0

    def watch(search: SpreadSearch) -> Stop | None:
        nonlocal most
        most, levels = max(most, search.bytes), tuple(search.levels)
        seconds = time.monotonic() - started
        counts = (search.distinct, search.generated, seconds, search.bytes)
        report(ExplorationProgress(len(levels), levels[-1], 0, *counts, levels))
        if is_interrupted():
            return INTERRUPTED
        is_full = most > execution.memory > 0
        return Stop(StoppedBy.MEMORY, execution.memory) if is_full else None

    found = explore_distributed(
        spec.system,
        spec.symmetry,
        execution.engine,
        execution.limits,
        execution.workers,
        None if execution.cluster == LOCAL else execution.cluster,
        watch,
        is_interrupted,
    )
    return ExplorationResult(
        spec=spec,
        system=system,
        search=found,
        engine=f"{execution.engine} on a cluster",
        workers=execution.workers,
        seconds=time.monotonic() - started,
        bytes=most,
        interrupted=is_interrupted(),
        unreduced_because=reason,
    )
