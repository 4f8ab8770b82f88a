"""Progress of long work: a line that moves on a terminal, a line now and then in a pipe."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.markup import escape

from oracle.terminal.wording import printable

QUIET_SECONDS = 15.0
"""Between two lines in a pipe."""


Said = TypeVar("Said")


@contextmanager
def reporting(first: str, line: Callable[[Said], str]) -> Iterator[Callable[[Said], None]]:
    """A function to report to; each report is a line on standard error."""
    console = Console(stderr=True)
    if console.is_terminal:
        with console.status(escape(printable(first))) as status:
            yield lambda said: status.update(escape(printable(line(said))))
        return
    last = time.monotonic()

    def report(said: Said) -> None:
        nonlocal last
        if time.monotonic() - last >= QUIET_SECONDS:
            last = time.monotonic()
            print(printable(line(said)), file=sys.stderr, flush=True)

    yield report
