"""Explorations that take a moment, for tests of what runs them."""

from typing import Any

from attrs import evolve

from model.explorer.running.exploration import explore
from model.explorer.running.outcome import ExplorationProgress, ExplorationResult, IsInterrupted
from model.explorer.running.specification import ExecutionOptions, ExplorationSpec
from tests.model.explorer.cases import raft_order

SMALL = ExplorationSpec(model=raft_order(2, max_term=2, max_inbox=2, client_requests=1))
"""A few hundred states."""


class Reports(list[ExplorationProgress]):
    """All that was reported."""

    def __call__(self, progress: ExplorationProgress) -> None:
        """Keep one report."""
        self.append(progress)


def never() -> bool:
    """Nobody interrupts."""
    return False


def explored(
    spec: ExplorationSpec = SMALL, is_interrupted: IsInterrupted = never, **execution: Any
) -> ExplorationResult:
    """What comes out of an exploration, which reports to nobody."""
    options = evolve(ExecutionOptions(), **execution)
    return explore(spec, options, Reports(), is_interrupted)
