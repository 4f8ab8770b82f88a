"""Everything that can happen to a cluster: the one vocabulary of all drivers.

Micro actions are single happenings. Macro actions stand for many of them, so that one draw
gets far: a whole election, a whole round of replication; each expands into micro actions,
and every property is checked after every one of those.

An action never fails to apply: where it makes no sense, it does nothing.

May import: attrs, typing, raft_core.
"""

from typing import Final, TypeAlias

from attrs import frozen

from raft_core import Command, Server


@frozen
class ElectionTimeout:
    """The server's election timer runs out."""

    server: Server


@frozen
class HeartbeatTimeout:
    """A heartbeat interval goes by at the server."""

    server: Server


@frozen
class ClientRequest:
    """A client asks the server to execute a command."""

    server: Server
    command: Command


@frozen
class Deliver:
    """A message on the link arrives: the oldest at age 0, a later one at a higher age.

    As with a Python list, age -1 is the newest. An empty link means the next one that is not
    empty; on a fifo network the age is 0.
    """

    source: Server
    destination: Server
    age: int = 0


@frozen
class Duplicate:
    """As Deliver, but the message stays in flight too (networks of any order only)."""

    source: Server
    destination: Server
    age: int = 0


@frozen
class Drop:
    """A message on the link is lost (networks of any order only)."""

    source: Server
    destination: Server
    age: int = 0


@frozen
class Crash:
    """The server stops; what its disk holds stays."""

    server: Server


@frozen
class Restart:
    """The server starts from its disk; where it is running, it crashes first."""

    server: Server


@frozen
class Cut:
    """Nothing passes from source to destination until Heal: one way only.

    What is sent meanwhile is lost; on a fifo network it waits, as behind a stalled connection.
    """

    source: Server
    destination: Server


@frozen
class Partition:
    """The servers of `side` and the others do not reach each other until Heal.

    On a fifo network their connections break, and what was in flight between them is lost.
    """

    side: tuple[Server, ...]


@frozen
class Heal:
    """All links work again."""


@frozen
class Elect:
    """The server's election timer runs out, and its messages and their answers arrive.

    Those to and from `unreachable` servers stay in flight, as on slow links.
    """

    server: Server
    unreachable: tuple[Server, ...] = ()


@frozen
class Sync:
    """The server sends a round of heartbeats; they and their answers arrive, until it is quiet.

    Those to and from `unreachable` servers stay in flight, as on slow links.
    """

    server: Server
    unreachable: tuple[Server, ...] = ()


@frozen
class Exchange:
    """All that is in flight between two servers arrives, with what that provokes, until quiet.

    `newest_first`: in the order that a network which reorders would choose to hurt; on a fifo
    network it means nothing.
    """

    server: Server
    peer: Server
    newest_first: bool = False


MicroAction: TypeAlias = (
    ElectionTimeout
    | HeartbeatTimeout
    | ClientRequest
    | Deliver
    | Duplicate
    | Drop
    | Crash
    | Restart
    | Cut
    | Partition
    | Heal
)
MacroAction: TypeAlias = Elect | Sync | Exchange
Action: TypeAlias = MicroAction | MacroAction
Schedule: TypeAlias = tuple[Action, ...]

ACTION_TYPES: Final[tuple[type[Action], ...]] = (
    ElectionTimeout,
    HeartbeatTimeout,
    ClientRequest,
    Deliver,
    Duplicate,
    Drop,
    Crash,
    Restart,
    Cut,
    Partition,
    Heal,
    Elect,
    Sync,
    Exchange,
)
