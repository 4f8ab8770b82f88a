"""Log entries, and what they may carry in place of a command."""

from typing import TypeAlias

from attrs import frozen

from raft_core.membership import Membership
from raft_core.types import Command, Term


@frozen
class NoOp:
    """What a new leader appends so that it can commit at once. Section 8; thesis, section 6.4."""

    def __str__(self) -> str:
        return "no-op"


@frozen
class OpenSession:
    """A client asks for a session; the entry's index becomes its name. Thesis, section 6.3.

    `client` is what the client calls itself, for the answer only.
    """

    client: int

    def __str__(self) -> str:
        return f"session for client {self.client}"


@frozen
class SessionCommand:
    """A command with the session that it belongs to, and its number there. Thesis, section 6.3."""

    session: int
    number: int
    command: Command

    def __str__(self) -> str:
        return f"session {self.session} #{self.number} {self.command}"


Payload: TypeAlias = Command | Membership | NoOp | OpenSession | SessionCommand


@frozen
class Entry:
    """One log entry: a command for the state machine and the term of the leader that received it.

    Figure 2, State, `log[]`. Features beyond Figure 2 put other things in a command's place.
    """

    term: Term
    command: Payload
