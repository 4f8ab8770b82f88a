"""A counterexample of any system in words: what happened in each move, and what it changed.

A system may have words of its own for its moves (`tell`). Others are told by the kind of the move,
by whom it is about, and by the fields of its event.
"""

from enum import Enum
from typing import Any, Final

from attrs import fields, frozen, has

from model.explorer.search.result import Move
from model.explorer.systems.system import Component, Offer, State, System, Value

SHORT: Final = {"None": "-", "True": "yes", "False": "no", "''": "''"}
"""What people write for some values."""


@frozen
class Told:
    """One move: what happened, and what it changed, a line for each place."""

    happened: str
    changed: tuple[str, ...]


def story_of(system: System, moves: tuple[Move, ...]) -> tuple[Told, ...]:
    """All moves of a counterexample, in order."""
    return tuple(told_move(system, move) for move in moves)


def told_move(system: System, move: Move) -> Told:
    """One move in words."""
    offer, outcome = move.successor.offer, move.successor.outcome
    tell = getattr(system, "tell", None)
    happened = (tell and tell(offer, outcome)) or move_in_words(system, offer)
    after = move.successor.state
    if after is None:
        after = move.state
        if outcome is not None and offer.subject is not None:
            after = (*after[: offer.subject], outcome.value, *after[offer.subject + 1 :])
    return Told(happened, changes_of(system, move.state, after))


def changes_of(system: System, before: State, after: State) -> tuple[str, ...]:
    """What is different in a state, a line for each place."""
    pairs = zip(system.components, before, after, strict=True)
    return tuple(
        f"{place_in_words(place)} {difference(old, new)}" for place, old, new in pairs if old != new
    )


def move_in_words(system: System, offer: Offer) -> str:
    """The kind of a move, whom it is about, and its event."""
    words = [offer.kind]
    if offer.subject is not None:
        words.append(place_in_words(system.components[offer.subject]))
        event = in_words(offer.event)
        words += [event] if event not in ("", "-", offer.kind) else []
    return " ".join(words)


def place_in_words(place: Component) -> str:
    """A component by its kind and its number, which counts from 1."""
    return place.kind if place.server is None else f"{place.kind} {place.server + 1}"


def difference(before: Value, after: Value) -> str:
    """What became of a value: of one with fields, those that are different."""
    if type(before) is type(after) and has(type(before)):
        parts = [
            f"{each.name} {difference(old, new)}"
            for each in fields(type(before))
            if (old := getattr(before, each.name)) != (new := getattr(after, each.name))
        ]
        return ", ".join(parts)
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        gone = [f"-{in_words(each)}" for each in in_order(before - after)]
        return " ".join([*gone, *(f"+{in_words(each)}" for each in in_order(after - before))])
    return f"{in_words(before)} -> {in_words(after)}"


def in_words(value: Any) -> str:
    """A value as people write it: nothing is a dash, and names stand before what they name."""
    if isinstance(value, tuple):
        return f"[{' '.join(map(in_words, value))}]"
    if isinstance(value, frozenset):
        return f"{{{' '.join(map(in_words, in_order(value)))}}}"
    if isinstance(value, Enum):
        return str(value.value)
    kind = type(value)
    if not has(kind) or kind.__str__ is not object.__str__:
        return SHORT.get(repr(value)) or str(value)
    shown = [f"{each.name} {in_words(getattr(value, each.name))}" for each in fields(kind)]
    return f"{kind.__name__}({', '.join(shown)})"


def in_order(values: frozenset[Any]) -> list[Any]:
    """The items of a set in an order that does not depend on the process."""
    return sorted(values, key=in_words)
