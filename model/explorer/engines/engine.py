"""What an engine offers to a search: it makes from a chunk of states the successors that are new.

`numpy` and `kernel` differ only in how they work. Both find the same new states in the same order,
the same counts and the same first violation, with any number of workers.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from model.explorer.engines.fingerprints import FingerprintSet
from model.explorer.engines.tables import Tables

Rows = NDArray[np.int32]
"""States, one in each row; the column of a place has the number of its value."""
Numbers = NDArray[Any]
"""Whole numbers of any width."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@frozen
class ChunkResult:
    """What a chunk of states led to.

    `rows` are the new states, with their fingerprints. `parents` are the numbers of the states that
    they come from, and `numbers` the position of each among its parent's successors. `violation` is
    empty, or holds the first one: the number of its parent, its position, and its code, which is
    FIRST_BROKEN or less.
    """

    rows: Rows
    fingerprints: NDArray[np.uint64]
    parents: NDArray[np.uint32]
    numbers: NDArray[np.uint16]
    violation: tuple[tuple[int, int, int], ...]


class Counts:
    """How often each kind of offer and each outcome was taken, by their numbers in the tables."""

    def __init__(self) -> None:
        self.kinds: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.outcomes: NDArray[np.int64] = np.zeros(0, dtype=np.int64)

    def make_room(self, tables: Tables) -> None:
        """Let there be a counter for every kind and outcome that the tables have."""
        self.kinds = padded(self.kinds, len(tables.kinds))
        self.outcomes = padded(self.outcomes, tables.outcome_value.length)

    def add(self, tables: Tables, kinds: NDArray[Any], outcomes: NDArray[Any]) -> None:
        """Add counts of the first kinds and outcomes."""
        self.make_room(tables)
        self.kinds[: len(kinds)] += kinds
        self.outcomes[: len(outcomes)] += outcomes

    @property
    def generated(self) -> int:
        """All successors."""
        return int(self.kinds.sum())


def padded(counts: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """The counts, with zeros for what is new."""
    more = length - len(counts)
    return counts if more <= 0 else np.concatenate([counts, np.zeros(more, dtype=np.int64)])


class Engine(Protocol):
    """One way to make successors; it owns its tables and the set of states seen so far."""

    tables: Tables
    fingerprints: FingerprintSet
    counts: Counts
    chunk: int
    """How many states `advance` is given at a time."""

    @property
    def name(self) -> str:
        """Its name among ENGINES in model.explorer.engines.choice."""
        ...

    def advance(self, rows: Rows, first_parent: int) -> ChunkResult:
        """The new successors of a chunk of states, which are numbered from `first_parent` on."""
        ...

    def close(self) -> None:
        """End the workers."""
        ...


def split(items: Numbers, parts: int) -> list[Numbers]:
    """Items in at most this many parts, none of which is empty."""
    return [each for each in np.array_split(items, parts) if len(each)]


class ThreadPool:
    """Threads, if there is more than one worker. NumPy and C work side by side in them, as both let
    go of Python's lock.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._executor = ThreadPoolExecutor(workers) if workers > 1 else None

    def map(self, call: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """The results, in order."""
        return list(map(call, items) if self._executor is None else self._executor.map(call, items))

    def close(self) -> None:
        """End the threads."""
        if self._executor is not None:
            self._executor.shutdown()
