"""Liveness of Raft: a leader can still commit something once all faults have stopped."""

from collections.abc import Hashable
from typing import Final

from model.explorer.search.liveness import LivenessGoal
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft import RaftSystem, Reached
from model.reference.settings import Choices
from properties.checker import Checker
from raft_core import Configuration
from raft_core.evolve import evolve

FAULTLESS: Final = frozenset(
    {"Deliver", "ElectionTimeout", "HeartbeatTimeout", "ClientRequest", "PassTime"}
)
"""The kinds of moves that are made once faults have stopped."""


def is_commit(note: Hashable) -> bool:
    """Whether a step with this note committed an entry."""
    return isinstance(note, Reached) and "entry committed" in note.names


A_COMMIT: Final = LivenessGoal(FAULTLESS, is_commit, "Deliver")


def bounds_to_recover(bounds: Bounds, configuration: Configuration) -> Bounds:
    """The bounds, with what a cluster may need to commit: an election, a request, their messages.

    A candidate that lags behind learns the newest term and stands again in the term after it. With
    PreVote, late answers may make it waste a term before. Where servers ignore candidates as long
    as they hear from a leader, time has to go by, even if it never does in the exploration.
    """
    may_be_quiet = configuration.pre_vote or configuration.leader_stickiness or configuration.leases
    return evolve(
        bounds,
        max_term=bounds.max_term + (2 if configuration.pre_vote else 1),
        max_inbox=bounds.max_inbox + configuration.servers - 1,
        client_requests=bounds.client_requests + 1,
        ticks=bounds.ticks + 1 if may_be_quiet else bounds.ticks,
    )


def with_room_to_recover(system: RaftSystem) -> RaftSystem:
    """The same cluster within wider bounds, and without the histories of properties."""
    return RaftSystem(
        Choices(system.configuration, system.initial_voters, disk_faults=False),
        bounds_to_recover(system.bounds, system.configuration),
        Checker(system.configuration.servers, system.checker.observes, ()),
        system.protocol,
        system.reduce,
    )
