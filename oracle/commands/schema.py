"""`raft-oracle schema`: the JSON Schema of a format, made from the classes that read it.

What it prints is also stored in oracle/schemas, under the name and version of the format.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, get_args

import click
import msgspec

from oracle.adapter import wire
from oracle.formats.lab_json import LabsReport
from oracle.formats.result_json import Result
from oracle.terminal.output import echo, even_if_nobody_listens
from oracle.traces.events import format as facts_format
from oracle.traces.events.format import steady

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def protocol_schema() -> dict[str, Any]:
    """Every line of the adapter protocol: commands, and replies."""
    kinds = (*get_args(wire.AnyCommand), *wire.REPLIES)
    lines, parts = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    return {
        "$schema": DIALECT,
        "title": f"raft-oracle adapter protocol, version {wire.VERSION}",
        "description": "One line: a command that an adapter reads, or a reply that it writes.",
        "anyOf": steady(lines),
        "$defs": steady(parts),
    }


def printed_protocol() -> str:
    """The schema of the protocol as it is printed and stored."""
    encoded = msgspec.json.encode(protocol_schema(), order="deterministic")
    return msgspec.json.format(encoded, indent=1).decode() + "\n"


def lab_schema() -> str:
    """The schema of what `lab --json` prints."""
    schema = {"$schema": DIALECT, **steady(msgspec.json.schema(LabsReport))}
    encoded = msgspec.json.encode(schema, order="deterministic")
    return msgspec.json.format(encoded, indent=1).decode() + "\n"


def result_schema() -> str:
    """The schema of what `--json` prints."""
    schema = {"$schema": DIALECT, **steady(msgspec.json.schema(Result))}
    encoded = msgspec.json.encode(schema, order="deterministic")
    return msgspec.json.format(encoded, indent=1).decode() + "\n"


SCHEMAS: Final[Mapping[str, Callable[[], str]]] = {
    "facts": facts_format.json_schema,
    "lab": lab_schema,
    "protocol": printed_protocol,
    "result": result_schema,
}


def printed(name: str) -> str:
    """A schema as it is printed and stored."""
    return SCHEMAS[name]()


@click.command(name="schema")
@click.argument("name", type=click.Choice(sorted(SCHEMAS)))
def schema_command(name: str) -> None:
    """Print the JSON Schema of a format."""
    with even_if_nobody_listens():
        echo(printed(name), newline=False)
