"""One worker's share of a search that is spread by fingerprint: what it owns, and what it sends.

A worker owns the states whose fingerprint leaves its number as the remainder. It expands the states
of a level that it owns, in the order of their fingerprints, and sends each successor to its owner.
Each worker numbers values in its own way: a parcel brings along the values that its receiver does
not know yet, and the receiver translates the rows into its numbers.

Of all the ways in which a level leads to a new state, the owner keeps the one whose parent has
the least fingerprint, and of these the least move. So what is kept does not depend on who sent
first, nor on the number of workers.
"""

import pickle
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from attrs import fields, frozen
from numpy.typing import NDArray

from model.explorer.engines.engine import ChunkResult, Engine, Rows
from model.explorer.engines.numpy_engine import fingerprints_of
from raft_core.evolve import evolve

NOWHERE: Final = -1
"""The owner of the initial state's parent, and the number of a value that has none yet."""
PARCEL: Final = 1 << 15
"""How many states are sent at a time."""
MERGE: Final = 1 << 18
"""How many states arrive before those that came twice are sorted out."""
REMEMBERED: Final = 1 << 20
"""A worker remembers the states that it sent until they are this many more than it owns."""


@frozen(eq=False)
class FoundStates:
    """States that were found: where each comes from, and its row in the numbers of one worker."""

    fingerprints: NDArray[np.uint64]
    origins: NDArray[np.uint64]
    """The fingerprints of their parents."""
    owners: NDArray[np.int16]
    """The numbers of the workers that own their parents."""
    parents: NDArray[np.uint32]
    """The numbers of their parents among the states of that owner."""
    numbers: NDArray[np.uint16]
    """The position of each among its parent's successors."""
    rows: Rows

    def chosen(self, which: NDArray[Any]) -> "FoundStates":
        """Some of them, by position or by mask."""
        return FoundStates(*(getattr(self, name)[which] for name in COLUMNS))

    def __len__(self) -> int:
        return len(self.fingerprints)

    @property
    def bytes(self) -> int:
        """Memory that they take."""
        return sum(int(getattr(self, name).nbytes) for name in COLUMNS)


COLUMNS: Final = tuple(each.name for each in fields(FoundStates))


def together(parts: Sequence[FoundStates]) -> FoundStates:
    """All parts, one after the other."""
    if len(parts) == 1:
        return parts[0]
    return FoundStates(
        *(np.concatenate([getattr(each, name) for each in parts]) for name in COLUMNS)
    )


def without_twins(found: FoundStates) -> FoundStates:
    """Each state once, in the order of fingerprints, with its least parent and least move."""
    order = np.argsort(found.fingerprints)
    same = found.fingerprints[order]
    same = same[1:] == same[:-1]
    if same.any():
        order = np.lexsort((found.numbers, found.origins, found.fingerprints))
        order = order[np.concatenate([[True], ~same])]
    return found.chosen(order)


@frozen(eq=False)
class Parcel:
    """What one worker sends to another: states, and their values that it does not know yet."""

    sender: int
    found: FoundStates
    new_values: NDArray[np.int32]
    """The sender's numbers of the values that the receiver does not know yet."""
    values: bytes
    """Of each of these values, the pair of its place and the value; pickled."""


class OwnedTrail:
    """By the number of an owned state, its parent's owner and number, and the move."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._pieces: list[tuple[NDArray[np.int16], NDArray[np.uint32], NDArray[np.uint16]]] = []
        self.length = 0

    def append(self, found: FoundStates) -> None:
        """Add the states that were found next."""
        if len(found):
            self._starts.append(self.length)
            self._pieces.append((found.owners, found.parents, found.numbers))
            self.length += len(found)

    def origin(self, state: int) -> tuple[int, int, int]:
        """The owner and the number of a state's parent, and the move."""
        piece = bisect_right(self._starts, state) - 1
        offset = state - self._starts[piece]
        owners, parents, numbers = self._pieces[piece]
        return int(owners[offset]), int(parents[offset]), int(numbers[offset])

    @property
    def bytes(self) -> int:
        """Memory that they take."""
        return 8 * self.length


class NumberTranslation:
    """Between the numbers that a worker and one of the others have for the same values."""

    def __init__(self) -> None:
        self._mine: NDArray[np.int32] = np.full(1 << 10, NOWHERE, dtype=np.int32)
        self._is_known_there: NDArray[np.bool_] = np.zeros(1 << 10, dtype=bool)

    def unknown_there(self, rows: Rows, known: int) -> NDArray[np.int32]:
        """The numbers in these rows, all below `known`, that are sent for the first time."""
        while len(self._is_known_there) < known:
            self._is_known_there = np.concatenate(
                [self._is_known_there, np.zeros_like(self._is_known_there)]
            )
        unknown: NDArray[np.int32] = np.unique(rows[~self._is_known_there[rows]])
        self._is_known_there[unknown] = True
        return unknown

    def learn(self, theirs: NDArray[np.int32], mine: Sequence[int]) -> None:
        """Note that these numbers of the other worker mean the same as those of this one."""
        while len(theirs) and len(self._mine) <= theirs.max():
            self._mine = np.concatenate([self._mine, np.full_like(self._mine, NOWHERE)])
        self._mine[theirs] = mine

    def translated(self, rows: Rows) -> Rows:
        """Rows of the other worker in the numbers of this one."""
        translated: Rows = self._mine[rows]
        return translated


class WorkerShare:
    """What one worker owns, and its part in the level under way."""

    def __init__(self, engine: Engine, owner: int, owners: int) -> None:
        self.engine = engine
        self.owner = owner
        self.owners = owners
        self.owned = engine.fingerprints.empty()
        """The fingerprints that this worker owns; the engine's set holds those it made lately."""
        self.trail = OwnedTrail()
        self.first = 0
        """The number of the frontier's first state."""
        self.position = 0
        """How much of the frontier is expanded."""
        self.violation: tuple[int, int, int] | None = None
        """The least of this level: the parent's fingerprint, the move, the parent's number."""
        self._peers = [NumberTranslation() for _ in range(owners)]
        self._outgoing: list[list[FoundStates]] = [[] for _ in range(owners)]
        self._arrived: list[FoundStates] = []
        self._merged = 0
        self.frontier = self._initial()
        self.owned.add(self.frontier.fingerprints)
        self.trail.append(self.frontier)

    def _initial(self) -> FoundStates:
        """The initial state, if this worker owns it."""
        rows = np.array([self.engine.tables.initial], dtype=np.int32)
        fingerprints = fingerprints_of(self.engine.tables, rows)
        found = FoundStates(
            fingerprints=fingerprints,
            origins=np.zeros(1, dtype=np.uint64),
            owners=np.full(1, NOWHERE, dtype=np.int16),
            parents=np.zeros(1, dtype=np.uint32),
            numbers=np.zeros(1, dtype=np.uint16),
            rows=rows,
        )
        return found.chosen(self._owners_of(fingerprints) == self.owner)

    def _owners_of(self, fingerprints: NDArray[np.uint64]) -> NDArray[Any]:
        return fingerprints % np.uint64(self.owners)

    def advance(self) -> bool:
        """Expand the next chunk of the frontier; whether there was one."""
        chunk = self.frontier.rows[self.position : self.position + self.engine.chunk]
        if not len(chunk):
            return False
        step = self.engine.advance(chunk, self.position)
        self.position += len(chunk)
        for parent, number, _ in step.violation if self.violation is None else ():
            origin = int(self.frontier.fingerprints[parent])
            self.violation = (origin, number, self.first + parent)
        self._hand_out(self._found_by(step))
        return True

    def _found_by(self, step: ChunkResult) -> FoundStates:
        return FoundStates(
            fingerprints=step.fingerprints,
            origins=self.frontier.fingerprints[step.parents],
            owners=np.full(len(step.rows), self.owner, dtype=np.int16),
            parents=step.parents + np.uint32(self.first),
            numbers=step.numbers,
            rows=step.rows,
        )

    def _hand_out(self, found: FoundStates) -> None:
        owners = self._owners_of(found.fingerprints)
        for owner in range(self.owners):
            which = np.flatnonzero(owners == owner)
            if owner == self.owner:
                is_known = self.owned.holds(found.fingerprints[which])
                self._arrived.append(found.chosen(which[~is_known]))
            elif len(which):
                self._outgoing[owner].append(found.chosen(which))

    def parcels(self, least: int = PARCEL) -> Iterator[tuple[int, Parcel]]:
        """What is to be sent, with the receiver's number, where it is `least` states or more."""
        for owner, parts in enumerate(self._outgoing):
            if parts and sum(map(len, parts)) >= least:
                found = together(parts)
                parts.clear()
                yield owner, self._parcel(owner, found)

    def _parcel(self, receiver: int, found: FoundStates) -> Parcel:
        tables = self.engine.tables
        unknown = self._peers[receiver].unknown_there(found.rows, len(tables.values))
        places = tables.place_of.array[unknown].tolist()
        values = [tables.values[each] for each in unknown]
        pairs = pickle.dumps(list(zip(places, values, strict=True)))
        return Parcel(self.owner, found, unknown, pairs)

    def accept(self, parcel: Parcel) -> None:
        """Take in what another worker sent; the parcels of one sender have to come in order."""
        peer, learn = self._peers[parcel.sender], self.engine.tables.number_of
        if len(parcel.new_values):
            pairs = pickle.loads(parcel.values)
            peer.learn(parcel.new_values, [learn(place, value) for place, value in pairs])
        found = parcel.found
        found = found.chosen(np.flatnonzero(~self.owned.holds(found.fingerprints)))
        self._arrived.append(evolve(found, rows=peer.translated(found.rows)))

    def tidy(self) -> None:
        """Keep one of each state that arrived, once there are many more than the last time."""
        if sum(map(len, self._arrived)) > 2 * self._merged + MERGE:
            self._arrived = [without_twins(together(self._arrived))]
            self._merged = len(self._arrived[0])

    def settle(self) -> None:
        """End the level: the states that arrived are the next one."""
        self.first += len(self.frontier)
        self.position, self._merged, self.violation = 0, 0, None
        arrived = self._arrived or [self.frontier.chosen(np.zeros(0, dtype=np.int64))]
        self.frontier, self._arrived = without_twins(together(arrived)), []
        self.owned.add(self.frontier.fingerprints)
        self.trail.append(self.frontier)
        if self.engine.fingerprints.length > self.owned.length + REMEMBERED:
            self.engine.fingerprints = self.owned.empty()

    @property
    def bytes(self) -> int:
        """Memory that grows with the states."""
        sets = self.owned.slots.nbytes + self.engine.fingerprints.slots.nbytes
        found = [self.frontier, *self._arrived, *(each for some in self._outgoing for each in some)]
        return sets + self.trail.bytes + sum(each.bytes for each in found)
