"""A cluster in its world, with macro actions: what every driver, shrinker and replay applies to.

A macro action is a whole election, a round of replication, or all that is late on a link; it
happens as micro actions, each of which is judged.
"""

from typing import Final

from model import actions
from model.subject import NetworkKind, Subject
from model.world.fair_schedule import FairWorld
from properties.checker import Checker
from raft_core import Server

ROUNDS: Final = 4
"""How often a macro action lets answers provoke further messages before it stops."""


class Cluster(FairWorld):
    """One subject, its network and the checker, with macro actions."""

    def __init__(
        self, subject: Subject, servers: int, network: NetworkKind, checker: Checker
    ) -> None:
        super().__init__(subject, servers, network, checker)
        self._appliers |= {
            actions.Elect: self._elect,
            actions.Sync: self._sync,
            actions.Exchange: self._exchange_all,
        }

    def _elect(self, action: actions.Elect) -> None:
        marks = self._marks()
        self._election_timeout(actions.ElectionTimeout(action.server))
        rounds = 2 if "PassTime" in self.offers else 1  # a candidate may ask twice
        self._exchange(action, marks, rounds)

    def _sync(self, action: actions.Sync) -> None:
        marks = self._marks()
        self._heartbeat_timeout(actions.HeartbeatTimeout(action.server))
        self._exchange(action, marks, rounds=ROUNDS)

    def _marks(self) -> list[list[int]]:
        """How many messages each link holds now: what comes later is the macro's own."""
        return [list(map(len, row)) for row in self.network.channels]

    def _exchange(
        self, action: actions.Elect | actions.Sync, marks: list[list[int]], rounds: int
    ) -> None:
        """Deliver what a server and those that it reaches send each other from now on.

        Their writes complete meanwhile, but for those of stalled disks.
        """
        server, stalled = action.server, action.stalled if self.has_writes else self.members
        away = (server, *action.unreachable)
        peers = [peer for peer in self.members if peer not in away]
        for _ in range(rounds):
            busy = server not in stalled and self._complete_writes(server)
            for peer in peers:
                busy |= self._pump(server, peer, marks)
            for peer in peers:
                busy |= peer not in stalled and self._complete_writes(peer)
                busy |= self._pump(peer, server, marks)
            if not busy:
                return

    def _pump(self, source: Server, destination: Server, marks: list[list[int]]) -> bool:
        """Deliver what is on the link now and came after its mark; fifo takes older ones along."""
        network = self.network
        if network.cut and (source, destination) in network.cut:
            return False
        channel = network.channels[source][destination]
        mark = marks[source][destination]
        new = len(channel) - mark
        if new <= 0:
            return False
        if network.fifo:
            new, mark = len(channel), 0
            marks[source][destination] = 0
        for _ in range(new):
            if len(channel) <= mark:
                break
            self._deliver(channel, mark)
        return True

    def _exchange_all(self, action: actions.Exchange) -> None:
        ends = ((action.server, action.peer), (action.peer, action.server))
        if action.server == action.peer or self.network.cut.intersection(ends):
            return
        for _ in range(ROUNDS):
            busy = False
            for source, destination in ends:
                busy |= self._drain(source, destination, action.newest_first)
            if not busy:
                return

    def _drain(self, source: Server, destination: Server, newest_first: bool) -> bool:
        """Deliver what is on the link now; whether there was anything."""
        channel = self.network.channels[source][destination]
        busy = bool(channel)
        for _ in range(len(channel)):
            if channel:  # a connection that breaks meanwhile takes its messages along
                self._deliver(channel, -1 if newest_first and not self.network.fifo else 0)
        return busy
