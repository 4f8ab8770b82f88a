"""RaftOS (https://github.com/zhebrak/raftos) as a subject: the real library, in process.

Each server has its own copy of the library's modules, an event loop without time, and a directory
of its own, where the library keeps log, term, vote and state machine as it always does. A call
runs the loop until nothing is left to do. Messages are the bytes of the library's datagrams, not
encrypted; it speaks UDP, so they may be lost, repeated and overtaken. A crash falls between two
calls; a restart reads the files.

What looks odd and is the library's nature:
- A candidate whose election timer runs out becomes a follower again, and stands at the next.
- A leader whose election timer runs out steps down: it has missed that many heartbeats.
- A follower keeps its vote when it meets a newer term, and forgets it when it starts anew.
- A request to a server that knows no leader waits, and may be executed when it leads.
- Committed entries are applied when the next message of AppendEntries comes in.
"""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import define, field, frozen

from model.subject import NetworkKind, Packet, Sent, Setting, SubjectError
from oracle.processes.scratch import scratch_directory
from oracle.subjects.raftos.library import NEWEST, SERIALIZERS, Library, copy_of, directory_of
from oracle.subjects.raftos.loop import Address, StepLoop
from oracle.subjects.setting_values import true_or_false
from oracle.terminal.choices import not_one_of
from properties.view import APPLIED, COMMIT, LOG, REPLICATION, ROLE, VOTE, ObservedView
from raft_core import SERVERS, Command, Entry, Log, Role, Server

HOST: Final = "127.0.0.1"
FIRST_PORT: Final = 8000
KEY: Final = "key"
"""The replicated value that clients set."""
ROLES: Final = {"Leader": Role.LEADER, "Candidate": Role.CANDIDATE, "Follower": Role.FOLLOWER}
NAMES: Final = {f"{HOST}:{FIRST_PORT + server}": Server(server) for server in SERVERS}


@frozen
class Choices:
    """The settings of one cluster, read."""

    version: str
    serializer: str
    survive_errors: bool


@define(eq=False)
class Running:
    """A server that runs."""

    library: Library
    loop: StepLoop
    node: Any
    log: Log = field(factory=Log)


class RaftosSubject:
    """A cluster of RaftOS servers in this process."""

    def __init__(self, servers: int, choices: Choices) -> None:
        self._members = SERVERS[:servers]
        self._choices = choices
        self._running: dict[Server, Running] = {}
        self._outbox: list[Packet] = []
        root = tempfile.mkdtemp(prefix="raft-oracle-raftos-", dir=scratch_directory())
        self._paths = [f"{root}/{server}" for server in self._members]
        self._remove = weakref.finalize(self, shutil.rmtree, root, ignore_errors=True)

    def reset(self) -> Sent:
        """Empty all directories, and start all servers."""
        for server in list(self._running):
            self.crash(server)
        for path in self._paths:
            shutil.rmtree(path, ignore_errors=True)
        return tuple(packet for server in self._members for packet in self.restart(server))

    def election_timeout(self, server: Server) -> Sent:
        """Let the timer run out by which this server changes its role."""
        state = self._running[server].node.state.state
        timer = getattr(state, "election_timer", None) or state.step_down_timer
        return self._call(server, timer._run)

    def heartbeat_timeout(self, server: Server) -> Sent:
        """Let a leader's heartbeat timer run out."""
        timer = getattr(self._running[server].node.state.state, "heartbeat_timer", None)
        return () if timer is None else self._call(server, timer._run)

    def client_request(self, server: Server, command: Command) -> Sent:
        """Set the replicated value, as a user's coroutine would."""
        running = self._running[server]
        request = set_value(running.library, command)
        return self._call(server, running.loop.create_task, request)

    def receive(self, packet: Packet) -> Sent:
        """Hand a datagram to the library's protocol."""
        protocol = self._running[packet.destination].loop.protocol
        sender = address_of(packet.source)
        return self._call(packet.destination, protocol.datagram_received, packet.content, sender)

    def crash(self, server: Server) -> None:
        """Forget the server; its files stay as they are."""
        self._running.pop(server).loop.abandon()

    def restart(self, server: Server) -> Sent:
        """A new server on the same files."""
        library = copy_of(self._choices.version, server)

        def post(address: Address, data: bytes) -> None:
            destination = Server(address[1] - FIRST_PORT)
            label = label_of(library.unpacked(data))
            self._outbox.append(Packet(server, destination, label, data))

        loop = StepLoop(post)
        directory, serializer = self._paths[server], self._choices.serializer
        with loop.running():  # or timers would ask for the loop of this thread, which may have none
            node = library.node(address_of(server), loop, directory, serializer)
        self._running[server] = Running(library, loop, node)
        for peer in self._members:
            if peer != server:
                node.update_cluster(address_of(peer))
        return self._call(server, loop.create_task, node.start())

    def disconnect(self, server: Server, peer: Server) -> Sent:
        """Datagrams have no connections."""
        return ()

    def connect(self, server: Server, peer: Server) -> Sent:
        """Datagrams have no connections."""
        return ()

    def describe(self, packet: Packet) -> str:
        """The packet's label."""
        return str(packet.label)

    def close(self) -> None:
        """Stop all servers, and remove their directories."""
        for server in list(self._running):
            self.crash(server)
        self._remove()

    def view(self, server: Server) -> ObservedView:
        """What the server holds, from its own attributes."""
        running = self._running[server]
        state = running.node.state
        role = ROLES[type(state.state).__name__]
        running.log = log_with(running.log, state.log.cache)
        next_index, match_index = self._replication(server, role, state.log)
        return ObservedView(
            role=role,
            current_term=state.storage.cache.get("term", 0),
            log=running.log,
            commit_index=state.log.commit_index,
            last_applied=state.log.last_applied,
            voted_for=NAMES.get(state.storage.cache.get("voted_for")),
            next_index=next_index,
            match_index=match_index,
        )

    def _replication(
        self, server: Server, role: Role, log: Any
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What a leader knows of the others."""
        if role is not Role.LEADER:
            return (), ()
        last: int = log.last_log_index
        names = {each: f"{HOST}:{FIRST_PORT + each}" for each in self._members}
        return (
            tuple(
                last + 1 if each == server else log.next_index[name] for each, name in names.items()
            ),
            tuple(
                last if each == server else log.match_index[name] for each, name in names.items()
            ),
        )

    def _call(self, server: Server, call: Callable[..., object], *arguments: object) -> Sent:
        """Run a call on a server's loop; what its code raised is a failure, unless asked for."""
        self._outbox.clear()
        loop = self._running[server].loop
        loop.run(call, *arguments)
        errors = list(loop.errors)
        loop.errors.clear()
        if errors and not self._choices.survive_errors:
            raise SubjectError(f"raftos raised {exception_without_files(errors[0])}") from errors[0]
        return tuple(self._outbox)


async def set_value(library: Library, command: Command) -> None:
    """A client that sets the value, and takes no for an answer."""
    try:
        await library.value(KEY).set(command)
    except library.not_a_leader:
        return


def address_of(server: Server) -> Address:
    """Where a server listens."""
    return HOST, FIRST_PORT + server


def log_with(known: Log, cache: list[Any]) -> Log:
    """The log that the library holds; the known one, as far as they are equal."""
    entries = [Entry(entry["term"], entry["command"][KEY]) for entry in cache]
    same = 0
    for mine, theirs in zip(known.entries, entries, strict=False):
        if mine != theirs:
            break
        same += 1
    kept = known if same == known.last_index else known.truncated_from(same + 1)
    return kept if same == len(entries) else kept.appended(entries[same:])


def exception_without_files(error: BaseException) -> str:
    """An exception in one line; what it says of files is left out, they are temporary."""
    name = type(error).__name__
    return name if isinstance(error, OSError) else f"{name}: {error}"


def label_of(data: Mapping[str, Any]) -> str:
    """All that a message says in one line, but for what follows from its link."""
    words = [f"{data['type']} t{data['term']}"]
    if data["type"] == "request_vote":
        words.append(f"last {data['last_log_index']}@{data['last_log_term']}")
    if "prev_log_index" in data:
        words.append(f"prev {data['prev_log_index']}@{data['prev_log_term']}")
        first = data["prev_log_index"] + 1
        for index, entry in enumerate(data["entries"], first):
            words.append(f"entry {index}@{entry['term']} {entry['command'][KEY]}")
        words.append(f"commit {data['commit_index']}")
    for flag in ("vote_granted", "success"):
        if flag in data:
            words.append(flag if data[flag] else f"no {flag}")
    if "last_log_index" in data and "success" in data:
        words.append(f"last {data['last_log_index']}")
    if "request_id" in data:
        words.append(f"request {data['request_id']}")
    return " ".join(words)


def read_settings(settings: Mapping[str, str]) -> Choices:
    """The settings, read; ValueError says what does not fit."""
    defaults = {setting.name: setting.default for setting in RaftosFactory.settings}
    for name in settings:
        if name not in defaults:
            raise ValueError(f"setting: {not_one_of(name, defaults)}")
    chosen = {**defaults, **settings}
    if chosen["serializer"] not in SERIALIZERS:
        expected = " or ".join(SERIALIZERS)
        found = chosen["serializer"]
        raise ValueError(f"setting serializer: found {found!r}, expected {expected}")
    try:
        survive_errors = true_or_false(chosen["survive_errors"])
    except ValueError as error:
        found = chosen["survive_errors"]
        raise ValueError(f"setting survive_errors: found {found!r}, expected {error}") from None
    return Choices(chosen["version"], chosen["serializer"], survive_errors)


class RaftosFactory:
    """Makes clusters of RaftOS servers."""

    name: Final = "raftos"
    summary: Final = "RaftOS, asynchronous replication of Python values"
    network: Final[NetworkKind] = "any"
    observes: Final = frozenset({ROLE, VOTE, LOG, COMMIT, APPLIED, REPLICATION})
    settings: Final = (
        Setting("version", NEWEST, "a version on PyPI, installed where it is not there yet"),
        Setting("serializer", "msgpack", "how files and messages are written: msgpack or json"),
        Setting("survive_errors", "false", "true: go on after an exception, as its loop does"),
    )

    def version(self, settings: Mapping[str, str]) -> str:
        """The version of the library that these settings choose."""
        chosen = read_settings(settings).version
        directory_of(chosen)
        return chosen

    def create(self, servers: int, settings: Mapping[str, str]) -> RaftosSubject:
        """A new cluster; ValueError says what does not fit, in one line."""
        if not 1 <= servers <= len(SERVERS):
            raise ValueError(f"found {servers} servers, expected 1 to {len(SERVERS)}")
        choices = read_settings(settings)
        directory_of(choices.version)
        return RaftosSubject(servers, choices)


RAFTOS: Final = RaftosFactory()
