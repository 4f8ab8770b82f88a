"""The protocol's small words: servers, terms, indexes, commands, roles."""

from enum import Enum
from typing import TypeAlias


class Server(int):
    """One server of the cluster: its position in every tuple that is indexed by server.

    It prints as the constant that it is (`s1` is `Server(0)`), so that anything holding
    servers prints as Python that evaluates back to itself.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"s{int(self) + 1}"

    def __str__(self) -> str:
        return f"S{int(self) + 1}"


Term: TypeAlias = int
Index: TypeAlias = int
Command: TypeAlias = str

MAX_SERVERS = 9
SERVERS = tuple(Server(position) for position in range(MAX_SERVERS))
s1, s2, s3, s4, s5, s6, s7, s8, s9 = SERVERS


class Role(Enum):
    """What a server is at the moment (section 5.1, Figure 4)."""

    FOLLOWER = "follower"
    PRE_CANDIDATE = "pre-candidate"
    """Asks whether it could win an election before it starts one (thesis, section 9.6)."""
    CANDIDATE = "candidate"
    LEADER = "leader"

    __hash__ = object.__hash__  # identity: Enum hashes the name, in Python, on every look-up
