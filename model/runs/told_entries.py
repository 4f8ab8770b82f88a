"""What pictures of a run hold: its logs and the entries in its messages, as plain data.

Each step that changes a log shows the whole of it, and each message all that it carries. So what is
told grows with the square of a schedule; of one from elsewhere, which must not fill the memory, it
is bounded.
"""

import math
from collections.abc import Iterable
from itertools import chain
from typing import Final, TypeAlias

from attrs import define, field

from model.failures import LongRunError
from model.runs.execution import LogEntry
from raft_core import Entry, Log

MOST_CHARACTERS: Final = 20_000_000
"""Of all that is told, which takes ten times as many bytes."""
LONGEST: Final = 1_000
"""Characters of an entry's text that are told."""
OF_ENTRY: Final = 8
"""Characters besides its command, as in `[1,"v1"],`."""

Chunk: TypeAlias = tuple[Entry, ...]


@define
class ToldEntries:
    """Turns entries into terms and commands; what versions of a log share is made once.

    LongRunError where those of a schedule from elsewhere come to too many characters.
    """

    _chunks: dict[int, tuple[Chunk, tuple[LogEntry, ...], int]] = field(factory=dict)
    """A chunk, what was told of it, and how long that is, by the identity of the chunk."""
    _left: float = math.inf

    @classmethod
    def bounded(cls) -> "ToldEntries":
        """Those of a schedule from elsewhere."""
        return cls(left=MOST_CHARACTERS)

    def of_log(self, log: Log) -> tuple[LogEntry, ...]:
        """The entries of a log."""
        tail = plain(log.entries.tail)
        self.count(command for _, command in tail)
        return (*chain.from_iterable(map(self._of_chunk, log.entries.full)), *tail)

    def count(self, texts: Iterable[str]) -> None:
        """Count the texts of some entries, as they are told."""
        self._spend(length_of(map(cut_short, texts)))

    def _of_chunk(self, chunk: Chunk) -> tuple[LogEntry, ...]:
        """The entries of a chunk that versions of a log share."""
        known = self._chunks.get(id(chunk))
        if known is None:
            entries = plain(chunk)
            known = chunk, entries, length_of(command for _, command in entries)
            self._chunks[id(chunk)] = known
        self._spend(known[2])
        return known[1]

    def _spend(self, characters: int) -> None:
        self._left -= characters
        if self._left < 0:
            what = f"found more than {MOST_CHARACTERS:,} characters"
            raise LongRunError(f"{what} in the logs and messages of all steps, expected fewer")


def cut_short(text: str) -> str:
    """The text of an entry, or the beginning of one that is longer than anybody reads."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text):,} characters)"


def plain(entries: Chunk) -> tuple[LogEntry, ...]:
    """The terms and commands of some entries."""
    return tuple([(entry.term, cut_short(str(entry.command))) for entry in entries])


def length_of(texts: Iterable[str]) -> int:
    """Characters of the texts of some entries, with what is written around them."""
    return sum(len(each) + OF_ENTRY for each in texts)
