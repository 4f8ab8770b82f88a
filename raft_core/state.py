"""A server's state: Figure 2's first box, with what is persistent visible in the types."""

from collections.abc import Hashable
from typing import Final

from attrs import field, frozen

from raft_core.extensions import NO_EXTENSIONS, Extensions
from raft_core.log import Log
from raft_core.membership import Membership
from raft_core.types import SERVERS, Index, Role, Server, Term

FEATURES: Final = (
    "snapshots",
    "joint_consensus",
    "single_server_changes",
    "pre_vote",
    "check_quorum",
    "leader_stickiness",
    "leadership_transfer",
    "no_op",
    "reads",
    "leases",
    "state_machine",
    "sessions",
)
"""What a configuration can turn on beyond Figure 2; `async_writes` asks something of the caller."""


@frozen(kw_only=True)
class Configuration:
    """What all servers of a cluster are set to, fixed for a run.

    Every feature beyond Figure 2 is a field that is off; a file of its own says what it does.
    """

    servers: int
    """All servers that there are. They are the cluster's members, until its log says otherwise."""
    max_entries: int = 64
    """The most entries that one AppendEntries carries (section 5.3 leaves the number open)."""

    snapshots: bool = False
    """Logs are compacted; followers that lag get a snapshot (section 7)."""
    snapshot_rows: int = 2
    """The most rows of the state machine that one InstallSnapshot carries."""
    joint_consensus: bool = False
    """Any configuration may follow any other, by way of C_old,new (section 6)."""
    single_server_changes: bool = False
    """One voter may join or leave at a time, without C_old,new (thesis, section 4.1)."""
    pre_vote: bool = False
    """A server asks whether it would win before it stands (thesis, section 9.6)."""
    check_quorum: bool = False
    """A leader that does not hear from a quorum steps down (thesis, section 6.2)."""
    leader_stickiness: bool = False
    """A server that just heard from a leader does not vote (section 6; thesis, section 4.2.3)."""
    leadership_transfer: bool = False
    """A leader hands over on request (thesis, section 3.10)."""
    no_op: bool = False
    """A leader begins its term with an entry of its own (section 8)."""
    reads: bool = False
    """Reads bypass the log, with a round of messages to be sure (thesis, section 6.4)."""
    leases: bool = False
    """Reads bypass that round too while a lease lasts (thesis, section 6.4.1)."""
    state_machine: bool = False
    """Commands are executed and answered, as they are with any other feature on."""
    sessions: bool = False
    """Commands that come twice take effect once (thesis, section 6.3)."""
    max_sessions: int = 3
    """How many sessions may be open before the least recently used one expires."""
    election_timeout: int = 10
    """The minimum election timeout, in ticks of a server's own clock."""
    clock_drift: int = 20
    """By how many percent one server's clock may run faster than another's (section 6.4.1)."""
    async_writes: bool = False
    """Writes complete later; a leader counts its own when it is told (thesis, section 10.2.1)."""

    initial: Membership = field(init=False, repr=False)
    """The configuration of a server whose log knows none."""
    is_extended: bool = field(init=False, repr=False)
    """Whether any feature is on."""

    @initial.default
    def _first_configuration(self) -> Membership:
        return Membership(SERVERS[: self.servers])

    @is_extended.default
    def _any_feature(self) -> bool:
        return self.async_writes or any(getattr(self, name) for name in FEATURES)

    def members(self) -> tuple[Server, ...]:
        """All servers that there are, ascending."""
        return SERVERS[: self.servers]

    @property
    def session_limit(self) -> int:
        """How many sessions may be open; 0 where clients have none."""
        return self.max_sessions if self.sessions else 0


@frozen(kw_only=True)
class PersistentState:
    """What survives a crash (Figure 2, State, "Persistent state on all servers")."""

    current_term: Term = 0
    voted_for: Server | None = None
    log: Log = field(default=Log())


@frozen(kw_only=True)
class State(PersistentState):
    """One server: the persistent state, and what a crash takes away.

    Figure 2, State, "Volatile state on all servers" and "on leaders".
    """

    server: Server
    configuration: Configuration

    role: Role = Role.FOLLOWER
    leader: Server | None = None
    """The leader of the current term, if it is known: clients are sent to it (section 8)."""
    commit_index: Index = 0
    last_applied: Index = 0

    votes_granted: tuple[Server, ...] = ()
    """Candidates: who granted a vote in this term, ascending."""
    next_index: tuple[Index, ...] = ()
    """Leaders: by server, the next entry to send to it. Empty otherwise."""
    match_index: tuple[Index, ...] = ()
    """Leaders: by server, the highest entry known to be replicated on it. Empty otherwise."""
    extensions: Extensions = NO_EXTENSIONS
    """What the features beyond Figure 2 keep."""

    @property
    def membership(self) -> Membership:
        """The configuration in force: the latest in the log, committed or not. Section 6."""
        return self.log.membership or self.configuration.initial

    @property
    def others(self) -> tuple[Server, ...]:
        """Every other server that gets entries, ascending."""
        server = self.server
        return tuple([other for other in self.membership.servers if other != server])

    @property
    def other_voters(self) -> tuple[Server, ...]:
        """Every other server whose vote counts, ascending."""
        server = self.server
        return tuple([other for other in self.membership.all_voters if other != server])

    @property
    def applied_digest(self) -> Hashable:
        """The state machine's content, for comparison; None where no feature keeps one."""
        return self.extensions.machine if self.configuration.is_extended else None
