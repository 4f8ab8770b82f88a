"""Files that are read as they come: from a path or from standard input, gzip, zstd or neither."""

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO, Any, Final, cast

GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""What some editors put before UTF-8."""
MOST_BYTES: Final = 16 * 1024 * 1024
"""Of a file that is held in memory as a whole, where what it says takes some ten times as much."""
STANDARD_INPUT: Final = Path("-")
LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes; a line is held in memory."""
WRITER_SECONDS: Final = 10
"""A named pipe that nobody has opened to write to for so long is not waited for any more."""


class InputError(ValueError):
    """A file cannot be read: what was found, and what was expected."""


def input_in_words(what: str, file: Path) -> str:
    """What is read, such as a trace, and from where."""
    return f"{what} on standard input" if file == STANDARD_INPUT else f"{what} {file}"


def can_be_read_again(file: Path) -> bool:
    """Whether a file says the same when it is read once more: a pipe says nothing."""
    return file != STANDARD_INPUT and file.is_file()


@contextmanager
def opened(file: Path) -> Iterator[IO[bytes]]:
    """A file, or standard input, decompressed if it begins as gzip or zstd does.

    InputError says why it cannot be opened, or read any further.
    """
    try:
        if file == STANDARD_INPUT:
            yield decompressed(sys.stdin.buffer)
        else:
            with opened_once_written(file) as stream:
                yield decompressed(stream)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"found gzip that is broken, expected all of it: {error}") from None
    except ZstdBrokenError as error:
        raise InputError(f"found zstd that is broken, expected all of it: {error}") from None
    except OSError as error:
        raise InputError(error.strerror or str(error)) from None


def opened_once_written(path: Path) -> IO[bytes]:
    """A file to read; InputError where it is a named pipe to which nobody writes in good time.

    To open such a pipe waits for a writer without an end, which is why that is done aside.
    """
    if not path.is_fifo():
        return path.open("rb")
    found: Future[IO[bytes]] = Future()

    def open_aside() -> None:
        try:
            found.set_result(path.open("rb"))
        except OSError as error:
            found.set_exception(error)

    Thread(target=open_aside, daemon=True).start()
    try:
        return found.result(WRITER_SECONDS)
    except TimeoutError:
        raise InputError(
            f"found a named pipe that nobody opens to write to, expected that within "
            f"{WRITER_SECONDS} seconds"
        ) from None


def decompressed(stream: IO[bytes]) -> IO[bytes]:
    """A stream, decompressed if it begins as gzip or zstd does."""
    if not isinstance(stream, io.BufferedReader):  # such as one that a test puts in its place
        stream = io.BufferedReader(cast(io.RawIOBase, stream))
    begin = stream.peek(4)[:4]
    if begin[:2] == GZIP_MAGIC:
        return cast(IO[bytes], io.BufferedReader(gzip.GzipFile(fileobj=stream)))
    if begin == ZSTD_MAGIC:
        return io.BufferedReader(ZstdStream(stream))
    return stream


class ZstdBrokenError(ValueError):
    """Compressed bytes that are no zstd any more."""


class ZstdStream(io.RawIOBase):
    """The content of a zstd stream, frame after frame.

    The module is that of Python 3.14's own library, and its twin for earlier ones: it is loaded
    where a file is compressed so, and not before.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
        self._file: Any = zstd.ZstdFile(stream)
        self._error = zstd.ZstdError

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there is content."""
        try:
            read: int = self._file.readinto(buffer)
        except (EOFError, self._error) as error:
            raise ZstdBrokenError(str(error)) from None
        return read


def lines_in(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines of a length that fits into memory; InputError names the one that does not."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        if number == 0 and line.startswith(BYTE_ORDER_MARK):
            line = line[len(BYTE_ORDER_MARK) :]
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise InputError(f"line {number}: found more than {LONGEST_LINE:,} bytes")
        yield line


def read_whole(path: Path, most: int = MOST_BYTES) -> bytes:
    """A file's content; InputError where it has no end that memory has room for."""
    with opened_once_written(path) as file:
        return no_longer_than(file.read(most + 1), most)


def no_longer_than(content: bytes, most: int) -> bytes:
    """The same content; InputError where it is longer."""
    if len(content) > most:
        raise InputError(f"found more than {most:,} bytes, expected fewer")
    return content
