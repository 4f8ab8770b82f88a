"""Printing that survives a closed pipe and a full disk."""

import io
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from textwrap import fill
from typing import Any, Final, TextIO

import click

from model.runs.render import NARROWEST, WIDTH
from oracle.terminal.wording import printable

MOST_INDENT: Final = 24
"""Characters before what goes on in a list."""
SIZES: Final = ("COLUMNS", "LINES")
"""The variables of the environment that say how large a terminal is."""
SIZE: Final = re.compile("[1-9][0-9]{0,4}")
COLUMN: Final = re.compile(r"(?<=\S) {2,}(?=\S)|^ +|^\w+: +")
"""What stands between two columns of a report, or before the first, and a label."""


def lead_nowhere() -> None:
    """Drop everything that is printed from now on."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Unheard(io.FileIO):
    """Standard error, which is written to as long as somebody takes it.

    Its reader may end, its terminal close and its disk be full in the middle of a hunt, which
    goes on: what it has found matters more than what it says of that meanwhile.
    """

    def write(self, content: Any, /) -> int:
        """Write, or drop what cannot be written."""
        try:
            return super().write(content)
        except OSError:
            return len(content)


def open_what_is_closed() -> None:
    """Give a process that was started without standard streams (`>&-`) ones that lead nowhere.

    Without them, the next file that it opens would take their place, and be written to. One that
    another program has left as non-blocking would lose what does not fit, or end too early.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # which takes the lowest number that is free
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))
        with suppress(OSError):  # of a file that can be neither read nor written
            os.set_blocking(number, True)
    is_as_started = sys.stderr is sys.__stderr__  # and no test's own
    if is_as_started:
        sys.stderr = written_if_possible(sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # whose encoding may lack a letter of a name
            stream.reconfigure(errors="backslashreplace")


def written_if_possible(stream: TextIO) -> io.TextIOWrapper:
    """The same stream, for lines that are dropped where nobody takes them."""
    raw = Unheard(stream.fileno(), "w", closefd=False)
    buffered = io.BufferedWriter(raw)
    return io.TextIOWrapper(buffered, encoding=stream.encoding, line_buffering=True)


def forget_odd_sizes() -> None:
    """Forget a size of the terminal that is none: rich would fail, or print nothing."""
    for name in SIZES:
        if SIZE.fullmatch(os.environ.get(name, "1")) is None:
            del os.environ[name]


@contextmanager
def even_if_nobody_listens() -> Iterator[None]:
    """Output that nobody takes, because the pipe is closed or the disk is full, is dropped."""
    try:
        yield
        sys.stdout.flush()
    except OSError:
        lead_nowhere()


def write_what_is_left() -> None:
    """Write what is still to be printed, or drop it: Python would end with 120 where it cannot."""
    with even_if_nobody_listens():
        pass


def echo(text: str, newline: bool = True, err: bool = False) -> None:
    """Print text, whoever it comes from, without anything that a terminal would obey."""
    click.echo(printable(text), nl=newline, err=err)


def width_of_terminal() -> int | None:
    """How many characters a line of the terminal has; None where nobody looks at one.

    Whoever wants colours in a pipe (FORCE_COLOR) has a terminal behind it, as COLUMNS describes it.
    """
    if sys.stdout.isatty() or os.environ.get("FORCE_COLOR"):
        return shutil.get_terminal_size((WIDTH, 24)).columns
    return None


def width_to_fill() -> int:
    """How wide a paragraph is that is wrapped in pipes, too."""
    return min(WIDTH, max(NARROWEST, width_of_terminal() or WIDTH))


def print_labelled(label: str, text: str) -> None:
    """A labelled paragraph, no wider than the terminal."""
    echo(fill(f"{label:<13}{text}", width_to_fill(), subsequent_indent=" " * 13))


def print_item(name: str, text: str) -> None:
    """A line of a list; where a terminal is too narrow for it, words go on below `text`.

    Words that are too long themselves, such as a line of JSON, stay whole for who copies them.
    """
    width, line = width_of_terminal(), f"{name}{text}"
    indent = min(len(name), MOST_INDENT)
    if width is not None and max(map(len, line.split()), default=0) <= width - indent:
        line = fill(
            line, max(NARROWEST, width), subsequent_indent=" " * indent, break_on_hyphens=False
        )
    echo(line)


def print_report(text: str) -> None:
    """Lines of a report; on a terminal, one that is too long goes on below its last column."""
    for line in text.splitlines():
        columns = list(COLUMN.finditer(line))
        begin = columns[-1].end() if columns else 0
        print_item(line[:begin], line[begin:])
