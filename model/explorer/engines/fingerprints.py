"""The set of states that were seen, as 64-bit fingerprints in an open hash table."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.explorer.engines.tables import MULTIPLIER

FULL = 0.7
"""The largest share of the slots that may be taken."""


class FingerprintSet:
    """A set of 64-bit fingerprints: an open hash table of 2**bits slots; 0 marks an empty one."""

    def __init__(self, bits: int = 12) -> None:
        self.bits = bits
        self.slots: NDArray[np.uint64] = np.zeros(1 << bits, dtype=np.uint64)
        self.length = 0

    def add(self, fingerprints: NDArray[np.uint64]) -> NDArray[Any]:
        """Add fingerprints, no two of which are the same; says of each whether it was new."""
        self.make_room(len(fingerprints))
        is_new = self._add(fingerprints)
        self.length += int(np.count_nonzero(is_new))
        return is_new

    def _add(self, fingerprints: NDArray[np.uint64]) -> NDArray[Any]:
        shift, mask = np.uint64(64 - self.bits), np.int64(len(self.slots) - 1)
        places = ((fingerprints * np.uint64(MULTIPLIER)) >> shift).astype(np.int64)
        is_new = np.zeros(len(fingerprints), dtype=bool)
        rest = np.arange(len(fingerprints))
        while len(rest):
            here = places[rest]
            held = self.slots[here]
            empty = held == 0
            self.slots[here[empty]] = fingerprints[rest[empty]]
            won = empty & (self.slots[here] == fingerprints[rest])
            is_new[rest[won]] = True
            rest = rest[~won & (held != fingerprints[rest])]
            places[rest] = (places[rest] + 1) & mask
        return is_new

    def holds(self, fingerprints: NDArray[np.uint64]) -> NDArray[Any]:
        """Say of each fingerprint whether it is in the set."""
        shift, mask = np.uint64(64 - self.bits), np.int64(len(self.slots) - 1)
        places = ((fingerprints * np.uint64(MULTIPLIER)) >> shift).astype(np.int64)
        held = self.slots.take(places)
        is_held: NDArray[Any] = held == fingerprints
        rest = np.flatnonzero(~is_held & (held != 0))
        while len(rest):
            places[rest] = (places[rest] + 1) & mask
            held = self.slots.take(places[rest])
            is_held[rest] = held == fingerprints[rest]
            rest = rest[~is_held[rest] & (held != 0)]
        return is_held

    def empty(self) -> "FingerprintSet":
        """Another set of the same kind, with nothing in it."""
        return FingerprintSet()

    def make_room(self, count: int) -> None:
        """Grow until this many more fingerprints find a slot."""
        while self.is_full_with(count):
            held = self.slots[self.slots != 0]
            self.bits += 1
            self.slots = np.zeros(1 << self.bits, dtype=np.uint64)
            self.refill(held)

    def is_full_with(self, count: int) -> bool:
        """Whether this many more fingerprints need more slots."""
        return self.length + count > FULL * len(self.slots)

    def refill(self, held: NDArray[np.uint64]) -> None:
        """Put what the old slots held into the new ones, which are empty."""
        self._add(held)
