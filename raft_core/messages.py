"""Events that a server may meet, and messages that it sends: Figure 2's RPCs, one class each.

Receiving a message is an event, so every message of one server to another is one.
An RPC's caller (`candidateId`, `leaderId` in Figure 2) is its `source`.

May import: attrs, typing, raft_core.types.
"""

from typing import TypeAlias

from attrs import frozen

from raft_core.types import Command, Entry, Index, Server, Term


@frozen
class RequestVote:
    """A candidate asks for a vote. Figure 2, RequestVote RPC; section 5.2."""

    source: Server
    destination: Server
    term: Term
    last_log_index: Index
    last_log_term: Term


@frozen
class RequestVoteResponse:
    """The answer to a RequestVote. Figure 2, RequestVote RPC, results."""

    source: Server
    destination: Server
    term: Term
    vote_granted: bool


@frozen
class AppendEntries:
    """A leader replicates entries; without entries a heartbeat. Figure 2, AppendEntries RPC."""

    source: Server
    destination: Server
    term: Term
    prev_log_index: Index
    prev_log_term: Term
    entries: tuple[Entry, ...]
    leader_commit: Index


@frozen
class Conflict:
    """Why a previous entry did not match: the hint of section 5.3's end.

    `term` is that of the conflicting entry, and `first_index` the first index that the
    follower stores for it; where its log is too short, None and the index after its last.
    """

    term: Term | None
    first_index: Index


@frozen
class AppendEntriesResponse:
    """The answer to an AppendEntries. Figure 2, AppendEntries RPC, results.

    `match_index` says up to where the follower now agrees, so that a late answer is credited
    with what was acknowledged and not with what the leader's log holds when it arrives.
    """

    source: Server
    destination: Server
    term: Term
    success: bool
    match_index: Index = 0
    conflict: Conflict | None = None


@frozen
class ClientResponse:
    """A leader has applied a client's command. Figure 2, Rules for Servers, Leaders."""

    source: Server
    command: Command
    index: Index


@frozen
class NotLeader:
    """A server that does not lead sends the client to the leader that it knows. Section 8."""

    source: Server
    command: Command
    leader: Server | None


@frozen
class ElectionTimeout:
    """No leader was heard of, and no vote granted, for an election timeout. Section 5.2."""


@frozen
class HeartbeatTimeout:
    """It is time for a leader to send heartbeats. Section 5.2."""


@frozen
class ClientRequest:
    """A client asks this server to execute a command. Section 5.3."""

    command: Command


Message: TypeAlias = RequestVote | RequestVoteResponse | AppendEntries | AppendEntriesResponse
ClientMessage: TypeAlias = ClientResponse | NotLeader
Event: TypeAlias = ElectionTimeout | HeartbeatTimeout | ClientRequest | Message
