"""Lines of a file or of standard input, gzip or not, one at a time."""

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

GZIP_MAGIC: Final = b"\x1f\x8b"
STANDARD_INPUT: Final = Path("-")
LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes; a line is held in memory."""


class TraceError(ValueError):
    """The file is no trace: where, what was found, and what was expected."""


class UnknownEventError(TraceError):
    """An event or a word in it that the format does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown event {name!r}")


class MissingStartError(Exception):
    """Events of a server are there, and its beginning is not."""

    def __init__(self, server: str) -> None:
        super().__init__(f"the start of server {server}")


class MissingEventsError(Exception):
    """Lines of a server are lacking, by its own count."""

    def __init__(self, server: str, last: int, found: int) -> None:
        super().__init__(f"events of server {server}: seq {found} follows {last}")


def lines_of(file: Path) -> Iterator[bytes]:
    """The lines of a file, decompressed where it begins as gzip does."""
    try:
        if file == STANDARD_INPUT:
            yield from lines_in(sys.stdin.buffer)
        else:
            with file.open("rb") as stream:
                yield from lines_in(stream)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TraceError(f"found gzip that is broken, expected all of it: {error}") from None
    except OSError as error:
        raise TraceError(error.strerror or str(error)) from None


def lines_in(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream, without empty ones at its end."""
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]  # it only has to read
    if buffered.peek(2)[:2] == GZIP_MAGIC:
        with gzip.open(buffered, "rb") as unpacked:
            yield from bounded(unpacked)  # type: ignore[arg-type]  # it has readline
    else:
        yield from bounded(buffered)


def bounded(stream: BinaryIO) -> Iterator[bytes]:
    """Lines of a length that fits into memory."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise TraceError(f"line {number}: found more than {LONGEST_LINE:,} bytes")
        yield line
