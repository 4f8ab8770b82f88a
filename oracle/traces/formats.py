"""The formats that a trace may have: how a line is read, and who judges what it says."""

from collections.abc import Callable
from typing import Any, Final, get_args

import msgspec
from attrs import frozen

from oracle.traces.etcd import node as etcd_node
from oracle.traces.etcd import reader as etcd_reader
from oracle.traces.etcd.format import TRACE_TAG, EtcdLine, TracedEvent
from oracle.traces.events import format as facts_format
from oracle.traces.events import reader as facts_reader
from oracle.traces.lines import CutLineError, TraceError, UnknownEventError, UnknownKindError
from properties.rules.judge import Judge

FACTS: Final = "facts"
ETCD: Final = "etcd"
AUTO: Final = "auto"
FORMATS: Final = (FACTS, ETCD, AUTO)
LONGEST_QUOTE: Final = 60
UNREADABLE: Final = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
"""What is raised where a line is no JSON, or says nothing that a format has."""
READABLE: Final = msgspec.json.Decoder(type=dict[str, Any])
FACT_NAMES: Final = tuple(str(each.__struct_config__.tag) for each in get_args(facts_format.Line))

Height = tuple[int, int]
Message = tuple[tuple[str, str], str, Any]
"""A message: its sender and its receiver, its kind, and all that it says."""


@frozen
class Format:
    """Reads lines of one format, and has them judged."""

    name: str
    judge: Judge
    decode: Callable[[bytes], Any]
    """What a line says; None where it is no part of the trace."""
    read: Callable[[Any], None]
    """Judge what a line says."""
    server: Callable[[Any], str]
    sent: Callable[[Any], Message | None]
    received: Callable[[Any], Message | None]
    height: Callable[[Any], Height]
    """How far its server is, by term and index, as far as this line says."""
    sends: frozenset[type]
    """The kinds of lines that may send, those that may receive, and those that tell a height."""
    receives: frozenset[type]
    tells_height: frozenset[type]
    is_header: Callable[[Any], bool]


def format_named(name: str, partial: bool, ignore: frozenset[str], files: int = 1) -> Format:
    """A format by its name, with a judge that knows nothing yet."""
    make = make_facts_format if name == FACTS else make_etcd_format
    return make(partial, ignore, files)


def make_facts_format(partial: bool, ignore: frozenset[str], files: int) -> Format:
    """Lines of facts."""
    judge = Judge(facts_reader.cluster_of(partial), ignore)
    reader = facts_reader.FactsReader(judge, files)
    return Format(
        FACTS,
        judge,
        msgspec.json.Decoder(facts_format.Line).decode,
        reader.read,
        lambda line: "" if isinstance(line, facts_format.Trace) else str(line.server),
        sent_fact,
        received_fact,
        height_of_fact,
        frozenset({facts_format.Send}),
        frozenset({facts_format.Receive}),
        frozenset(
            {
                facts_format.Append,
                facts_format.Commit,
                facts_format.Term,
                facts_format.Leader,
                facts_format.Start,
            }
        ),
        lambda line: isinstance(line, facts_format.Trace),
    )


def sent_fact(line: facts_format.Send) -> Message:
    """What a line of facts sends."""
    source = line.server if line.source is None else line.source
    return (str(source), str(line.destination)), line.message.type, line.message


def received_fact(line: facts_format.Receive) -> Message:
    """What a line of facts receives."""
    destination = line.server if line.destination is None else line.destination
    return (str(line.source), str(destination)), line.message.type, line.message


def height_of_fact(line: Any) -> Height:
    """The term or the index that a line of facts names."""
    kind = type(line)
    if kind is facts_format.Append or kind is facts_format.Commit:
        return (0, line.index)
    if kind is facts_format.Term or kind is facts_format.Leader or kind is facts_format.Start:
        return (line.term or 0, 0)
    return (0, 0)


def make_etcd_format(partial: bool, ignore: frozenset[str], files: int) -> Format:
    """Lines of etcd's; others that its log has between them are passed over."""
    judge = Judge(etcd_node.cluster_of(partial), ignore)
    judge.cluster.total_order = files == 1
    decode = msgspec.json.Decoder(EtcdLine).decode

    def event_of(line: bytes) -> TracedEvent | None:
        try:
            parsed = decode(line)
        except msgspec.ValidationError:
            if READABLE.decode(line).get("tag") == TRACE_TAG:
                raise
            return None
        return parsed.event if parsed.tag == TRACE_TAG else None

    return Format(
        ETCD,
        judge,
        event_of,
        etcd_reader.EtcdReader(judge).read,
        lambda event: str(event.nid),
        lambda event: message_of(event, "Send"),
        lambda event: message_of(event, "Receive"),
        lambda event: (event.state.term, event.log),
        frozenset({TracedEvent}),
        frozenset({TracedEvent}),
        frozenset({TracedEvent}),
        lambda event: False,
    )


def message_of(event: TracedEvent, verb: str) -> Message | None:
    """What an event of etcd's sends, or receives."""
    if event.msg is None or not event.name.startswith(verb):
        return None
    message = event.msg
    return (message.source, message.destination), message.type, message


def parsed_by(decode: Callable[[bytes], Any], line: bytes, where: str, is_first: bool) -> Any:
    """What a line says; TraceError where it says nothing that the format has."""
    try:
        return decode(line)
    except msgspec.ValidationError as error:
        named = unknown_event_in(line)
        if named is None:
            raise TraceError(f"{where}: {error}") from None
        if is_first:
            raise UnknownKindError(where, named) from None
        raise TraceError(f"{where}: {UnknownEventError(named, FACT_NAMES)}") from None
    except UNREADABLE as error:
        kind = CutLineError if "truncated" in str(error) else TraceError
        raise kind(f"{where}: not JSON: found {quoted(line)}") from None


def unknown_event_in(line: bytes) -> str | None:
    """The event that a line names, if no format has it."""
    try:
        event = READABLE.decode(line).get("event")
    except UNREADABLE:
        return None
    return event if isinstance(event, str) and event not in FACT_NAMES else None


def names_event(line: bytes) -> bool:
    """Whether a line that cannot be read is an event all the same."""
    try:
        return "event" in READABLE.decode(line)
    except UNREADABLE:
        return False


def format_of(where: str, line: bytes) -> str:
    """Which format a trace has, by its first line."""
    try:
        parsed = READABLE.decode(line)
    except UNREADABLE:
        raise TraceError(f"{where}: not JSON: found {quoted(line)}") from None
    return FACTS if isinstance(parsed.get("event"), str) else ETCD


def quoted(line: bytes) -> str:
    """The beginning of a line, fit to be shown."""
    text = ascii(line.decode(errors="replace").rstrip())
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."
