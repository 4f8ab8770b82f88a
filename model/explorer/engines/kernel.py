"""The compiled engine: kernel.c through ctypes, on the tables that NumPy uses too.

The library is built when the package is installed, where there is a C compiler. Calls into it
let go of Python's lock, so that workers are threads.
"""

import ctypes
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.explorer.engines.engine import ChunkResult, Counts, Rows, ThreadPool, split
from model.explorer.engines.fingerprints import FingerprintSet
from model.explorer.engines.tables import Tables

LIBRARY: Final = Path(__file__).with_name("_kernel.so")
VERSION: Final = 3
"""The version of the library that this file can call: VERSION in kernel.c."""
MOST_RENAMINGS: Final = 5040
"""MOST_RENAMINGS in kernel.c: those of seven servers."""
MOST_PLACES: Final = 64
"""The kernel keeps in the bits of one word which places a move has touched."""
CANDIDATES: Final = 1 << 15
"""Room for successors at first; it is doubled when a chunk has more."""
MISSING: Final = 1 << 12
"""How many pairs that the tables lack are noted at a time."""

TABLE_FIELDS: Final = (
    "aspects",
    "hashes",
    "offer_first",
    "offer_last",
    "offer_kind",
    "offer_subject",
    "offer_event",
    "offer_changes_first",
    "offer_changes_last",
    "change_place",
    "change_label",
    "reaction_first",
    "reaction_last",
    "outcome_value",
    "outcome_flag",
    "outcome_changes_first",
    "outcome_changes_last",
)


class CTables(ctypes.Structure):
    """`Tables` of kernel.c."""

    _fields_ = [
        ("width", ctypes.c_int64),
        ("renamings", ctypes.c_int64),
        ("stride", ctypes.c_int64),
        ("bits", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in TABLE_FIELDS),
        ("pairs", ctypes.c_void_p),
    ]


class CBuffer(ctypes.Structure):
    """`Buffer` of kernel.c."""

    _fields_ = [
        ("capacity", ctypes.c_int64),
        ("used", ctypes.c_int64),
        ("rows", ctypes.c_void_p),
        ("fingerprints", ctypes.c_void_p),
        ("flags", ctypes.c_void_p),
        ("kinds", ctypes.c_void_p),
        ("outcomes", ctypes.c_void_p),
        ("is_new", ctypes.c_void_p),
        ("missing_capacity", ctypes.c_int64),
        ("missing_used", ctypes.c_int64),
        ("missing", ctypes.c_void_p),
    ]


class NotLoadedError(Exception):
    """There is no library that this file can call: why, in a few words."""


def open_library() -> ctypes.CDLL:
    """The compiled library; NotLoadedError says why there is none."""
    if not LIBRARY.is_file():
        raise NotLoadedError("not compiled when this package was installed")
    try:
        library = ctypes.CDLL(str(LIBRARY))
        library.version.restype = ctypes.c_int64
        found = library.version()
    except OSError as error:
        raise NotLoadedError(str(error)) from None
    except AttributeError:
        found = 0
    if found != VERSION:
        raise NotLoadedError(f"{LIBRARY.name} is of version {found}, expected {VERSION}")
    return library


def load_library() -> ctypes.CDLL | None:
    """The compiled library; None where it was not built, or was built from another kernel.c."""
    try:
        library = open_library()
    except NotLoadedError:
        return None
    library.expand.restype = ctypes.c_int64
    library.mark.restype = ctypes.c_int64
    library.collect.restype = ctypes.c_int64
    library.rehash.restype = None
    return library


def why_not() -> str:
    """Why there is no compiled library; empty where there is one."""
    try:
        open_library()
    except NotLoadedError as reason:
        return str(reason)
    return ""


def has_room_for(tables: Tables) -> bool:
    """Whether the compiled loop has room for this system."""
    return tables.width <= MOST_PLACES and len(tables.renamings) <= MOST_RENAMINGS


def pointer(array: NDArray[Any]) -> ctypes.c_void_p:
    """The address of an array's memory; the array has to live as long as the address is used."""
    return ctypes.c_void_p(array.ctypes.data)


def tables_for_c(tables: Tables) -> CTables:
    """The tables as they are now, without a copy."""
    hashes = tables.hashes.array
    filled = {name: getattr(tables, name).array.ctypes.data for name in TABLE_FIELDS}
    return CTables(
        width=tables.width,
        renamings=len(tables.renamings),
        stride=hashes.shape[1],
        bits=tables.pairs.bits,
        pairs=tables.pairs.slots.ctypes.data,
        **filled,
    )


class Buffer:
    """Room for the successors of some states, for the kernel to write into."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.missing: NDArray[np.int64] = np.zeros(MISSING, dtype=np.int64)
        self._allocate(CANDIDATES)

    def _allocate(self, capacity: int) -> None:
        self.rows: Rows = np.empty((capacity, self.width), dtype=np.int32)
        self.fingerprints: NDArray[np.uint64] = np.empty(capacity, dtype=np.uint64)
        self.others = [np.empty(capacity, dtype=np.int32) for _ in range(3)]
        self.is_new: NDArray[np.uint8] = np.zeros(capacity, dtype=np.uint8)
        flags, kinds, outcomes = (each.ctypes.data for each in self.others)
        self.for_c = CBuffer(
            capacity=capacity,
            rows=self.rows.ctypes.data,
            fingerprints=self.fingerprints.ctypes.data,
            flags=flags,
            kinds=kinds,
            outcomes=outcomes,
            is_new=self.is_new.ctypes.data,
            missing_capacity=MISSING,
            missing=self.missing.ctypes.data,
        )

    def grow(self) -> None:
        """Make room for twice as many, and keep what is there."""
        used, before = int(self.for_c.used), self._filled
        self._allocate(2 * len(self.rows))
        for old, new in zip(before, self._filled, strict=True):
            new[:used] = old[:used]
        self.for_c.used = used

    @property
    def _filled(self) -> "list[NDArray[Any]]":
        return [self.rows, self.fingerprints, *self.others]


class Slice:
    """The part of a chunk that one worker expands.

    The successors of the state at position p stand in the buffer from firsts[p] up to lasts[p];
    firsts[p] is -1 as long as they are not made.
    """

    def __init__(self, buffer: Buffer, first: int, rows: Rows) -> None:
        self.buffer = buffer
        self.first = first
        self.rows = rows
        self.firsts: NDArray[np.int64] = np.full(len(rows), -1, dtype=np.int64)
        self.lasts: NDArray[np.int64] = np.full(len(rows), -1, dtype=np.int64)
        buffer.for_c.used = 0

    def expand(self, library: ctypes.CDLL, tables: CTables) -> None:
        """Make the successors of all states that have none yet."""
        self.buffer.for_c.missing_used = 0
        positions = np.flatnonzero(self.firsts < 0)
        while len(positions):
            done = library.expand(
                ctypes.byref(tables),
                pointer(self.rows),
                pointer(positions),
                ctypes.c_int64(len(positions)),
                pointer(self.firsts),
                pointer(self.lasts),
                ctypes.byref(self.buffer.for_c),
            )
            positions = positions[done:]
            if len(positions):
                self.firsts[positions[0]] = -1
                self.buffer.grow()

    @property
    def missing(self) -> NDArray[np.int64]:
        """The keys of pairs that the tables lacked."""
        return self.buffer.missing[: self.buffer.for_c.missing_used]


class CompiledSet(FingerprintSet):
    """The set of fingerprints, moved by C when it grows."""

    def __init__(self, library: ctypes.CDLL, bits: int = 16) -> None:
        super().__init__(bits)
        self._library = library

    def empty(self) -> "CompiledSet":
        """Another set of this kind."""
        return CompiledSet(self._library)

    def _add(self, fingerprints: NDArray[np.uint64]) -> NDArray[Any]:
        count = len(fingerprints)
        fingerprints = np.ascontiguousarray(fingerprints)
        flags, is_new = np.zeros(count, dtype=np.int32), np.zeros(count, dtype=np.uint8)
        first, last = np.zeros(1, dtype=np.int64), np.full(1, count, dtype=np.int64)
        buffer = CBuffer(
            used=count,
            fingerprints=fingerprints.ctypes.data,
            flags=flags.ctypes.data,
            is_new=is_new.ctypes.data,
        )
        self._library.mark(
            pointer(self.slots),
            ctypes.c_int64(self.bits),
            ctypes.c_int64(0),
            ctypes.c_int64(1),
            pointer(first),
            pointer(last),
            ctypes.c_int64(1),
            ctypes.byref(buffer),
        )
        return is_new.view(bool)

    def refill(self, held: NDArray[np.uint64]) -> None:
        """Put what was held into new slots."""
        self._library.rehash(
            pointer(held),
            ctypes.c_int64(len(held)),
            pointer(self.slots),
            ctypes.c_int64(self.bits),
        )


class KernelEngine:
    """Chunks of states, one after the other; see model.explorer.engines.engine."""

    name = "kernel"

    def __init__(self, library: ctypes.CDLL, tables: Tables, workers: int = 1) -> None:
        self.library = library
        self.tables = tables
        self.fingerprints: FingerprintSet = CompiledSet(library)
        self.workers = workers
        self.chunk = 4096 * workers
        self.pool = ThreadPool(workers)
        self.counts = Counts()
        self.buffers = [Buffer(tables.width) for _ in range(workers)]

    def advance(self, rows: Rows, first_parent: int) -> ChunkResult:
        """The new successors of a chunk of states, which are numbered from `first_parent` on."""
        slices = self._slices(rows)
        while any((each.firsts < 0).any() for each in slices):
            call = partial(Slice.expand, library=self.library, tables=tables_for_c(self.tables))
            self.pool.map(call, slices)
            missing = np.unique(np.concatenate([each.missing for each in slices]))
            self.tables.fill(missing.tolist())
        found = self._mark(slices)
        self.counts.make_room(self.tables)
        return self._collect(slices, first_parent, found)

    def _slices(self, rows: Rows) -> list[Slice]:
        rows = np.ascontiguousarray(rows)
        parts = split(np.arange(len(rows)), self.workers)
        return [
            Slice(buffer, int(part[0]), rows[part[0] : part[-1] + 1])
            for buffer, part in zip(self.buffers, parts, strict=False)
        ]

    def _mark(self, slices: list[Slice]) -> int:
        self.fingerprints.make_room(sum(each.buffer.for_c.used for each in slices))

        def mark(part: int) -> int:
            return sum(
                self.library.mark(
                    pointer(self.fingerprints.slots),
                    ctypes.c_int64(self.fingerprints.bits),
                    ctypes.c_int64(part),
                    ctypes.c_int64(self.workers),
                    pointer(each.firsts),
                    pointer(each.lasts),
                    ctypes.c_int64(len(each.rows)),
                    ctypes.byref(each.buffer.for_c),
                )
                for each in slices
            )

        found = sum(self.pool.map(mark, range(self.workers)))
        self.fingerprints.length += found
        return found

    def _collect(self, slices: list[Slice], first_parent: int, found: int) -> ChunkResult:
        rows = np.empty((found, self.tables.width), dtype=np.int32)
        fingerprints = np.empty(found, dtype=np.uint64)
        parents, numbers = np.empty(found, dtype=np.uint32), np.empty(found, dtype=np.uint16)
        violation = np.zeros(3, dtype=np.int64)
        done, violations = 0, []
        for each in slices:
            violation[:] = 0
            done += self.library.collect(
                ctypes.c_int64(self.tables.width),
                ctypes.c_int64(first_parent + each.first),
                pointer(each.firsts),
                pointer(each.lasts),
                ctypes.c_int64(len(each.rows)),
                ctypes.byref(each.buffer.for_c),
                pointer(self.counts.kinds),
                pointer(self.counts.outcomes),
                pointer(rows[done:]),
                pointer(fingerprints[done:]),
                pointer(parents[done:]),
                pointer(numbers[done:]),
                pointer(violation),
            )
            if violation[2]:
                position, number, flag = violation.tolist()
                violations.append((first_parent + each.first + position, number, flag))
        return ChunkResult(rows, fingerprints, parents, numbers, tuple(violations[:1]))

    def close(self) -> None:
        """End the workers."""
        self.pool.close()
