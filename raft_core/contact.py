"""Which server has heard from which: the clock, leader stickiness and CheckQuorum.

A server has a clock of its own, which `Tick` moves on. A server that has heard from a leader
less than a minimum election timeout ago does not help to elect another (section 6; thesis,
section 4.2.3); leases and PreVote rest on that. A leader that did not hear from a quorum for an
election timeout steps down (CheckQuorum; thesis, section 6.2).
"""

from typing import TypeAlias

from raft_core.election import step_down, with_vote
from raft_core.evolve import evolve
from raft_core.messages import (
    AppendEntriesResponse,
    ConfirmLeadershipResponse,
    ExtendedEvent,
    InstallSnapshotResponse,
    PreVote,
    RequestVote,
    Sent,
    Tick,
)
from raft_core.replication import FromLeader
from raft_core.state import State
from raft_core.types import Role

Outcome = tuple[State, Sent]
ToLeader: TypeAlias = AppendEntriesResponse | InstallSnapshotResponse | ConfirmLeadershipResponse


def tick(state: State, event: Tick) -> Outcome:
    """This server's own clock moves on."""
    extensions = state.extensions
    return evolve(state, extensions=evolve(extensions, clock=extensions.clock + event.ticks)), ()


def is_disregarded(state: State, event: ExtendedEvent) -> bool:
    """Whether a candidate is not listened to: its term is not even adopted. Thesis, 4.2.3."""
    match event:
        case RequestVote():
            heeds = state.configuration.leader_stickiness or state.configuration.leases
            return heeds and not event.by_transfer and has_current_leader(state)
        case PreVote():
            return has_current_leader(state)
        case _:
            return False


def has_current_leader(state: State) -> bool:
    """Whether this server leads, or heard from a leader within the minimum election timeout."""
    return state.role is Role.LEADER or is_quiet(state)


def is_quiet(state: State) -> bool:
    """Whether the minimum election timeout since the last word of a leader is not over yet."""
    return state.extensions.clock < state.extensions.quiet_until


def note_contact(state: State, event: ExtendedEvent) -> State:
    """Remember that a leader was heard of, or that a follower answered its leader."""
    if isinstance(event, FromLeader) and event.term == state.current_term:
        return quiet_from_now(state)
    leads = state.role is Role.LEADER
    if leads and isinstance(event, ToLeader) and event.term == state.current_term:
        heard_from = with_vote(state.extensions.heard_from, event.source)
        if heard_from is not state.extensions.heard_from:
            return evolve(state, extensions=evolve(state.extensions, heard_from=heard_from))
    return state


def quiet_from_now(state: State) -> State:
    """The state of a server that will not vote for a minimum election timeout."""
    extensions = state.extensions
    quiet_until = extensions.clock + state.configuration.election_timeout
    if quiet_until == extensions.quiet_until:
        return state
    return evolve(state, extensions=evolve(extensions, quiet_until=quiet_until))


def check_quorum(state: State) -> State:
    """A leader whose quorum was silent for an election timeout steps down. Thesis, 6.2."""
    extensions = state.extensions
    if not state.membership.is_quorum(with_vote(extensions.heard_from, state.server)):
        return step_down(state)
    return evolve(state, extensions=evolve(extensions, heard_from=()))
