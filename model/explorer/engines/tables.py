"""A system in numbers: values and labels as integers, and the result of each pair of them.

Theory of operation:

1. A value gets a number when it is first met, and so does a label. The number of a value is its
   row in `hashes`, `place_of`, `aspects`, `offer_first` and `offer_last`. Equal numbers mean equal
   canonical bytes at the same place.
2. A state is a row of value numbers, one for each place. Engines see such rows and never a value.
3. What a value may lead to is a flat list: offers `offer_first` to `offer_last`, each with its
   changes `offer_changes_first` to `offer_changes_last`; all ranges leave out their end.
4. What a value becomes depends on one label alone, so `pairs` maps (value, label) to a result. If
   the label is an event, the result is a reaction: outcomes `reaction_first` to `reaction_last`.
   If it belongs to a change, the result is the next value's number, or one of the negative codes
   below.
5. An engine that looks up a pair that is not in `pairs` notes it and goes on. `fill` then asks the
   system, in Python, and the engine does the states again that needed it. So Python runs once for
   each pair: 28,331 times for the 3.4 million states within the default bounds.
6. A state's fingerprint is the least, over all renamings, of the sums of its values' hashes.
7. The numbers depend on nothing but the order in which pairs were filled. A checkpoint keeps that
   order (`filled`), and filling again in the same order gives the same numbers.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.explorer.systems.encoding import digest
from model.explorer.systems.system import (
    IMPOSSIBLE,
    OUTSIDE,
    AspectOf,
    Broken,
    Change,
    Label,
    Outcome,
    Renaming,
    System,
    Value,
)

NO_RESULT: Final = -(1 << 31)
"""The pair has not been worked out yet."""
CHANGE_IMPOSSIBLE: Final = -1
"""The move cannot be made."""
CHANGE_OUTSIDE: Final = -2
"""The successor breaks the constraint: it is counted, and not stored."""
FIRST_BROKEN: Final = -3
"""Results from here down stand for violations: -3 for the first, -4 for the second."""
NO_LABEL: Final = -1
NO_SUBJECT: Final = -1
MULTIPLIER: Final = 0x9E3779B97F4A7C15
"""Spreads keys over slots: 2**64 divided by the golden ratio (Fibonacci hashing)."""

Array = NDArray[Any]


class Column:
    """A NumPy array that grows at its end."""

    def __init__(self, kind: Any, width: int = 1) -> None:
        self._array: Array = np.zeros((64, width) if width > 1 else 64, dtype=kind)
        self.length = 0

    def append(self, item: Any) -> None:
        """One more item, or row."""
        if self.length == len(self._array):
            self._array = np.concatenate([self._array, np.zeros_like(self._array)])
        self._array[self.length] = item
        self.length += 1

    @property
    def array(self) -> Array:
        """All items so far; valid until the next `append`."""
        return self._array[: self.length]


class PairTable:
    """From a value and a label to a result: an open hash table that NumPy and C both read."""

    def __init__(self) -> None:
        self._allocate(12)
        self.length = 0

    def _allocate(self, bits: int) -> None:
        self.bits = bits
        self.slots: NDArray[np.int64] = np.zeros((1 << bits, 2), dtype=np.int64)
        """In each row a key and its result, side by side, so that one cache line holds both."""
        self.slots[:, 1] = NO_RESULT

    def insert(self, key: int, result: int) -> None:
        """Add a key that is not in the table."""
        if 2 * self.length >= len(self.slots):
            self._grow()
        mask, slot = len(self.slots) - 1, slot_of(key, self.bits)
        while self.slots[slot, 0]:
            slot = (slot + 1) & mask
        self.slots[slot] = key, result
        self.length += 1

    def _grow(self) -> None:
        held = self.slots[self.slots[:, 0] != 0]
        self._allocate(self.bits + 1)
        self.length = 0
        for key, result in held.tolist():
            self.insert(key, result)

    def look_up(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The result of each key; NO_RESULT where it is not in the table."""
        mask = np.int64(len(self.slots) - 1)
        shift = np.uint64(64 - self.bits)
        slots = ((keys.view(np.uint64) * np.uint64(MULTIPLIER)) >> shift).view(np.int64)
        flat = self.slots.ravel()
        found = flat.take(2 * slots)
        rest = np.flatnonzero((found != keys) & (found != 0))
        while len(rest):
            slots[rest] = (slots[rest] + 1) & mask
            found = flat.take(2 * slots[rest])
            rest = rest[(found != keys[rest]) & (found != 0)]
        results: NDArray[np.int64] = flat.take(2 * slots + 1)
        return results


def slot_of(key: int, bits: int) -> int:
    """The slot of 2**bits in which a key is looked for first."""
    return ((key * MULTIPLIER) & (2**64 - 1)) >> (64 - bits)


def key_of(value: int, label: int) -> int:
    """A value and a label as one number, which is never 0."""
    return (value + 1) << 32 | label


class Tables:
    """What is known of a system so far, in numbers; see the top of this file."""

    def __init__(self, system: System, symmetry: bool) -> None:
        self.system = system
        self.renamings: tuple[Renaming, ...] = (
            system.renamings if symmetry else system.renamings[:1]
        )
        self.width = len(system.components)
        self.values: list[Value] = []
        self.place_of = Column(np.int32)
        self.aspects = Column(np.int32)
        self.hashes = Column(np.uint64, max(len(self.renamings), 2))
        self.offer_first = Column(np.int32)
        self.offer_last = Column(np.int32)
        self.offer_kind = Column(np.int32)
        self.offer_subject = Column(np.int32)
        self.offer_event = Column(np.int32)
        self.offer_changes_first = Column(np.int32)
        self.offer_changes_last = Column(np.int32)
        self.change_place = Column(np.int32)
        self.change_label = Column(np.int32)
        self.reaction_first = Column(np.int32)
        self.reaction_last = Column(np.int32)
        self.outcome_value = Column(np.int32)
        self.outcome_flag = Column(np.int32)
        self.outcome_changes_first = Column(np.int32)
        self.outcome_changes_last = Column(np.int32)
        self.notes: list[Any] = []
        self.pairs = PairTable()
        self.filled = Column(np.int64)
        """The keys of the pairs that were worked out, in that order."""
        self.broken: list[Broken] = []
        self.kinds: list[str] = []
        self._kind_numbers: dict[str, int] = {}
        self._value_numbers: dict[tuple[int, bytes], int] = {}
        self._labels: list[tuple[bool, Label]] = []
        self._label_numbers: dict[tuple[bool, Label], int] = {}
        self._pending: list[int] = []
        self.initial = [
            self._number_of_value(place, value) for place, value in enumerate(system.initial())
        ]
        self._write_offers()

    def fill(self, keys: Iterable[int]) -> None:
        """Work out the pairs of these keys, none of which may be in `pairs` yet."""
        for key in keys:
            value, label = (key >> 32) - 1, key & 0xFFFFFFFF
            is_event, content = self._labels[label]
            place = int(self.place_of.array[value])
            if is_event:
                outcomes = self.system.react(place, self.values[value], content)
                result = self._number_of_reaction(place, outcomes)
            else:
                result = self._number_of_change(place, value, content)
            self._write_offers()
            self.pairs.insert(key, result)
            self.filled.append(key)

    def labels(self) -> Iterator[Label]:
        """All labels of changes so far."""
        return (label for is_event, label in self._labels if not is_event)

    def reactions(self, place: int) -> Iterator[tuple[Value, Value]]:
        """The values that a place had before and after each reaction so far."""
        for key in self.filled.array.tolist():
            value, label = (key >> 32) - 1, key & 0xFFFFFFFF
            if self.place_of.array[value] == place and self._labels[label][0]:
                reaction = int(self.pairs.look_up(np.array([key], dtype=np.int64))[0])
                first, last = (
                    self.reaction_first.array[reaction],
                    self.reaction_last.array[reaction],
                )
                for outcome in range(first, last):
                    yield self.values[value], self.values[self.outcome_value.array[outcome]]

    def number_of(self, place: int, value: Value) -> int:
        """The number of a value that may come from other tables; `filled` does not mention it."""
        number = self._number_of_value(place, value)
        self._write_offers()
        return number

    def _number_of_change(self, place: int, value: int, label: Label) -> int:
        changed = self.system.change(place, self.values[value], label)
        if changed is IMPOSSIBLE:
            return CHANGE_IMPOSSIBLE
        if changed is OUTSIDE:
            return CHANGE_OUTSIDE
        if isinstance(changed, Broken):
            return FIRST_BROKEN - self._number_of_broken(changed)
        return self._number_of_value(place, changed)

    def _number_of_reaction(self, place: int, outcomes: tuple[Outcome, ...]) -> int:
        self.reaction_first.append(self.outcome_value.length)
        for outcome in outcomes:
            flag = CHANGE_OUTSIDE if outcome.outside else 0
            if outcome.broken is not None:
                flag = FIRST_BROKEN - self._number_of_broken(outcome.broken)
            self.outcome_value.append(self._number_of_value(place, outcome.value))
            self.outcome_flag.append(flag)
            self.notes.append(outcome.note)
            self.outcome_changes_first.append(self.change_place.length)
            self._write_changes(outcome.changes)
            self.outcome_changes_last.append(self.change_place.length)
        self.reaction_last.append(self.outcome_value.length)
        return self.reaction_first.length - 1

    def _number_of_broken(self, broken: Broken) -> int:
        self.broken.append(broken)
        return len(self.broken) - 1

    def _number_of_value(self, place: int, value: Value) -> int:
        data = self.system.encode(place, value, self.renamings[0])
        number = self._value_numbers.get((place, data))
        if number is not None:
            return number
        number = self._value_numbers[place, data] = len(self.values)
        self.values.append(value)
        self.place_of.append(place)
        aspect = self.system.aspect(place, value)
        self.aspects.append(NO_LABEL if aspect is None else self._number_of_label(False, aspect))
        hashes = [self._hash(place, value, each) for each in self.renamings]
        self.hashes.append(hashes if len(hashes) > 1 else hashes * 2)
        self._pending.append(number)
        return number

    def _hash(self, place: int, value: Value, renaming: Renaming) -> int:
        """64 bits of the value with servers renamed, and of the place where it is then."""
        where = self.system.components[place]
        server = "" if where.server is None else str(renaming[where.server])
        return digest(
            f"{where.kind} {server}:".encode() + self.system.encode(place, value, renaming)
        )

    def _number_of_label(self, is_event: bool, label: Label) -> int:
        number = self._label_numbers.setdefault((is_event, label), len(self._labels))
        if number == len(self._labels):
            self._labels.append((is_event, label))
        return number

    def _write_offers(self) -> None:
        """Write down what new values offer; this adds labels, and no values."""
        for number in self._pending:
            place = int(self.place_of.array[number])
            self.offer_first.append(self.offer_kind.length)
            for offer in self.system.offers(place, self.values[number]):
                self.offer_kind.append(self._number_of_kind(offer.kind))
                subject = NO_SUBJECT if offer.subject is None else offer.subject
                self.offer_subject.append(subject)
                event = 0 if offer.subject is None else self._number_of_label(True, offer.event)
                self.offer_event.append(event)
                self.offer_changes_first.append(self.change_place.length)
                self._write_changes(offer.changes)
                self.offer_changes_last.append(self.change_place.length)
            self.offer_last.append(self.offer_kind.length)
        self._pending.clear()

    def _number_of_kind(self, kind: str) -> int:
        number = self._kind_numbers.setdefault(kind, len(self.kinds))
        if number == len(self.kinds):
            self.kinds.append(kind)
        return number

    def _write_changes(self, changes: Iterable[Change]) -> None:
        for change in changes:
            label = change.label
            self.change_place.append(change.place)
            if isinstance(label, AspectOf):
                self.change_label.append(-1 - label.place)
            else:
                self.change_label.append(self._number_of_label(False, label))
