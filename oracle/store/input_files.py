"""Files that are read as they come: from a path or from standard input, gzip or not."""

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

GZIP_MAGIC: Final = b"\x1f\x8b"
MOST_BYTES: Final = 64 * 1024 * 1024
"""Of a file that is held in memory as a whole."""
STANDARD_INPUT: Final = Path("-")
LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes; a line is held in memory."""


class InputError(ValueError):
    """A file cannot be read: what was found, and what was expected."""


def input_in_words(what: str, file: Path) -> str:
    """What is read, such as a trace, and from where."""
    return f"{what} on standard input" if file == STANDARD_INPUT else f"{what} {file}"


@contextmanager
def opened(file: Path) -> Iterator[IO[bytes]]:
    """A file, or standard input, decompressed if it begins as gzip does.

    InputError says why it cannot be opened, or read any further.
    """
    try:
        if file == STANDARD_INPUT:
            yield decompressed(sys.stdin.buffer)
        else:
            with file.open("rb") as stream:
                yield decompressed(stream)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"found gzip that is broken, expected all of it: {error}") from None
    except OSError as error:
        raise InputError(error.strerror or str(error)) from None


def decompressed(stream: IO[bytes]) -> IO[bytes]:
    """A stream, decompressed if it begins as gzip does."""
    if not isinstance(stream, io.BufferedReader):  # such as one that a test puts in its place
        stream = io.BufferedReader(cast(io.RawIOBase, stream))
    if stream.peek(2)[:2] == GZIP_MAGIC:
        return cast(IO[bytes], gzip.open(stream, "rb"))
    return stream


def lines_in(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines of a length that fits into memory; InputError names the one that does not."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise InputError(f"line {number}: found more than {LONGEST_LINE:,} bytes")
        yield line


def read_whole(path: Path) -> bytes:
    """A file's content; InputError where it has no end that memory has room for."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InputError(f"found more than {MOST_BYTES:,} bytes, expected fewer")
    return content
