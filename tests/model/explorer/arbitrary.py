"""Systems that mean nothing: whatever the interface allows, drawn from a seed."""

from random import Random
from typing import Any, Final

from attrs import field, frozen

from model.explorer.systems.system import (
    IMPOSSIBLE,
    OUTSIDE,
    AspectOf,
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

VALUES: Final = 7
LABELS: Final = 5


@frozen
class AnySystem:
    """Small numbers at three places; what happens to them is drawn, the same each time."""

    seed: int
    components: tuple[Component, ...] = field(default=tuple(Component(each) for each in "abc"))
    renamings: tuple[Renaming, ...] = ((),)

    def drawn(self, *about: object) -> Random:
        """Draws that depend on the seed and on what they are about, and on nothing else."""
        return Random(f"{self.seed} {about}")

    def initial(self) -> State:
        """Three zeros."""
        return (0,) * len(self.components)

    def offers(self, place: int, value: Value) -> tuple[Offer, ...]:
        """Up to three, with a subject or without."""
        draws = self.drawn("offers", place, value)
        return tuple(
            Offer(
                draws.choice("xyz"),
                draws.choice((None, 0, 1, 2)),
                draws.randrange(LABELS),
                self._changes(draws),
            )
            for _ in range(draws.randrange(4))
        )

    def _changes(self, draws: Random) -> tuple[Change, ...]:
        """Up to three, some by what a place held before."""
        return tuple(
            Change(
                draws.randrange(3),
                draws.randrange(LABELS) if draws.random() < 0.7 else AspectOf(draws.randrange(3)),
            )
            for _ in range(draws.randrange(4))
        )

    def react(self, place: int, value: Value, event: Label) -> tuple[Outcome, ...]:
        """Up to two outcomes, few of them outside, very few broken."""
        draws = self.drawn("react", place, value, event)
        return tuple(
            Outcome(
                draws.randrange(VALUES),
                self._changes(draws),
                draws.random() < 0.1,
                Broken("Reaction", "") if draws.random() < 0.01 else None,
                draws.choice((None, "some", "others")),
            )
            for _ in range(draws.randrange(3))
        )

    def change(self, place: int, value: Value, label: Label) -> Value | Refusal | Broken:
        """Mostly another number."""
        draws = self.drawn("change", place, value, label)
        refusals: tuple[Any, ...] = (IMPOSSIBLE, OUTSIDE, Broken("Change", ""))
        weights = (0.1, 0.1, 0.01)
        for refusal, weight in zip(refusals, weights, strict=True):
            if draws.random() < weight:
                return refusal
        return draws.randrange(VALUES)

    def aspect(self, place: int, value: Value) -> Label:
        """A label that differs for some values, and not for all."""
        number: int = value
        return number % LABELS

    def encode(self, place: int, value: Value, renaming: Renaming) -> bytes:
        """The number."""
        return b"%d" % value
