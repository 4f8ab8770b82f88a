"""The macro actions: a whole election, a round of replication, or all that is late on a link."""

from typing import Self, TypeAlias

from attrs import frozen

from model.actions.base import BaseAction, Share
from raft_core import Server


@frozen
class BaseRound(BaseAction):
    """A server sends to all others, and what `unreachable` servers send or get stays in flight."""

    server: Server
    unreachable: tuple[Server, ...] = ()

    def plainer(self) -> tuple[Self, ...]:
        """All servers are reached, or all but one."""
        if not self.unreachable:
            return ()
        return (
            type(self)(self.server),
            *(type(self)(self.server, (other,)) for other in self.unreachable),
        )


@frozen
class Elect(BaseRound):
    """The server's election timer runs out, and its messages and their answers arrive.

    Those to and from `unreachable` servers stay in flight, as on slow links.
    """

    share = Share(place=1, weight=4)


@frozen
class Sync(BaseRound):
    """The server sends a round of heartbeats; they and their answers arrive, until it is quiet.

    Those to and from `unreachable` servers stay in flight, as on slow links.
    """

    share = Share(place=3, weight=4)


@frozen
class Exchange(BaseAction):
    """All that is in flight between two servers arrives, with what that provokes, until quiet.

    `newest_first`: in the order that a network which reorders would choose to hurt; on a fifo
    network it means nothing.
    """

    share = Share(place=4, weight=1)
    is_between_two = True

    server: Server
    peer: Server
    newest_first: bool = False

    def plainer(self) -> tuple[Self, ...]:
        """The oldest message comes first."""
        return (type(self)(self.server, self.peer),) if self.newest_first else ()


MacroAction: TypeAlias = Elect | Sync | Exchange
