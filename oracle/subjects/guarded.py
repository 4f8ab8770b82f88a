"""The guard at the port: what a user's adapter raises or returns is checked where it arrives.

Every failure becomes a SubjectError that names the call, so that it is a finding with a
schedule. What the guard lets through is what the port promises, so that no caller can trip over
it. Views that could change later are copied, because a change would go unnoticed.
"""

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from attrs import frozen

from model.actions import OPTIONAL, OptionalAction
from model.subject import (
    FURTHEST,
    Answer,
    NetworkKind,
    Packet,
    Sent,
    ServerCrashedError,
    Setting,
    Subject,
    SubjectError,
    SubjectFactory,
    observes_with,
)
from oracle.terminal.wording import one_line, repr_in_one_line
from properties.rules.vocabulary import Meaning
from properties.view import MACHINE, UNOBSERVED, VOTE, ObservedView, View
from raft_core import (
    SERVERS,
    Command,
    Entry,
    Log,
    Machine,
    Membership,
    Payload,
    Role,
    Server,
    State,
    Vector,
)
from raft_core.vector import CHUNK


class SubjectHungError(SubjectError):
    """A call did not return in time."""

    cause = "hung"


class Meter:
    """Called before and after every call of the subject; raising before prevents the call."""

    def enter(self, name: str) -> None:
        """A call begins."""

    def leave(self) -> None:
        """The call has ended."""


class GuardedSubject:
    """A subject behind the guard."""

    def __init__(self, subject: Subject, servers: int, observes: frozenset[str]) -> None:
        self._subject = subject
        self._members = SERVERS[:servers]
        self._observes = observes
        self._logs: dict[Server, Log] = {}
        self.meter = Meter()
        self.offers = checked_offers(subject)

    def reset(self) -> Sent:
        """All servers anew."""
        return self._sent("reset")

    def view(self, server: Server) -> View:
        """A server's view: every field looked at, and copied where it could change later."""
        view = self._ask("view", server)
        try:
            return self._checked_view(server, view)
        except SubjectError:
            raise
        except BaseException as error:
            text = f"view() returned what cannot be read: {exception_in_one_line(error)}"
            raise SubjectError(text, "view", "returned") from None

    def election_timeout(self, server: Server) -> Sent:
        """As the subject."""
        return self._sent("election_timeout", server)

    def heartbeat_timeout(self, server: Server) -> Sent:
        """As the subject."""
        return self._sent("heartbeat_timeout", server)

    def client_request(self, server: Server, command: Command) -> Sent:
        """As the subject."""
        return self._sent("client_request", server, command)

    def receive(self, packet: Packet) -> Sent:
        """As the subject."""
        return self._sent("receive", packet)

    def perform(self, action: OptionalAction) -> Sent:
        """As the subject."""
        return self._sent("perform", action)

    def answers(self) -> tuple[Answer, ...]:
        """As the subject."""
        answers = self._ask("answers")
        fits = type(answers) is tuple and all(is_answer(each) for each in answers)
        if not fits:
            raise wrong_result(
                "answers", f"returned {repr_in_one_line(answers)}, expected a tuple of Answer"
            )
        return cast(tuple[Answer, ...], answers)

    def crash(self, server: Server) -> None:
        """As the subject."""
        self._ask("crash", server)

    def owed(self, server: Server) -> View | None:
        """A crashed server as others may count on it, of a subject that says so."""
        if not hasattr(self._subject, "owed"):
            return None
        view = self._ask("owed", server)
        return None if view is None else self._checked_view(server, view)

    def writes_under_way(self, server: Server) -> int:
        """How many writes are not complete, of a subject that offers CompleteWrite."""
        if not hasattr(self._subject, "writes_under_way"):
            return 0
        count: int = self._ask("writes_under_way", server)
        if not is_count(count):
            found = f"returned {repr_in_one_line(count)}, expected a whole number from 0 on"
            raise wrong_result("writes_under_way", found)
        return count

    def restart(self, server: Server) -> Sent:
        """As the subject."""
        return self._sent("restart", server)

    def disconnect(self, server: Server, peer: Server) -> Sent:
        """As the subject."""
        return self._sent("disconnect", server, peer)

    def connect(self, server: Server, peer: Server) -> Sent:
        """As the subject."""
        return self._sent("connect", server, peer)

    def describe(self, packet: Packet) -> str:
        """A packet in one line; its label where the subject has none."""
        try:
            text = self._ask("describe", packet)
        except SubjectError:
            text = None
        return one_line(text if isinstance(text, str) else repr_in_one_line(packet.label))

    def meaning(self, packet: Packet) -> Meaning | None:
        """What the packet says, of a subject that observes message meanings."""
        meaning = self._ask("meaning", packet)
        if not isinstance(meaning, Meaning | None):
            raise SubjectError(
                f"meaning() returned {repr_in_one_line(meaning)}, expected a Meaning or None"
            )
        return meaning

    def close(self) -> None:
        """As the subject."""
        self._ask("close")

    def _ask(self, name: str, *arguments: object) -> Any:
        """The one place where the subject is called."""
        self.meter.enter(name)
        try:
            return getattr(self._subject, name)(*arguments)
        except (KeyboardInterrupt, GeneratorExit, SubjectHungError):
            raise
        except ServerCrashedError as crash:
            self._check_sent(name, crash.sent)
            if crash.view is not None:
                crash.view = self._checked_view(server_of(arguments[0]), crash.view)
            raise
        except BaseException as error:
            raise SubjectError(f"{name}() raised {exception_in_one_line(error)}", name) from error
        finally:
            self.meter.leave()

    def _sent(self, name: str, *arguments: object) -> Sent:
        sent: Sent = self._ask(name, *arguments)
        self._check_sent(name, sent)
        return sent

    def _check_sent(self, name: str, sent: object) -> None:
        if type(sent) is not tuple:
            raise wrong_result(
                name, f"returned {repr_in_one_line(sent)}, expected a tuple of packets"
            )
        for packet in sent:
            self._check_packet(name, packet)

    def _check_packet(self, name: str, packet: object) -> None:
        if not isinstance(packet, Packet):
            raise wrong_result(name, f"sent {repr_in_one_line(packet)}, expected a Packet")
        for end, server in (("source", packet.source), ("destination", packet.destination)):
            if not self._is_member(server):
                found = f"sent a packet with {end} {repr_in_one_line(server)}"
                last = SERVERS[len(self._members) - 1]
                raise wrong_result(name, f"{found}, expected a Server from s1 to {last!r}")
        if packet.source == packet.destination:
            raise wrong_result(name, f"sent a packet from {packet.source} to itself")
        try:
            hash(packet.label)
        except Exception:
            text = f"sent a packet whose label {repr_in_one_line(packet.label)} cannot be hashed"
            raise wrong_result(name, text) from None

    def _is_member(self, server: object) -> bool:
        return isinstance(server, Server) and 0 <= server < len(self._members)

    def _checked_view(self, server: Server, view: Any) -> View:
        require("role", view.role, isinstance(view.role, Role), "a Role")
        for name in ("current_term", "commit_index", "last_applied"):
            value = getattr(view, name)
            require(name, value, is_count(value), "a whole number from 0 on")
        shows_votes = VOTE in self._observes
        voted_for = view.voted_for if shows_votes else UNOBSERVED
        fits = not shows_votes or voted_for is None or self._is_member(voted_for)
        require("voted_for", voted_for, fits, "a Server or None")
        is_near = view.current_term <= FURTHEST
        require("current_term", view.current_term, is_near, f"at most {FURTHEST:,}")
        for name in ("next_index", "match_index"):
            indexes = getattr(view, name)
            fits = type(indexes) is tuple and len(indexes) in (0, len(self._members))
            fits = fits and all(map(is_count, indexes))
            require(name, indexes, fits, "a tuple of one index for each server, or ()")
        self._check_log(server, view.log)
        if MACHINE in self._observes:
            digest = view.applied_digest
            require("applied_digest", digest, isinstance(digest, str | Machine), "a str")
        if isinstance(view, State | ObservedView) and shows_votes:
            return view
        return ObservedView(
            role=view.role,
            current_term=view.current_term,
            log=view.log,
            commit_index=view.commit_index,
            last_applied=view.last_applied,
            voted_for=voted_for,
            next_index=view.next_index,
            match_index=view.match_index,
            applied_digest=getattr(view, "applied_digest", None),
        )

    def _check_log(self, server: Server, log: Any) -> None:
        if log is self._logs.get(server):
            return
        require("log", log, isinstance(log, Log), "a raft_core.Log")
        index = log.snapshot_index
        fits = is_count(index) and index <= FURTHEST
        require("log.snapshot_index", index, fits, f"an index of at most {FURTHEST:,}")
        term = log.snapshot_term
        require("log.snapshot_term", term, term is None or is_count(term), "a term or None")
        check_entries(log.entries)
        check_memberships(log.memberships, len(self._members))
        rows = log.snapshot_rows
        require("log.snapshot_rows", rows, type(rows) is tuple, "a tuple of rows")
        self._logs[server] = log


def check_entries(entries: Any) -> None:
    """The entries of a log are a Vector of entries, each of a term and with a command."""
    fits = isinstance(entries, Vector) and type(entries.full) is type(entries.tail) is tuple
    require("log.entries", entries, fits, "a raft_core.Vector, which Log.of(entries) makes")
    fits = all(type(each) is tuple and len(each) == CHUNK for each in entries.full)
    require(
        "log.entries", entries, fits and len(entries.tail) < CHUNK, "what Log.of(entries) makes"
    )
    for entry in entries:
        fits = isinstance(entry, Entry) and is_count(entry.term)
        fits = fits and isinstance(entry.command, Payload)
        require("log", entry, fits, "entries with an int and a str")


def check_memberships(memberships: Any, servers: int) -> None:
    """The configurations of a log come in pairs with their indexes, one after the other."""
    expected = "a tuple of pairs (index, Membership) with ascending indexes"
    is_tuple = type(memberships) is tuple and all(map(is_pair, memberships))
    require("log.memberships", memberships, is_tuple, expected)
    indexes = [index for index, _ in memberships]
    require("log.memberships", memberships, indexes == sorted(set(indexes)), expected)
    for _, each in memberships:
        for name in ("voters", "learners", "new_voters"):
            members = getattr(each, name)
            fits = type(members) is tuple and all(
                isinstance(member, Server) and 0 <= member < servers for member in members
            )
            last = SERVERS[servers - 1]
            require(f"log.memberships.{name}", members, fits, f"a tuple of s1 to {last!r}")


def is_pair(value: object) -> bool:
    """Whether this is an index with a configuration."""
    is_one = type(value) is tuple and len(value) == 2
    return is_one and is_count(value[0]) and isinstance(value[1], Membership)  # type: ignore[index]  # a pair


def server_of(argument: Any) -> Server:
    """The server that a call is about, by its first argument: a server, a packet or an action."""
    if isinstance(argument, Packet):
        return argument.destination
    server: Server = argument if isinstance(argument, Server) else argument.server
    return server


def checked_offers(subject: Subject) -> frozenset[str]:
    """The optional actions that a subject offers: those that it names.

    A subject that answers to every name with a method of its own mentions none.
    """
    offers: object = getattr(subject, "offers", frozenset())
    if callable(offers):
        return frozenset()
    if not isinstance(offers, frozenset) or not offers <= OPTIONAL:
        expected = ", ".join(sorted(OPTIONAL))
        raise SubjectError(
            f"offers: found {repr_in_one_line(offers)}, expected a frozenset of {expected}"
        )
    return offers


def is_answer(value: object) -> bool:
    """Whether this is an answer that a client may get."""
    if not isinstance(value, Answer) or not isinstance(value.output, str | None):
        return False
    return type(value.client) is int and type(value.number) is int


def require(name: str, value: object, fits: bool, expected: str) -> None:
    """A field of a view is what the port says."""
    if not fits:
        raise wrong_result(
            "view", f"returned {name} {repr_in_one_line(value)}, expected {expected}"
        )


def wrong_result(call: str, text: str) -> SubjectError:
    """The failure of a call whose result no call may have; `text` describes the result."""
    return SubjectError(f"{call}() {text}", call, "returned")


def is_count(value: object) -> bool:
    """Whether this is a whole number from 0 on."""
    return type(value) is int and value >= 0


def guarded(subject: Subject, servers: int, observes: frozenset[str]) -> GuardedSubject:
    """A subject behind the guard; one that is guarded already stays as it is."""
    if isinstance(subject, GuardedSubject):
        return subject
    return GuardedSubject(subject, servers, observes)


@frozen
class GuardedFactory:
    """A user's factory: its fields read once and checked, its clusters guarded."""

    factory: SubjectFactory
    name: str
    summary: str
    network: NetworkKind
    observes: frozenset[str]
    settings: tuple[Setting, ...]

    def observes_with(self, settings: Mapping[str, str]) -> frozenset[str]:
        """What the user's factory says of these settings, if it says anything."""
        return observes_with(self.factory, settings)

    def version(self, settings: Mapping[str, str]) -> str:
        """What the user's factory says, in one line."""
        version = self.factory.version(settings)
        if not isinstance(version, str):
            raise TypeError(f"version() returned {repr_in_one_line(version)}, expected a str")
        return one_line(version)

    def create(self, servers: int, settings: Mapping[str, str]) -> GuardedSubject:
        """A guarded cluster."""
        subject = self.factory.create(servers, settings)
        return GuardedSubject(subject, servers, self.observes_with(settings))


MEMBERS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "name": (lambda value: isinstance(value, str), "a str"),
    "summary": (lambda value: isinstance(value, str), "a str"),
    "network": (lambda value: value in ("any", "fifo"), "'any' or 'fifo'"),
    "observes": (lambda value: isinstance(value, frozenset), "a frozenset"),
    "settings": (
        lambda value: isinstance(value, tuple) and all(isinstance(each, Setting) for each in value),
        "a tuple of Setting",
    ),
    "version": (callable, "a method"),
    "create": (callable, "a method"),
}


def guarded_factory(factory: object) -> GuardedFactory:
    """A user's factory behind the guard; ValueError says what it lacks."""
    if isinstance(factory, type):
        raise ValueError(f"found the class {factory.__name__}, expected an instance of it")
    found: dict[str, Any] = {}
    for name, (fits, expected) in MEMBERS.items():
        if not hasattr(factory, name):
            raise ValueError(f"lacks {name} of a SubjectFactory, expected {expected}")
        value = getattr(factory, name)
        if not fits(value):
            raise ValueError(f"{name}: found {repr_in_one_line(value)}, expected {expected}")
        if name not in ("version", "create"):
            found[name] = value
    return GuardedFactory(factory=cast(SubjectFactory, factory), **found)


def exception_in_one_line(error: BaseException) -> str:
    """An exception in one line, the same in every process, with the place where it was raised."""
    name = type(error).__name__
    if isinstance(error, RecursionError):
        return name  # how deep it got, and where, differs from caller to caller
    try:
        text = str(error)
    except BaseException:
        text = "(its text cannot be had)"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename) != Path(__file__)]
    place = f" ({Path(own[-1].filename).name}:{own[-1].lineno})" if own else ""
    return one_line(f"{name}: {text}" if text else name) + place
