"""Connections between servers of PySyncObj, as the library's own transport would keep them.

A connection stands where the network lets it and each end knows the other as a member. It
breaks when either drops the other, and what is in flight on it then never arrives.
"""

from typing import Any

from raft_core import Server

Link = tuple[Server, Server]


class Links:
    """The transports of all running servers, and the state of each link."""

    def __init__(self, nodes: tuple[Any, ...]) -> None:
        self._nodes = nodes
        self._transports: dict[Server, Any] = {}
        self._up: set[Link] = set()
        """(server, peer): the server knows from the network that its peer can be reached."""
        self._drops: dict[Link, int] = {}

    def start(self, server: Server, transport: Any) -> None:
        """A server runs; it can reach nobody yet."""
        transport.members_moved = self._members_moved
        self._transports[server] = transport

    def stop(self, server: Server) -> None:
        """A server's process is gone; its peers hear of it from the network."""
        del self._transports[server]
        self._up = {link for link in self._up if link[0] != server}

    def report(self, server: Server, peer: Server, is_up: bool) -> None:
        """The network's news for one end of a link."""
        if is_up:
            self._up.add((server, peer))
        else:
            self._up.discard((server, peer))
        self._refresh(server, peer)

    def number(self, server: Server, peer: Server) -> int:
        """Counts the connections of a link that ended with a membership."""
        return self._drops.get((server, peer), 0)

    def _members_moved(self, server: Server, peer: Server) -> None:
        """A server has added or dropped a peer."""
        if peer not in self._transports[server].known:
            for link in ((server, peer), (peer, server)):
                self._drops[link] = self.number(*link) + 1
        self._refresh(server, peer)
        self._refresh(peer, server)

    def _refresh(self, server: Server, peer: Server) -> None:
        """Inform a server if its connection with a peer has come or gone."""
        transport, other = self._transports.get(server), self._transports.get(peer)
        if transport is None:
            return
        knows = peer in transport.known and (other is None or server in other.known)
        stands = knows and (server, peer) in self._up
        if stands and peer not in transport.connected:
            transport.connected.add(peer)
            transport._onNodeConnected(self._nodes[peer])
        elif not stands and peer in transport.connected:
            transport.connected.discard(peer)
            transport._onNodeDisconnected(self._nodes[peer])
