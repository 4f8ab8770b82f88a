"""The replicated state machine: keys with values, and the sessions of clients.

Commands are words: `set KEY VALUE`, `append KEY VALUE`, `get KEY`; any other command is kept
under itself. Applying is a pure function of the machine and the entry, so that every server
comes to the same content (section 2), sessions and their expiry included (thesis, section 6.3).
"""

from typing import Final

from attrs import frozen

from raft_core.entry import OpenSession, Payload, SessionCommand
from raft_core.evolve import evolve
from raft_core.log import Rows
from raft_core.types import Command, Index

EXPIRED: Final = "session expired"
"""The answer to a command whose session is not there any more."""


@frozen
class Session:
    """What is known of a client: the number of its last command, and what that was answered.

    Clients number their commands from 1; `number` is 0 until the first one.
    `used` is the index of the entry that used it last: the order in which sessions expire.
    """

    name: int
    number: int
    output: str
    used: Index


@frozen
class Machine:
    """The content: values ascending by key, sessions ascending by name."""

    values: tuple[tuple[str, str], ...] = ()
    sessions: tuple[Session, ...] = ()

    def value(self, key: str) -> str:
        """The value of a key; empty where it has none."""
        return next((value for known, value in self.values if known == key), "")

    def session(self, name: int) -> Session | None:
        """The session of this name, if it is open."""
        return next((session for session in self.sessions if session.name == name), None)


def applied(
    machine: Machine, index: Index, payload: Payload, max_sessions: int
) -> tuple[Machine, str | None]:
    """The machine after the entry at `index`, and its answer to the client, if there is one.

    `max_sessions` is how many may be open; 0 where clients have none.
    """
    match payload:
        case str():
            return executed(machine, payload)
        case SessionCommand() if max_sessions:
            return executed_once(machine, index, payload)
        case SessionCommand():
            return executed(machine, payload.command)
        case OpenSession():
            return opened(machine, index, max_sessions)
        case _:
            return machine, None


def executed(machine: Machine, command: Command) -> tuple[Machine, str]:
    """What a command does, and its answer."""
    match command.split(" "):
        case ["get", key]:
            return machine, machine.value(key)
        case ["set", key, value]:
            return with_value(machine, key, value), ""
        case ["append", key, value]:
            longer = machine.value(key) + value
            return with_value(machine, key, longer), longer
        case _:
            return with_value(machine, command, ""), ""


def with_value(machine: Machine, key: str, value: str) -> Machine:
    """The machine with another value for a key."""
    others = tuple(pair for pair in machine.values if pair[0] != key)
    return evolve(machine, values=tuple(sorted((*others, (key, value)))))


def executed_once(
    machine: Machine, index: Index, wanted: SessionCommand
) -> tuple[Machine, str | None]:
    """A command takes effect the first time; later it gets the same answer. Thesis, 6.3.

    A number below the session's last is a copy of a request that the client has given up:
    nobody waits for an answer.
    """
    session = machine.session(wanted.session)
    if session is None:
        return machine, EXPIRED
    if is_repeated(session, wanted.number):
        answer = session.output if wanted.number == session.number else None
        return with_session(machine, evolve(session, used=index)), answer
    machine, output = executed(machine, wanted.command)
    return with_session(machine, Session(session.name, wanted.number, output, index)), output


def is_repeated(session: Session, number: int) -> bool:
    """Whether the session has seen this command, or a later one."""
    return number <= session.number


def opened(machine: Machine, index: Index, max_sessions: int) -> tuple[Machine, str]:
    """A new session, named by its entry; where there are too many, the least used expires.

    Which one expires follows from the log, so all servers agree. Thesis, section 6.3.
    """
    machine = with_session(machine, Session(index, 0, "", index))
    if len(machine.sessions) > max_sessions:
        oldest = least_recently_used(machine.sessions)
        kept = tuple(session for session in machine.sessions if session != oldest)
        machine = evolve(machine, sessions=kept)
    return machine, str(index)


def least_recently_used(sessions: tuple[Session, ...]) -> Session:
    """The session whose last use is longest ago."""
    return min(sessions, key=lambda session: session.used)


def with_session(machine: Machine, session: Session) -> Machine:
    """The machine with this session new, or in place of the one of its name."""
    others = tuple(known for known in machine.sessions if known.name != session.name)
    ordered = sorted((*others, session), key=lambda known: known.name)
    return evolve(machine, sessions=tuple(ordered))


def rows_of(machine: Machine) -> Rows:
    """The content as the rows of a snapshot."""
    values = tuple(("value", key, value) for key, value in machine.values)
    return values + tuple(
        ("session", str(session.name), str(session.number), session.output, str(session.used))
        for session in machine.sessions
    )


def machine_of(rows: Rows) -> Machine:
    """The content that a snapshot's rows stand for."""
    values = tuple((row[1], row[2]) for row in rows if row[0] == "value")
    sessions = tuple(
        Session(int(row[1]), int(row[2]), row[3], int(row[4]))
        for row in rows
        if row[0] == "session"
    )
    return Machine(values, sessions)
