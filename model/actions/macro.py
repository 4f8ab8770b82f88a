"""The macro actions: a whole election, a round of replication, or all that is late on a link."""

from typing import Self, TypeAlias

from attrs import field, frozen

from model.actions.base import SELDOM, BaseAction, Share
from raft_core import Server


@frozen(repr=False)
class BaseRound(BaseAction):
    """A server sends to all others, and what `unreachable` servers send or get stays in flight."""

    server: Server
    unreachable: tuple[Server, ...] = ()
    stalled: tuple[Server, ...] = field(default=(), metadata={SELDOM: True})
    """Whose writes stay under way meanwhile, where writes complete later."""

    def __repr__(self) -> str:
        stalled = f", stalled={self.stalled!r}" if self.stalled else ""
        named = f"server={self.server!r}, unreachable={self.unreachable!r}{stalled}"
        return f"{type(self).__name__}({named})"

    def plainer(self) -> tuple[Self, ...]:
        """No disk stalls, and all servers are reached, or all but one."""
        without = () if not self.stalled else (type(self)(self.server, self.unreachable),)
        if not self.unreachable:
            return without
        return (
            type(self)(self.server),
            *(type(self)(self.server, (other,), self.stalled) for other in self.unreachable),
            *without,
        )


@frozen(repr=False)
class Elect(BaseRound):
    """The server's election timer runs out, and its messages and their answers arrive.

    Those to and from `unreachable` servers stay in flight, as on slow links.
    """

    share = Share(place=1, weight=4)


@frozen(repr=False)
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
