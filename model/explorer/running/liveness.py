"""Liveness from what was asked for to what came out: `raft-oracle explore --liveness`."""

from typing import Final

from attrs import frozen

from model.explorer.engines.choice import make_engine
from model.explorer.running.specification import ExecutionOptions
from model.explorer.search.liveness import LivenessResult, check_liveness
from model.explorer.search.raft_liveness import A_COMMIT, with_room_to_recover
from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.raft_order import RaftOrder
from model.failures import SUBJECT_FAILED
from properties.checker import PROPERTIES
from raft_core.evolve import evolve

EVERY_PROPERTY: Final = frozenset({*(each.name for each in PROPERTIES), SUBJECT_FAILED})


@frozen
class LivenessAnswer:
    """What came of asking every state of an exploration whether a leader can still commit."""

    order: RaftOrder
    system: RaftSystem
    liveness: LivenessResult


def ask_liveness(order: RaftOrder, symmetry: bool, execution: ExecutionOptions) -> LivenessAnswer:
    """Explore without judging safety, and ask every state that was found.

    ValueError says which setting or mutant does not fit, NoKernelError that there is no kernel.
    """
    target = evolve(order.target, ignore=EVERY_PROPERTY)
    system = evolve(order, target=target).make()
    engine = make_engine(execution.engine, system, symmetry, execution.workers)
    try:
        found = check_liveness(engine, with_room_to_recover(system), A_COMMIT, execution.limits)
    finally:
        engine.close()
    return LivenessAnswer(order, system, found)
