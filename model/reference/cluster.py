"""The reference cluster: raft_core's servers as a subject like any other."""

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from model import actions
from model.reference.describe import describe
from model.reference.disk import Disk, Operation
from model.reference.meaning import meaning_of
from model.reference.settings import REFERENCE_SETTINGS, Choices, read_settings
from model.reference.slow_disk import Queue
from model.reference.variant import REFERENCE, Protocol
from model.subject import Answer, NetworkKind, Packet, Sent, ServerCrashedError, Setting
from properties.rules.vocabulary import Meaning
from properties.view import CLIENTS, MACHINE, MEANINGS, MEMBERSHIP, REFERENCE_OBSERVES, SNAPSHOT
from raft_core import (
    EXPIRED,
    MAX_SERVERS,
    SERVERS,
    AnyMessage,
    ChangeMembership,
    ClientRequest,
    ClientResponse,
    Command,
    Compact,
    Configuration,
    ElectionTimeout,
    ExtendedEvent,
    HeartbeatTimeout,
    Log,
    Membership,
    NotLeader,
    PersistentState,
    Server,
    State,
    Tick,
    TransferLeadership,
    persistent_state,
)
from raft_core.evolve import evolve

VERSION: Final = "0.1.0"
"""Of the whole distribution: pyproject.toml reads it here."""
ELECTION_TIMEOUT = ElectionTimeout()
HEARTBEAT_TIMEOUT = HeartbeatTimeout()
DiskFault = actions.CrashInside | actions.FailWrite


class ReferenceCluster:
    """Servers that run `raft_core.step`, or a mutant of it."""

    def __init__(
        self,
        configuration: Configuration,
        protocol: Protocol = REFERENCE,
        initial_voters: int = 0,
        disk_faults: bool = False,
    ) -> None:
        self.configuration = configuration
        self.protocol = protocol
        self.offers = offers_of(configuration, disk_faults)
        self._step = protocol.step
        self._is_slow = configuration.async_writes
        log = Log()
        if 0 < initial_voters < configuration.servers:
            log = Log(memberships=((0, Membership(SERVERS[:initial_voters])),))
        self._empty_disk = PersistentState(log=log)
        self._initial = [
            protocol.restart(server, configuration, self._empty_disk)
            for server in configuration.members()
        ]
        self.reset()

    def reset(self) -> Sent:
        """All servers start with empty disks."""
        self.states: list[State] = list(self._initial)
        self._disks: dict[Server, Disk] = {}
        if self._is_slow:
            self._disks = dict.fromkeys(self.configuration.members(), Disk(self._empty_disk))
        self._queues: dict[Server, Queue] = {}
        self._faults: dict[Server, DiskFault] = {}
        self._down: set[Server] = set()
        self._sessions: dict[int, int] = {}
        self._answers: list[Answer] = []
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
        return self._apply(packet.destination, packet.content)  # type: ignore[arg-type]  # a message

    def perform(self, action: actions.OptionalAction) -> Sent:
        """An action of a feature that is on."""
        match action:
            case actions.CrashInside() | actions.FailWrite():
                self._faults[action.server] = action
                return ()
            case actions.PassTime():
                return self._pass_time(action)
            case actions.Invoke():
                return self._invoke(action)
            case actions.CompleteWrite():
                return self._complete_write(action.server)
            case _:
                return self._apply(action.server, self._event_of(action))

    def answers(self) -> tuple[Answer, ...]:
        """What clients were answered since the last call."""
        answers, self._answers = tuple(self._answers), []
        return answers

    def crash(self, server: Server) -> None:
        """What is written and not synced is lost; `restart` reads what is left."""
        self._faults.pop(server, None)
        self._down.add(server)
        self._queues.pop(server, None)
        if server in self._disks:
            disk = self._disks[server]
            self._disks[server] = Disk(disk.after_crash(len(disk.unsynced)))

    def owed(self, server: Server) -> State | None:
        """A crashed server with the term and vote of its disk: it told nobody of later ones."""
        if not self._is_slow:
            return None
        stored = self._disks[server].stored
        state = self.states[server]
        return evolve(state, current_term=stored.current_term, voted_for=stored.voted_for)

    def writes_under_way(self, server: Server) -> int:
        """How many of its steps have writes that are not done."""
        return len(self._queues.get(server, ()))

    def restart(self, server: Server) -> Sent:
        """The server starts from its disk."""
        disk = self._disks.get(server)
        stored: PersistentState = self.states[server] if disk is None else disk.stored
        if not (self.protocol.watches_disk or self._is_slow):
            self._disks.pop(server, None)
        self._down.discard(server)
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

    def meaning(self, packet: Packet) -> Meaning | None:
        """What the message says, in the words of rules."""
        return meaning_of(packet.content, packet.source, packet.destination)

    def close(self) -> None:
        """Nothing to give back."""

    def _apply(self, server: Server, event: ExtendedEvent) -> Sent:
        before = self.states[server]
        after, messages = self._step(before, event)
        if self._is_slow or server in self._faults or self.protocol.watches_disk:
            operations = self.protocol.operations_of(before, event, after, messages)
            if self._is_slow:
                queue = self._queues.get(server, ())
                operations, self._queues[server] = self.protocol.queued(queue, operations, after)
            messages = self._carry_out(server, before, after, operations)
        self.states[server] = after
        return self._packets(messages) if messages else ()

    def _event_of(
        self, action: actions.Compact | actions.ChangeMembership | actions.TransferLeadership
    ) -> ExtendedEvent:
        """What an action is to the server that it asks for something."""
        match action:
            case actions.Compact():
                index = self.states[action.server].last_applied - action.keep
                return Compact(max(index, 0))
            case actions.ChangeMembership():
                return ChangeMembership(action.voters, action.learners)
            case actions.TransferLeadership():
                return TransferLeadership(action.target)

    def _complete_write(self, server: Server) -> Sent:
        """The oldest writes that are under way are done, and the server is told."""
        queue = self._queues.get(server, ())
        if not queue:
            return ()
        done, self._queues[server] = self.protocol.completed(queue)
        state = self.states[server]
        sent = self._packets(self._carry_out(server, state, state, done.operations))
        return (*sent, *self._apply(server, done.completed))

    def _carry_out(
        self, server: Server, before: State, after: State, operations: tuple[Operation, ...]
    ) -> tuple[AnyMessage, ...]:
        """Write, sync and send one after the other; ServerCrashedError where that ends early.

        Without faults there is nothing to see in between: all is done, in the contract's order.
        """
        protocol, fault = self.protocol, self._faults.pop(server, None)
        carried = protocol.carry_out(
            self._disks.get(server) or Disk(persistent_state(before)),
            operations,
            fault.after if isinstance(fault, actions.CrashInside) else -1,
            fault.after if isinstance(fault, actions.FailWrite) else -1,
            protocol.goes_on_after_failed_write(),
        )
        if carried.is_running:
            if protocol.watches_disk or self._is_slow:
                self._disks[server] = carried.disk
            return carried.sent
        lost = fault.lost if isinstance(fault, actions.CrashInside) else 0
        self._disks[server] = Disk(carried.disk.after_crash(lost))
        self._down.add(server)
        self._queues.pop(server, None)
        stored = self._disks[server].stored
        view = evolve(self.owed(server) or before, log=stored.log)
        raise ServerCrashedError(
            self._packets(carried.sent), view, reached(before, after, stored, carried.sent)
        )

    def _packets(self, messages: tuple[AnyMessage, ...]) -> Sent:
        """Messages to servers as packets; what is for clients is kept for `answers`."""
        packets = []
        for message in messages:
            if isinstance(message, ClientResponse):
                self._answer(message)
            elif not isinstance(message, NotLeader):
                packets.append(Packet(message.source, message.destination, message, message))
        return tuple(packets)

    def _answer(self, response: ClientResponse) -> None:
        """Hand a response to the client that waits for it."""
        if response.session == 0 and response.number == 0:
            return
        client = response.session
        if response.command == "open":
            self._sessions.setdefault(client, response.index)
        elif self.configuration.sessions:
            named = [each for each, session in self._sessions.items() if session == client]
            client = named[0] if named else client
        output = None if response.output == EXPIRED else response.output
        self._answers.append(Answer(client, response.number, output))

    def _invoke(self, action: actions.Invoke) -> Sent:
        """A client's request, with the name of its session; without one it has to wait."""
        session = action.client
        if self.configuration.sessions and action.command != "open":
            if action.client not in self._sessions:
                return ()
            session = self._sessions[action.client]
        return self._apply(action.server, ClientRequest(action.command, session, action.number))

    def _pass_time(self, action: actions.PassTime) -> Sent:
        """Move every clock on, those of fast servers by as much more as the drift bound allows."""
        drift = 100 + self.configuration.clock_drift
        for server in self.configuration.members():
            if server not in self._down:
                ticks = action.ticks * drift // 100 if server in action.fast else action.ticks
                self.states[server], _ = self._step(self.states[server], Tick(ticks))
        return ()


def reached(
    before: State, after: State, stored: PersistentState, sent: tuple[AnyMessage, ...]
) -> State:
    """How far a step had come at its crash: before it has sent anything, only its disk changed."""
    shown = after if sent else before
    return evolve(
        after,
        current_term=stored.current_term,
        voted_for=stored.voted_for,
        log=stored.log,
        role=after.role if sent or stored.current_term == after.current_term else before.role,
        commit_index=shown.commit_index,
        last_applied=shown.last_applied,
    )


def offers_of(configuration: Configuration, disk_faults: bool) -> frozenset[str]:
    """The optional actions that make sense with these features."""
    changes = configuration.joint_consensus or configuration.single_server_changes
    quiet = configuration.leader_stickiness or configuration.leases or configuration.pre_vote
    offered = {
        "Compact": configuration.snapshots,
        "ChangeMembership": changes,
        "TransferLeadership": configuration.leadership_transfer,
        "PassTime": quiet,
        "Invoke": configuration.state_machine,
        "Retry": configuration.sessions,
        "CrashInside": disk_faults,
        "FailWrite": disk_faults,
        "CompleteWrite": configuration.async_writes,
    }
    return frozenset(name for name, is_on in offered.items() if is_on)


@frozen
class ReferenceFactory:
    """The reference as the command line knows it; `protocol` may be a mutant's."""

    protocol: Protocol = field(default=REFERENCE, repr=False)
    name: str = "reference"
    summary: str = "raft_core, this project's own Raft"
    network: NetworkKind = "any"
    observes: frozenset[str] = REFERENCE_OBSERVES
    settings: tuple[Setting, ...] = REFERENCE_SETTINGS

    def version(self, settings: Mapping[str, str]) -> str:
        """The distribution's version."""
        return VERSION

    def observes_with(self, settings: Mapping[str, str]) -> frozenset[str]:
        """What these settings show as well: the state machine, snapshots, what clients see."""
        choices = read_settings(settings, servers=MAX_SERVERS)
        configuration = choices.configuration
        shown = {
            MACHINE: configuration.is_extended,
            SNAPSHOT: configuration.snapshots,
            MEMBERSHIP: configuration.joint_consensus or configuration.single_server_changes,
            CLIENTS: configuration.state_machine,
            MEANINGS: choices.meanings,
        }
        return self.observes | {name for name, is_on in shown.items() if is_on}

    def create(self, servers: int, settings: Mapping[str, str]) -> ReferenceCluster:
        """A cluster of reference servers."""
        choices: Choices = read_settings(settings, servers)
        return ReferenceCluster(
            choices.configuration, self.protocol, choices.initial_voters, choices.disk_faults
        )
