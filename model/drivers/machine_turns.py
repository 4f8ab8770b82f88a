"""The turns of a rule machine: what the walker draws from a seed, drawn by Hypothesis.

Both drivers have one vocabulary, and one knowledge of what is worth trying: a rule of the machine
is a turn of the walker's ActionSource. A turn is read off one number, as a draw costs Hypothesis
as much as ten steps of the reference. The number's last digits are the first choices, so that the
later ones of a smaller number are 0, and 0 is the plainest of each.
"""

from collections.abc import Callable
from typing import Final, Protocol

from attrs import evolve, field, frozen
from hypothesis import strategies as st

from model.actions import Action, HeartbeatTimeout
from model.drivers.action_source import ActionSource
from model.drivers.clients import CLIENTS, READ, Clients, Planned
from model.drivers.run_profile import DrawBelow, RunProfile, deck_of_run, profile_with_rivals
from model.world.macro_actions import Cluster
from raft_core import Server

COMMANDS: Final = (READ, "set x v", "append x v", "get y", "set y v")
COPIES: Final = (0, 0, 0, 0, 0, 1, 1, 2)
"""How far back a client goes when it asks: mostly for something new."""
SETTLES: Final = 25
"""One single action in so many is a fair schedule."""
NUMBERS: Final = st.integers(0, 2**64 - 1)
MACHINE: Final = st.runner()


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

    def __call__(self) -> Action:
        """The operation; a client that has to wait lets a heartbeat pass."""
        asked = self.clients.ask(self.server, self.client, self.command, self.again)
        return asked or HeartbeatTimeout(self.server)


class TurnSource(ActionSource):
    """Draws the turns of one example: all of a turn at once, before any of it happens."""

    def read_off(self, number: int) -> None:
        """Take the next choices off this number."""
        self.draw_below = choices_of_number(number)
        if self.turns is not None:
            self.turns.draw_below = self.draw_below

    def rivals(self) -> list[Planned]:
        """One of the rivals leads for a while."""
        return [] if self.turns is None else self.turns.rival_turn()

    def stale(self) -> list[Planned]:
        """A leader is superseded without hearing of it, and is asked to read."""
        return [] if self.turns is None else self.turns.stale_turn()

    def wander(self) -> list[Planned]:
        """A single action; now and then the end of all faults."""
        if not self.cluster.network.fifo and self.one_in(SETTLES):
            return [self.settle()]
        first = self.from_deck()
        rest, self.turn = self.turn, []
        return [first, *rest]

    def one_in(self, count: int) -> bool:
        """Whether something rare happens: never at 0, since nothing rare is plain."""
        return self.draw_below(count) == count - 1

    def later(self, draw: Callable[[], Planned]) -> Planned:
        """What comes later is drawn at once, so that it can be printed."""
        return draw()

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


def run_of_number(number: int, cluster: Cluster) -> RunProfile:
    """How an example behaves: who leads in turn, who lags, and how often each action occurs."""
    draw_below = choices_of_number(number)
    deck = deck_of_run(draw_below, cluster.offers)
    return evolve(profile_with_rivals(draw_below, cluster.members, cluster.offers), deck=deck)


class HasSource(Protocol):
    """A machine, as far as its turns look at it."""

    source: TurnSource


def kinds_of_turns(cluster: Cluster) -> tuple[str, ...]:
    """The turns that there are in this cluster, each a method of TurnSource and of the machine."""
    if cluster.has_clients and len(cluster.members) > 1:
        return ("rivals", "stale", "wander")
    return ("rivals", "wander")


@st.composite
def turns(draw: st.DrawFn, kind: str) -> list[Planned]:
    """The steps of a turn of this kind."""
    machine: HasSource = draw(MACHINE)
    machine.source.read_off(draw(NUMBERS))
    steps: list[Planned] = getattr(machine.source, kind)()
    return steps
