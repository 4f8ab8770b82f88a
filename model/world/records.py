"""What a recorder sees of a run: every micro action as it happened, and what it changed."""

from collections.abc import Callable
from typing import Final

from attrs import define, field, frozen

from model.actions import MicroAction
from model.subject import Packet, Sent
from properties.facts import Facts
from properties.view import View
from raft_core import Server


@frozen
class Happening:
    """A micro action as it happened: resolved, with the packet that it moved, if any."""

    action: MicroAction
    packet: Packet | None = None


@define
class Aftermath:
    """What came of a step beside the change at the server that acted.

    Time passes at all servers, and servers learn that a connection broke or came back, one after
    the other: this is filled meanwhile, after the step was recorded.
    """

    sent: list[Packet] = field(factory=list)
    views: dict[Server, View] = field(factory=dict)
    facts: Facts = field(factory=list)

    def add(self, server: Server, view: View, facts: Facts, sent: Sent) -> None:
        """What one of the other servers came to, and sent."""
        self.views[server] = view
        self.facts += facts
        self.sent += sent


NOTHING: Final = Aftermath()


@frozen
class StepRecord:
    """One micro action with everything that a trace shows of it."""

    happening: Happening
    server: Server | None = None
    """The server that acted; None where no server did."""
    before: View | None = None
    after: View | None = None
    facts: Facts = field(factory=list)
    crashed: bool = False
    """Whether the server crashed inside this step; its disk is seen when it starts again."""
    sent: Sent = ()
    """What the server sent in this step."""
    reached: View | None = None
    """How far a step in which the server crashed had come, if its subject shows that."""
    overlapping: bool = False
    """Whether the server also handled something else in this step, or is not done with it."""
    rounds: tuple["StepRecord", ...] = ()
    """The steps of a fair schedule that led to no progress, which count as one."""
    aftermath: Aftermath = NOTHING


Recorder = Callable[[StepRecord], None]
