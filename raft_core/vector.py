"""A persistent sequence: immutable and hashable, with cheap change at its end.

A plain tuple copies every element on every append, so that a step's cost would grow with
the length of the log. This one shares full chunks between versions: appending costs at most
one chunk, and two versions of a sequence are compared by the chunks that they do not share.
"""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from attrs import frozen

CHUNK = 32

Item = TypeVar("Item")


@frozen
class Vector(Generic[Item]):
    """An immutable sequence: `full` chunks of exactly CHUNK items each, then a shorter `tail`.

    The division into chunks depends on the length alone, so equal sequences are equal values.
    """

    full: tuple[tuple[Item, ...], ...] = ()
    tail: tuple[Item, ...] = ()

    def __len__(self) -> int:
        return len(self.full) * CHUNK + len(self.tail)

    def __getitem__(self, position: int) -> Item:
        chunk = position // CHUNK
        if chunk < len(self.full):
            return self.full[chunk][position % CHUNK]
        return self.tail[position - len(self.full) * CHUNK]

    def __iter__(self) -> Iterator[Item]:
        for chunk in self.full:
            yield from chunk
        yield from self.tail

    def slice(self, start: int, stop: int) -> tuple[Item, ...]:
        """The items from position `start` up to and without `stop`, as a tuple."""
        stop = min(stop, len(self))
        if start >= stop:
            return ()
        first, last = start // CHUNK, (stop - 1) // CHUNK
        chunks = (*self.full[first : last + 1], self.tail)[: last - first + 1]
        joined = (
            chunks[0] if len(chunks) == 1 else tuple(item for chunk in chunks for item in chunk)
        )
        return joined[start - first * CHUNK : stop - first * CHUNK]

    def extended(self, items: Iterable[Item]) -> "Vector[Item]":
        """This sequence with `items` after its end."""
        tail = self.tail + tuple(items)
        if len(tail) < CHUNK:
            return Vector(self.full, tail)
        whole = len(tail) - len(tail) % CHUNK
        chunks = tuple([tail[start : start + CHUNK] for start in range(0, whole, CHUNK)])
        return Vector((*self.full, *chunks), tail[whole:])

    def truncated(self, length: int) -> "Vector[Item]":
        """The first `length` items."""
        if length >= len(self):
            return self
        chunk = length // CHUNK
        source = self.full[chunk] if chunk < len(self.full) else self.tail
        return Vector(self.full[:chunk], source[: length % CHUNK])

    def replaced(self, position: int, item: Item) -> "Vector[Item]":
        """This sequence with another item at `position`."""
        chunk, offset = divmod(position, CHUNK)
        if position >= len(self):
            raise IndexError(f"position: found {position}, expected below {len(self)}")
        if chunk == len(self.full):
            tail = self.tail
            return Vector(self.full, (*tail[:offset], item, *tail[offset + 1 :]))
        old = self.full[chunk]
        new = (*old[:offset], item, *old[offset + 1 :])
        return Vector((*self.full[:chunk], new, *self.full[chunk + 1 :]), self.tail)

    def common_length(self, other: "Vector[Item]") -> int:
        """How many items from the start on are the same in both.

        Costs what the two do not share: a chunk that both hold is compared by identity.
        """
        chunks = min(len(self.full), len(other.full))
        if self.full is not other.full and self.full[:chunks] != other.full[:chunks]:
            pairs = zip(self.full, other.full, strict=False)
            chunks = next(number for number, (mine, yours) in enumerate(pairs) if mine != yours)
        mine = self.full[chunks] if chunks < len(self.full) else self.tail
        yours = other.full[chunks] if chunks < len(other.full) else other.tail
        length = chunks * CHUNK
        for left, right in zip(mine, yours, strict=False):
            if left is not right and left != right:
                break
            length += 1
        return length
