"""The port: what an implementation must offer to be driven, observed and judged.

Everything above it (network, schedules, walker, rule machines, shrinker, traces) knows only
this file. An adapter is a `Subject`, and a `SubjectFactory` makes one.

The calls are synchronous: each does its work completely, and returns what the server sent
meanwhile. A Subject has no network and no clock of its own. It must be deterministic: the
same calls in the same order give the same messages and the same views.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Final, Literal, Protocol, TypeAlias, cast

from attrs import frozen

from model.actions import OptionalAction
from properties.property import Cause
from properties.rules.vocabulary import Meaning
from properties.view import View
from raft_core import Command, Server

NetworkKind: TypeAlias = Literal["any", "fifo"]

FURTHEST: Final = 1_000_000
"""The highest term and the longest compacted log that a view may show.

No run has as many steps, and histories of properties are as long as these numbers are high.
"""


@frozen
class Packet:
    """A message in flight. The model holds, loses, repeats and delivers it, but cannot read it.

    `label` describes it in one short line and names it when a schedule is replayed: two packets
    on one link with equal labels count as the same message. `content` is the subject's own.
    """

    source: Server
    destination: Server
    label: Hashable
    content: object


Sent: TypeAlias = tuple[Packet, ...]


class SubjectError(Exception):
    """An implementation failed in a way that Raft does not know: it raised, hung or died.

    `cause` says in which of these ways, and `call` names the call of the port that failed. `told`,
    if not empty, is what to say of it to somebody who knows nothing of the port.
    """

    cause: Cause = "raised"
    told: str = ""

    def __init__(self, text: str, call: str = "", cause: Cause | None = None) -> None:
        super().__init__(text)
        self.call = call
        if cause is not None:
            self.cause = cause


class ServerCrashedError(Exception):
    """Not a failure: the server crashed inside this call, where `CrashInside` or `FailWrite` said.

    `sent` are the messages that left before the crash. `view`, if given, has the log that the
    disk holds now: without it, an entry that was written and acknowledged inside the step would
    never be seen. `reached`, if the subject knows it, is how far the step had come: term, vote
    and log as the disk holds them, and the other fields as the sent messages imply them; only
    traces show it. Timeouts, requests, messages and actions at one server may end in this way;
    from any other call it is a failure.
    """

    def __init__(
        self, sent: Sent = (), view: View | None = None, reached: View | None = None
    ) -> None:
        super().__init__("the server crashed inside a step")
        self.sent = sent
        self.view = view
        self.reached = reached


@frozen
class Answer:
    """What a client got for its operation; `output` None where it cannot know what became of it."""

    client: int
    number: int
    output: str | None


class Subject(Protocol):
    """A cluster of servers under test, all in one object.

    Any exception that a server raises is a finding; the caller catches it, so adapters need not.
    """

    def reset(self) -> Sent:
        """Forget everything, disks included, and start all servers anew.

        Every pair of servers is connected after a reset.
        """
        ...

    def view(self, server: Server) -> View:
        """What can be seen of a running server at this moment."""
        ...

    def election_timeout(self, server: Server) -> Sent:
        """Let the server's election timer run out."""
        ...

    def heartbeat_timeout(self, server: Server) -> Sent:
        """Let one heartbeat interval go by at this server."""
        ...

    def client_request(self, server: Server, command: Command) -> Sent:
        """Hand a command to this server as a client would."""
        ...

    def receive(self, packet: Packet) -> Sent:
        """Deliver a packet to its destination, which is running."""
        ...

    def crash(self, server: Server) -> None:
        """Stop the server at once; it keeps what is on its disk."""
        ...

    def restart(self, server: Server) -> Sent:
        """Start a crashed server from its disk."""
        ...

    def disconnect(self, server: Server, peer: Server) -> Sent:
        """Inform a running server that its connection with a peer is gone (fifo networks only)."""
        ...

    def connect(self, server: Server, peer: Server) -> Sent:
        """Inform a running server that it is connected with a peer again (fifo networks only)."""
        ...

    def describe(self, packet: Packet) -> str:
        """The packet in one short line, for a trace."""
        ...

    def close(self) -> None:
        """Give back files and memory; nothing is called afterwards."""
        ...


class SubjectWithFeatures(Subject, Protocol):
    """A subject that also understands some of the optional actions."""

    @property
    def offers(self) -> frozenset[str]:
        """The names of the optional actions of model.actions that `perform` understands."""
        ...

    def perform(self, action: OptionalAction) -> Sent:
        """Do one of the actions that this subject offers, at running servers."""
        ...

    def answers(self) -> tuple[Answer, ...]:
        """What clients were answered since the last call (with `Invoke` only)."""
        ...


class SubjectWithMeanings(Subject, Protocol):
    """A subject that can say what its messages mean; its views observe MEANINGS."""

    def meaning(self, packet: Packet) -> Meaning | None:
        """What a packet says, as far as it is known; None where nothing is."""
        ...


class SubjectElsewhere(Subject, Protocol):
    """A subject that waits in its calls for another process."""

    meanwhile: Callable[[], None] | None
    """What it does in each call before it waits; what that raises, the call raises."""


def elsewhere(subject: Subject) -> SubjectElsewhere | None:
    """The subject, if something can be done while it waits."""
    return cast(SubjectElsewhere, subject) if hasattr(subject, "meanwhile") else None


def offers_of(subject: Subject) -> frozenset[str]:
    """The names of the optional actions that a subject understands; most know none."""
    offers: frozenset[str] = getattr(subject, "offers", frozenset())
    return offers


def without_of(subject: Subject) -> frozenset[str]:
    """The names of actions that do nothing in this cluster, as known after its reset.

    A lab whose author has not come to persistence yet is not crashed, for example.
    """
    without: frozenset[str] = getattr(subject, "without", frozenset())
    return without


def overlapping_of(subject: Subject) -> bool:
    """Whether more was done in the last step than to handle what was handed in.

    A server with threads may still be busy with an earlier message, or not be done with this one.
    """
    overlapping: bool = getattr(subject, "overlapping", False)
    return overlapping


def owed_by(subject: Subject, server: Server) -> View | None:
    """A server that has just crashed as others may count on it, where that is less than it showed.

    A term or a vote that it told nobody of may be forgotten. None where it owes all of it.
    """
    owed: Callable[[Server], View | None] | None = getattr(subject, "owed", None)
    return None if owed is None else owed(server)


def writes_under_way(subject: Subject, server: Server) -> int:
    """How many writes of a running server are not complete, where it offers CompleteWrite."""
    under_way: Callable[[Server], int] = getattr(subject, "writes_under_way", lambda _: 0)
    return under_way(server)


def handlers_of(subject: Subject) -> Mapping[str, str]:
    """Where the subject's own code handles messages: file and line, by name; most do not say.

    A message is handled by the one whose name is the first word of its description. If its second
    word is `reply`, it answers such a message, and is handled where that was sent.
    """
    handlers: Mapping[str, str] = getattr(subject, "handlers", {})
    return handlers


@frozen
class Setting:
    """One `--set NAME=VALUE` that a subject understands."""

    name: str
    default: str
    meaning: str


class SubjectFactory(Protocol):
    """How to make a subject, and what the world has to know of it before."""

    @property
    def name(self) -> str:
        """What the command line calls it."""
        ...

    @property
    def summary(self) -> str:
        """One line for `raft-oracle subjects`."""
        ...

    @property
    def network(self) -> NetworkKind:
        """The network that it is made for; what breaks only on a worse one is not its bug."""
        ...

    @property
    def observes(self) -> frozenset[str]:
        """What its views show, in properties.view's words."""
        ...

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The settings that it understands."""
        ...

    def version(self, settings: Mapping[str, str]) -> str:
        """Its version, as its own project counts."""
        ...

    def create(self, servers: int, settings: Mapping[str, str]) -> Subject:
        """A new cluster; ValueError names a setting that does not fit, and what was expected."""
        ...


def observes_with(factory: SubjectFactory, settings: Mapping[str, str]) -> frozenset[str]:
    """What a subject's views show with these settings, which may turn features on."""
    chosen = getattr(factory, "observes_with", None)
    return factory.observes if chosen is None else frozenset(chosen(settings))
