"""What belongs to every action: its text in a trace, its plainer forms, and how it is drawn."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Protocol

from attrs import frozen

from raft_core import Server

SELDOM: Final = "seldom"
"""Marks a field that is written only where it differs from its default."""


class Choices(Protocol):
    """What a random run offers to an action that is drawn: numbers, and servers of its cluster."""

    members: tuple[Server, ...]
    """All servers."""

    def draw_below(self, limit: int, /) -> int:
        """A number from 0 to `limit` - 1."""
        ...

    def server(self) -> Server:
        """Any server."""
        ...

    def leader_mostly(self) -> Server:
        """A server that leads, if any; now and then any server."""
        ...

    def link(self) -> tuple[Server, Server]:
        """The two ends of any link."""
        ...

    def minority(self) -> tuple[Server, ...]:
        """One side of a partition."""
        ...


@frozen
class Share:
    """How often an action is drawn in random runs."""

    place: int
    """Its place in the order in which the kinds of actions are dealt.

    The order is part of what a seed means: another one gives other runs.
    """
    weight: int
    """How often it is drawn, relative to the others."""
    rare: bool = False
    """Whether half of the runs leave it out, since it undoes more than it breaks."""
    always: bool = False
    """Whether every run has it where the subject offers it; half of the runs leave others out."""


class BaseAction:
    """What a kind of action says about itself; the values here are those of most of them."""

    __slots__ = ()

    share: ClassVar[Share | None] = None
    """How often random runs draw it; None for an action that only other rules bring about."""
    offers: ClassVar[tuple[str, ...]] = ()
    """What a subject's `offers` may name to say that it understands it.

    It is empty where every subject understands the action.
    """
    is_between_two: ClassVar[bool] = False
    """Whether it happens between two servers, so that it may not name one of them twice."""

    def text(self) -> str:
        """The action in a trace."""
        return str(self)

    def plainer(self) -> Sequence[Any]:
        """Actions that might break the same property in its place, plainest first."""
        return ()

    @classmethod
    def draw(cls, choices: Choices) -> Any:
        """One action of this kind; some kinds are drawn by model/drivers/action_source.py."""
        raise NotImplementedError(f"{cls.__name__} is not drawn without a run")


class ActionAtServer(BaseAction):
    """An action that names one server, and is drawn at any."""

    __slots__ = ()

    @classmethod
    def draw(cls, choices: Choices) -> Any:
        """The action at any server."""
        return cls(choices.server())  # type: ignore[call-arg]  # the field of every such action
