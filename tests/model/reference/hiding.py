"""The reference, of which some things are not shown: for rules that must not guess."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from attrs import evolve, frozen

from model.reference.cluster import ReferenceCluster, ReferenceFactory
from model.reference.variant import REFERENCE, Protocol
from model.setup import Setup
from model.subject import Packet, ServerCrashedError
from properties.rules.vocabulary import Meaning
from properties.view import MEANINGS, UNOBSERVED, VOTE
from raft_core import Server


class HidingCluster:
    """A cluster of reference servers; all but what it hides is the reference's own."""

    def __init__(
        self, cluster: ReferenceCluster, silent: frozenset[str], shows_votes: bool
    ) -> None:
        self._cluster = cluster
        self._silent = silent
        self._shows_votes = shows_votes

    def __getattr__(self, name: str) -> Any:
        own = getattr(self._cluster, name)
        return partial(self._call, own) if callable(own) else own

    def _call(self, method: Callable[..., Any], *arguments: Any) -> Any:
        """Call the reference; a crash shows no more than a view."""
        try:
            return method(*arguments)
        except ServerCrashedError as crash:
            crash.view, crash.reached = self._hidden(crash.view), self._hidden(crash.reached)
            raise

    def _hidden(self, view: Any) -> Any:
        """A view, without its vote where votes are hidden."""
        if view is None or self._shows_votes:
            return view
        return evolve(view, voted_for=UNOBSERVED)

    def view(self, server: Server) -> Any:
        """The server's state, without its vote where votes are hidden."""
        return self._hidden(self._cluster.view(server))

    def meaning(self, packet: Packet) -> Meaning | None:
        """What a packet says, unless its kind of message does not say what it means."""
        meaning = self._cluster.meaning(packet)
        return None if meaning is None or meaning.kind in self._silent else meaning


@frozen
class HidingFactory(ReferenceFactory):
    """Makes clusters that hide the meaning of some kinds of messages, or all votes."""

    silent: frozenset[str] = frozenset()
    shows_votes: bool = True

    def observes_with(self, settings: Mapping[str, str]) -> frozenset[str]:
        """Message meanings too, and votes where they are not hidden."""
        shown = super().observes_with(settings) | {MEANINGS}
        return shown if self.shows_votes else shown - {VOTE}

    def create(self, servers: int, settings: Mapping[str, str]) -> Any:
        """A cluster that hides as much."""
        return HidingCluster(super().create(servers, settings), self.silent, self.shows_votes)


def hiding(
    *silent: str,
    shows_votes: bool = True,
    servers: int = 3,
    settings: Mapping[str, str] | None = None,
    protocol: Protocol = REFERENCE,
) -> Setup:
    """A setup of such a cluster; `silent` are the kinds of messages without a meaning."""
    factory = HidingFactory(protocol, silent=frozenset(silent), shows_votes=shows_votes)
    return Setup(factory=factory, servers=servers, network="any", settings=settings or {})
