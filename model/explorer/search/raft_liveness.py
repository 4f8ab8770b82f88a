"""What it means for raft_core to be live: a leader can still commit once nothing fails."""

from collections.abc import Hashable
from typing import Final

from attrs import evolve

from model.explorer.search.liveness import LivenessGoal
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft import RaftSystem, Reached
from model.reference.settings import Choices
from properties.checker import Checker
from raft_core import Configuration

FAULTLESS: Final = frozenset(
    {"Deliver", "ElectionTimeout", "HeartbeatTimeout", "ClientRequest", "PassTime"}
)


def is_commit(note: Hashable) -> bool:
    """Whether a leader committed something."""
    return isinstance(note, Reached) and "entry committed" in note.names


A_COMMIT: Final = LivenessGoal(FAULTLESS, is_commit, "Deliver")


def with_room(bounds: Bounds, configuration: Configuration) -> Bounds:
    """What a cluster may need once faults have stopped: an election, a request, their messages.

    A candidate that lags learns the newest term and stands again, one term further. With PreVote
    late answers may make it waste a term first. Where servers are quiet for whom they have heard,
    time has to go by, also if it never does in the exploration.
    """
    may_be_quiet = configuration.pre_vote or configuration.leader_stickiness or configuration.leases
    return evolve(
        bounds,
        max_term=bounds.max_term + (2 if configuration.pre_vote else 1),
        max_inbox=bounds.max_inbox + configuration.servers - 1,
        client_requests=bounds.client_requests + 1,
        ticks=bounds.ticks + 1 if may_be_quiet else bounds.ticks,
    )


def with_more_bounds(system: RaftSystem) -> RaftSystem:
    """The same cluster with room to recover, and without what properties remember."""
    return RaftSystem(
        Choices(system.configuration, system.initial_voters, disk_faults=False),
        with_room(system.bounds, system.configuration),
        Checker(system.configuration.servers, system.checker.observes, ()),
        system.protocol,
        system.reduce,
    )
