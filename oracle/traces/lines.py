"""Lines of a file or of standard input, gzip or not, one at a time."""

from collections.abc import Iterator
from pathlib import Path

from oracle.store.input_files import InputError, lines_in, opened


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
        with opened(file) as stream:
            yield from lines_in(stream)
    except InputError as error:
        raise TraceError(str(error)) from None
