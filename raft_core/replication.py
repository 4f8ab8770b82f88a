"""Log replication: section 5.3."""

from raft_core.chunks import next_chunk
from raft_core.entry import Entry, Payload
from raft_core.evolve import evolve
from raft_core.log import Log
from raft_core.messages import (
    AppendEntries,
    AppendEntriesResponse,
    ClientRequest,
    ConfirmLeadership,
    Conflict,
    InstallSnapshot,
    InstallSnapshotResponse,
    NotLeader,
    Sent,
)
from raft_core.state import State
from raft_core.types import Index, Role, Server

Outcome = tuple[State, Sent]
FromLeader = AppendEntries | InstallSnapshot | ConfirmLeadership
"""What only the leader of its term sends."""


class TwoLeadersError(AssertionError):
    """A leader was sent AppendEntries in its own term: Election Safety no longer holds.

    Section 5.2 makes this impossible; obeying would hide the breach and cost entries.
    """


def heartbeat_timeout(state: State) -> Outcome:
    """A leader sends AppendEntries to all. Figure 2, Rules for Servers, Leaders 1; section 5.2."""
    if state.role is not Role.LEADER:
        return state, ()
    return state, append_entries_to_all(state)


def client_request(state: State, request: ClientRequest) -> Outcome:
    """Append the command, and replicate it. Figure 2, Leaders 2; sections 5.3 and 8."""
    if state.role is not Role.LEADER:
        return state, (NotLeader(state.server, request.command, state.leader),)
    return append_to_own_log(state, request.command)


def append_to_own_log(state: State, payload: Payload) -> Outcome:
    """A leader appends an entry of its own, and sends it to all. Figure 2, Leaders 2."""
    log = state.log.appended((Entry(state.current_term, payload),))
    match_index = at(state.match_index, state.server, counted_at_once(state, log))
    state = evolve(state, log=log, match_index=match_index)
    return state, append_entries_to_all(state)


def counted_at_once(state: State, log: Log) -> Index:
    """Up to where a leader counts its own log already: only what is durable. Section 5.3.

    That is all of it, unless writes complete later (thesis, section 10.2.1).
    """
    if not state.configuration.async_writes:
        return log.last_index
    return state.match_index[state.server] if state.match_index else 0


def append_entries_to_all(state: State) -> Sent:
    """One request to every other server of the configuration, with what it may lack. 5.3, 6."""
    return tuple([next_request_to(state, other) for other in state.others])


def next_request_to(state: State, follower: Server) -> AppendEntries | InstallSnapshot:
    """The entries that a follower needs next, or the snapshot that covers them. Section 7."""
    if state.next_index[follower] <= state.log.snapshot_index:
        return next_chunk(state, follower)
    return append_entries_to(state, follower)


def append_entries_to(state: State, follower: Server) -> AppendEntries:
    """The entries from next_index on, and the one before. Figure 2, Leaders 3; section 5.3."""
    next_index = state.next_index[follower]
    return AppendEntries(
        source=state.server,
        destination=follower,
        term=state.current_term,
        prev_log_index=next_index - 1,
        prev_log_term=state.log.term_at(next_index - 1) or 0,
        entries=state.log.entries_from(next_index, state.configuration.max_entries),
        leader_commit=state.commit_index,
    )


def receive_append_entries(state: State, request: AppendEntries) -> Outcome:
    """Store what a leader sends. Figure 2, AppendEntries RPC, receiver 1 to 5; section 5.3."""
    if request.term < state.current_term:
        return state, (rejected(state, request, None),)
    state = follow_leader(state, request)
    if not has_matching_prev_entry(state.log, request):
        return state, (rejected(state, request, conflict_in(state.log, request)),)
    log = store_entries(state.log, request)
    commit_index = follower_commit_index(state, request, log)
    if log is not state.log or commit_index != state.commit_index:
        state = evolve(state, log=log, commit_index=commit_index)
    response = AppendEntriesResponse(
        source=state.server,
        destination=request.source,
        term=state.current_term,
        success=True,
        match_index=last_new_index(request),
    )
    return state, (response,)


def follow_leader(state: State, request: FromLeader) -> State:
    """Recognise the sender as this term's leader. Figure 2, Rules for Servers, Candidates 3."""
    if state.role is Role.LEADER:
        raise TwoLeadersError(
            f"{request} reached leader {state.server} of the same term {state.current_term}: "
            "at most one server leads a term (Election Safety, section 5.2)"
        )
    if state.role is Role.FOLLOWER and state.leader == request.source:
        return state
    return evolve(state, role=Role.FOLLOWER, leader=request.source, votes_granted=())


def has_matching_prev_entry(log: Log, request: AppendEntries) -> bool:
    """Whether the log has the entry that the new ones follow. AppendEntries RPC, receiver 2.

    An entry that a snapshot covers was committed, so it matches. Section 7.
    """
    return log.holds(request.prev_log_index, request.prev_log_term)


def store_entries(log: Log, request: AppendEntries) -> Log:
    """Delete from the first conflict on, and only then; append what is missing.

    Figure 2, AppendEntries RPC, receiver 3 and 4; section 5.3.
    """
    index = request.prev_log_index
    for position, entry in enumerate(request.entries):
        index += 1
        if not log.holds(index, entry.term):
            if index <= log.last_index:
                log = log.truncated_from(index)
            return log.appended(request.entries[position:])
    return log


def follower_commit_index(state: State, request: AppendEntries, log: Log) -> Index:
    """What a follower may commit: AppendEntries RPC, receiver 5.

    Only up to the last new entry: what lies beyond it in `log` is not known to be the leader's.
    """
    return max(state.commit_index, min(request.leader_commit, last_new_index(request)))


def last_new_index(request: AppendEntries) -> Index:
    """The index of the last entry of a request, or of the previous one where it has none."""
    return request.prev_log_index + len(request.entries)


def rejected(
    state: State, request: AppendEntries, conflict: Conflict | None
) -> AppendEntriesResponse:
    """The answer that refuses a request. AppendEntries RPC, receiver 1 and 2."""
    return AppendEntriesResponse(
        source=state.server,
        destination=request.source,
        term=state.current_term,
        success=False,
        conflict=conflict,
    )


def conflict_in(log: Log, request: AppendEntries) -> Conflict:
    """Where the leader should go on, in place of one step back. Section 5.3, its end."""
    term = log.term_at(request.prev_log_index)
    if term is None:
        return Conflict(None, log.last_index + 1)
    return Conflict(term, log.first_index_of_term_at(request.prev_log_index))


def receive_append_entries_response(state: State, response: AppendEntriesResponse) -> Outcome:
    """Learn what a follower holds, and send on. Figure 2, Leaders 3; section 5.3."""
    if not is_awaiting_answer(state, response):
        return state, ()
    follower = response.source
    if response.success:
        state = acknowledged(state, response)
        if state.next_index[follower] > state.log.last_index:
            return state, ()
    else:
        next_index = at(state.next_index, follower, back_up(state, response))
        if next_index == state.next_index:
            return state, ()
        state = evolve(state, next_index=next_index)
    return state, (next_request_to(state, follower),)


def is_awaiting_answer(
    state: State, response: AppendEntriesResponse | InstallSnapshotResponse
) -> bool:
    """Whether the answer is to what this leader sent in this term. Section 5.1."""
    return state.role is Role.LEADER and response.term == state.current_term


def acknowledged(state: State, response: AppendEntriesResponse) -> State:
    """Update nextIndex and matchIndex. Figure 2, Rules for Servers, Leaders 3.1."""
    return with_match_index(state, response.source, acknowledged_index(state, response))


def with_match_index(state: State, follower: Server, match_index: Index) -> State:
    """What a leader knows of a follower that holds its log up to `match_index`."""
    next_index = max(state.next_index[follower], match_index + 1)
    if (match_index, next_index) == (state.match_index[follower], state.next_index[follower]):
        return state
    return evolve(
        state,
        match_index=at(state.match_index, follower, match_index),
        next_index=at(state.next_index, follower, next_index),
    )


def acknowledged_index(state: State, response: AppendEntriesResponse) -> Index:
    """The follower's match_index with this answer: an answer that comes late moves nothing back."""
    return max(state.match_index[response.source], response.match_index)


def back_up(state: State, response: AppendEntriesResponse) -> Index:
    """The next_index to try after a refusal. Figure 2, Leaders 3.2, and section 5.3, its end.

    Never forward, and never to or below what the follower has acknowledged: a refusal may be old.
    """
    follower = response.source
    current = state.next_index[follower]
    if response.conflict is None:
        return current
    target = response.conflict.first_index
    if response.conflict.term is not None:
        last_of_term = state.log.last_index_of_term(response.conflict.term, before=current)
        if last_of_term is not None:
            target = last_of_term + 1
    return max(min(target, current - 1), state.match_index[follower] + 1)


def at(indexes: tuple[Index, ...], server: Server, index: Index) -> tuple[Index, ...]:
    """`indexes` with another index for one server."""
    return (*indexes[:server], index, *indexes[server + 1 :])
