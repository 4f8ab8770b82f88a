"""What the explorer searches: a system of components that change each other in small moves.

Theory of operation:

1. A state is a tuple of values, one for each component. A place is a position in that tuple.
2. Whatever can happen is an offer of the value at one place: a delivery of the inbox that holds
   the message, a timeout of the server.
3. An offer has an event for one place, its subject, which may react in several ways. Each outcome
   is a next value for the subject. A place where nothing can happen has no outcome.
4. Offers and outcomes change further places, each by a label: a message that an inbox gets, a
   budget that is spent, a fact that a property remembers. The subject reacts first, then come the
   offer's changes, then the outcome's.
5. A change may be IMPOSSIBLE, and then there is no such move; or OUTSIDE, and then the successor is
   counted, but neither stored nor explored; or Broken, and then a property does not hold.
6. Where a label depends on a value that the move does not read, it is an AspectOf that place.

A reaction depends on one value and one event, and a change on one value and one label. So engines
work each out once and look it up from then on (`model.explorer.engines.tables`). No engine knows
Raft: any model can stand behind this interface.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Any, Final, Protocol, TypeAlias

from attrs import frozen

Value: TypeAlias = Any
"""What a component holds: immutable and hashable."""
Label: TypeAlias = Hashable
"""What a change, or the reaction to an event, depends on, beside the value."""
State: TypeAlias = tuple[Value, ...]
Renaming: TypeAlias = tuple[int, ...]
"""Where each server goes: by server, its new number."""


@frozen
class Component:
    """A component of the state: its kind, and the server that it belongs to, if any."""

    kind: str
    server: int | None = None


@frozen
class AspectOf:
    """Instead of a label: what `System.aspect` says of the value at `place` before the move."""

    place: int


@frozen
class Change:
    """The value at `place` changes as the label says."""

    place: int
    label: Label | AspectOf


@frozen
class Offer:
    """Something that can happen: first `event` at the place `subject`, then `changes`.

    Without a subject there are only the changes. `kind` is the name under which it is counted.
    """

    kind: str
    subject: int | None
    event: Label
    changes: tuple[Change, ...] = ()


@frozen
class Broken:
    """A property does not hold any more: its name, and what shows that."""

    property: str
    detail: str


@frozen
class Outcome:
    """One way in which the subject reacts: its next value, then `changes` elsewhere.

    `outside` says that the constraint does not hold for this value, `broken` that a property does
    not. `note` is what a run that took this outcome has reached; results list all notes.
    """

    value: Value
    changes: tuple[Change, ...] = ()
    outside: bool = False
    broken: Broken | None = None
    note: Hashable = None


class Refusal:
    """What a change may be in place of a value: IMPOSSIBLE or OUTSIDE."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


IMPOSSIBLE: Final = Refusal("IMPOSSIBLE")
"""The move cannot be made: the successor is not generated."""
OUTSIDE: Final = Refusal("OUTSIDE")
"""The constraint does not hold then: the successor is generated, but not stored."""


@frozen
class Invariant:
    """What has to hold in every state, however it was reached.

    It is judged over what it `sees` of the value at each place, so that states that look the same
    to it are judged once. `broken` gives the words for what does not hold, by place; nothing where
    it holds.
    """

    name: str
    sees: Callable[[int, Value], Hashable]
    broken: Callable[[tuple[Any, ...]], str]


class System(Protocol):
    """A model to explore. Its functions are pure: the same arguments, the same results."""

    @property
    def components(self) -> tuple[Component, ...]:
        """The components, in the order in which their moves are made."""
        ...

    @property
    def renamings(self) -> tuple[Renaming, ...]:
        """The permutations of servers that lead from executions to executions.

        The identity comes first; it is alone where there is no symmetry.
        """
        ...

    def initial(self) -> State:
        """The one initial state."""
        ...

    def offers(self, place: int, value: Value) -> tuple[Offer, ...]:
        """What can happen because `place` holds `value`, in an order that names no identities."""
        ...

    def react(self, place: int, value: Value, event: Label) -> tuple[Outcome, ...]:
        """How `place` with `value` may react to an event; nothing where it cannot happen."""
        ...

    def change(self, place: int, value: Value, label: Label) -> "Value | Refusal | Broken":
        """The value at `place` after a change."""
        ...

    def aspect(self, place: int, value: Value) -> Label:
        """What labels of other places may take from this value; None where none do."""
        ...

    def encode(self, place: int, value: Value, renaming: Renaming) -> bytes:
        """The value with its servers renamed, as canonical bytes: equal for equal content."""
        ...


class SystemInWords(System, Protocol):
    """A system with words of its own for stories; others are told by their fields."""

    def tell(self, offer: Offer, outcome: Outcome | None) -> str:
        """A move, as a sentence or less."""
        ...


class SystemWithInvariants(System, Protocol):
    """A system that says what has to hold in every state, and what its moves are held against."""

    @property
    def invariants(self) -> tuple[Invariant, ...]:
        """What is judged of each state."""
        ...

    @property
    def action_properties(self) -> tuple[str, ...]:
        """The names of what its outcomes may break."""
        ...


def invariants_of(system: System) -> tuple[Invariant, ...]:
    """What has to hold in every state; most systems judge their moves alone."""
    invariants: tuple[Invariant, ...] = getattr(system, "invariants", ())
    return invariants


def checks_of(system: System) -> tuple[str, ...]:
    """The names of all that a system says it checks, of states and of moves."""
    moves: tuple[str, ...] = getattr(system, "action_properties", ())
    return (*(each.name for each in invariants_of(system)), *moves)


@frozen
class Successor:
    """A move that can be made in a state, and the state that it leads to.

    `state` is None where the constraint or a property does not hold.
    """

    offer: Offer
    outcome: Outcome | None
    state: State | None
    broken: Broken | None


def successors(system: System, state: State) -> Iterator[Successor]:
    """All moves that can be made in a state, in order: by place, offer and outcome."""
    for place, value in enumerate(state):
        for offer in system.offers(place, value):
            if offer.subject is None:
                outcomes: tuple[Outcome | None, ...] = (None,)
            else:
                outcomes = system.react(offer.subject, state[offer.subject], offer.event)
            for outcome in outcomes:
                successor = successor_of_move(system, state, offer, outcome)
                if successor is not None:
                    yield successor


def successor_of_move(
    system: System, state: State, offer: Offer, outcome: Outcome | None
) -> Successor | None:
    """Make one move: the subject first, then the offer's changes, then the outcome's.

    None where a change is impossible.
    """
    values = list(state)
    changes, outside, broken = offer.changes, False, None
    if outcome is not None and offer.subject is not None:
        values[offer.subject] = outcome.value
        changes = (*changes, *outcome.changes)
        outside, broken = outcome.outside, outcome.broken
    for change in changes:
        place, label = change.place, change.label
        if isinstance(label, AspectOf):
            label = system.aspect(label.place, state[label.place])
        value = system.change(place, values[place], label)
        if value is IMPOSSIBLE:
            return None
        if value is OUTSIDE:
            outside = True
        elif isinstance(value, Broken):
            broken = broken or value
        else:
            values[place] = value
    reached = None if outside or broken is not None else tuple(values)
    return Successor(offer, outcome, reached, broken)
