"""Random walks from what was asked for to what came out: `raft-oracle explore --simulate`."""

import time

from model.explorer.running.outcome import (
    ExplorationProgress,
    ExplorationResult,
    IsInterrupted,
    ReportProgress,
)
from model.explorer.running.specification import ExplorationSpec
from model.explorer.search.random_walks import RandomWalks, WalkBudget
from model.explorer.search.result import INTERRUPTED, SearchResult, Stop


def simulate(
    spec: ExplorationSpec,
    budget: WalkBudget,
    report: ReportProgress,
    is_interrupted: IsInterrupted,
) -> ExplorationResult:
    """Walk at random until a violation is found, or the budget is used up."""
    system = spec.system()
    started = time.monotonic()

    def watch(walks: RandomWalks) -> Stop | None:
        seconds = time.monotonic() - started
        counts = (walks.moves, walks.fingerprints.length, walks.counts.generated)
        report(ExplorationProgress(1, budget.moves, *counts, seconds, 0, ()))
        return INTERRUPTED if is_interrupted() else None

    walked = RandomWalks(system, budget, spec.symmetry).run(watch)
    return ExplorationResult(
        spec=spec,
        system=system,
        search=SearchResult(
            verdict=walked.verdict,
            distinct=walked.distinct,
            generated=walked.generated,
            levels=(),
            kinds=walked.kinds,
            notes=walked.notes,
            broken=walked.broken,
            path=walked.path,
            stopped=walked.stopped,
        ),
        engine="numpy",
        workers=1,
        seconds=time.monotonic() - started,
        bytes=0,
        interrupted=is_interrupted(),
        walks=walked,
    )
