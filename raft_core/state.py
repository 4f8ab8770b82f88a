"""A server's state: Figure 2's first box, with what is persistent visible in the types.

May import: attrs, typing, raft_core.types, raft_core.log.
"""

from attrs import field, frozen

from raft_core.log import Log
from raft_core.types import SERVERS, Index, Role, Server, Term


@frozen(kw_only=True)
class Configuration:
    """What all servers of a cluster are set to, fixed for a run."""

    servers: int
    max_entries: int = 64
    """The most entries that one AppendEntries carries (section 5.3 leaves the number open)."""

    def members(self) -> tuple[Server, ...]:
        """All servers of the cluster, ascending."""
        return SERVERS[: self.servers]


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
    """The leader of the current term, where it is known: what a client is told (section 8)."""
    commit_index: Index = 0
    last_applied: Index = 0

    votes_granted: tuple[Server, ...] = ()
    """Candidates: who granted a vote in this term, ascending."""
    next_index: tuple[Index, ...] = ()
    """Leaders: by server, the next entry to send to it. Empty otherwise."""
    match_index: tuple[Index, ...] = ()
    """Leaders: by server, the highest entry known to be replicated on it. Empty otherwise."""

    @property
    def others(self) -> tuple[Server, ...]:
        """Every server but this one, ascending."""
        return tuple(other for other in self.configuration.members() if other != self.server)
