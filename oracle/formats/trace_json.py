"""A trace as one JSON document, for programs: an execution, a step and a message a line."""

import msgspec

from model.runs.execution import Execution
from model.schedule import json_of
from oracle.formats.trace_places import check_places
from oracle.terminal.wording import printable_json

LISTS = ("steps", "messages", "groups")
FORMAT_LINE = b'"format": "raft-oracle trace"'
"""By which a trace is told from a schedule, near its beginning."""


def trace_json(execution: Execution) -> bytes:
    """The whole execution; what is as usual, such as a server that is up, is left out."""
    document: dict[str, object] = {"format": execution.format, "version": execution.version}
    document |= msgspec.structs.asdict(execution)
    return ("{\n" + ",\n".join(line(*item) for item in document.items()) + "\n}\n").encode()


def line(name: str, value: object) -> str:
    """One member of the document, in a line or, for a list of many things, in a line for each."""
    if name not in LISTS or not value:
        return f'"{name}": {plain(value)}'
    assert isinstance(value, tuple)
    rows = ",\n".join(f" {plain(each)}" for each in value)
    return f'"{name}": [\n{rows}\n]'


def plain(value: object) -> str:
    """A value as JSON, which a terminal may show."""
    return printable_json(json_of(value).decode())


decode_trace = msgspec.json.Decoder(Execution).decode


def read_trace(data: bytes) -> Execution:
    """An execution; ValueError says what is wrong with it."""
    try:
        execution = decode_trace(data)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None
    except RecursionError:
        raise ValueError("nested too deeply, expected a trace") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: {error.reason}") from None
    check_places(execution)
    return execution
