"""Snapshots: section 7 and Figure 13.

A server replaces the log's applied prefix by the state machine's content, whenever it likes. A
leader whose follower needs what it has discarded sends that content instead, in chunks.
"""

from raft_core.chunks import is_complete, rows_so_far, snapshot_offset, with_chunk
from raft_core.evolve import evolve
from raft_core.extensions import Incoming
from raft_core.log import Log
from raft_core.machine import Machine, applied, machine_of, rows_of
from raft_core.messages import Compact, InstallSnapshot, InstallSnapshotResponse, Sent
from raft_core.replication import (
    at,
    follow_leader,
    is_awaiting_answer,
    next_request_to,
    with_match_index,
)
from raft_core.state import State
from raft_core.types import Index, Server

Outcome = tuple[State, Sent]


def compact(state: State, request: Compact) -> Outcome:
    """Discard the log up to an applied entry, and keep the state machine's content. Section 7."""
    is_new = state.log.first_index <= request.index <= state.last_applied
    if not (state.configuration.snapshots and is_new):
        return state, ()
    rows = rows_of(machine_at(state, request.index))
    return with_offsets(evolve(state, log=state.log.compacted(request.index, rows)), ()), ()


def machine_at(state: State, index: Index) -> Machine:
    """The state machine as it was after the entry at `index`, which is still in the log."""
    if index == state.last_applied:
        return state.extensions.machine
    machine = machine_of(state.log.snapshot_rows)
    for place in range(state.log.first_index, index + 1):
        entry = state.log.entry_at(place)
        machine, _ = applied(machine, place, entry.command, state.configuration.session_limit)
    return machine


def receive_install_snapshot(state: State, request: InstallSnapshot) -> Outcome:
    """Collect a snapshot's chunks, and install it. Figure 13, receiver 1 to 8."""
    if request.term < state.current_term:
        return state, (snapshot_response(state, request, 0, installed=False),)
    state = follow_leader(state, request)
    if is_known(state, request):
        return state, (snapshot_response(state, request, 0, installed=True),)
    incoming = with_chunk(state.extensions.incoming, request)
    if incoming is None or not is_complete(incoming, request):
        offset = rows_so_far(incoming, request)
        state = evolve(state, extensions=evolve(state.extensions, incoming=incoming))
        return state, (snapshot_response(state, request, offset, installed=False),)
    return installed(state, request, incoming), (
        snapshot_response(state, request, 0, installed=True),
    )


def is_known(state: State, request: InstallSnapshot) -> bool:
    """Whether all that a snapshot stands for is committed here already: it comes late.

    Installing it would take the state machine back. Figure 13, receiver 5 and 6.
    """
    return request.last_included_index <= state.commit_index


def installed(state: State, request: InstallSnapshot, incoming: Incoming) -> State:
    """Put a complete snapshot in place. Figure 13, receiver 5 to 8."""
    machine = machine_of(incoming.rows)
    return evolve(
        state,
        log=log_after_snapshot(state.log, request, incoming),
        commit_index=request.last_included_index,
        last_applied=request.last_included_index,
        extensions=evolve(state.extensions, incoming=None, machine=machine),
    )


def log_after_snapshot(log: Log, request: InstallSnapshot, incoming: Incoming) -> Log:
    """The rest of the log: the entries after a matching one, or none. Receiver 6 and 7."""
    return log.with_snapshot(
        request.last_included_index,
        request.last_included_term,
        request.membership,
        incoming.rows,
    )


def snapshot_response(
    state: State, request: InstallSnapshot, next_offset: int, installed: bool
) -> InstallSnapshotResponse:
    """The answer to a chunk."""
    return InstallSnapshotResponse(
        source=state.server,
        destination=request.source,
        term=state.current_term,
        last_included_index=request.last_included_index,
        next_offset=next_offset,
        installed=installed,
    )


def receive_install_snapshot_response(state: State, response: InstallSnapshotResponse) -> Outcome:
    """Send the next chunk, or the entries that follow an installed snapshot. Section 7."""
    if not is_awaiting_answer(state, response):
        return state, ()
    follower = response.source
    if response.installed:
        state = with_match_index(state, follower, installed_index(state, response))
        state = with_offset(state, follower, 0)
        lags = state.next_index[follower] <= state.log.last_index
        return state, (next_request_to(state, follower),) if lags else ()
    is_late = response.last_included_index != state.log.snapshot_index
    if is_late or response.next_offset == snapshot_offset(state, follower):
        return state, ()
    state = with_offset(state, follower, response.next_offset)
    return state, (next_request_to(state, follower),)


def installed_index(state: State, response: InstallSnapshotResponse) -> Index:
    """The follower's match_index with its snapshot in place: never back. Section 5.3."""
    return max(state.match_index[response.source], response.last_included_index)


def with_offset(state: State, follower: Server, offset: int) -> State:
    """The state with another row to go on from."""
    offsets = state.extensions.snapshot_offsets or (0,) * state.configuration.servers
    return with_offsets(state, at(offsets, follower, offset))


def with_offsets(state: State, offsets: tuple[int, ...]) -> State:
    """The state with other rows to go on from; with none, every follower begins anew."""
    if offsets == state.extensions.snapshot_offsets:
        return state
    return evolve(state, extensions=evolve(state.extensions, snapshot_offsets=offsets))
