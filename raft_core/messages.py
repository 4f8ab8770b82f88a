"""Events that a server may meet, and messages that it sends: Figure 2's RPCs, one class each.

Receiving a message is an event, so every message of one server to another is one.
An RPC's caller (`candidateId`, `leaderId` in Figure 2) is its `source`.
"""

from typing import TypeAlias

from attrs import frozen

from raft_core.entry import Entry
from raft_core.log import Rows
from raft_core.membership import Membership
from raft_core.types import Command, Index, Server, Term


@frozen
class RequestVote:
    """A candidate asks for a vote. Figure 2, RequestVote RPC; section 5.2."""

    source: Server
    destination: Server
    term: Term
    last_log_index: Index
    last_log_term: Term
    by_transfer: bool = False
    """Whether the leader itself asked for this election (thesis, sections 3.10 and 4.2.3)."""


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
class InstallSnapshot:
    """A leader sends a part of its snapshot to a follower that lags. Figure 13; section 7.

    `offset` counts rows. The configuration is part of what is included (section 7).
    """

    source: Server
    destination: Server
    term: Term
    last_included_index: Index
    last_included_term: Term
    membership: Membership | None
    offset: int
    rows: Rows
    done: bool


@frozen
class InstallSnapshotResponse:
    """The answer to an InstallSnapshot: from which row to go on, or that it is in place.

    Figure 13 answers with the term alone; the other fields identify late answers.
    """

    source: Server
    destination: Server
    term: Term
    last_included_index: Index
    next_offset: int
    installed: bool


@frozen
class PreVote:
    """A server asks whether it would be elected in the term after this one. Thesis, section 9.6."""

    source: Server
    destination: Server
    term: Term
    last_log_index: Index
    last_log_term: Term


@frozen
class PreVoteResponse:
    """The answer to a PreVote; it binds nobody. Thesis, section 9.6."""

    source: Server
    destination: Server
    term: Term
    vote_granted: bool


@frozen
class TimeoutNow:
    """A leader asks the server that it transfers leadership to, to stand. Thesis, section 3.10."""

    source: Server
    destination: Server
    term: Term


@frozen
class ConfirmLeadership:
    """A leader makes sure that it still leads, in one numbered round. Thesis, section 6.4.

    The thesis uses heartbeats for this; a message of its own leaves AppendEntries as it is.
    """

    source: Server
    destination: Server
    term: Term
    round: int


@frozen
class ConfirmLeadershipResponse:
    """The answer to a ConfirmLeadership; round 0 confirms none. Thesis, section 6.4."""

    source: Server
    destination: Server
    term: Term
    round: int


@frozen
class ClientResponse:
    """A leader has applied a client's command. Figure 2, Rules for Servers, Leaders.

    `session` and `number` name the request, where the client gave them; `output` is what the
    state machine said, None where there is none.
    """

    source: Server
    command: Command
    index: Index
    session: int = 0
    number: int = 0
    output: str | None = None


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
    """A client asks this server to execute a command. Section 5.3.

    With sessions or reads, `session` and `number` name the request (thesis, section 6.3).
    """

    command: Command
    session: int = 0
    number: int = 0


@frozen
class Compact:
    """Take a snapshot of what is applied up to `index`, and discard the log before. Section 7."""

    index: Index


@frozen
class ChangeMembership:
    """An administrator asks the leader for another configuration. Section 6; thesis, chapter 4."""

    voters: tuple[Server, ...]
    learners: tuple[Server, ...] = ()


@frozen
class TransferLeadership:
    """An administrator asks the leader to hand over to `target`. Thesis, section 3.10."""

    target: Server


@frozen
class Tick:
    """This server's own clock moves on by so many ticks; clocks differ in speed."""

    ticks: int


@frozen
class WriteCompleted:
    """The log is durable up to `index`, as it was in `term`. Thesis, section 10.2.1."""

    term: Term
    index: Index


Message: TypeAlias = RequestVote | RequestVoteResponse | AppendEntries | AppendEntriesResponse
ClientMessage: TypeAlias = ClientResponse | NotLeader
Event: TypeAlias = ElectionTimeout | HeartbeatTimeout | ClientRequest | Message
"""What Figure 2 knows."""

ExtendedMessage: TypeAlias = (
    Message
    | InstallSnapshot
    | InstallSnapshotResponse
    | PreVote
    | PreVoteResponse
    | TimeoutNow
    | ConfirmLeadership
    | ConfirmLeadershipResponse
)
LocalEvent: TypeAlias = (
    ElectionTimeout
    | HeartbeatTimeout
    | ClientRequest
    | Compact
    | ChangeMembership
    | TransferLeadership
    | Tick
    | WriteCompleted
)
"""What happens at a server without a message from another one."""
ExtendedEvent: TypeAlias = LocalEvent | ExtendedMessage
"""What a server may meet with every feature on."""
AnyMessage: TypeAlias = ExtendedMessage | ClientMessage
Sent: TypeAlias = tuple[AnyMessage, ...]
