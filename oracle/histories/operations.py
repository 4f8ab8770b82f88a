"""Operations of clients read from JSON lines."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from properties.explanation import clipped
from properties.history import Operation
from properties.specification import KEY_VALUE

GZIP_MAGIC: Final = b"\x1f\x8b"


STANDARD_INPUT: Final = Path("-")


LONGEST_QUOTE: Final = 60


EXAMPLE: Final = '{"client":1,"command":"set x 1","invoked":3,"responded":7,"output":""}'


def read_bytes(file: Path) -> bytes:
    """What a file holds, decompressed."""
    try:
        is_file = file != STANDARD_INPUT
        with open(file if is_file else 0, "rb", closefd=is_file) as stream:
            data = stream.read()
    except OSError as error:
        raise ValueError(error.strerror) from None
    if not data.startswith(GZIP_MAGIC):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"found gzip that is broken, expected all of it: {error}") from None


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
