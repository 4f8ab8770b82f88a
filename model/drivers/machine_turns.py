"""The turns of a rule machine: what the walker draws from a seed, drawn by Hypothesis.

Both drivers have one vocabulary, and one knowledge of what is worth trying: a rule of the machine
is a turn of the walker's ActionSource. A turn is read off one number, as a draw costs Hypothesis
as much as ten steps of the reference. The number's last digits are the first choices, so that the
later ones of a smaller number are 0, and 0 is the plainest of each.
"""

from collections.abc import Callable
from typing import Any, Final

from attrs import field, frozen
from hypothesis import strategies as st

from model.actions import Action, Deliver, Duplicate, HeartbeatTimeout
from model.drivers.action_source import ActionSource
from model.drivers.clients import CLIENTS, READ, Clients, Planned
from model.drivers.run_profile import DrawBelow, deck_of_run, profile_with_rivals
from model.world.macro_actions import Cluster
from raft_core import Server
from raft_core.evolve import evolve

COMMANDS: Final = (READ, "set x v", "append x v", "get y", "set y v")
COPIES: Final = (0, 0, 0, 0, 0, 1, 1, 2)
"""How far back a client goes when it asks: mostly for something new."""
SETTLES: Final = 25
"""One single action in so many is a fair schedule."""
TURNS: Final = ("lead", "wander")
"""The rules of the machine, each a method of TurnSource that draws and one of the machine."""
NUMBERS: Final = st.integers(0, 2**128 - 1)
"""Enough digits for every choice of a turn among seven servers with all features."""
MACHINE: Final = st.runner()
"""The machine whose rule is drawn; a new strategy for each draw would cost as much as the draw."""


@frozen
class Ask:
    """A client asks a server for its next operation, or for one of its last ones once more.

    Which operation that is depends on what is answered when it asks.
    """

    clients: Clients = field(repr=False, eq=False)
    server: Server
    client: int
    command: str
    again: int

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print it in a program of Hypothesis, which looks for this method, without the clients."""
        printer.text(repr(self))

    def __call__(self) -> Action:
        """The operation; a client that has to wait lets a heartbeat pass."""
        asked = self.clients.ask(self.server, self.client, self.command, self.again)
        return asked or HeartbeatTimeout(self.server)


class TurnSource(ActionSource):
    """Draws the turns of one example: all of a turn at once, before any of it happens."""

    def __init__(self, cluster: Cluster, number: int) -> None:
        draw_below = choices_of_number(number)
        run = profile_with_rivals(draw_below, cluster.members, cluster.offers)
        deck = deck_of_run(draw_below, cluster.offers)
        super().__init__(draw_below, cluster, evolve(run, deck=deck))

    def read_off(self, number: int) -> None:
        """Take the next choices off this number."""
        self.draw_below = choices_of_number(number)

    def lead(self) -> list[Planned]:
        """One of the rivals leads for a while, or a leader goes stale and is asked to read."""
        return [] if self.turns is None else self.turns.next_turn()

    def wander(self) -> list[Planned]:
        """A single action; now and then the end of all faults."""
        if not self.cluster.network.fifo and self.one_in(SETTLES):
            return [self.settle()]
        first = self.from_deck()
        rest, self.turn = self.turn, []
        return [first, *rest[::-1]]

    def one_in(self, count: int) -> bool:
        """Whether something rare happens: never at 0, since nothing rare is plain."""
        return self.draw_below(count) == count - 1

    def later(self, draw: Callable[[], Planned]) -> Planned:
        """What comes later is drawn at once, so that it can be printed."""
        return draw()

    def arrives(self, source: Server, destination: Server, age: int) -> Deliver | Duplicate:
        """A late message arrives; one time in three a copy of it stays."""
        return (Duplicate if self.one_in(3) else Deliver)(source, destination, age)

    def invoke(self, server: Server) -> Planned:
        """A client's next operation, or one that it has asked for already, once more."""
        client = 1 + self.draw_below(CLIENTS)
        command = COMMANDS[self.draw_below(len(COMMANDS))]
        again = COPIES[self.draw_below(len(COPIES))] if self.clients.may_retry else 0
        return Ask(self.clients, server, client, command, again)

    def read_at(self, server: Server) -> Planned:
        """A read at a server that may not know that it leads no more."""
        return Ask(self.clients, server, 1 + self.draw_below(CLIENTS), READ, 0)


def choices_of_number(number: int) -> DrawBelow:
    """Choices off a number: the first from its last digits, and 0 once none is left."""
    rest = number

    def draw_below(limit: int) -> int:
        nonlocal rest
        rest, chosen = divmod(rest, limit)
        return chosen

    return draw_below


@st.composite
def turns(draw: st.DrawFn, kind: str) -> list[Planned]:
    """The steps of a turn of this kind."""
    source: TurnSource = draw(MACHINE).source
    source.read_off(draw(NUMBERS))
    steps: list[Planned] = getattr(source, kind)()
    return steps
