"""What a process that shrinks and the one that waits for it tell each other while it takes.

Both map one small file into memory: the one writes how far it is, the other that it should end.
"""

import mmap
from pathlib import Path
from struct import Struct
from typing import Final

from attrs import frozen

TOLD: Final = Struct("=QQ")
SIZE: Final = TOLD.size + 1
"""What the one writes, and a byte that only the other writes."""
ENDED: Final = "\nShrinking was ended before it was done: a shorter schedule may be found."
"""What a trace says of a schedule that could have become shorter."""


@frozen
class Shrinking:
    """How far shrinking is."""

    tried: int
    """Schedules that were tried."""
    length: int
    """Actions of the shortest one that fails, first in macro actions and then in micro ones."""
    is_ending: bool


class ShrinkBoard:
    """The file, as one of the two processes has mapped it."""

    def __init__(self, path: str) -> None:
        self.path = path
        with open(path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), SIZE)
        self._tried = 0

    @classmethod
    def made(cls, path: str) -> "ShrinkBoard":
        """A new one, of which nothing has been told yet."""
        Path(path).write_bytes(bytes(SIZE))
        return cls(path)

    def goes_on(self, length: int) -> bool:
        """Tell that one more candidate is tried, and whether that should be."""
        self._tried += 1
        TOLD.pack_into(self._memory, 0, self._tried, length)
        return not self._memory[-1]

    def end(self) -> None:
        """Ask for an end: what is shortest so far is kept."""
        self._memory[-1] = 1

    def read(self) -> Shrinking:
        """What was told last."""
        tried, length = TOLD.unpack_from(self._memory)
        return Shrinking(tried, length, bool(self._memory[-1]))

    def note(self) -> str:
        """What a trace says where the end came early; nothing where it did not."""
        return ENDED if self.read().is_ending else ""
