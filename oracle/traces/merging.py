"""Several files as one trace, merged by cause: no message is received before it is sent.

Clocks say nothing here. Each file keeps its order. Of the files that need not wait for a message,
the one whose servers are furthest behind, by term and index, comes next, so that what is compared
is near. What waits for a message that no file sends goes on when nothing else can.
"""

from collections import deque
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final

from attrs import define, field

from oracle.traces.formats import Format, Link, Message

RUN: Final = 64
"""Lines that one file gives at most before another has its turn."""
MOST_WAITING: Final = 65_536
"""Messages that are remembered at least; one that takes longer is waited for in vain."""

AHEAD: Final = 2_048
"""Lines of each file in which a message is looked for where all wait."""

Entry = tuple[int, bytes, Any]
"""A line of a file: its number, what stands there, and what it says."""
Placed = tuple[int, Entry]
"""A line with the place of its file among all files."""


@define
class Source:
    """One of the files: its next line, and how far its servers are."""

    place: int
    entries: Iterator[Entry]
    head: Entry | None = None
    term: int = 0
    index: int = 0
    runs: int = 0
    waits_for: Message | None = None
    after: "Source | None" = None
    """An earlier part of the same log."""

    ahead: deque[Entry] = field(factory=deque)
    """Lines after the next one that were looked at already."""
    sent_ahead: set[Hashable] = field(factory=set)

    def look_ahead(self, format: Format) -> set[Hashable]:
        """The messages that the file's next lines send."""
        if not self.ahead:
            self.sent_ahead.clear()
        while len(self.ahead) < AHEAD and (entry := next(self.entries, None)) is not None:
            self.ahead.append(entry)
            if type(entry[2]) in format.sends and (message := format.sent(entry[2])) is not None:
                self.sent_ahead.add(message[0])
        return self.sent_ahead

    def is_behind(self, other: "Source") -> bool:
        """Whether it is this file's turn before the other's."""
        if self.term != other.term:
            return self.term < other.term
        if self.index != other.index:
            return self.index < other.index
        return self.runs < other.runs


@define
class Merge:
    """The lines of several files in an order that causes permit."""

    format: Format
    sources: list[Source]
    _sent: dict[Hashable, None] = field(factory=dict)
    _sent_before: dict[Hashable, None] = field(factory=dict)
    _reported: set[Link] = field(factory=set)
    _missed: set[Link] = field(factory=set)
    """Senders and kinds of messages that were waited for in vain: they are not written down."""

    def lines(self) -> Iterator[Placed]:
        """Each line with the place of its file."""
        for source in self.sources:
            source.head = next(source.entries, None)
        for source in self.sources:
            if source.head is not None and self.format.is_header(source.head[2]):
                yield from self._run(source, 1)
        self._chain()
        while (chosen := self._next()) is not None:
            yield from self._run(chosen, RUN)

    def _chain(self) -> None:
        """Two files of one server are parts of its log: the first one named comes first."""
        last = dict[str, Source]()
        for source in sorted(self.sources, key=self._sequence):
            if source.head is not None and (server := self.format.server(source.head[2])):
                source.after = last.get(server)
                last[server] = source

    def _sequence(self, source: Source) -> tuple[int, int]:
        """Where a file stands among others of its server, by its lines' own count if it has one."""
        said = None if source.head is None else source.head[2]
        return (getattr(said, "seq", None) or 0, source.place)

    def _run(self, source: Source, most: int) -> Iterator[Placed]:
        """Some lines of one file, until it has to wait.

        It looks at every line of a trace: what is asked of all of them stands in variables.
        """
        place, entries, ahead = source.place, source.entries, source.ahead
        sends, receives, tells = self.format.sends, self.format.receives, self.format.tells_height
        source.runs += 1
        head = source.head
        while most and head is not None:
            if source.waits_for is not None and self._must_wait(source):
                break
            kind = type(head[2])
            if kind in sends:
                self._send(self.format.sent(head[2]))
            if kind in tells:
                term, index = self.format.height(head[2])
                source.term, source.index = max(source.term, term), max(source.index, index)
            yield place, head
            most -= 1
            source.head = head = ahead.popleft() if ahead else next(entries, None)
            source.waits_for = None
            if head is not None and type(head[2]) in receives:
                self._receive(source, self.format.received(head[2]))

    def _receive(self, source: Source, message: Message | None) -> None:
        """The next line of a file is a receipt, of what may not have been sent yet."""
        if message is not None and message[0] not in self._sent:
            source.waits_for = message

    def _send(self, message: Message | None) -> None:
        """A message is under way."""
        if message is None:
            return
        key, link = message
        self._sent[key] = None
        self._reported.add(link)
        if len(self._sent) > MOST_WAITING:
            self._sent_before, self._sent = self._sent, {}

    def _must_wait(self, source: Source) -> bool:
        """Whether the next line of a file is a receipt of what no file has sent yet."""
        message = source.waits_for
        if message is None or message[0] in self._sent or message[0] in self._sent_before:
            return False
        return message[1] not in self._missed or message[1] in self._reported

    def _next(self) -> Source | None:
        """The file whose turn it is; one that waits in vain, if all others do."""
        best, waiting = None, list[Source]()
        for source in self.sources:
            if source.head is None or (source.after is not None and source.after.head is not None):
                continue
            if source.waits_for is not None and self._must_wait(source):
                waiting.append(source)
            elif best is None or source.is_behind(best):
                best = source
        if best is not None:
            return best
        if not waiting:
            return None
        in_vain = [each for each in waiting if not self._comes(each)] or waiting
        chosen = min(in_vain, key=lambda each: (each.term, each.index, each.runs))
        if chosen.waits_for is not None:
            self._missed.add(chosen.waits_for[1])
        chosen.waits_for = None
        return chosen

    def _comes(self, source: Source) -> bool:
        """Whether what a file waits for is sent by one of the next lines of another."""
        if source.waits_for is None:
            return False
        key = source.waits_for[0]
        return any(key in each.look_ahead(self.format) for each in self.sources)


def merged(format: Format, files: Sequence[Iterator[Entry]]) -> Iterator[Placed]:
    """The lines of files as one trace, each with the place of its file."""
    return Merge(format, [Source(place, entries) for place, entries in enumerate(files)]).lines()
