"""The micro actions that every subject understands: single happenings, and the end of faults."""

from math import ceil
from typing import Final, Self, TypeAlias

from attrs import frozen

from model.actions.base import ActionAtServer, BaseAction, Choices, Share
from raft_core import SERVERS, Command, Server
from raft_core.evolve import evolve


@frozen
class ElectionTimeout(ActionAtServer):
    """The server's election timer runs out."""

    share = Share(place=5, weight=1)

    server: Server

    def text(self) -> str:
        """The server, and what happens to it."""
        return f"{self.server!s} election timeout"


@frozen
class HeartbeatTimeout(BaseAction):
    """A heartbeat interval goes by at the server."""

    share = Share(place=6, weight=1)

    server: Server

    def text(self) -> str:
        """The server, and what happens to it."""
        return f"{self.server!s} heartbeat timeout"

    @classmethod
    def draw(cls, choices: Choices) -> Self:
        """One at a leader, mostly: only leaders send heartbeats."""
        return cls(choices.leader_mostly())


@frozen
class ClientRequest(BaseAction):
    """A client asks the server to execute a command."""

    share = Share(place=2, weight=4)

    server: Server
    command: Command

    def text(self) -> str:
        """The server and the command."""
        return f"client -> {self.server!s} {self.command}"


@frozen
class Deliver(BaseAction):
    """A message on the link arrives: the oldest at age 0, a later one at a higher age.

    As with a Python list, age -1 is the newest. An empty link means the next one that is not
    empty; on a fifo network the age is 0.
    """

    share = Share(place=0, weight=5)
    is_between_two = True

    source: Server
    destination: Server
    age: int = 0

    def plainer(self) -> tuple[Self, ...]:
        """The oldest message."""
        return (type(self)(self.source, self.destination),) if self.age != 0 else ()


@frozen
class Duplicate(BaseAction):
    """As Deliver, but the message stays in flight too (networks of any order only)."""

    share = Share(place=7, weight=1)
    is_between_two = True

    source: Server
    destination: Server
    age: int = 0

    def plainer(self) -> tuple[Deliver, ...]:
        """No copy, of the oldest message or of the same."""
        oldest = Deliver(self.source, self.destination)
        return (oldest, Deliver(self.source, self.destination, self.age))


@frozen
class Drop(BaseAction):
    """A message on the link is lost (networks of any order only)."""

    share = Share(place=8, weight=1, rare=True)
    is_between_two = True

    source: Server
    destination: Server
    age: int = 0


@frozen
class Crash(ActionAtServer):
    """The server stops; what its disk holds stays."""

    share = Share(place=10, weight=1, rare=True)

    server: Server

    def text(self) -> str:
        """The server, and what happens to it."""
        return f"{self.server!s} crashes"


@frozen
class Restart(ActionAtServer):
    """The server starts from its disk; where it is running, it crashes first."""

    share = Share(place=9, weight=1)

    server: Server

    def text(self) -> str:
        """The server, and what happens to it."""
        return f"{self.server!s} restarts from its disk"


@frozen
class Cut(BaseAction):
    """Nothing passes from source to destination until Heal: one way only.

    What is sent meanwhile is lost; on a fifo network it waits, as on a stalled connection.
    """

    share = Share(place=12, weight=1, rare=True)
    is_between_two = True

    source: Server
    destination: Server

    def text(self) -> str:
        """The link that is cut."""
        return f"{self.source!s} -/-> {self.destination!s} cut"

    @classmethod
    def draw(cls, choices: Choices) -> Self:
        """One on any link."""
        return cls(*choices.link())


@frozen
class Partition(BaseAction):
    """The servers of `side` and the others do not reach each other until Heal.

    On a fifo network their connections break, and what was in flight between them is lost.
    """

    share = Share(place=11, weight=1, rare=True)

    side: tuple[Server, ...]

    def text(self) -> str:
        """The servers of one side."""
        return f"partition: {' '.join(str(server) for server in self.side)} from the others"

    @classmethod
    def draw(cls, choices: Choices) -> Self:
        """One that cuts off at most half of the servers."""
        return cls(choices.minority())


@frozen
class Heal(BaseAction):
    """All links work again."""

    share = Share(place=13, weight=1)

    def text(self) -> str:
        """What it does."""
        return "all links heal"

    @classmethod
    def draw(cls, choices: Choices) -> Self:
        """The one that there is."""
        return cls()


ROUNDS: Final = 20
"""Of a fair schedule, with three servers or fewer."""


def fair_rounds(servers: int) -> int:
    """The rounds of a fair schedule with so many servers: as many turns for each as three have.

    Seven servers of openraft elected a leader in the twentieth round, and no round was left for a
    request: the server with the longest log came last, and was deposed by the term of another.
    """
    return max(ROUNDS, ceil(ROUNDS * servers / 3))


@frozen
class Settle(BaseAction):
    """All faults stop, and all but the `absent` servers run, on a fair schedule.

    In so many rounds a leader has to be elected, a request committed, and every running server
    has to know; then what else the cluster offers is asked. A round that has no leader gives one
    server after the other its turn, from `first` on. If it `waits`, the same has to come about
    without any request before, which may wake up what would have slept for ever; a request may also
    keep from coming about what comes about without one.
    """

    rounds: int = ROUNDS
    absent: tuple[Server, ...] = ()
    first: Server = SERVERS[0]
    waits: bool = False

    def text(self) -> str:
        """How long the fair schedule may take, which servers are down, and who comes first."""
        without = f" without {' '.join(map(str, self.absent))}" if self.absent else ""
        first = f", {self.first!s} first" if self.first else ""
        waits = ", no request at first" if self.waits else ""
        return f"faults stop; {self.rounds} fair rounds{without}{first}{waits}"

    def plainer(self) -> tuple[Self, ...]:
        """All servers run, the first comes first, and nobody waits."""
        plain = evolve(self, absent=()), evolve(self, first=SERVERS[0]), evolve(self, waits=False)
        return tuple(each for each in plain if each != self)


RequiredAction: TypeAlias = (
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
    | Settle
)
