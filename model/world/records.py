"""What a recorder sees of a run: every micro action as it happened, and what it changed."""

from collections.abc import Callable

from attrs import field, frozen

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


Recorder = Callable[[StepRecord], None]
