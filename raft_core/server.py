"""One Raft server as a pure function.

This file is Figure 2. What Raft has beyond it is around this step: raft_core.extended.

Theory of operation
===================

A server is a `State`; everything that happens to it is an `Event`; `step` says what follows:

    state, messages = step(state, event)

Nothing else changes a state, and `step` reads nothing but its arguments: it has no clock, no
network, no disk and no randomness. The caller keeps three promises:

1. Timeouts are events. The caller owns the timers and sends `ElectionTimeout` when nothing was
   heard for a randomised time (150-300 ms in the paper), `HeartbeatTimeout` more often than that.
2. Durable, then sent. The persistent part of the new state (`persistent_state`) is on stable
   storage before any of the messages leaves (Figure 2, "updated on stable storage before
   responding to RPCs").
3. After a crash a server starts from its persistent state alone: `restart`.

Messages may be lost, delayed, duplicated and reordered: `step` accepts any of them in any
state. Unanswered requests are retried because heartbeats carry what a follower lacks.
"""

from typing import assert_never

from raft_core.commit import advance_commit_index, apply_committed
from raft_core.election import (
    become_follower,
    election_timeout,
    receive_request_vote,
    receive_request_vote_response,
)
from raft_core.messages import (
    AppendEntries,
    AppendEntriesResponse,
    ClientRequest,
    ElectionTimeout,
    Event,
    ExtendedEvent,
    HeartbeatTimeout,
    LocalEvent,
    RequestVote,
    RequestVoteResponse,
    Sent,
)
from raft_core.replication import (
    client_request,
    heartbeat_timeout,
    receive_append_entries,
    receive_append_entries_response,
)
from raft_core.state import Configuration, PersistentState, State
from raft_core.types import Server

Outcome = tuple[State, Sent]


def step(state: State, event: Event) -> Outcome:
    """What a server does when something happens to it: its next state, and messages to send.

    Make the new persistent state durable before sending. Messages are in ascending order of
    destination; answers to clients come last. Figure 2, Rules for Servers.
    """
    state = adopt_newer_term(state, event)
    state, messages = handle(state, event)
    state = advance_commit_index(state)
    state, responses = apply_committed(state)
    return state, (*messages, *responses) if responses else messages


def adopt_newer_term(state: State, event: ExtendedEvent) -> State:
    """A newer term in a message makes a follower of anyone. Figure 2, All Servers 2; 5.1."""
    if isinstance(event, LocalEvent):
        return state
    return become_follower(state, event.term) if event.term > state.current_term else state


def handle(state: State, event: Event) -> Outcome:
    """The handler of each event."""
    match event:
        case AppendEntries():
            return receive_append_entries(state, event)
        case AppendEntriesResponse():
            return receive_append_entries_response(state, event)
        case RequestVote():
            return receive_request_vote(state, event)
        case RequestVoteResponse():
            return receive_request_vote_response(state, event)
        case ElectionTimeout():
            return election_timeout(state)
        case HeartbeatTimeout():
            return heartbeat_timeout(state)
        case ClientRequest():
            return client_request(state, event)
        case _:
            assert_never(event)


def persistent_state(state: State) -> PersistentState:
    """What has to be on stable storage before messages leave. Figure 2, State."""
    return PersistentState(
        current_term=state.current_term, voted_for=state.voted_for, log=state.log
    )


def restart(server: Server, configuration: Configuration, stored: PersistentState) -> State:
    """A server as it starts: a follower with its persistent state and nothing else.

    The very first start is a restart from `PersistentState()`: term 0, no vote, an empty log.
    Entries that a snapshot covers were committed and applied. Sections 5.2 and 7.
    """
    return State(
        server=server,
        configuration=configuration,
        current_term=stored.current_term,
        voted_for=stored.voted_for,
        log=stored.log,
        commit_index=stored.log.snapshot_index,
        last_applied=stored.log.snapshot_index,
    )
