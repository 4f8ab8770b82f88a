"""What packets mean: of the reference by its own classes, of others by the meaning they carry."""

from typing import Any, cast

import msgspec

import oracle.adapter.message_meanings
from model.subject import Packet
from oracle.traces.events.format import Kind, ToldEntry, ToldMessage
from oracle.traces.events.reader import meaning_of
from properties.rules.steps import content_of
from properties.rules.vocabulary import Meaning
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


def message_in(packet: Packet) -> ToldMessage | None:
    """What a packet says; None where its subject does not tell."""
    meaning = getattr(packet.content, "meaning", None)
    return told_by_reference(packet.content) if meaning is None else told_by_adapter(meaning)


def meaning_in(packet: Packet) -> Meaning | None:
    """What a packet says, in the words of rules; None where its subject does not tell."""
    message = message_in(packet)
    if message is None:
        return None
    return meaning_of(message, packet.source, packet.destination)


def told_by_adapter(meaning: oracle.adapter.message_meanings.Meaning) -> ToldMessage:
    """What an adapter says that its message means, which traces say in the same words."""
    fields: dict[str, Any] = msgspec.structs.asdict(meaning)
    entries = fields.get("entries")
    if entries is not None:
        fields["entries"] = tuple([ToldEntry(term, content) for term, content in entries])
    return ToldMessage(cast("Kind", meaning.__struct_config__.tag), **fields)


def told_by_reference(message: Any) -> ToldMessage | None:
    """A message of the reference; ConfirmLeadership is a heartbeat of its own."""
    match message:
        case RequestVote() | PreVote():
            return ToldMessage(
                "request_vote" if isinstance(message, RequestVote) else "pre_vote",
                message.term,
                last_log_index=message.last_log_index,
                last_log_term=message.last_log_term,
            )
        case RequestVoteResponse() | PreVoteResponse():
            return ToldMessage(
                "request_vote_response"
                if isinstance(message, RequestVoteResponse)
                else "pre_vote_response",
                message.term,
                vote_granted=message.vote_granted,
            )
        case AppendEntries() | AppendEntriesResponse():
            return replication_told(message)
        case InstallSnapshot() | InstallSnapshotResponse():
            return snapshot_told(message)
        case ConfirmLeadership():
            return ToldMessage("heartbeat", message.term)
        case ConfirmLeadershipResponse():
            return ToldMessage("heartbeat_response", message.term)
        case TimeoutNow():
            return ToldMessage("timeout_now", message.term)
    return None


def replication_told(message: AppendEntries | AppendEntriesResponse) -> ToldMessage:
    """AppendEntries, or the answer to it."""
    if isinstance(message, AppendEntries):
        return ToldMessage(
            "append_entries",
            message.term,
            prev_log_index=message.prev_log_index,
            prev_log_term=message.prev_log_term,
            entries=tuple(ToldEntry(each.term, content_of(each)) for each in message.entries),
            leader_commit=message.leader_commit,
        )
    return ToldMessage(
        "append_entries_response",
        message.term,
        success=message.success,
        match_index=message.match_index,
    )


def snapshot_told(message: InstallSnapshot | InstallSnapshotResponse) -> ToldMessage:
    """InstallSnapshot, or the answer to it; a chunk that is not the last acknowledges nothing."""
    if isinstance(message, InstallSnapshot):
        return ToldMessage(
            "install_snapshot",
            message.term,
            last_included_index=message.last_included_index,
            last_included_term=message.last_included_term,
        )
    return ToldMessage(
        "install_snapshot_response",
        message.term,
        success=message.installed,
        match_index=message.last_included_index if message.installed else 0,
    )
