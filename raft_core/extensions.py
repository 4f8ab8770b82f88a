"""What the features beyond Figure 2 keep at a server, all of it lost in a crash.

One value apart from Figure 2's State: a server without features carries it around unchanged.
"""

from typing import Final

from attrs import field, frozen

from raft_core.log import Rows
from raft_core.machine import Machine
from raft_core.types import Command, Index, Server, Term


@frozen
class Incoming:
    """The part of a snapshot that has arrived: from which leader's term, up to which entry."""

    term: Term
    last_included_index: Index
    rows: Rows


@frozen
class PendingRead:
    """A read that waits at a leader. Thesis, section 6.4.

    `read_index` and `round` are 0 until the leader has committed an entry of its own term;
    then the read waits until a quorum has answered that round.
    """

    command: Command
    session: int
    number: int
    read_index: Index = 0
    round: int = 0


@frozen(kw_only=True)
class Extensions:
    """One field or a few for each feature; see the file of that feature."""

    machine: Machine = field(default=Machine())
    """The state machine as of `last_applied`."""

    incoming: Incoming | None = None
    """Followers: the snapshot that is arriving."""
    snapshot_offsets: tuple[int, ...] = ()
    """Leaders: by server, the row of the snapshot to send next. Empty is 0 for all."""

    pre_votes: tuple[Server, ...] = ()
    """Pre-candidates: who would vote for this server, ascending."""

    clock: int = 0
    """What this server's own clock reads, in ticks."""
    quiet_until: int = 0
    """Until then by this clock, this server does not vote: it has heard from a leader."""
    heard_from: tuple[Server, ...] = ()
    """Leaders: who answered since the quorum was last checked, ascending."""

    transfer_target: Server | None = None
    """Leaders: who is to take over."""
    transfer_asked: bool = False
    """Leaders: whether that server was asked to stand."""
    transfer_term: Term = 0
    """The last term in which this leader asked another server to stand: no lease in it."""

    reads: tuple[PendingRead, ...] = ()
    """Leaders: reads that wait, oldest first."""
    round: int = 0
    """The latest round in which this server confirmed its leadership."""
    confirmed: tuple[int, ...] = ()
    """Leaders: by server, the latest round that it answered."""
    rounds_sent: tuple[tuple[int, int], ...] = ()
    """Leaders with leases: rounds that no quorum has answered yet, each with its clock then."""
    lease_until: int = 0
    """Leaders: until then by this clock, nobody else can have been elected."""


NO_EXTENSIONS: Final = Extensions()
