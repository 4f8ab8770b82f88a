"""The verdict on a trace: accepted, rejected at its first impossible event, or unknown."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from itertools import chain, islice, repeat
from typing import Any, Final, NamedTuple

from attrs import define, field, frozen
from msgspec import ValidationError

from oracle.traces.etcd.rules import ETCD_RULES
from oracle.traces.formats import (
    AUTO,
    UNREADABLE,
    Format,
    format_named,
    format_of,
    names_event,
    parsed_by,
    quoted,
)
from oracle.traces.lines import (
    CutLineError,
    MissingEventsError,
    MissingStartError,
    TooMuchError,
    TraceError,
    UnknownEventError,
    UnknownKindError,
)
from oracle.traces.merging import Entry, Placed, merged
from properties.rules.catalogue import ALL_RULES
from properties.rules.judge import DISCARD_EVERY, Judge
from properties.rules.vocabulary import Broken, Rule, RuleBrokenError
from raft_core import Role

FEW_COLLECTIONS: Final = 50_000
"""Objects that are made between two looks for circles of references; Python's own number is 700."""
MOST_EMPTY: Final = 1_000_000
"""Lines on which nothing stands: a small file may unpack to billions."""
BATCH: Final = 256
"""Lines of several files that are merged before they are judged."""
Numbered = Iterator[tuple[int, bytes]]


class Kind(Enum):
    """How a verdict comes out."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Point(NamedTuple):
    """A line of a trace: its number in its file, which file, and what stands there."""

    number: int = 0
    file: int = 0
    line: bytes = b""
    events: int = 0
    """How many events were judged up to it."""


@frozen
class Verdict:
    """What was found, and what was looked at."""

    kind: Kind
    format: str
    events: int
    servers: tuple[str, ...]
    highest_term: int
    held: Counter[str]
    """By rule, how often it applied and held."""
    lacking: Counter[tuple[str, str]]
    """By rule and by what was missing, how often it could not judge."""
    number: int = 0
    """The number of the line at which the trace is rejected, or nothing more is known."""
    file: int = 0
    """Of several files, the place of the one in which that line stands."""
    position: int = 0
    """Where that line stands among all lines of all files, as they were merged."""
    line: str = ""
    rule: Rule | None = None
    broken: Broken | None = None
    missing: str = ""
    warnings: tuple[str, ...] = ()
    """What was passed over, or is not as it should be, and is no event of a server's."""
    newest_commit: int = 0
    committed_at: Point | None = None
    """The line at which the commit index of the cluster last rose."""
    waiting_since: Point | None = None
    """The line since which, at the latest, a leader's entry waits to be committed."""
    last: Point | None = None


@frozen
class Options:
    """How a trace is to be read and judged."""

    chosen: str = AUTO
    partial: bool = False
    ignore: frozenset[str] = frozenset()
    strip: bool = False
    """Whether what stands before a line's JSON is taken away."""
    skip: bool = False
    """Whether lines that are no events are passed over."""


@define
class Progress:
    """How far a trace has been read."""

    options: Options
    names: Sequence[str]
    """Of the files, where there are several."""
    number: int = 0
    file: int = 0
    events: int = 0
    line: bytes = field(default=b"", repr=False)
    first: tuple[int, int, bytes] = (0, 0, b"")
    """The first line: its number, which file, and what stands there."""
    stripped: int = 0
    skipped: int = 0
    empty: int = 0
    """Lines on which nothing stands."""
    warnings: list[str] = field(factory=list)
    committed_at: Point | None = None
    waiting_since: Point | None = None
    _newest: int = 0

    def here(self) -> Point:
        """The line that was just judged."""
        return Point(self.number, self.file, self.line, self.events)

    def look(self, judge: Judge) -> None:
        """Remember where the commit index rose, and since when an entry waits."""
        cluster = judge.cluster
        if cluster.newest != self._newest:
            self._newest, self.committed_at = cluster.newest, self.here()
            self.waiting_since = None
        if not cluster.has_waiting:
            cluster.has_waiting = any(
                each.role is Role.LEADER and (each.log.last_index or 0) > cluster.newest
                for each in cluster.servers.values()
            )
        if cluster.has_waiting and self.waiting_since is None:
            self.waiting_since = self.here()

    def where(self, number: int, file: int) -> str:
        """A line, in words."""
        return f"{self.names[file]}, line {number}" if len(self.names) > 1 else f"line {number}"

    def verdict(self, kind: Kind, format: Format, **found: Any) -> Verdict:
        """What is known by now."""
        judge = format.judge
        cluster, held = judge.cluster, Counter(judge.noted)
        for rule, count in zip(ALL_RULES, judge.held, strict=True):
            held[rule.name] += count
        return Verdict(
            kind,
            format.name,
            self.events,
            tuple(cluster.names[number] for number in sorted(cluster.servers)),
            cluster.highest_term,
            held,
            judge.lacking,
            number=self.number,
            file=self.file,
            position=self.number if len(self.names) == 1 else self.events + 1,
            warnings=tuple(self.told()),
            newest_commit=cluster.newest,
            committed_at=self.committed_at,
            waiting_since=self.waiting_since if kind is Kind.ACCEPTED else None,
            last=self.here(),
            **found,
        )

    def told(self) -> Iterator[str]:
        """What was done to lines, and left out."""
        if self.stripped:
            yield f"{self.stripped:,} lines had something before their JSON, which was stripped"
        if self.skipped:
            yield f"{self.skipped:,} lines that are no events were skipped"
        yield from self.warnings


def check_trace(
    lines: Iterable[bytes],
    chosen: str = AUTO,
    partial: bool = False,
    ignore: frozenset[str] = frozenset(),
) -> Verdict:
    """Judge a trace line by line, but for some rules; TraceError where it is no trace."""
    return check_files({"": lines}, Options(chosen, partial, ignore))


def check_files(files: dict[str, Iterable[bytes]], options: Options) -> Verdict:
    """Judge the lines of one file, or of several that are merged by cause."""
    progress = Progress(options, tuple(files))
    format, numbered = recognised(progress, files)
    try:
        with rarely_collecting():
            if len(numbered) == 1:
                judge_lines(progress, format, numbered[0])
            else:
                judge_merged(progress, format, numbered)
        expect_known_kind(progress, format)
    except UnknownEventError as error:
        raise unknown(progress, error) from None
    except (TooMuchError, ValidationError) as error:
        raise TraceError(f"{progress.where(progress.number, progress.file)}: {error}") from None
    except RuleBrokenError as error:
        line = progress.line.decode(errors="replace").rstrip()
        found = {"line": line, "rule": error.rule, "broken": error.broken}
        return progress.verdict(Kind.REJECTED, format, **found)
    except (MissingStartError, MissingEventsError) as error:
        return progress.verdict(Kind.UNKNOWN, format, missing=str(error))
    if not any(format.judge.held):
        return progress.verdict(Kind.UNKNOWN, format, missing="any event that a rule is about")
    return progress.verdict(Kind.ACCEPTED, format)


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Look for circles of references less often: lines make none, but many objects."""
    before = gc.get_threshold()
    gc.set_threshold(FEW_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def recognised(
    progress: Progress, files: dict[str, Iterable[bytes]]
) -> tuple[Format, list[Numbered]]:
    """The format of a trace by its first line, and its lines, that one among them."""
    options = progress.options
    numbered = [numbered_lines(progress, each) for each in files.values()]
    first = {place: first_line(progress, place, file) for place, file in enumerate(numbered)}
    begin = next(((place, found) for place, found in first.items() if found is not None), None)
    if begin is None:
        raise TraceError("found no event, expected a trace")
    progress.first = (begin[1][0], begin[0], begin[1][1])
    names = {
        format_of(progress.where(found[0], place), found[1]) if options.chosen == AUTO else ""
        for place, found in first.items()
        if found is not None
    }
    if len(names) > 1:
        raise TraceError("found files of two formats, expected one")
    again = [
        file if (found := first[place]) is None else chain([found], file)
        for place, file in enumerate(numbered)
    ]
    name = names.pop() or options.chosen
    return format_named(name, options.partial, options.ignore, len(files)), again


def first_line(progress: Progress, place: int, numbered: Numbered) -> tuple[int, bytes] | None:
    """The first line of a file on which something stands; None where there is none."""
    for number, line in numbered:
        if line.strip():
            return number, line
        pass_empty(progress, progress.where(number, place))
    return None


def pass_empty(progress: Progress, where: str) -> None:
    """Pass over a line on which nothing stands; TraceError after very many."""
    progress.empty += 1
    if progress.empty > MOST_EMPTY:
        raise TraceError(f"{where}: found {MOST_EMPTY:,} empty lines, expected events")


def numbered_lines(progress: Progress, lines: Iterable[bytes]) -> Numbered:
    """Lines with their numbers; of a clean file as they are, since there may be many millions."""
    numbered = enumerate(lines, start=1)
    options = progress.options
    return read_cleanly(progress, numbered) if options.strip or options.skip else numbered


def read_cleanly(progress: Progress, numbered: Numbered) -> Numbered:
    """Lines without what is to be taken away, and without those that are to be passed over."""
    strip, skip = progress.options.strip, progress.options.skip
    for number, line in numbered:
        if strip and not line.startswith(b"{"):
            start = line.find(b'{"')
            if start > 0:
                progress.stripped += 1
                line = line[start:]
        if skip and not line.lstrip().startswith(b"{"):
            progress.skipped += not line.isspace()
        else:
            yield number, line


def judge_lines(progress: Progress, format: Format, numbered: Numbered) -> None:
    """Judge the lines of one file.

    They could come from `entries_in_order` as those of several do, which takes four percent longer.
    """
    decode, read, judge = format.decode, format.read, format.judge
    cluster, newest, waits = judge.cluster, 0, False
    for number, line in numbered:
        progress.number, progress.line = number, line
        try:
            said = decode(line)
        except UNREADABLE:
            where = progress.where(number, 0)
            leave_out(progress, decode, where, line, numbered, progress.events == 0)
            continue
        if said is None:
            continue
        read(said)
        progress.events = events = progress.events + 1
        if events % DISCARD_EVERY == 0:
            cluster.discard()
        if cluster.newest != newest or cluster.has_waiting is not waits:
            progress.look(judge)
            newest, waits = cluster.newest, cluster.has_waiting


def judge_merged(progress: Progress, format: Format, files: Sequence[Numbered]) -> None:
    """Judge the lines of several files, in an order that causes permit."""
    judge, read = format.judge, format.read
    cluster, newest, waits = judge.cluster, 0, False
    placed = entries_in_order(progress, format, files)
    for progress.file, (progress.number, progress.line, said) in placed:
        read(said)
        progress.events = events = progress.events + 1
        if events % DISCARD_EVERY == 0:
            cluster.discard()
        if cluster.newest != newest or cluster.has_waiting is not waits:
            progress.look(judge)
            newest, waits = cluster.newest, cluster.has_waiting


def in_batches(entries: Iterator[Placed]) -> Iterator[Placed]:
    """The same, some hundreds at a time: to merge and to judge in turns takes a tenth longer."""
    while True:
        batch = list[Placed]()
        try:
            batch.extend(islice(entries, BATCH))
        except TraceError:
            yield from batch
            raise
        if not batch:
            return
        yield from batch


def entries_in_order(
    progress: Progress, format: Format, files: Sequence[Numbered]
) -> Iterator[Placed]:
    """The lines of one file, or of several as causes permit, each with the place of its file."""
    read = [entries_of(progress, format, place, each) for place, each in enumerate(files)]
    if len(read) == 1:
        return zip(repeat(0), read[0])
    format.judge.cluster.sends_first = True
    return in_batches(merged(format, read))


def in_order(
    files: dict[str, Iterable[bytes]], options: Options
) -> tuple[Format, Iterator[Placed]]:
    """The lines of a trace again, in the order in which they are judged, and their format."""
    progress = Progress(options, tuple(files))
    format, numbered = recognised(progress, files)
    return format, entries_in_order(progress, format, numbered)


def entries_of(
    progress: Progress, format: Format, place: int, numbered: Numbered
) -> Iterator[Entry]:
    """What the lines of one file say."""
    decode, is_first = format.decode, True
    for number, line in numbered:
        try:
            said = decode(line)
        except UNREADABLE:
            where = progress.where(number, place)
            leave_out(progress, decode, where, line, numbered, is_first)
            continue
        if said is not None:
            is_first = False
            yield number, line, said


def unknown(progress: Progress, error: UnknownEventError) -> TraceError:
    """What no format has, at the line that says it."""
    where = progress.where(progress.number, progress.file)
    if progress.events == 0:
        return UnknownKindError(where, error.name)
    return TraceError(f"{where}: {error}")


def leave_out(
    progress: Progress,
    decode: Callable[[bytes], Any],
    where: str,
    line: bytes,
    others: Numbered,
    is_first: bool,
) -> None:
    """Pass over a line that cannot be read; TraceError where nobody asked for that.

    The last line of a file may be cut off, as where its writer was killed, if it is not the first.
    """
    skip = progress.options.skip
    if not line.strip():
        pass_empty(progress, where)
        return
    try:
        parsed_by(decode, line, where, is_first)
    except CutLineError:
        if not skip and (is_first or next(others, None) is not None):
            raise
        if not skip:
            progress.warnings.append(f"{where}, the last one, is cut off and is not judged")
    except TraceError:
        if not skip or names_event(line):
            raise
    progress.skipped += skip


def expect_known_kind(progress: Progress, format: Format) -> None:
    """TraceError where no line was an event, and nobody said of what format they are."""
    if progress.events == 0 and progress.options.chosen == AUTO:
        number, file, line = progress.first
        raise UnknownKindError(progress.where(number, file), quoted(line))


def rules_by_name() -> Iterator[Rule]:
    """Every rule that a verdict may name, once a name."""
    seen: set[str] = set()
    for rule in (*ALL_RULES, *ETCD_RULES):
        if rule.name not in seen:
            seen.add(rule.name)
            yield rule
