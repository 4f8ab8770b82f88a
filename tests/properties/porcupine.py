"""Porcupine's histories: a reader for each of its two formats, and the published verdicts.

The readers follow `parseJepsenLog` and `parseKvLog` of porcupine_test.go, the register follows its
`etcdModel`. Where the data come from: tests/data/porcupine/README.md.
"""

import gzip
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from attrs import evolve

from properties.history import Operation
from properties.specification import Specification

FOLDER: Final = Path(__file__).parents[1] / "data" / "porcupine"
JEPSEN_FILES: Final = tuple(sorted(FOLDER.glob("jepsen/*.log.gz")))
KEY_VALUE_FILES: Final = tuple(sorted(FOLDER.glob("kv/*.txt.gz")))

LINEARIZABLE_LOGS: Final = frozenset(
    {2, 5, 7, 18, 25, 31, 38, 45, 48, 49, 51, 53, 56, 67, 75, 76, 80, 87, 92, 98, 100, 101, 102}
)
"""Those that `checkJepsen(t, ..., true)` names; all others are not linearizable."""

JEPSEN_LINE: Final = re.compile(
    r"INFO\s+jepsen\.util\s+-\s+(?P<client>\d+)\s+:(?P<kind>invoke|ok|fail|info)"
    r"\s+:(?P<name>read|write|cas)\s+(?P<value>.+)"
)
KEY_VALUE_LINE: Final = re.compile(
    r"{:process (?P<client>\d+), :type :(?P<kind>invoke|ok), :f :(?P<name>get|put|append), "
    r':key "(?P<key>\d+)", :value (?P<value>nil|".*")}'
)


def apply_to_register(value: str, command: str) -> tuple[str, str]:
    """etcd's register: it is read, written, and compared and set."""
    match command.split(" "):
        case ["read"]:
            return value, value
        case ["write", new]:
            return new, ""
        case ["cas", old, new] if value == old:
            return new, "ok"
    return value, "fail"


REGISTER: Final = Specification(
    initial="nil",
    apply=apply_to_register,
    key_of=lambda command: "register",
    is_read=lambda command, output: command == "read" or output == "fail",
)


def is_published_linearizable(path: Path) -> bool:
    """The verdict of porcupine_test.go on one of its files."""
    if path in KEY_VALUE_FILES:
        return "-ok." in path.name
    return int(path.name[len("etcd_") :][:3]) in LINEARIZABLE_LOGS


def read_jepsen(path: Path) -> list[Operation]:
    """A history of the register.

    A `:fail` of a `cas` is its answer. A read that timed out has ended without an output; a
    write or a `cas` that timed out (`:info`) may still take effect.
    """
    return operations_of(jepsen_event(line) for line in lines_of(path))


Event = tuple[int, str | None, str | None]
"""A client, and the command that it sends; or None, and the output that it gets."""


def jepsen_event(line: str) -> Event | None:
    """A line of a Jepsen log; None where the operation goes on without its client."""
    found = JEPSEN_LINE.fullmatch(line)
    assert found, line
    client, kind, name, value = int(found["client"]), found["kind"], found["name"], found["value"]
    if kind == "info":
        return None
    if kind == "invoke":
        return client, " ".join([name, *re.findall(r"\d+", value)]), None
    outputs = {"read": None if value == ":timed-out" else value, "write": "", "cas": kind}
    return client, None, outputs[name]


def read_key_value(path: Path) -> list[Operation]:
    """A history of the key-value store; what an `append` gave was not recorded.

    Values there contain spaces, which commands here cannot: they become underscores.
    """
    return operations_of(key_value_event(line) for line in lines_of(path))


def key_value_event(line: str) -> Event:
    """A line of a key-value log."""
    found = KEY_VALUE_LINE.fullmatch(line)
    assert found, line
    client, name, value = int(found["client"]), found["name"], found["value"]
    value = value.strip('"').replace(" ", "_")
    if found["kind"] == "ok":
        return client, None, value if name == "get" else None
    command = {"get": "get {}", "put": "set {} {}", "append": "append {} {}"}[name]
    return client, command.format(found["key"], value), None


def lines_of(path: Path) -> list[str]:
    """The lines of a compressed file."""
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def operations_of(events: Iterable[Event | None]) -> list[Operation]:
    """Calls and answers put together; a client has one operation at a time."""
    operations: list[Operation] = []
    latest: dict[int, int] = {}
    for place, event in enumerate(events):
        match event:
            case (client, str(command), _):
                latest[client] = len(operations)
                operations.append(Operation(client, command, place, None, None))
            case (client, None, output):
                number = latest.pop(client)
                answered = evolve(operations[number], responded=place, output=output)
                operations[number] = answered
    return operations


def name_of(path: Path) -> str:
    """The name of a history, for tests."""
    return path.name.split(".")[0]
