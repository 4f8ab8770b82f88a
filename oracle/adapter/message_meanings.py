"""What a message of an adapter means, in the words of the figures: the vocabulary of traces.

Every field may be left out, and is then unknown. The subject never reads a meaning back.
"""

from typing import Annotated, TypeAlias

import msgspec

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
    """What messages about votes may say besides: what their sender knows to be committed."""

    commit_index: Count | None = None
    commit_term: Count | None = None
    """The term of the entry there."""


class RequestVote(Vote, frozen=True, tag="request_vote"):
    """Figure 2, RequestVote RPC."""

    last_log_index: Count | None = None
    last_log_term: Count | None = None


class RequestVoteResponse(Vote, frozen=True, tag="request_vote_response"):
    """The result of RequestVote."""

    vote_granted: bool | None = None


class PreVote(Vote, frozen=True, tag="pre_vote"):
    """Thesis, section 9.6: would I win?"""

    last_log_index: Count | None = None
    last_log_term: Count | None = None


class PreVoteResponse(Vote, frozen=True, tag="pre_vote_response"):
    """The result of PreVote."""

    vote_granted: bool | None = None


class AppendEntries(Message, frozen=True, tag="append_entries"):
    """Figure 2, AppendEntries RPC."""

    prev_log_index: Count | None = None
    prev_log_term: Count | None = None
    entries: tuple[EntryPair, ...] | None = None
    leader_commit: Count | None = None


class AppendEntriesResponse(Message, frozen=True, tag="append_entries_response"):
    """The result of AppendEntries."""

    success: bool | None = None
    match_index: Count | None = None


class Heartbeat(Message, frozen=True, tag="heartbeat"):
    """A heartbeat, where an implementation has a message of its own for it."""

    leader_commit: Count | None = None


class HeartbeatResponse(Message, frozen=True, tag="heartbeat_response"):
    """The answer to one."""


class InstallSnapshot(Message, frozen=True, tag="install_snapshot"):
    """Figure 13, InstallSnapshot RPC."""

    last_included_index: Count | None = None
    last_included_term: Count | None = None


class InstallSnapshotResponse(Message, frozen=True, tag="install_snapshot_response"):
    """The result of InstallSnapshot."""

    success: bool | None = None
    match_index: Count | None = None


class TimeoutNow(Message, frozen=True, tag="timeout_now"):
    """Thesis, section 3.10: stand for election at once; if the log ends so, where that is told."""

    last_log_index: Count | None = None
    last_log_term: Count | None = None


class Other(Message, frozen=True, tag="other"):
    """Any other message."""


Meaning: TypeAlias = (
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
