"""Several files as one trace, merged by cause: no message is received before it is sent.

Clocks say nothing here. Each file keeps its order. Of the files that need not wait for a message,
the one whose servers are furthest behind, by term and index, comes next, so that what is compared
is near. What waits for a message that no file sends goes on when nothing else can.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import define, field

from oracle.traces.formats import Format, Message

RUN: Final = 64
"""Lines that one file gives at most before another has its turn."""
UNDER_WAY: Final = 4_096
"""Messages on one link that are remembered; what takes longer is waited for in vain."""
ARRIVED: Final = 256
"""Messages on one link that are remembered after one that was sent later has arrived."""
AHEAD: Final = 2_048
"""Lines of each file in which a message is looked for where all wait."""

Entry = tuple[int, bytes, Any]
"""A line of a file: its number, what stands there, and what it says."""
Placed = tuple[int, Entry]
"""A line with the place of its file among all files."""


@define(eq=False)
class Link:
    """The messages from one server to another, most of which arrive in order."""

    under_way: deque[Any] = field(factory=lambda: deque(maxlen=UNDER_WAY))
    arrived: deque[Any] = field(factory=lambda: deque(maxlen=ARRIVED))
    """What has arrived, or was sent before what has: it may be lost, late or repeated."""
    kinds: set[str] = field(factory=set)
    """The kinds of messages that the sender writes down."""
    missed: set[str] = field(factory=set)
    """The kinds that were waited for in vain: the sender does not write them down."""

    def has(self, message: Any) -> bool:
        """Whether a message is under way; then what was sent before it need not come any more."""
        under_way = self.under_way
        if not under_way or (under_way[0] != message and message not in under_way):
            return False
        while (first := under_way.popleft()) != message:
            self.arrived.append(first)
        self.arrived.append(first)
        return True


@define(eq=False)
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

    def look_ahead(self, format: Format, message: Message) -> bool:
        """Whether the file's next lines send a message."""
        while len(self.ahead) < AHEAD and (entry := next(self.entries, None)) is not None:
            self.ahead.append(entry)
        sends = (each[2] for each in self.ahead if type(each[2]) in format.sends)
        return any(format.sent(each) == message for each in sends)

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
    by_server: dict[str, Source] = field(factory=dict)
    """The file that a server begins."""
    links: defaultdict[tuple[str, str], Link] = field(factory=lambda: defaultdict(Link))

    def lines(self) -> Iterator[Placed]:
        """Each line with the place of its file."""
        for source in self.sources:
            source.head = next(source.entries, None)
        for source in self.sources:
            if source.head is not None and self.format.is_header(source.head[2]):
                yield from self._run(source, 1)
        self._chain()
        chosen = self._next()
        while chosen is not None:
            yield from self._run(chosen, RUN)
            chosen = self._sender(chosen) or self._next()

    def _chain(self) -> None:
        """Two files of one server are parts of its log: the first one named comes first."""
        last = dict[str, Source]()
        for source in sorted(self.sources, key=self._sequence):
            if source.head is not None and (server := self.format.server(source.head[2])):
                source.after = last.get(server)
                last[server] = source
                self.by_server.setdefault(server, source)

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
        sent, received, height = self.format.sent, self.format.received, self.format.height
        source.runs += 1
        head = source.head
        while most and head is not None:
            if source.waits_for is not None and self._must_wait(source, source.waits_for):
                break
            kind = type(head[2])
            if kind in sends and (message := sent(head[2])) is not None:
                link = self.links[message[0]]
                link.under_way.append(message[2])
                link.kinds.add(message[1])
            if kind in tells:
                term, index = height(head[2])
                source.term, source.index = max(source.term, term), max(source.index, index)
            yield place, head
            most -= 1
            source.head = head = ahead.popleft() if ahead else next(entries, None)
            source.waits_for = None
            if head is not None and type(head[2]) in receives:
                source.waits_for = received(head[2])

    def _must_wait(self, source: Source, message: Message) -> bool:
        """Whether the next line of a file is a receipt of what no file has sent yet."""
        link = self.links[message[0]]
        if link.has(message[2]):
            source.waits_for = None
            return False
        return message[1] not in link.missed or message[1] in link.kinds

    def _sender(self, source: Source) -> Source | None:
        """The file of the server that a file waits for, if that one can go on."""
        message = source.waits_for
        sender = None if message is None else self.by_server.get(message[0][0])
        if sender is None or sender.head is None or sender.after is not None:
            return None
        waits_for = sender.waits_for
        return None if waits_for is not None and self._must_wait(sender, waits_for) else sender

    def _next(self) -> Source | None:
        """The file whose turn it is; one that waits in vain, if all others do."""
        best, waiting = None, list[Source]()
        for source in self.sources:
            if source.head is None or (source.after is not None and source.after.head is not None):
                continue
            if source.waits_for is not None and self._must_wait(source, source.waits_for):
                waiting.append(source)
            elif best is None or source.is_behind(best):
                best = source
        if best is not None:
            return best
        if not waiting:
            return None
        again = [each for each in waiting if self._arrives_again(each)]
        in_vain = again or [each for each in waiting if not self._comes(each)] or waiting
        chosen = min(in_vain, key=lambda each: (each.term, each.index, each.runs))
        if chosen.waits_for is not None and not again:
            self.links[chosen.waits_for[0]].missed.add(chosen.waits_for[1])
        chosen.waits_for = None
        return chosen

    def _arrives_again(self, source: Source) -> bool:
        """Whether what a file waits for was sent before what has arrived: late, or repeated."""
        message = source.waits_for
        return message is not None and message[2] in self.links[message[0]].arrived

    def _comes(self, source: Source) -> bool:
        """Whether what a file waits for is sent by one of the next lines of another."""
        message = source.waits_for
        if message is None:
            return False
        return any(each.look_ahead(self.format, message) for each in self.sources)


def merged(format: Format, files: Sequence[Iterator[Entry]]) -> Iterator[Placed]:
    """The lines of files as one trace, each with the place of its file."""
    return Merge(format, [Source(place, entries) for place, entries in enumerate(files)]).lines()
