"""Lines of a file or of standard input, gzip or not, one at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from oracle.store.input_files import InputError, lines_in, opened
from oracle.terminal.wording import one_line

MOST_SERVERS: Final = 1_000
"""That one trace may name: what is known of each is kept, and rules compare them."""


class TraceError(ValueError):
    """The file is no trace: where, what was found, and what was expected."""


class CutLineError(TraceError):
    """A line that ends in the middle of what it says."""


class UnknownEventError(TraceError):
    """An event or a word in it that the format does not have."""

    def __init__(self, name: str, known: Sequence[str] = ()) -> None:
        self.name = name
        expected = f", expected one of {', '.join(known)}" if known else ""
        super().__init__(f"unknown event {one_line(name)!r}{expected}")


class TooMuchError(Exception):
    """More than any cluster has, which would take time and memory without end."""


class UnknownKindError(TraceError):
    """A trace of another kind than those that can be read."""

    def __init__(self, where: str, event: str) -> None:
        super().__init__(
            f"{where}: a trace of an unknown kind, whose first event is {one_line(event)}; "
            "expected facts (docs/traces.md) or events of etcd's raft"
        )


class MissingStartError(Exception):
    """Events of a server are there, and its beginning is not."""

    def __init__(self, server: str) -> None:
        super().__init__(f"the start of server {one_line(server)}")


class MissingEventsError(Exception):
    """Lines of a server are lacking, by its own count."""

    def __init__(self, server: str, last: int, found: int) -> None:
        super().__init__(f"events of server {server}: seq {found} follows {last}")


def lines_of(file: Path) -> Iterator[bytes]:
    """The lines of a file, decompressed where it begins as gzip or zstd does."""
    try:
        with opened(file) as stream:
            yield from lines_in(stream)
    except InputError as error:
        raise TraceError(str(error)) from None


def next_number(names: Sequence[str]) -> int:
    """The number of a server that was not named before; TooMuchError where there are many."""
    if len(names) >= MOST_SERVERS:
        raise TooMuchError(f"found more than {MOST_SERVERS:,} servers, expected fewer")
    return len(names)
