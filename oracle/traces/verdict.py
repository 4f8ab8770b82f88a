"""The verdict on a trace: accepted, rejected at its first impossible event, or unknown."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, Final, TypeAlias

import msgspec
from attrs import define, field, frozen

from oracle.traces.etcd import reader as etcd_reader
from oracle.traces.etcd.format import TRACE_TAG, EtcdLine
from oracle.traces.etcd.rules import ETCD_RULES
from oracle.traces.events import reader as facts_reader
from oracle.traces.events.format import Line
from oracle.traces.lines import (
    MissingEventsError,
    MissingStartError,
    TraceError,
    UnknownEventError,
)
from properties.rules.judge import ALL_RULES, Judge
from properties.rules.vocabulary import Broken, Rule, RuleBrokenError

FACTS: Final = "facts"
ETCD: Final = "etcd"
AUTO: Final = "auto"
FORMATS: Final = (FACTS, ETCD, AUTO)
LONGEST_QUOTE: Final = 60
READABLE: Final = msgspec.json.Decoder(type=dict[str, Any])

Read: TypeAlias = Callable[[bytes], bool]
"""Judges a line; False where the line is no part of the trace."""


class Kind(Enum):
    """How a verdict comes out."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


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
    line: str = ""
    rule: Rule | None = None
    broken: Broken | None = None
    missing: str = ""


@define
class Progress:
    """How far a trace has been read."""

    judge: Judge
    format: str
    number: int = 0
    events: int = 0
    line: bytes = field(default=b"", repr=False)

    def verdict(self, kind: Kind, **found: Any) -> Verdict:
        """What is known by now."""
        cluster, held = self.judge.cluster, Counter(self.judge.noted)
        for rule, count in zip(ALL_RULES, self.judge.held, strict=True):
            held[rule.name] += count
        return Verdict(
            kind,
            self.format,
            self.events,
            tuple(cluster.names[number] for number in sorted(cluster.servers)),
            cluster.highest_term,
            held,
            self.judge.lacking,
            number=self.number,
            **found,
        )


def check_trace(
    lines: Iterable[bytes],
    chosen: str = AUTO,
    partial: bool = False,
    ignore: frozenset[str] = frozenset(),
) -> Verdict:
    """Judge a trace line by line, but for some rules; TraceError where it is no trace."""
    numbered = enumerate(lines, start=1)
    first = next(((number, line) for number, line in numbered if line.strip()), None)
    if first is None:
        raise TraceError("found no event, expected a trace")
    name = format_of(*first) if chosen == AUTO else chosen
    judge, read = reader_of(name, partial, ignore)
    progress = Progress(judge, name)
    try:
        follow(read, progress, first)
        for each in numbered:
            follow(read, progress, each)
    except RuleBrokenError as error:
        line = progress.line.decode(errors="replace").rstrip()
        return progress.verdict(Kind.REJECTED, line=line, rule=error.rule, broken=error.broken)
    except (MissingStartError, MissingEventsError) as error:
        return progress.verdict(Kind.UNKNOWN, missing=str(error))
    if not any(judge.held):
        return progress.verdict(Kind.UNKNOWN, missing="any event that a rule is about")
    return progress.verdict(Kind.ACCEPTED)


def follow(read: Read, progress: Progress, numbered: tuple[int, bytes]) -> None:
    """Read one line more."""
    number, line = progress.number, progress.line = numbered
    try:
        if line.strip() and read(line):
            progress.events += 1
    except msgspec.ValidationError as error:
        raise TraceError(f"line {number}: {error}") from None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise TraceError(f"line {number}: not JSON: found {quoted(line)}") from None
    except UnknownEventError as error:
        raise TraceError(f"line {number}: {error}") from None


def reader_of(name: str, partial: bool, ignore: frozenset[str]) -> tuple[Judge, Read]:
    """What reads a format, and the judge that it feeds."""
    if name == FACTS:
        judge = Judge(facts_reader.cluster_of(partial), ignore)
        return judge, facts_lines(facts_reader.FactsReader(judge))
    judge = Judge(etcd_reader.cluster_of(partial), ignore)
    return judge, etcd_lines(etcd_reader.EtcdReader(judge))


def facts_lines(reader: facts_reader.FactsReader) -> Read:
    """Reads lines of facts."""
    decode, judge = msgspec.json.Decoder(Line).decode, reader.read

    def read(line: bytes) -> bool:
        judge(decode(line))
        return True

    return read


def etcd_lines(reader: etcd_reader.EtcdReader) -> Read:
    """Reads lines of etcd's; others that its log has between them are passed over."""
    decode, judge = msgspec.json.Decoder(EtcdLine).decode, reader.read

    def read(line: bytes) -> bool:
        try:
            parsed = decode(line)
        except msgspec.ValidationError:
            if READABLE.decode(line).get("tag") == TRACE_TAG:
                raise
            return False
        if parsed.tag != TRACE_TAG or parsed.event is None:
            return False
        judge(parsed.event)
        return True

    return read


def format_of(number: int, line: bytes) -> str:
    """Which format a trace has, by its first line."""
    try:
        parsed = READABLE.decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise TraceError(f"line {number}: not JSON: found {quoted(line)}") from None
    return FACTS if isinstance(parsed.get("event"), str) else ETCD


def quoted(line: bytes) -> str:
    """The beginning of a line, fit to be shown."""
    text = ascii(line.decode(errors="replace").rstrip())
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."


def rules_by_name() -> Iterator[Rule]:
    """Every rule that a verdict may name, once a name."""
    seen: set[str] = set()
    for rule in (*ALL_RULES, *ETCD_RULES):
        if rule.name not in seen:
            seen.add(rule.name)
            yield rule
