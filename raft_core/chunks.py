"""The chunks of a snapshot: what a leader sends next, and what a follower has so far.

Figure 13, and section 7.
"""

from raft_core.extensions import Incoming
from raft_core.messages import InstallSnapshot
from raft_core.state import State
from raft_core.types import Server


def next_chunk(state: State, follower: Server) -> InstallSnapshot:
    """The part of the snapshot that a follower needs next. Figure 13; section 7."""
    log = state.log
    offset = snapshot_offset(state, follower)
    last = offset + state.configuration.snapshot_rows
    return InstallSnapshot(
        source=state.server,
        destination=follower,
        term=state.current_term,
        last_included_index=log.snapshot_index,
        last_included_term=log.snapshot_term or 0,
        membership=log.membership_at(log.snapshot_index),
        offset=offset,
        rows=log.snapshot_rows[offset:last],
        done=last >= len(log.snapshot_rows),
    )


def snapshot_offset(state: State, follower: Server) -> int:
    """The row from which a follower needs the snapshot."""
    offsets = state.extensions.snapshot_offsets
    return offsets[follower] if offsets else 0


def with_chunk(incoming: Incoming | None, request: InstallSnapshot) -> Incoming | None:
    """What has arrived of a snapshot, with one more chunk. Figure 13, receiver 2, 3 and 5.

    A chunk that does not go on where the last one ended, or is of an earlier snapshot, is left
    out; one of a later snapshot discards what has arrived. The answer says from where to go on.
    """
    if incoming is not None and is_earlier_snapshot(incoming, request):
        return incoming
    if request.offset == 0:
        return Incoming(request.term, request.last_included_index, request.rows)
    if incoming is None or not is_same_snapshot(incoming, request):
        return None
    if request.offset != len(incoming.rows):
        return incoming
    return Incoming(incoming.term, incoming.last_included_index, incoming.rows + request.rows)


def is_same_snapshot(incoming: Incoming, request: InstallSnapshot) -> bool:
    """Whether a chunk is of the snapshot that is arriving: one leader's, up to one entry."""
    return (incoming.term, incoming.last_included_index) == (
        request.term,
        request.last_included_index,
    )


def is_earlier_snapshot(incoming: Incoming, request: InstallSnapshot) -> bool:
    """Whether a chunk comes late: its leader has sent one of a later snapshot already."""
    is_same_term = incoming.term == request.term
    return is_same_term and request.last_included_index < incoming.last_included_index


def rows_so_far(incoming: Incoming | None, request: InstallSnapshot) -> int:
    """How many rows of a chunk's snapshot have arrived: from where to go on."""
    if incoming is None or not is_same_snapshot(incoming, request):
        return 0
    return len(incoming.rows)


def is_complete(incoming: Incoming | None, request: InstallSnapshot) -> bool:
    """Whether the last chunk is there, and all before it. Figure 13, receiver 4."""
    if incoming is None or not is_same_snapshot(incoming, request):
        return False
    return request.done and len(incoming.rows) == request.offset + len(request.rows)
