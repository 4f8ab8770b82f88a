"""What a property is: a pure fold over facts with a small immutable history of its own."""

from collections.abc import Callable, Container, Hashable
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from properties.facts import Fact
from raft_core import Server, Vector

History = Hashable
Cause: TypeAlias = Literal["raised", "returned", "hung", "died", "output"]
"""How a subject failed.

It raised; it returned what no call may return; a call did not return in time; its process ended;
or its process wrote what is not one reply to one command.
"""


@frozen
class Breach:
    """Why a fact contradicts a property: one sentence, and the servers concerned."""

    detail: str
    servers: tuple[Server, ...]


@frozen
class Property:
    """One thing that must hold after every step.

    `check(history, fact)` gives the next history, or a Breach; it is called for the facts
    named in `facts` only, and sees no clock, no cluster and no other property. `needs` are
    the observations without which it would hold by default; a subject that does not
    offer them gets "not checked".
    """

    name: str
    statement: str
    source: str
    needs: frozenset[str]
    facts: tuple[type[Fact], ...]
    check: Callable[[Any, Any], "History | Breach"] = field(repr=False)
    initial: Callable[[int], History] = field(default=lambda servers: None, repr=False)
    """The history at the start, from the number of servers."""


@frozen
class Sometimes:
    """One thing that a good run reaches; where it is never reached, a run has shown little."""

    name: str
    statement: str
    needs: frozenset[str]
    facts: tuple[type[Fact], ...]
    holds: Callable[[Any], bool] = field(repr=False)


@frozen
class Violation:
    """A property that does not hold any more, and how that was seen."""

    property: str
    statement: str
    source: str
    detail: str
    servers: tuple[Server, ...] = ()
    cause: Cause | None = None
    """How the subject failed; None where a property was broken."""
    call: str = ""
    """The call of the subject in which it failed; empty where none was under way."""
    error: str = ""
    """The name of the exception that the failure came as."""
    at: str = field(default="", eq=False, repr=False)
    """What happened in the step that broke it, in one word: `Restart`, or a kind of message."""

    trace: str = field(default="", eq=False, repr=False)
    """The run that broke it as text, where somebody asked for that."""

    def is_among(self, ignored: Container[str]) -> bool:
        """Whether the property, or this shape of its violations, is among what is ignored."""
        return self.property in ignored or shape_of(self) in ignored


def shape_of(violation: Violation) -> str:
    """What a finding is known by: the property, and at what kind of step it breaks."""
    return f"{violation.property}@{violation.at}"


def with_item(vector: Vector[Any], position: int, item: object) -> Vector[Any]:
    """`vector` with `item` at `position`; places skipped on the way there hold None."""
    length = len(vector)
    if position < length:
        return vector.replaced(position, item)
    return vector.extended((None,) * (position - length) + (item,))


def item_at(vector: Vector[Any], position: int) -> Any:
    """The item at `position`, or None where the vector does not reach so far."""
    return vector[position] if position < len(vector) else None
