"""Progress of long work: a line that moves on a terminal, a line now and then in a pipe."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from oracle.terminal.wording import printable

if TYPE_CHECKING:
    from rich.status import Status

QUIET_SECONDS = 15.0
"""Between two lines in a pipe."""
OFTEN_ENOUGH = 20_000
"""Things that are counted between two reports: about a tenth of a second of lines of a trace."""

Said = TypeVar("Said")
Item = TypeVar("Item")

shown: Final[list["Status"]] = []
"""The line that moves on the terminal at this moment, if there is one."""


def is_watched() -> bool:
    """Whether somebody watches progress on a terminal."""
    return sys.stderr.isatty()


@contextmanager
def aside() -> Iterator[None]:
    """Take the line that moves away while something else is printed."""
    for status in shown:
        status.stop()
    try:
        yield
    finally:
        for status in shown:
            status.start()


@contextmanager
def reporting(first: str, line: Callable[[Said], str]) -> Iterator[Callable[[Said], None]]:
    """A function to report to; each report is a line on standard error."""
    if is_watched():
        with moving(first) as show:
            yield lambda said: show(line(said))
        return
    last = time.monotonic()

    def report(said: Said) -> None:
        nonlocal last
        if time.monotonic() - last >= QUIET_SECONDS:
            last = time.monotonic()
            print(printable(line(said)), file=sys.stderr, flush=True)

    yield report


@contextmanager
def moving(first: str) -> Iterator[Callable[[str], None]]:
    """A line at the end of a terminal; rich is imported only where there is one."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)

    def fitting(text: str) -> str:
        """In one line, beside what turns."""
        room = max(1, console.width - 3)
        return escape(printable(text if len(text) <= room else f"{text[: room - 1]}…"))

    with console.status(fitting(first)) as status:
        shown.append(status)
        try:
            yield lambda text: status.update(fitting(text))
        finally:
            shown.remove(status)


def counted(
    items: Iterable[Item], report: Callable[[int], None], often: int = OFTEN_ENOUGH
) -> Iterator[Item]:
    """The same items; how many there were so far is reported now and then."""
    [counted_items] = counted_together([items], report, often)
    return counted_items


def counted_together(
    sources: Iterable[Iterable[Item]], report: Callable[[int], None], often: int = OFTEN_ENOUGH
) -> list[Iterator[Item]]:
    """The same items of each source; how many there were so far of all is reported."""
    done = 0

    def passed(items: Iterable[Item]) -> Iterator[Item]:
        nonlocal done
        for number, item in enumerate(items, start=1):
            if number % often == 0:
                done += often
                report(done)
            yield item

    return [passed(each) for each in sources]
