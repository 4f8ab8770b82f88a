"""The search for a linearization of one key's operations.

Wing and Gong, Testing and Verifying Concurrent Objects (1993): whatever was called before the
first answer that is still to be explained may be next; try each, and go back where nothing fits.
Lowe, Testing for Linearizability (2017): remember the pairs of (operations done, state) that were
reached before, for from there nothing new can follow. Athalye's Porcupine keeps the events in a
doubly linked list, from which an operation is lifted when it is done and put back when it is not.

Two things are added, both exact. Only answered operations have to be done, so that those without
an answer are tried last, where no other leads on. And a read that fits is done at once: wherever it
would stand later, it may as well stand here, so that nothing else need be tried.
May import: attrs, properties.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Final

from attrs import define, field, frozen

from properties.history import Moment, Operation
from properties.specification import Specification

LONGEST_KEPT: Final = 64
"""Characters of a state that is remembered as it is."""


@define(eq=False)
class Event:
    """A call or an answer in the list of what is still to be explained."""

    place: Moment
    operation: Operation | None = None
    """What is called here; None in an answer."""
    number: int = 0
    """Which of the answered operations it is, or of those without an answer, in order of calls."""
    answer: "Event | None" = None
    before: "Event" = field(init=False, repr=False)
    after: "Event" = field(init=False, repr=False)


class Remaining:
    """The operations that are not done yet: a ring of events, and the calls without an answer."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.answered = 0
        self.unanswered: list[Event] = []
        events: list[Event] = []
        for operation in sorted(operations, key=lambda each: each.invoked):
            if operation.responded is None:
                number = len(self.unanswered)
                self.unanswered.append(Event(operation.invoked, operation, number))
            else:
                answer = Event(operation.responded)
                events += (Event(operation.invoked, operation, self.answered, answer), answer)
                self.answered += 1
        # At the same place calls come first: operations that only touch overlap.
        events.sort(key=lambda event: (event.place, event.operation is None))
        self.head = Event(place=-1)
        ring = [self.head, *events]
        for event, following in zip(ring, [*events, self.head], strict=True):
            event.after, following.before = following, event

    def candidates(self, taken: int) -> Iterator[Event]:
        """The calls that may be next: all before the first answer, those never answered last.

        This iterator goes on with the list as it was when it paused.
        """
        event = self.head.after
        while event.answer is not None:
            yield event
            event = event.after
        left = ~taken & (1 << len(self.unanswered)) - 1
        while left:  # bit by bit: of hundreds, most may be taken
            lowest = left & -left
            call = self.unanswered[lowest.bit_length() - 1]
            if call.place > event.place:
                return
            yield call
            left ^= lowest

    def lift(self, call: Event) -> None:
        """Take an operation out: it is done."""
        for event in (call, call.answer):
            if event is not None:
                event.before.after, event.after.before = event.after, event.before

    def put_back(self, call: Event) -> None:
        """Undo the last `lift`, which was of this operation."""
        for event in (call.answer, call):
            if event is not None:
                event.before.after = event.after.before = event


def short(state: Hashable) -> Hashable:
    """A state to remember: of a long text its digest, as millions are remembered."""
    if type(state) is str and len(state) > LONGEST_KEPT:
        return blake2b(state.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    return state


@define(eq=False)
class Reached:
    """A place of the search: what is done, in which order, and the state to which that leads.

    Answered operations are done in about the order of their calls, so that all below `floor` are
    done, and of the others those in the bits of `above`: the set takes little room however long
    the history is. `taken` are those done without having been answered.
    """

    state: Hashable
    previous: "Reached | None" = None
    call: Event | None = None
    done: int = 0
    """How many answered operations are done."""
    floor: int = 0
    above: int = 0
    taken: int = 0
    candidates: Iterator[Event] = field(init=False, repr=False)
    """The calls that are still to be tried from here."""

    def then(self, call: Event, state: Hashable) -> "Reached":
        """Where one more operation leads."""
        if call.answer is None:
            taken = self.taken | 1 << call.number
            return Reached(state, self, call, self.done, self.floor, self.above, taken)
        floor, above = self.floor, self.above | 1 << (call.number - self.floor)
        while above & 1:
            floor, above = floor + 1, above >> 1
        return Reached(state, self, call, self.done + 1, floor, above, self.taken)

    def order(self) -> tuple[Operation, ...]:
        """The operations that are done, first to last."""
        found: list[Operation] = []
        reached: Reached | None = self
        while reached is not None and reached.call is not None:
            assert reached.call.operation is not None
            found.append(reached.call.operation)
            reached = reached.previous
        return tuple(reversed(found))


@frozen
class Outcome:
    """What a search found: whether there is a linearization (None: not known), and how far it got.

    `order` is the linearization, or the longest beginning of one, counted in answered operations.
    """

    found: bool | None
    attempts: int
    order: tuple[Operation, ...]
    state: Hashable


class Search:
    """A search through all orders of one key's operations, depth first."""

    def __init__(self, operations: Sequence[Operation], specification: Specification) -> None:
        self.apply, self.is_read = specification.apply, specification.is_read
        self.remaining = Remaining(operations)
        self.known: set[tuple[int, int, int, Hashable]] = set()
        self.attempts = 0
        self.here = self.furthest = Reached(specification.initial)
        self.here.candidates = self.remaining.candidates(0)

    def run(self, attempts: int) -> Outcome:
        """Search until an order is found, none is left, or so many operations were tried."""
        while self.here.done < self.remaining.answered:
            call = next(self.here.candidates, None)
            if call is None:
                if self.here.previous is None:
                    return self.outcome(False)
                self.go_back()
            elif self.attempts == attempts:
                return self.outcome(None)
            else:
                self.attempts += 1
                self.attempt(call)
        return self.outcome(True)

    def attempt(self, call: Event) -> None:
        """Go on with an operation, if it fits here and leads to something new."""
        here, operation = self.here, call.operation
        assert operation is not None
        state, output = self.apply(here.state, operation.command)
        if operation.output is not None and operation.output != output:
            return
        if call.answer is None and state == here.state:
            return  # not having happened, it leaves just as much possible
        if self.is_read(operation.command, operation.output):
            here.candidates = iter(())
        there = here.then(call, state)
        known = (there.floor, there.above, there.taken, short(state))
        if known in self.known:
            return
        self.known.add(known)
        if call.answer is not None:
            self.remaining.lift(call)
        there.candidates = self.remaining.candidates(there.taken)
        self.here = there
        if there.done > self.furthest.done:
            self.furthest = there

    def go_back(self) -> None:
        """Undo the last operation: nothing that could follow it is left to try."""
        call, previous = self.here.call, self.here.previous
        assert call is not None
        assert previous is not None
        if call.answer is not None:
            self.remaining.put_back(call)
        self.here = previous

    def outcome(self, found: bool | None) -> Outcome:
        """What is known when the search ends."""
        last = self.here if found else self.furthest
        return Outcome(found, self.attempts, last.order(), last.state)
