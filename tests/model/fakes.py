"""Subjects that do no Raft: one that notes its calls, one that answers differently later.

And the shortest ways to a cluster of the reference or of a mutant.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import evolve, frozen

from model.actions import Action
from model.mutants import MUTANT_BY_NAME, Mutant
from model.reference.cluster import ReferenceFactory
from model.setup import Setup
from model.subject import NetworkKind, Packet, Sent
from model.world.macro_actions import Cluster
from model.world.records import StepRecord
from properties.checker import Checker
from properties.facts import BLANK
from properties.view import View
from raft_core import Command, Server

Call = tuple[object, ...]


def packet(source: Server, destination: Server, label: str = "x") -> Packet:
    """A packet that says no more than its label."""
    return Packet(source, destination, label, label)


class NotingSubject:
    """Notes every call but looks; sends and raises what a test has set."""

    def __init__(self, sends: Mapping[Call, Sent] | None = None) -> None:
        self.sends = dict(sends or {})
        self.raises: dict[str, BaseException] = {}
        self.calls: list[Call] = []
        self.overlapping = False

    def _noted(self, *call: object) -> Sent:
        self.calls.append(call)
        name = str(call[0])
        if name in self.raises:
            raise self.raises[name]
        return self.sends.get(call, ())

    def reset(self) -> Sent:
        """Note the start of a run."""
        return self._noted("reset")

    def view(self, server: Server) -> View:
        """Always the same: nothing ever changes here."""
        return BLANK

    def election_timeout(self, server: Server) -> Sent:
        """Note it."""
        return self._noted("election_timeout", server)

    def heartbeat_timeout(self, server: Server) -> Sent:
        """Note it."""
        return self._noted("heartbeat_timeout", server)

    def client_request(self, server: Server, command: Command) -> Sent:
        """Note it."""
        return self._noted("client_request", server, command)

    def receive(self, packet: Packet) -> Sent:
        """Note what the packet says."""
        return self._noted("receive", packet.destination, packet.label)

    def crash(self, server: Server) -> None:
        """Note it."""
        self._noted("crash", server)

    def restart(self, server: Server) -> Sent:
        """Note it."""
        return self._noted("restart", server)

    def disconnect(self, server: Server, peer: Server) -> Sent:
        """Note it."""
        return self._noted("disconnect", server, peer)

    def connect(self, server: Server, peer: Server) -> Sent:
        """Note it."""
        return self._noted("connect", server, peer)

    def describe(self, packet: Packet) -> str:
        """The label is all there is to say."""
        return str(packet.label)

    def close(self) -> None:
        """Nothing is held."""


@frozen
class Noted:
    """A cluster of a subject that notes, with what was recorded of its micro steps."""

    subject: NotingSubject
    cluster: Cluster
    records: list[StepRecord]

    def apply(self, *schedule: Action) -> list[Call]:
        """The calls of the subject while these actions happened."""
        self.subject.calls.clear()
        for action in schedule:
            self.cluster.apply(action)
        return list(self.subject.calls)

    def put(self, *packets: Packet) -> None:
        """Put packets in flight."""
        for each in packets:
            self.cluster.network.send(each)

    def in_flight(self) -> list[object]:
        """The labels of all packets in flight, link by link, oldest first."""
        network = self.cluster.network
        channels = (network.channels[source][destination] for source, destination in network.links)
        return [each.label for channel in channels for each in channel]


def noted(
    network: NetworkKind = "any", servers: int = 3, sends: Mapping[Call, Sent] | None = None
) -> Noted:
    """A fresh cluster of a subject that notes."""
    subject = NotingSubject(sends)
    cluster = Cluster(subject, servers, network, Checker(servers, frozenset()))
    cluster.reset()
    records: list[StepRecord] = []
    cluster.recorder = records.append
    return Noted(subject, cluster, records)


def reference_cluster(
    servers: int = 3, network: NetworkKind = "any", settings: Mapping[str, str] | None = None
) -> Cluster:
    """A fresh cluster of the reference."""
    setup = Setup(
        factory=ReferenceFactory(), servers=servers, network=network, settings=settings or {}
    )
    cluster = setup.cluster()
    cluster.reset()
    return cluster


def setup_of(mutant: Mutant | str) -> Setup:
    """What the catalogue says that this mutant is hunted on."""
    mutant = MUTANT_BY_NAME[mutant] if isinstance(mutant, str) else mutant
    return Setup(
        factory=ReferenceFactory(protocol=mutant.protocol()),
        servers=mutant.servers,
        network="any",
        settings=mutant.settings,
        mutant=mutant.name,
    )


DRAWN: Final = {"commits-older-term-with-no-op": {"max_entries": "1"}}
"""What a hunt has to draw for a mistake to show, beside what the catalogue says."""


def drawn_setup_of(name: str) -> Setup:
    """What a mutant is hunted on once all that it needs is drawn."""
    setup = setup_of(name)
    return evolve(setup, settings={**setup.settings, **DRAWN.get(name, {})})


def apply_all(cluster: Cluster, schedule: Iterable[Action]) -> Cluster:
    """The cluster once all actions have happened."""
    for action in schedule:
        cluster.apply(action)
    return cluster
