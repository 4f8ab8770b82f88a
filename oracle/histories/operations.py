"""Operations of clients read from JSON lines."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from model.schedule import NOT_READABLE
from properties.explanation import clipped
from properties.history import Moment, Operation
from properties.specification import key_of

LONGEST_QUOTE: Final = 60
MOST_OPERATIONS: Final = 2_000_000
"""All are held in memory, half a gigabyte for a million."""
EXAMPLE: Final = '{"client":1,"command":"set x 1","invoked":3,"responded":7,"output":""}'


OUTPUTS: Final = {"set": ("",), "cas": ("ok", "fail")}
"""What commands may give that do not give a value."""
NANOSECONDS: Final = 1_000_000_000
FRACTION: Final = re.compile(r"[.,]([0-9]+)")
"""Of a second: `datetime` knows microseconds, and would take two moments of one for equal."""
FINEST: Final = 9
"""Digits of it."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line as it is written: a field that is not known is refused."""

    client: int | str
    command: str
    invoked: int | float | str
    responded: int | float | str | None
    output: str | None


class WrittenMoment(int):
    """A moment in nanoseconds that is shown as it was written, in ISO 8601."""

    text: str

    def __str__(self) -> str:
        return self.text

    def __format__(self, form: str) -> str:
        return format(self.text, form)


def operation_of(line: Line) -> Operation:
    """The operation that a line describes; ValueError says what contradicts its own format."""
    key_of(line.command)
    name = line.command.partition(" ")[0]
    if line.output is not None and line.output not in OUTPUTS.get(name, (line.output,)):
        expected = " or ".join(map(repr, OUTPUTS[name]))
        raise ValueError(f"output: found {quoted(line.output)} of a {name}, expected {expected}")
    responded = None if line.responded is None else moment_of("responded", line.responded)
    invoked = moment_of("invoked", line.invoked)
    if responded is not None and is_written(responded) is not is_written(invoked):
        raise ValueError("responded: found a number beside a time in ISO 8601, expected one kind")
    return Operation(line.client, line.command, invoked, responded, line.output)


def moment_of(name: str, written: int | float | str) -> Moment:
    """A moment: a number as it is, and a time in ISO 8601 (in UTC, unless it says otherwise)."""
    if not isinstance(written, str):
        return written
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        expected = "expected a number or a time in ISO 8601"
        raise ValueError(f"{name}: found {quoted(written)}, {expected}") from None
    fraction = FRACTION.search(written)
    digits = "" if fraction is None else fraction[1]
    if len(digits) > FINEST:
        raise ValueError(f"{name}: found {quoted(written)}, expected nanoseconds at the finest")
    past = (time if time.tzinfo else time.replace(tzinfo=UTC)) - EPOCH
    seconds = past.days * 86_400 + past.seconds
    moment = WrittenMoment(seconds * NANOSECONDS + int(digits.ljust(FINEST, "0")))
    moment.text = written
    return moment


def is_written(moment: Moment) -> bool:
    """Whether a moment was written in ISO 8601."""
    return isinstance(moment, WrittenMoment)


def quoted(text: str) -> str:
    """Text as it can be shown in a line."""
    return clipped(ascii(text), LONGEST_QUOTE)


def read_operations(lines: Iterable[bytes]) -> Iterator[Operation]:
    """The operations in JSON lines; ValueError names the line where there is something else."""
    decode = msgspec.json.Decoder(Line).decode
    number, first = 0, None
    for number, ended in enumerate(lines, start=1):
        line = ended.rstrip(b"\r\n")
        if number > MOST_OPERATIONS:
            raise ValueError(f"found more than {MOST_OPERATIONS:,} operations, expected fewer")
        try:
            operation = operation_of(decode(line))
            first = first or operation
            check_kind(operation, first)
        except (*NOT_READABLE, ValueError) as error:
            raise ValueError(f"line {number}: {reason(error, line)}") from None
        yield operation
    if number == 0:
        raise ValueError(f"found no operation, expected lines such as {EXAMPLE}")


def check_kind(operation: Operation, first: Operation) -> None:
    """The moments of all operations can be compared."""
    if is_written(operation.invoked) is not is_written(first.invoked):
        raise ValueError("invoked: found a number beside times in ISO 8601, expected one kind")


def reason(error: Exception, line: bytes) -> str:
    """Why a line is no operation: what does not fit, or that it is no JSON at all."""
    if isinstance(error, NOT_READABLE) and not isinstance(error, msgspec.ValidationError):
        return f"found {quoted(line.decode(errors='replace'))}, expected {EXAMPLE}"
    return str(error)
