"""The micro actions of features: only a subject that offers one of them is asked for it.

What a subject does not offer does nothing. A new action of this kind needs its class here with a
place in `OptionalAction`, and its effect in the subject: all lists are derived.
"""

from typing import Any, Self, TypeAlias

from attrs import frozen

from model.actions.base import BaseAction, Choices, Share
from raft_core import Command, Membership, Server


class BaseOptionalAction(BaseAction):
    """An action of a feature, with an example, by which it is tried whether it is understood."""

    __slots__ = ()

    @classmethod
    def example(cls, members: tuple[Server, ...]) -> Any:
        """One that makes sense at a leader, which is the first of these servers."""
        raise NotImplementedError(f"{cls.__name__} has no example")


@frozen
class Compact(BaseOptionalAction):
    """The server takes a snapshot of all that it has applied, but for the last `keep` entries."""

    share = Share(place=16, weight=2)
    offers = ("Compact",)

    server: Server
    keep: int = 0

    def text(self) -> str:
        """The server, and how much of its log it keeps."""
        kept = f", keeps {self.keep} entries" if self.keep else ""
        return f"{self.server!s} takes a snapshot{kept}"

    def plainer(self) -> tuple[Self, ...]:
        """Nothing is kept."""
        return (type(self)(self.server),) if self.keep else ()

    @classmethod
    def draw(cls, choices: Choices) -> Self:
        """One of a leader's log every other time."""
        server = choices.leader_mostly() if choices.draw_below(2) else choices.server()
        return cls(server, max(choices.draw_below(4) - 1, 0))

    @classmethod
    def example(cls, members: tuple[Server, ...]) -> Self:
        """One at the first server."""
        return cls(members[0])


@frozen
class PassTime(BaseOptionalAction):
    """Time goes by: every running server's clock moves on by `ticks`.

    The clocks of `fast` servers run ahead as far as the cluster's drift bound lets them.
    """

    share = Share(place=15, weight=1)
    offers = ("PassTime",)

    ticks: int
    fast: tuple[Server, ...] = ()

    def text(self) -> str:
        """How many ticks, and whose clocks run ahead."""
        clocks = f", more for {' '.join(map(str, self.fast))}" if self.fast else ""
        return f"{self.ticks} ticks go by{clocks}"

    def plainer(self) -> tuple[Self, ...]:
        """No clock runs ahead, or a single one does."""
        if not self.fast:
            return ()
        return (type(self)(self.ticks), *(type(self)(self.ticks, (each,)) for each in self.fast))

    @classmethod
    def draw(cls, choices: Choices) -> Self:
        """Some ticks, and whose clocks run ahead."""
        ticks = 1 + choices.draw_below(12)
        return cls(ticks, tuple(server for server in choices.members if not choices.draw_below(2)))

    @classmethod
    def example(cls, members: tuple[Server, ...]) -> Self:
        """A short while."""
        return cls(3)


@frozen
class TransferLeadership(BaseOptionalAction):
    """An administrator asks the server to hand its leadership over to `target`."""

    share = Share(place=18, weight=1)
    offers = ("TransferLeadership",)

    server: Server
    target: Server

    def text(self) -> str:
        """Which leader is asked to hand over to which server."""
        return f"administrator -> {self.server!s} hand over to {self.target!s}"

    @classmethod
    def draw(cls, choices: Choices) -> Self:
        """From a leader, mostly, to any server."""
        return cls(choices.leader_mostly(), choices.server())

    @classmethod
    def example(cls, members: tuple[Server, ...]) -> Self:
        """From the first server to the last."""
        return cls(members[0], members[-1])


@frozen
class ChangeMembership(BaseOptionalAction):
    """An administrator asks the server for another configuration of the cluster."""

    share = Share(place=17, weight=2)
    offers = ("ChangeMembership",)

    server: Server
    voters: tuple[Server, ...]
    learners: tuple[Server, ...] = ()

    def text(self) -> str:
        """Which server is asked for which configuration."""
        wanted = Membership(self.voters, self.learners)
        return f"administrator -> {self.server!s} change to {wanted}"

    def plainer(self) -> tuple[Self, ...]:
        """Nobody learns."""
        return (type(self)(self.server, self.voters),) if self.learners else ()

    @classmethod
    def example(cls, members: tuple[Server, ...]) -> Self:
        """To all servers but the last; in a cluster of one, to all."""
        return cls(members[0], members[:-1] or members)


@frozen
class CrashInside(BaseOptionalAction):
    """The server will crash inside its next step, after so many of its writes and sends.

    Of its writes that are not synced by then, the last `lost` are lost.
    """

    share = Share(place=19, weight=1)
    offers = ("CrashInside",)

    server: Server
    after: int = 0
    lost: int = 0

    def text(self) -> str:
        """The server, how far its step comes, and what its disk loses."""
        lose = f", losing {self.lost} unsynced" if self.lost else ""
        return f"{self.server!s} will crash after {self.after} writes and sends{lose}"

    def plainer(self) -> tuple[Self, ...]:
        """Nothing is lost."""
        return (type(self)(self.server, self.after),) if self.lost else ()

    @classmethod
    def draw(cls, choices: Choices) -> Self:
        """One at any server."""
        return cls(choices.server(), choices.draw_below(6), choices.draw_below(3))

    @classmethod
    def example(cls, members: tuple[Server, ...]) -> Self:
        """One at the first server, at once."""
        return cls(members[0])


@frozen
class FailWrite(BaseOptionalAction):
    """The disk will refuse a write of the server's next step, after so many that succeed."""

    share = Share(place=20, weight=1)
    offers = ("FailWrite",)

    server: Server
    after: int = 0

    def text(self) -> str:
        """The server, and how many writes succeed before."""
        return f"{self.server!s}'s disk will refuse a write after {self.after}"

    @classmethod
    def draw(cls, choices: Choices) -> Self:
        """One at any server."""
        return cls(choices.server(), choices.draw_below(2))

    @classmethod
    def example(cls, members: tuple[Server, ...]) -> Self:
        """The next write of the first server."""
        return cls(members[0])


@frozen
class Invoke(BaseOptionalAction):
    """A client asks the server to execute its operation of this number, once or once more.

    The first time the operation is invoked; the same again, at any server, is a retry. The
    commands are those of a small key-value store: `set KEY VALUE`, `append KEY VALUE`,
    `get KEY`; and `open`, which begins a session where the cluster has them.
    """

    share = Share(place=14, weight=6, always=True)
    offers = ("Invoke", "Retry")
    """`Retry` is `Invoke` of the same operation once more: only where clients have sessions is it
    executed once (`open` begins one)."""

    server: Server
    client: int
    number: int
    command: Command

    def text(self) -> str:
        """The client, the server, and the operation."""
        return f"client {self.client} -> {self.server!s} #{self.number} {self.command}"

    @classmethod
    def example(cls, members: tuple[Server, ...]) -> Self:
        """A write of the first client at the first server."""
        return cls(members[0], 1, 1, "set k1 v1")


@frozen
class CompleteWrite(BaseOptionalAction):
    """The server's oldest write that is under way completes, and it learns of that.

    A subject that offers it says how many are under way (`writes_under_way` in model/subject.py).
    """

    share = Share(place=21, weight=3, always=True)
    offers = ("CompleteWrite",)

    server: Server

    def text(self) -> str:
        """Whose write it is."""
        return f"{self.server!s}'s oldest write completes"

    @classmethod
    def example(cls, members: tuple[Server, ...]) -> Self:
        """One at the first server."""
        return cls(members[0])


OptionalAction: TypeAlias = (
    Compact
    | PassTime
    | TransferLeadership
    | ChangeMembership
    | CrashInside
    | FailWrite
    | Invoke
    | CompleteWrite
)
"""What a subject may offer beyond what every subject must understand."""
