"""What a message of an adapter means, in the words of the figures: the vocabulary of traces.

Every field may be left out, and is then unknown. The subject never reads a meaning back.
"""

from typing import Annotated, TypeAlias, cast

import msgspec

from properties.rules import vocabulary
from properties.rules.vocabulary import FIELDS_OF, Kind, Meaning

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
"""A term, an index or a number: a whole number from 0 on."""
EntryPair: TypeAlias = tuple[Count, str]
"""An entry's term and content."""


class Message(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"
):
    """What every message may say."""

    term: Count | None = None


class Vote(Message, frozen=True):
    """What messages about votes may also say: what their sender knows to be committed."""

    commit_index: Count | None = None
    commit_term: Count | None = None
    """The term of the entry there."""


class RequestVote(Vote, frozen=True, tag=vocabulary.REQUEST_VOTE):
    """Figure 2, RequestVote RPC."""

    last_log_index: Count | None = None
    last_log_term: Count | None = None
    by_transfer: bool | None = None
    """Whether its sender says that its leader asked it to stand (thesis, section 4.2.3)."""


class RequestVoteResponse(Vote, frozen=True, tag=vocabulary.REQUEST_VOTE_RESPONSE):
    """The result of RequestVote."""

    vote_granted: bool | None = None


class PreVote(Vote, frozen=True, tag=vocabulary.PRE_VOTE):
    """Thesis, section 9.6: would I win?"""

    last_log_index: Count | None = None
    last_log_term: Count | None = None


class PreVoteResponse(Vote, frozen=True, tag=vocabulary.PRE_VOTE_RESPONSE):
    """The result of PreVote."""

    vote_granted: bool | None = None


class AppendEntries(Message, frozen=True, tag=vocabulary.APPEND_ENTRIES):
    """Figure 2, AppendEntries RPC."""

    prev_log_index: Count | None = None
    prev_log_term: Count | None = None
    entries: tuple[EntryPair, ...] | None = None
    leader_commit: Count | None = None


class AppendEntriesResponse(Message, frozen=True, tag=vocabulary.APPEND_ENTRIES_RESPONSE):
    """The result of AppendEntries."""

    success: bool | None = None
    match_index: Count | None = None


class Heartbeat(Message, frozen=True, tag=vocabulary.HEARTBEAT):
    """A heartbeat, where an implementation has a message of its own for it."""

    leader_commit: Count | None = None


class HeartbeatResponse(Message, frozen=True, tag=vocabulary.HEARTBEAT_RESPONSE):
    """The answer to one."""


class InstallSnapshot(Message, frozen=True, tag=vocabulary.INSTALL_SNAPSHOT):
    """Figure 13, InstallSnapshot RPC."""

    last_included_index: Count | None = None
    last_included_term: Count | None = None


class InstallSnapshotResponse(Message, frozen=True, tag=vocabulary.INSTALL_SNAPSHOT_RESPONSE):
    """The result of InstallSnapshot."""

    success: bool | None = None
    match_index: Count | None = None


class TimeoutNow(Message, frozen=True, tag=vocabulary.TIMEOUT_NOW):
    """Thesis, section 3.10: stand for election at once.

    Where it names the end of a log, only a server whose log ends so stands.
    """

    last_log_index: Count | None = None
    last_log_term: Count | None = None


class Other(Message, frozen=True, tag=vocabulary.OTHER):
    """Any other message."""


WireMeaning: TypeAlias = (
    RequestVote
    | RequestVoteResponse
    | PreVote
    | PreVoteResponse
    | AppendEntries
    | AppendEntriesResponse
    | Heartbeat
    | HeartbeatResponse
    | InstallSnapshot
    | InstallSnapshotResponse
    | TimeoutNow
    | Other
)
"""What an adapter may write as the `meaning` of a message."""


def meaning_of(message: WireMeaning, source: int, destination: int) -> Meaning:
    """What an adapter says that its message means, in the words of rules."""
    kind = cast("Kind", message.__struct_config__.tag)
    meaning = Meaning(kind, source, destination, message.term)
    for attribute, field in FIELDS_OF[kind].items():
        setattr(meaning, attribute, getattr(message, field))
    if isinstance(message, AppendEntries) and message.entries is not None:
        meaning.count = len(message.entries)
        meaning.terms = tuple([term for term, _ in message.entries])
        meaning.contents = tuple([content for _, content in message.entries])
    return meaning
