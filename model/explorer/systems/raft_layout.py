"""Which place of a state of RaftSystem holds what.

With three servers and two properties that remember something: places 0 to 2 hold the servers, 3 to
5 their inboxes, 6 the budget, 7 and 8 the histories. Encoded states and checkpoints depend on this
order.
"""

from attrs import field, frozen

from model.explorer.systems.system import Component
from properties.property import Property


@frozen
class Layout:
    """The places of a cluster of `servers`, and of the properties that remember something."""

    servers: int
    remembering: tuple[Property, ...]
    budget: int = field(init=False)
    """The place of what is spent so far."""
    property_at: dict[int, Property] = field(init=False)
    """By the place of each history, the property that remembers it."""

    @budget.default
    def _after_the_inboxes(self) -> int:
        return 2 * self.servers

    @property_at.default
    def _after_the_budget(self) -> dict[int, Property]:
        return dict(enumerate(self.remembering, start=self.budget + 1))

    def is_server(self, place: int) -> bool:
        """Whether a place holds the State of a server, whose number it is then."""
        return place < self.servers

    def is_inbox(self, place: int) -> bool:
        """Whether a place holds the messages under way to a server."""
        return self.servers <= place < self.budget

    def inbox_of(self, server: int) -> int:
        """The place of a server's inbox."""
        return self.servers + server

    def receiver_of(self, inbox: int) -> int:
        """The number of the server whose inbox is at this place."""
        return inbox - self.servers

    @property
    def components(self) -> tuple[Component, ...]:
        """What each place holds. The kinds are part of every state's hash."""
        members = range(self.servers)
        return (
            *(Component("server", server) for server in members),
            *(Component("inbox", server) for server in members),
            Component("budget"),
            *(Component(f"history of {each.name}") for each in self.remembering),
        )
