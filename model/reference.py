"""The reference cluster: raft_core's servers as a subject like any other.

May import: attrs, typing, raft_core, properties, model.
"""

from collections.abc import Mapping

from attrs import field, frozen

from model.protocol import REFERENCE, Protocol
from model.subject import NetworkKind, Packet, Sent, Setting
from properties.view import REFERENCE_OBSERVES
from raft_core import (
    AppendEntries,
    AppendEntriesResponse,
    ClientRequest,
    ClientResponse,
    Command,
    Configuration,
    ElectionTimeout,
    Event,
    HeartbeatTimeout,
    NotLeader,
    PersistentState,
    RequestVote,
    RequestVoteResponse,
    Server,
    State,
)

ELECTION_TIMEOUT = ElectionTimeout()
HEARTBEAT_TIMEOUT = HeartbeatTimeout()


class ReferenceCluster:
    """Servers that run `raft_core.step`, or a mutant of it."""

    def __init__(self, configuration: Configuration, protocol: Protocol = REFERENCE) -> None:
        self.configuration = configuration
        self.protocol = protocol
        self._step = protocol.step
        self._initial = [
            protocol.restart(server, configuration, PersistentState())
            for server in configuration.members()
        ]
        self.reset()

    def reset(self) -> Sent:
        """All servers start with empty disks."""
        self.states: list[State] = list(self._initial)
        self._last_steps: list[tuple[State, Event] | None] = [None] * len(self._initial)
        return ()

    def view(self, server: Server) -> State:
        """The state itself: it shows everything."""
        return self.states[server]

    def election_timeout(self, server: Server) -> Sent:
        """The election timer runs out."""
        return self._apply(server, ELECTION_TIMEOUT)

    def heartbeat_timeout(self, server: Server) -> Sent:
        """A leader's heartbeat is due."""
        return self._apply(server, HEARTBEAT_TIMEOUT)

    def client_request(self, server: Server, command: Command) -> Sent:
        """A client's command arrives."""
        return self._apply(server, ClientRequest(command))

    def receive(self, packet: Packet) -> Sent:
        """A message arrives."""
        return self._apply(packet.destination, packet.content)  # type: ignore[arg-type]  # ours

    def crash(self, server: Server) -> None:
        """Nothing to do: `restart` reads what the last step left on the disk."""

    def restart(self, server: Server) -> Sent:
        """The server starts from what its last step made durable."""
        stored: PersistentState = self.states[server]
        last_step = self._last_steps[server]
        if last_step is not None:
            stored = self.protocol.on_disk(*last_step, self.states[server])
        self._last_steps[server] = None
        self.states[server] = self.protocol.restart(server, self.configuration, stored)
        return ()

    def disconnect(self, server: Server, peer: Server) -> Sent:
        """The protocol does not notice connections."""
        return ()

    def connect(self, server: Server, peer: Server) -> Sent:
        """The protocol does not notice connections."""
        return ()

    def describe(self, packet: Packet) -> str:
        """The message in the words of Figure 2."""
        return describe(packet.content)

    def close(self) -> None:
        """Nothing to give back."""

    def _apply(self, server: Server, event: Event) -> Sent:
        before = self.states[server]
        self.states[server], messages = self._step(before, event)
        self._last_steps[server] = (before, event)
        if not messages:
            return ()
        return tuple(
            Packet(message.source, message.destination, message, message)
            for message in messages
            if not isinstance(message, ClientResponse | NotLeader)
        )


def describe(message: object) -> str:
    """A message in one line: `AppendEntries t2 prev 3@1 entries 4@2 commit 3`."""
    match message:
        case RequestVote():
            last = f"{message.last_log_index}@{message.last_log_term}"
            return f"RequestVote t{message.term} last {last}"
        case RequestVoteResponse():
            answer = "granted" if message.vote_granted else "refused"
            return f"RequestVoteResponse t{message.term} {answer}"
        case AppendEntries():
            return describe_append_entries(message)
        case AppendEntriesResponse():
            if message.success:
                return f"AppendEntriesResponse t{message.term} match {message.match_index}"
            hint = f" from {message.conflict.first_index}" if message.conflict else ""
            return f"AppendEntriesResponse t{message.term} refused{hint}"
        case _:
            return str(message)


def describe_append_entries(message: AppendEntries) -> str:
    """An AppendEntries with its entries as index@term."""
    prev = f"prev {message.prev_log_index}@{message.prev_log_term}"
    entries = " ".join(
        f"{index}@{entry.term}"
        for index, entry in enumerate(message.entries, start=message.prev_log_index + 1)
    )
    middle = f" entries {entries}" if entries else ""
    return f"AppendEntries t{message.term} {prev}{middle} commit {message.leader_commit}"


@frozen
class ReferenceFactory:
    """The reference as the command line knows it; `protocol` may be a mutant's."""

    protocol: Protocol = field(default=REFERENCE, repr=False)
    name: str = "reference"
    summary: str = "raft_core, this project's own Raft"
    network: NetworkKind = "any"
    observes: frozenset[str] = REFERENCE_OBSERVES
    settings: tuple[Setting, ...] = (
        Setting("max_entries", "64", "the most entries that one AppendEntries carries"),
    )

    def version(self, settings: Mapping[str, str]) -> str:
        """The distribution's version."""
        return "0.1.0"

    def create(self, servers: int, settings: Mapping[str, str]) -> ReferenceCluster:
        """A cluster of reference servers."""
        max_entries = settings.get("max_entries", "64")
        if not max_entries.isdecimal() or int(max_entries) < 1:
            raise ValueError(
                f"setting max_entries: found {max_entries!r}, expected a whole number of at least 1"
            )
        configuration = Configuration(servers=servers, max_entries=int(max_entries))
        return ReferenceCluster(configuration, self.protocol)
