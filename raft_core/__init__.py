"""Raft as one pure function: `step(state, event) -> (state, messages)`.

Read raft_core.server first.
"""

from raft_core.log import Log
from raft_core.messages import (
    AppendEntries,
    AppendEntriesResponse,
    ClientMessage,
    ClientRequest,
    ClientResponse,
    Conflict,
    ElectionTimeout,
    Event,
    HeartbeatTimeout,
    Message,
    NotLeader,
    RequestVote,
    RequestVoteResponse,
)
from raft_core.replication import TwoLeadersError
from raft_core.server import persistent_state, restart, step
from raft_core.state import Configuration, PersistentState, State
from raft_core.types import (
    MAX_SERVERS,
    SERVERS,
    Command,
    Entry,
    Index,
    Role,
    Server,
    Term,
    s1,
    s2,
    s3,
    s4,
    s5,
    s6,
    s7,
    s8,
    s9,
)
from raft_core.vector import Vector

__all__ = [
    "MAX_SERVERS",
    "SERVERS",
    "AppendEntries",
    "AppendEntriesResponse",
    "ClientMessage",
    "ClientRequest",
    "ClientResponse",
    "Command",
    "Configuration",
    "Conflict",
    "ElectionTimeout",
    "Entry",
    "Event",
    "HeartbeatTimeout",
    "Index",
    "Log",
    "Message",
    "NotLeader",
    "PersistentState",
    "RequestVote",
    "RequestVoteResponse",
    "Role",
    "Server",
    "State",
    "Term",
    "TwoLeadersError",
    "Vector",
    "persistent_state",
    "restart",
    "s1",
    "s2",
    "s3",
    "s4",
    "s5",
    "s6",
    "s7",
    "s8",
    "s9",
    "step",
]
