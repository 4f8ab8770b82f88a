"""Operations of clients read from JSON lines."""

from collections.abc import Iterator
from typing import Final

import msgspec

from properties.explanation import clipped
from properties.history import Operation
from properties.specification import KEY_VALUE

LONGEST_QUOTE: Final = 60
EXAMPLE: Final = '{"client":1,"command":"set x 1","invoked":3,"responded":7,"output":""}'


def read_operations(data: bytes) -> Iterator[Operation]:
    """The operations in JSON lines; ValueError names the line where there is something else."""
    decoder = msgspec.json.Decoder(Operation)
    number = 0
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            operation = decoder.decode(line)
            KEY_VALUE.key_of(operation.command)
        except msgspec.ValidationError as error:
            raise ValueError(f"line {number}: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            quoted = clipped(ascii(line.decode(errors="replace")), LONGEST_QUOTE)
            raise ValueError(f"line {number}: found {quoted}, expected {EXAMPLE}") from None
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        yield operation
    if number == 0:
        raise ValueError(f"found no operation, expected lines such as {EXAMPLE}")
