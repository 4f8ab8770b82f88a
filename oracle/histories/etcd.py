"""Operations of etcd's robustness tests (`operations.json`), as far as they can be expressed.

A put, a delete or a get of one key, alone and without a condition. What touches no key is passed
over, and so are reads of several keys or of an older revision, which loses what they would show.
Any other change is refused: without it, later reads could not be explained.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from model.schedule import NOT_READABLE
from oracle.histories.jepsen import NO_VALUE, escaped, word
from oracle.histories.operations import quoted
from properties.history import Operation

NO_CHANGE: Final = ("defragment", "compact", "leaseGrant")
"""Requests that touch no key."""
EXPECTED: Final = "expected a get, put or delete of one key without a condition"


class Value(msgspec.Struct, frozen=True, rename="pascal"):
    """A value, or its hash where it is long."""

    value: str = ""
    hash: int = 0


class Range(msgspec.Struct, frozen=True, rename="pascal"):
    """A read."""

    start: str = ""
    end: str = ""
    limit: int = 0
    revision: int = 0


class Put(msgspec.Struct, frozen=True, rename="pascal"):
    """A write."""

    key: str = ""
    value: Value = Value()


class Delete(msgspec.Struct, frozen=True, rename="pascal"):
    """The end of a key."""

    key: str = ""


class Step(msgspec.Struct, frozen=True, rename="pascal"):
    """A step of a transaction."""

    type: str
    range: Range = Range()
    put: Put = Put()
    delete: Delete = Delete()


class Transaction(msgspec.Struct, frozen=True, rename="pascal"):
    """Steps, and when they are made."""

    conditions: list[Any] | None = None
    operations_on_success: list[Step] | None = None
    operations_on_failure: list[Step] | None = None


class Request(msgspec.Struct, frozen=True, rename="pascal"):
    """What a client asked for."""

    type: str
    range: Range | None = None
    txn: Transaction | None = None


class KeyValue(msgspec.Struct, frozen=True, rename="pascal"):
    """A key as it was read."""

    key: str
    value: Value = Value()


class Found(msgspec.Struct, frozen=True):
    """What a read found."""

    pairs: list[KeyValue] | None = msgspec.field(default=None, name="KVs")


class Results(msgspec.Struct, frozen=True, rename="pascal"):
    """What the steps of a transaction gave."""

    results: list[Found] | None = None


class Response(msgspec.Struct, frozen=True, rename="pascal"):
    """What the client was answered, if it was."""

    range: Found | None = None
    txn: Results | None = None
    error: str = ""
    client_error: str = ""
    persisted: bool = False


class Line(msgspec.Struct, frozen=True, rename="pascal"):
    """An operation as it is written."""

    input: Request
    call: int
    output: Response
    return_: int = msgspec.field(name="Return")
    client: int = msgspec.field(name="ClientID")


def read_etcd(lines: Iterable[bytes]) -> Iterator[Operation]:
    """The operations on keys; ValueError names the line of what cannot be expressed."""
    decode = msgspec.json.Decoder(Line).decode
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            operation = operation_of(decode(line))
        except NOT_READABLE as error:
            text = quoted(str(error))
            raise ValueError(f"line {number}: {text}, expected an operation of etcd") from None
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        if operation is not None:
            yield operation


def operation_of(line: Line) -> Operation | None:
    """An operation of the key-value machine; None where nothing is judged."""
    request, answer = line.input, line.output
    if request.type in NO_CHANGE:
        return None
    step = the_step(request)
    if step is None:
        return None
    is_seen = not (answer.error or answer.client_error or answer.persisted)
    responded = line.return_ if is_seen else None
    match step.type:
        case "range-operation":
            if not is_seen:
                return None
            found = answer.range or next(iter((answer.txn or Results()).results or []), Found())
            output = text_of(found.pairs[0].value) if found.pairs else NO_VALUE
            command = f"get {word(step.range.start)}"
            return Operation(line.client, command, line.call, responded, output)
        case "put-operation":
            command = f"set {word(step.put.key)} {text_of(step.put.value)}"
        case "delete-operation":
            command = f"set {word(step.delete.key)} {NO_VALUE}"
        case _:
            raise ValueError(f"found {quoted(step.type)}, {EXPECTED}")
    return Operation(line.client, command, line.call, responded, "" if is_seen else None)


def the_step(request: Request) -> Step | None:
    """The one step of a request; None of a read of several keys or of an older revision."""
    if request.range is not None:
        steps = [Step("range-operation", request.range)]
    elif request.txn is None:
        raise ValueError(f"found {quoted(request.type)}, {EXPECTED}")
    else:
        steps = request.txn.operations_on_success or []
    if all(each.type == "range-operation" for each in steps):
        is_plain = len(steps) == 1 and not (request.txn and request.txn.conditions)
        read = steps[0].range if is_plain else None
        return None if read is None or read.end or read.limit or read.revision else steps[0]
    if len(steps) != 1 or request.txn is None or request.txn.conditions:
        raise ValueError(
            f"found a transaction of {len(steps)} steps or with conditions, {EXPECTED}"
        )
    return steps[0]


def text_of(value: Value) -> str:
    """A value as a word: two of them are the same if they are, as far as the file tells."""
    if value.hash:
        return f"#{value.hash}"
    return escaped(value.value) if value.value not in ("", NO_VALUE) else f'"{value.value}"'
