"""What an engine is: from a chunk of states to those of their successors that are new.

`numpy` and `kernel` differ in how they work, and in nothing else: the same new states in the
same order, the same counts, the same first violation, with any number of workers.
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
"""States, a row each, a value's number in each column."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@frozen
class ChunkResult:
    """What a chunk of states led to.

    `rows` are the new states, with their fingerprints; `parents` are the numbers of the states
    that they come from, and `numbers` say which of its successors each is. `violation` is empty,
    or the first one: the number of its parent, which successor it is, and the number of the
    violation.
    """

    rows: Rows
    fingerprints: NDArray[np.uint64]
    parents: NDArray[np.uint32]
    numbers: NDArray[np.uint16]
    violation: tuple[tuple[int, int, int], ...]


class Counts:
    """How often each kind of offer and each outcome was taken."""

    def __init__(self) -> None:
        self.kinds: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.outcomes: NDArray[np.int64] = np.zeros(0, dtype=np.int64)

    def make_room(self, tables: Tables) -> None:
        """There is a counter for everything that is known."""
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
    """One way to make successors."""

    tables: Tables
    fingerprints: FingerprintSet
    counts: Counts
    chunk: int
    """How many states at a time."""

    @property
    def name(self) -> str:
        """What the command line calls it."""
        ...

    def advance(self, rows: Rows, first_parent: int) -> ChunkResult:
        """The new successors of a chunk of states, which are numbered from `first_parent` on."""
        ...

    def close(self) -> None:
        """End the workers."""
        ...


class ThreadPool:
    """Threads, where there are to be more than one: NumPy and C work side by side in them."""

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
