"""What an adapter says that a message means, in the words of Raft's rules.

May import: typing, model.subject, properties.rules, oracle.meaning.
"""

from collections.abc import Callable
from typing import Any, Final

from model.subject import Packet
from oracle import meaning
from properties.rules.vocabulary import Meaning


def told(packet: Packet, message: meaning.Meaning | None) -> Meaning | None:
    """A packet's meaning; None where the adapter does not tell."""
    if message is None:
        return None
    kind = str(message.__struct_config__.tag)
    known = Meaning(kind, packet.source, packet.destination, message.term)
    fill = FILLS.get(type(message))
    if fill is not None:
        fill(known, message)
    return known


def fill_request(known: Meaning, message: meaning.RequestVote | meaning.PreVote) -> None:
    """The candidate's last entry, and what it knows to be committed."""
    known.index, known.log_term = message.last_log_index, message.last_log_term
    known.commit, known.commit_term = message.commit_index, message.commit_term


def fill_vote(
    known: Meaning, message: meaning.RequestVoteResponse | meaning.PreVoteResponse
) -> None:
    """Whether the vote is granted, and what the voter knows to be committed."""
    known.accepted = message.vote_granted
    known.commit, known.commit_term = message.commit_index, message.commit_term


def fill_append(known: Meaning, message: meaning.AppendEntries) -> None:
    """The previous entry, the entries, and the leader's commit index."""
    known.index, known.log_term = message.prev_log_index, message.prev_log_term
    known.commit = message.leader_commit
    if message.entries is not None:
        known.count = len(message.entries)
        known.terms = tuple([term for term, _ in message.entries])
        known.contents = tuple([content for _, content in message.entries])


def fill_response(
    known: Meaning,
    message: meaning.AppendEntriesResponse | meaning.InstallSnapshotResponse,
) -> None:
    """Whether it was accepted, and up to where the logs agree."""
    known.accepted, known.index = message.success, message.match_index


def fill_heartbeat(known: Meaning, message: meaning.Heartbeat) -> None:
    """The leader's commit index."""
    known.commit = message.leader_commit


def fill_snapshot(known: Meaning, message: meaning.InstallSnapshot) -> None:
    """The last entry that the snapshot includes."""
    known.index, known.log_term = message.last_included_index, message.last_included_term


FILLS: Final[dict[type[Any], Callable[[Meaning, Any], None]]] = {
    meaning.RequestVote: fill_request,
    meaning.PreVote: fill_request,
    meaning.RequestVoteResponse: fill_vote,
    meaning.PreVoteResponse: fill_vote,
    meaning.AppendEntries: fill_append,
    meaning.AppendEntriesResponse: fill_response,
    meaning.Heartbeat: fill_heartbeat,
    meaning.InstallSnapshot: fill_snapshot,
    meaning.InstallSnapshotResponse: fill_response,
}
