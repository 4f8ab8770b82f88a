"""The network: one channel per ordered pair of servers, oldest message first.

`any`: messages may arrive in any order, twice, late or never. `fifo`: each link is a TCP
connection: in order, each once, lost only when the connection breaks.
"""

from collections.abc import Iterator

from model.subject import NetworkKind, Packet
from raft_core import SERVERS, Server

Channel = list[Packet]


class Network:
    """What is in flight between the servers, and which links work."""

    def __init__(self, servers: int, kind: NetworkKind) -> None:
        self.servers = servers
        self.kind = kind
        self.fifo = kind == "fifo"
        self.links = tuple(
            (source, destination)
            for source in SERVERS[:servers]
            for destination in SERVERS[:servers]
            if source != destination
        )
        self._position = {link: position for position, link in enumerate(self.links)}
        self.reset()

    def reset(self) -> None:
        """Nothing is in flight, and every link works."""
        self.channels: list[list[Channel]] = [
            [[] for _ in range(self.servers)] for _ in range(self.servers)
        ]
        self.cut: set[tuple[Server, Server]] = set()
        self.broken: set[tuple[Server, Server]] = set()
        self.split: set[tuple[Server, Server]] = set()

    def send(self, packet: Packet) -> None:
        """Put a packet on its link, if anything passes there."""
        if self.broken or self.cut:
            link = (packet.source, packet.destination)
            if link in self.broken or (link in self.cut and not self.fifo):
                return
        self.channels[packet.source][packet.destination].append(packet)

    def nearest(self, source: Server, destination: Server) -> Channel | None:
        """The channel of this link, or of the next one on which something can arrive."""
        if source == destination:
            start = 0
        else:
            channel = self.channels[source][destination]
            if channel and not self.cut:
                return channel
            start = self._position[source, destination]
        links = self.links
        for offset in range(len(links)):
            link = links[(start + offset) % len(links)]
            channel = self.channels[link[0]][link[1]]
            if channel and link not in self.cut and link not in self.broken:
                return channel
        return None

    def packets(self) -> Iterator[Packet]:
        """All that may arrive now, link by link, the oldest of a link first."""
        for source, destination in self.links:
            if (source, destination) not in self.cut | self.broken:
                yield from self.channels[source][destination]

    def age_of(self, wanted: Packet) -> int | None:
        """Where a packet of the same label is on its link, if it may arrive now."""
        link = (wanted.source, wanted.destination)
        if link in self.cut or link in self.broken:
            return None
        for age, packet in enumerate(self.channels[wanted.source][wanted.destination]):
            if packet.label == wanted.label:
                return age
            if self.fifo:
                return None
        return None

    def disconnect(self, server: Server, peer: Server) -> None:
        """Break the connection of two servers: what is in flight on it is lost."""
        self.channels[server][peer].clear()
        self.channels[peer][server].clear()
        self.broken.update(((server, peer), (peer, server)))

    def connect(self, server: Server, peer: Server) -> None:
        """Let the two reach each other again."""
        self.broken.difference_update(((server, peer), (peer, server)))
