"""Everything that can happen to a cluster: the one vocabulary of all drivers.

Micro actions are single happenings. Macro actions stand for many of them, so that one draw
gets far: a whole election, a whole round of replication; each expands into micro actions,
and every property is checked after every one of those. Some actions only make sense to subjects
that have the feature; what a subject does not offer does nothing.

An action never fails to apply: where it makes no sense, it does nothing.
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
class Compact:
    """The server takes a snapshot of all that it has applied, but for the last `keep` entries."""

    server: Server
    keep: int = 0


@frozen
class ChangeMembership:
    """An administrator asks the server for another configuration of the cluster."""

    server: Server
    voters: tuple[Server, ...]
    learners: tuple[Server, ...] = ()


@frozen
class TransferLeadership:
    """An administrator asks the server to hand its leadership over to `target`."""

    server: Server
    target: Server


@frozen
class PassTime:
    """Time goes by: every running server's clock moves on by `ticks`.

    The clocks of `fast` servers run ahead as far as the cluster's drift bound lets them.
    """

    ticks: int
    fast: tuple[Server, ...] = ()


@frozen
class Invoke:
    """A client asks the server to execute its operation of this number, once or once more.

    The first time the operation is invoked; the same again, at any server, is a retry. The
    commands are those of a small key-value store: `set KEY VALUE`, `append KEY VALUE`,
    `get KEY`; and `open`, which begins a session where the cluster has them.
    """

    server: Server
    client: int
    number: int
    command: Command


@frozen
class CrashInside:
    """The server will crash inside its next step, after so many of its writes and sends.

    Of its writes that are not synced by then, the last `lost` are lost.
    """

    server: Server
    after: int = 0
    lost: int = 0


@frozen
class FailWrite:
    """The disk will refuse a write of the server's next step, after so many that succeed."""

    server: Server
    after: int = 0


@frozen
class Settle:
    """All faults stop, and all but the `absent` servers run, on a fair schedule.

    In so many rounds a leader has to be elected, a request committed, and every running
    server has to know. A round that has no leader gives one server after the other its turn.
    """

    rounds: int = 20
    absent: tuple[Server, ...] = ()


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
    | Compact
    | ChangeMembership
    | TransferLeadership
    | PassTime
    | Invoke
    | CrashInside
    | FailWrite
    | Settle
)
OptionalAction: TypeAlias = (
    Compact | ChangeMembership | TransferLeadership | PassTime | Invoke | CrashInside | FailWrite
)
"""What a subject may offer beyond what every subject must understand."""
MacroAction: TypeAlias = Elect | Sync | Exchange
Action: TypeAlias = MicroAction | MacroAction
Schedule: TypeAlias = tuple[Action, ...]

OPTIONAL: Final = frozenset(
    {
        "Compact",
        "ChangeMembership",
        "TransferLeadership",
        "PassTime",
        "Invoke",
        "Retry",
        "CrashInside",
        "FailWrite",
    }
)
"""The names of optional actions, as a subject lists what it offers.

`Retry` is `Invoke` of the same operation once more: only where clients have sessions is it
executed once (`open` begins one).
"""

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
    Compact,
    ChangeMembership,
    TransferLeadership,
    PassTime,
    Invoke,
    CrashInside,
    FailWrite,
    Settle,
    Elect,
    Sync,
    Exchange,
)
