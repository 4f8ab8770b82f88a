"""What messages of the reference mean, in the words of rules and of traces."""

from collections.abc import Mapping
from typing import Final

from properties.rules.steps import content_of
from properties.rules.vocabulary import (
    APPEND_ENTRIES,
    APPEND_ENTRIES_RESPONSE,
    HEARTBEAT,
    HEARTBEAT_RESPONSE,
    INSTALL_SNAPSHOT,
    INSTALL_SNAPSHOT_RESPONSE,
    PRE_VOTE,
    PRE_VOTE_RESPONSE,
    REQUEST_VOTE,
    REQUEST_VOTE_RESPONSE,
    TIMEOUT_NOW,
    Kind,
    Meaning,
)
from raft_core import (
    AppendEntries,
    AppendEntriesResponse,
    ConfirmLeadership,
    ConfirmLeadershipResponse,
    InstallSnapshot,
    InstallSnapshotResponse,
    PreVote,
    PreVoteResponse,
    RequestVote,
    RequestVoteResponse,
    TimeoutNow,
)

KIND_OF: Final[Mapping[type, Kind]] = {
    ConfirmLeadership: HEARTBEAT,
    ConfirmLeadershipResponse: HEARTBEAT_RESPONSE,
    TimeoutNow: TIMEOUT_NOW,
}
"""Messages that say nothing but their term."""


def meaning_of(message: object, source: int, destination: int) -> Meaning | None:
    """What a message says; None for what is no message of the reference.

    ConfirmLeadership, which asks whether its sender still leads (thesis, section 6.4), is a
    heartbeat that says nothing of commits.
    """
    match message:
        case AppendEntries() | AppendEntriesResponse():
            return meaning_of_append(message, source, destination)
        case RequestVote() | PreVote() | RequestVoteResponse() | PreVoteResponse():
            return meaning_of_vote(message, source, destination)
        case InstallSnapshot() | InstallSnapshotResponse():
            return meaning_of_snapshot(message, source, destination)
        case ConfirmLeadership() | ConfirmLeadershipResponse() | TimeoutNow():
            return Meaning(KIND_OF[type(message)], source, destination, message.term)
    return None


def meaning_of_vote(
    message: RequestVote | PreVote | RequestVoteResponse | PreVoteResponse,
    source: int,
    destination: int,
) -> Meaning:
    """RequestVote and PreVote, or the answer to one. Figure 2; thesis, section 9.6."""
    if isinstance(message, RequestVote | PreVote):
        is_asked = isinstance(message, RequestVote) and message.by_transfer
        return Meaning(
            REQUEST_VOTE if isinstance(message, RequestVote) else PRE_VOTE,
            source,
            destination,
            message.term,
            index=message.last_log_index,
            log_term=message.last_log_term,
            by_transfer=True if is_asked else None,
        )
    return Meaning(
        REQUEST_VOTE_RESPONSE if isinstance(message, RequestVoteResponse) else PRE_VOTE_RESPONSE,
        source,
        destination,
        message.term,
        accepted=message.vote_granted,
    )


def meaning_of_append(
    message: AppendEntries | AppendEntriesResponse, source: int, destination: int
) -> Meaning:
    """AppendEntries, or the answer to it. Figure 2, AppendEntries RPC."""
    if isinstance(message, AppendEntries):
        return Meaning(
            APPEND_ENTRIES,
            source,
            destination,
            message.term,
            index=message.prev_log_index,
            log_term=message.prev_log_term,
            commit=message.leader_commit,
            count=len(message.entries),
            terms=tuple([entry.term for entry in message.entries]),
            contents=tuple([content_of(entry) for entry in message.entries]),
        )
    return Meaning(
        APPEND_ENTRIES_RESPONSE,
        source,
        destination,
        message.term,
        index=message.match_index,
        accepted=message.success,
    )


def meaning_of_snapshot(
    message: InstallSnapshot | InstallSnapshotResponse, source: int, destination: int
) -> Meaning:
    """InstallSnapshot, or the answer to it; a chunk that is not the last acknowledges nothing."""
    if isinstance(message, InstallSnapshot):
        return Meaning(
            INSTALL_SNAPSHOT,
            source,
            destination,
            message.term,
            index=message.last_included_index,
            log_term=message.last_included_term,
        )
    return Meaning(
        INSTALL_SNAPSHOT_RESPONSE,
        source,
        destination,
        message.term,
        index=message.last_included_index if message.installed else 0,
        accepted=message.installed,
    )
