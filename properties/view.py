"""What can be seen of one server, of any implementation.

`raft_core.State` is a `View` as it stands; an adapter of another implementation fills an
`ObservedView`. What an implementation does not show is UNOBSERVED, and the properties that
need it report "not checked" instead of holding by default.
"""

from collections.abc import Hashable
from enum import Enum
from typing import Final, Literal, Protocol, TypeAlias

from attrs import frozen

from raft_core import Index, Log, Role, Server, Term


class Unobserved(Enum):
    """In the place of what an implementation does not show."""

    UNOBSERVED = "not observed"


UNOBSERVED: Final = Unobserved.UNOBSERVED
Vote: TypeAlias = Server | Literal[Unobserved.UNOBSERVED] | None
"""The vote of a server in its term: for a server, for nobody (None), or not known."""


class View(Protocol):
    """One server as the properties see it (Figure 2, State)."""

    @property
    def role(self) -> Role: ...
    @property
    def current_term(self) -> Term: ...
    @property
    def voted_for(self) -> Vote: ...
    @property
    def log(self) -> Log: ...
    @property
    def commit_index(self) -> Index: ...
    @property
    def last_applied(self) -> Index: ...
    @property
    def next_index(self) -> tuple[Index, ...]: ...
    @property
    def match_index(self) -> tuple[Index, ...]: ...


@frozen(kw_only=True)
class ObservedView:
    """A view of a server of another implementation.

    `next_index` and `match_index` are indexed by server while it leads, and empty otherwise.
    `applied_digest` names the state machine's content after `last_applied` entries.
    """

    role: Role
    current_term: Term
    log: Log
    commit_index: Index
    last_applied: Index
    voted_for: Vote = None
    next_index: tuple[Index, ...] = ()
    match_index: tuple[Index, ...] = ()
    applied_digest: Hashable = None


ROLE: Final = "role"
VOTE: Final = "voted_for"
LOG: Final = "log"
COMMIT: Final = "commit_index"
APPLIED: Final = "last_applied"
REPLICATION: Final = "next_index and match_index"
MACHINE: Final = "applied_digest"
SNAPSHOT: Final = "snapshots"

MEMBERSHIP: Final = "memberships"
CLIENTS: Final = "client histories"
MEANINGS: Final = "message meanings"

REFERENCE_OBSERVES: Final = frozenset({ROLE, VOTE, LOG, COMMIT, APPLIED, REPLICATION})
KNOWN_OBSERVATIONS: Final = REFERENCE_OBSERVES | {MACHINE, SNAPSHOT, MEMBERSHIP, CLIENTS, MEANINGS}
