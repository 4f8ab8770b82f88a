"""Operations of clients read from JSON lines."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from model.schedule import NOT_READABLE
from properties.explanation import clipped
from properties.history import Operation
from properties.specification import KEY_VALUE

LONGEST_QUOTE: Final = 60
MOST_OPERATIONS: Final = 2_000_000
"""All are held in memory, half a gigabyte for a million."""
EXAMPLE: Final = '{"client":1,"command":"set x 1","invoked":3,"responded":7,"output":""}'


def read_operations(lines: Iterable[bytes]) -> Iterator[Operation]:
    """The operations in JSON lines; ValueError names the line where there is something else."""
    decoder = msgspec.json.Decoder(Operation)
    number = 0
    for number, ended in enumerate(lines, start=1):
        line = ended.rstrip(b"\r\n")
        if number > MOST_OPERATIONS:
            raise ValueError(f"found more than {MOST_OPERATIONS:,} operations, expected fewer")
        try:
            operation = decoder.decode(line)
            KEY_VALUE.key_of(operation.command)
        except msgspec.ValidationError as error:
            raise ValueError(f"line {number}: {error}") from None
        except NOT_READABLE:
            quoted = clipped(ascii(line.decode(errors="replace")), LONGEST_QUOTE)
            raise ValueError(f"line {number}: found {quoted}, expected {EXAMPLE}") from None
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        yield operation
    if number == 0:
        raise ValueError(f"found no operation, expected lines such as {EXAMPLE}")
