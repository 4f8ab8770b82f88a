"""A subject in a process of its own, which speaks the adapter protocol.

One process serves many runs. One that has died or hung is started anew by the next reset; in the
run in which it failed, it stays failed.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, TypeAlias

import msgspec
from attrs import define, field

from model import actions
from model.actions import OPTIONAL, OPTIONAL_TYPES, OptionalAction
from model.schedule import NOT_READABLE
from model.subject import (
    Answer,
    Packet,
    Sent,
    ServerCrashedError,
    SubjectError,
)
from oracle.adapter import wire
from oracle.adapter.message_meanings import WireMeaning, meaning_of
from oracle.adapter.reset_ahead import ResetAhead
from oracle.adapter.texts import LONGEST_LABEL, bounded, bounded_handlers, standing_for
from oracle.adapter.views import NAME_OF, Views
from oracle.adapter.wire import Command, HelloReply, ProtocolError, Refusal, Reply, SentMessage
from oracle.adapter.wrong_guess import error_for
from oracle.processes.last_words import last_line
from oracle.processes.line_process import LineProcess, quoted
from oracle.processes.own_words import again, own_words, refused
from oracle.terminal.usage import LOADING_SECONDS
from oracle.terminal.wording import unbroken
from properties.rules.vocabulary import Meaning
from properties.view import APPLIED, COMMIT, KNOWN_OBSERVATIONS, LOG, ROLE, ObservedView
from raft_core import Server

Exchange: TypeAlias = tuple[bytes, bytes]
"""A command and its reply, as they were written."""
ALWAYS_OBSERVED: Final = frozenset({ROLE, LOG, COMMIT, APPLIED})


@define(eq=False)
class Content:
    """What a packet holds: the message, which goes back as it came, and what it means, if known.

    The meaning is put into the words of rules when it is first asked for, and kept: where no rule
    looks, that costs nothing.
    """

    message: msgspec.Raw
    written: WireMeaning | None
    late: bool
    """What the adapter wrote."""
    meaning: Meaning | None = None

    def understood(self, source: Server, destination: Server) -> Meaning | None:
        """What the message means; None where the adapter did not say."""
        if self.meaning is None and self.written is not None:
            self.meaning = meaning_of(self.written, source, destination)
            self.meaning.late = self.late
        return self.meaning


@define(eq=False)
class Adapter:
    """A command that starts an adapter, what it says of itself, and a process that is idle."""

    command: tuple[str, ...]
    patience: float
    called: str = ""
    """What runs in its process, as somebody calls it who knows of no adapter: the lab."""
    hello: HelloReply = field(init=False)
    idle: list[LineProcess] = field(factory=list)
    sends_meanings: dict[tuple[tuple[str, str], ...], bool] = field(factory=dict)
    """By settings: whether its first messages say what they mean, where that was tried."""
    ahead: ResetAhead | None = None
    """Where each reset is a new process: the one that does the next reset."""

    def __attrs_post_init__(self) -> None:
        process, self.hello = self._greeted()
        self.idle.append(process)
        if self.hello.fresh:
            self.ahead = ResetAhead(self.take)

    def take(self) -> LineProcess:
        """A process that has said hello, and the same as the first one."""
        while self.idle:
            process = self.idle.pop()
            if process.is_running:
                return process
        process, hello = self._greeted()
        if hello != self.hello:
            process.stop()
            raise SubjectError("hello: found another reply than the first time, expected the same")
        return process

    def give_back(self, process: LineProcess) -> None:
        """A process is not needed any more; the next cluster may take it."""
        if process.is_running:
            self.idle.append(process)

    def _greeted(self) -> tuple[LineProcess, HelloReply]:
        """A new process, and its reply to hello."""
        process = LineProcess(self.command)
        try:
            line = process.ask(wire.encode_command(wire.Hello()), self.starting_seconds)
            try:
                hello = wire.decode_hello(line)
                if isinstance(hello, Refusal):
                    text = unbroken(standing_for(hello.error, LONGEST_LABEL))
                    raise refused(SubjectError(text), text, self.called)
                check_hello(hello)
            except ProtocolError as error:
                why = standing_for(str(error), LONGEST_LABEL)
                raise SubjectError(f"found {quoted(line)}: {why}") from None
        except SubjectError as error:
            process.stop()
            said = last_line(process.errors)
            more = f" (it wrote: {said})" if said not in str(error) else ""
            told = error.told or own_words(error, self.called, line=said)
            told += more if told and said not in told else ""
            raise again(error, f"hello: {error}{more}", "", told) from None
        process.slowest = 0.0
        return process, hello

    @property
    def starting_seconds(self) -> float:
        """How long the first reply of a process may take."""
        return LOADING_SECONDS + self.patience


def check_hello(hello: HelloReply) -> None:
    """What an adapter observes and offers is what there is."""
    for name, found, known in (
        ("observes", hello.observes, KNOWN_OBSERVATIONS),
        ("offers", hello.offers, OPTIONAL),
    ):
        for each in found:
            if each not in known:
                expected = ", ".join(sorted(known))
                raise ProtocolError(f"{name}: found {each!r}, expected some of {expected}")


class AdapterSubject:
    """A cluster in an adapter's process."""

    def __init__(self, adapter: Adapter, servers: int, settings: Mapping[str, str]) -> None:
        hello = adapter.hello
        self.offers = frozenset(hello.offers)
        self.called = adapter.called
        self.patience = adapter.patience
        self.seconds_of_call = 0.0
        """How long the slowest call took that returned."""
        self.further_steps = 0
        """For how many steps more its long lines count, besides those in which they came."""
        self.transcript: list[Exchange] | None = None
        """Every command with its reply, if somebody wants them."""
        self.standard_error = b""
        """What the adapter had written to standard error when it last failed."""
        self.handlers = bounded_handlers(hello.handlers)
        """Where the adapter says that the implementation's own code handles messages."""
        self._adapter = adapter
        self._process: LineProcess | None = None
        self._views = Views(servers, observed(hello))
        self._reset = wire.Reset(NAME_OF[:servers], dict(settings))
        self._answers: list[Answer] = []
        self.hides: frozenset[str] = frozenset()
        """What this cluster does not show after all, as known after its reset."""
        self.without: frozenset[str] = frozenset()
        """The names of actions that do nothing in this cluster."""
        self._armed: set[Server] = set()
        self.meanwhile: Callable[[], None] | None = None
        self.overlapping = False
        """Whether more was done in the last step than to handle what was handed in."""
        self._owed: dict[Server, ObservedView] = {}

    def reset(self) -> Sent:
        """All servers anew, in a new process if the last one has failed."""
        self._answers.clear()
        self._armed.clear()
        reply = self._reply_to_reset()
        self.without = frozenset(reply.without)
        self.hides = hidden_by(reply.hides)
        self._views = Views(len(self._reset.servers), observed(self._adapter.hello) - self.hides)
        return self._checked(self._reset, reply, None, lambda: self._views.start_all(reply.views))

    def view(self, server: Server) -> ObservedView:
        """The server as last shown."""
        return self._views.seen[server]

    def election_timeout(self, server: Server) -> Sent:
        """As the port says."""
        return self._at(server, wire.ElectionTimeout(NAME_OF[server]))

    def heartbeat_timeout(self, server: Server) -> Sent:
        """As the port says."""
        return self._at(server, wire.HeartbeatTimeout(NAME_OF[server]))

    def client_request(self, server: Server, command: str) -> Sent:
        """As the port says."""
        return self._at(server, wire.ClientRequest(NAME_OF[server], command))

    def receive(self, packet: Packet) -> Sent:
        """Hand back the message as it came."""
        content = packet.content
        assert isinstance(content, Content)
        server = packet.destination
        source = NAME_OF[packet.source]
        return self._at(server, wire.Receive(NAME_OF[server], source, content.message))

    def perform(self, action: OptionalAction) -> Sent:
        """One of the actions that the adapter offers."""
        command = command_of(action)
        if isinstance(action, actions.PassTime):
            return self._at(None, command)
        if isinstance(action, actions.CrashInside | actions.FailWrite):
            self._armed.add(action.server)
        return self._at(action.server, command)

    def answers(self) -> tuple[Answer, ...]:
        """What clients were answered since the last call."""
        answers, self._answers = tuple(self._answers), []
        return answers

    def crash(self, server: Server) -> None:
        """The server stops; nobody sends any more."""
        self._armed.discard(server)
        self._owed.pop(server, None)
        shown = self._views.seen[server]
        sent = self._at(server, wire.Crash(NAME_OF[server]))
        if self._views.seen[server] is not shown:
            self._owed[server] = self._views.seen[server]
        if sent:
            raise self._wrong("crash", f"sent: found {len(sent)} messages, expected none")

    def owed(self, server: Server) -> ObservedView | None:
        """The server as its adapter showed it when it crashed, if it did."""
        return self._owed.get(server)

    def writes_under_way(self, server: Server) -> int:
        """As the server's last view says."""
        return self._views.writes[server]

    def restart(self, server: Server) -> Sent:
        """The server starts from its disk, and shows it."""
        command = wire.Restart(NAME_OF[server])
        reply = self._ask(command)
        return self._checked(command, reply, server, lambda: self._views.start(server, reply.views))

    def disconnect(self, server: Server, peer: Server) -> Sent:
        """As the port says."""
        return self._at(server, wire.Disconnect(NAME_OF[server], NAME_OF[peer]))

    def connect(self, server: Server, peer: Server) -> Sent:
        """As the port says."""
        return self._at(server, wire.Connect(NAME_OF[server], NAME_OF[peer]))

    def describe(self, packet: Packet) -> str:
        """The label that the adapter gave it."""
        return unbroken(str(packet.label))

    def meaning(self, packet: Packet) -> Meaning | None:
        """What the adapter said that it means; None where it said nothing."""
        content = packet.content
        assert isinstance(content, Content)
        return content.understood(packet.source, packet.destination)

    def close(self) -> None:
        """The process may serve another cluster."""
        if self._process is not None:
            self._adapter.give_back(self._process)
            self._process = None

    def _at(self, server: Server | None, command: Command) -> Sent:
        """Give a command, mostly about one server, and return the messages that it made it send."""
        reply = self._ask(command)
        self.overlapping = reply.overlapping
        views = self._views
        if reply.crashed:
            self._checked_crash(server, command, reply)
        if reply.answers:
            self._answers += [
                Answer(each.client, each.number, each.output) for each in reply.answers
            ]
        try:
            if reply.views:
                views.update(reply.views)
            return self._sent(server, reply.sent) if reply.sent else ()
        except SubjectError as error:
            raise self._wrong(name_of(command), str(error)) from None

    def _checked(
        self, command: Command, reply: Reply, server: Server | None, look: Callable[[], None]
    ) -> Sent:
        """The reply to a start, of which the views are looked at in another way."""
        if reply.crashed:
            raise self._wrong(name_of(command), "crashed: found true, expected no crash here")
        try:
            look()
            return self._sent(server, reply.sent)
        except SubjectError as error:
            raise self._wrong(name_of(command), str(error)) from None

    def _checked_crash(self, server: Server | None, command: Command, reply: Reply) -> None:
        """ServerCrashedError where one was asked for."""
        name = name_of(command)
        if server is None or server not in self._armed:
            raise self._wrong(name, "crashed: found true, expected no crash: none was asked for")
        self._armed.discard(server)
        try:
            self._views.update(reply.views)
            sent = self._sent(server, reply.sent)
        except SubjectError as error:
            raise self._wrong(name, str(error)) from None
        shows = NAME_OF[server] in reply.views
        raise ServerCrashedError(sent, self._views.seen[server] if shows else None)

    def _reply_to_reset(self) -> Reply:
        """The reply of a process that was told the reset before, if there is one."""
        ahead, line = self._adapter.ahead, wire.encode_command(self._reset)
        process = None if ahead is None else ahead.begun(line)
        idle = None if process is None else self._process
        if process is not None:
            self._process = process
        elif self._process is None or not self._process.is_running:
            self._process = self._adapter.take()
        reply = self._ask(self._reset, is_told=process is not None)
        if ahead is not None:
            try:
                ahead.begin(line, idle)
            except SubjectError as error:
                told = own_words(error, self.called)
                raise again(error, f"reset: {error}", "reset", told) from None
        return reply

    def _ask(self, command: Command, is_told: bool = False) -> Reply:
        """The reply to a command; SubjectError where there is none that can be read."""
        process = self._process
        if process is None or not process.is_running:
            name = name_of(command)
            raise SubjectError(f"{name}: {self.called or 'the adapter'} has failed before", name)
        asked = wire.encode_command(command)
        try:
            if not is_told:
                process.tell(asked)
            if self.meanwhile is not None:
                self._do_meanwhile(process)
            line = process.hear(self.patience)
        except SubjectError as error:
            self.seconds_of_call = max(self.seconds_of_call, process.slowest)
            self.standard_error = process.errors
            name = name_of(command)
            told = own_words(error, self.called, getattr(command, "server", ""))
            raise again(error, f"{name}: {error}", name, told) from None
        self.further_steps += wire.further_steps(len(asked) + len(line))
        if self.transcript is not None:
            self.transcript.append((asked, line))
        return self._read(command, line)

    def _read(self, command: Command, line: bytes) -> Reply:
        """A reply from its line; SubjectError where that is none, or says that it failed."""
        try:
            reply = wire.decode_reply(line)
        except NOT_READABLE as error:
            detail = f"{standing_for(str(error), LONGEST_LABEL)}, in {quoted(line)}"
            raise self._wrong(name_of(command), detail) from None
        if len(line) > LONGEST_LABEL:
            reply = bounded(reply)
        if reply.error is not None:
            text = unbroken(reply.error)
            wrong = self._wrong(name_of(command), f"error: {text}", stop=False)
            raise refused(wrong, text, self.called)
        return reply

    def _do_meanwhile(self, process: LineProcess) -> None:
        """Do something while the adapter works; where that raises, nobody wants the reply."""
        assert self.meanwhile is not None
        try:
            self.meanwhile()
        except BaseException:
            with suppress(SubjectError):  # which comes too late to matter
                process.hear(self.patience)
            raise

    def _sent(self, server: Server | None, sent: tuple[SentMessage, ...]) -> Sent:
        """Messages as packets."""
        packets = []
        for each in sent:
            destination = self._views.server(each.destination, "sent.to")
            if each.source is not None:
                source = self._views.server(each.source, "sent.from")
            elif server is not None:
                source = server
            else:
                raise SubjectError("sent.from: found none, expected a server")
            if source == destination:
                raise SubjectError(f"sent.to: found {destination}, the sender, expected another")
            content = Content(each.message, each.meaning, each.late)
            packets.append(Packet(source, destination, each.label, content))
        return tuple(packets)

    def _wrong(self, name: str, detail: str, stop: bool = True) -> SubjectError:
        """A reply that is wrong; a process that made one is not trusted any further."""
        if (process := self._process) is not None:
            if stop:
                process.stop()
            self.standard_error = process.errors
        return error_for(detail)(f"{name}: {detail}", name, "returned")


def name_of(command: Command) -> str:
    """What the protocol calls a command."""
    return str(type(command).__struct_config__.tag)


def names(servers: tuple[Server, ...]) -> tuple[wire.ServerName, ...]:
    """Servers as the protocol calls them."""
    return tuple([NAME_OF[server] for server in servers])


COMMAND_TYPES: Final[Mapping[type[OptionalAction], type[Command]]] = {
    kind: getattr(wire, kind.__name__) for kind in OPTIONAL_TYPES
}
"""Every optional action has a command of its name, with fields of the same names."""


def command_of(action: OptionalAction) -> Command:
    """An optional action as a command, with its servers by name."""
    kind = COMMAND_TYPES[type(action)]
    return kind(*[in_protocol(getattr(action, each)) for each in kind.__struct_fields__])


def in_protocol(value: object) -> object:
    """A field of an action as the protocol writes it."""
    if isinstance(value, Server):
        return NAME_OF[value]
    return names(value) if isinstance(value, tuple) else value


def observed(hello: HelloReply) -> frozenset[str]:
    """What an adapter's views show."""
    return ALWAYS_OBSERVED - hidden_by(hello.hides) | frozenset(hello.observes)


def hidden_by(words: Sequence[str]) -> frozenset[str]:
    """What is not shown, of words of the protocol."""
    return frozenset({"log": LOG, "commit": COMMIT}.get(each, each) for each in words)
