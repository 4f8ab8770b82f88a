"""Which links let messages pass, as the actions of a run say: for pictures."""

from collections.abc import Iterator

from attrs import define, field

from model import actions
from model.actions import MicroAction
from raft_core import SERVERS, Server

Link = tuple[Server, Server]


@define
class Links:
    """The links of a cluster, and those on which nothing passes now."""

    servers: int
    is_fifo: bool
    _cut: set[Link] = field(factory=set)

    def follow(self, action: MicroAction) -> None:
        """Let an action happen."""
        match action:
            case actions.Cut(source, destination) if source != destination:
                self._cut.add((source, destination))
            case actions.Partition(side):
                rest = [each for each in SERVERS[: self.servers] if each not in side]
                self._cut.update((one, other) for one in side for other in rest)
                self._cut.update((other, one) for one in side for other in rest)
            case actions.Heal():
                self._cut.clear()
            case _:
                pass

    def cut(self) -> Iterator[Link]:
        """The links on which nothing passes."""
        yield from sorted(self._cut)

    def loses(self, source: Server, destination: Server) -> bool:
        """Whether what is sent there now is lost; on a connection, it waits."""
        return (source, destination) in self._cut and not self.is_fifo
