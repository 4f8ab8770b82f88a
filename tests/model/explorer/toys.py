"""Systems small enough to see through, for tests of what explores them."""

from attrs import field, frozen

from model.explorer.systems.system import (
    IMPOSSIBLE,
    Broken,
    Change,
    Component,
    Label,
    Offer,
    Outcome,
    Refusal,
    Renaming,
    State,
    Value,
)

Edge = tuple[str, str, str]
"""A move: its kind, from where, and to where. What leads to "goal" notes that it does."""


@frozen
class Maze:
    """Positions and the moves between them; `fuel` bounds the moves of the kind "walk".

    Who steps on "trap" has broken a property; "abyss" is outside the constraint.
    """

    edges: tuple[Edge, ...]
    start: str = "start"
    fuel: int = 99
    components: tuple[Component, ...] = (Component("position"), Component("fuel"))
    renamings: tuple[Renaming, ...] = field(default=((0,),))

    def initial(self) -> State:
        """At the start, with nothing burnt."""
        return self.start, 0

    def offers(self, place: int, value: Value) -> tuple[Offer, ...]:
        """The moves from here."""
        if place == 1:
            return ()
        burn = Change(1, "burn")
        return tuple(
            Offer(kind, 0, target, (burn,) if kind == "walk" else ())
            for kind, source, target in self.edges
            if source == value
        )

    def react(self, place: int, value: Value, event: Label) -> tuple[Outcome, ...]:
        """Where a move leads."""
        broken = Broken("NoTraps", f"stepped on it from {value}") if event == "trap" else None
        return (Outcome(event, outside=event == "abyss", broken=broken, note=event),)

    def change(self, place: int, value: Value, label: Label) -> "Value | Refusal | Broken":
        """One more burnt."""
        return IMPOSSIBLE if value >= self.fuel else value + 1

    def aspect(self, place: int, value: Value) -> Label:
        """Nothing depends on anything else."""
        return None

    def encode(self, place: int, value: Value, renaming: Renaming) -> bytes:
        """The value as text."""
        return repr(value).encode()
