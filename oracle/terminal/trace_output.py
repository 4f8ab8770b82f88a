"""Traces on a terminal: as wide as it is, and coloured where it shows colours.

Colour follows the custom: none in pipes, on dumb terminals or with NO_COLOR, and always with
FORCE_COLOR. It only repeats what words say.
"""

import sys
from typing import Final

from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.text import Text
from rich.theme import Theme

from oracle.terminal.output import echo
from oracle.terminal.wording import printable

STYLES: Final = {
    "trace.broken": "bold red",
    "trace.number": "dim",
    "trace.heading": "bold",
    "trace.leader": "green",
    "trace.candidate": "yellow",
    "trace.down": "red",
    "trace.lost": "red",
    "trace.names": "dim",
}


class TraceHighlighter(RegexHighlighter):
    """Finds in a trace what deserves a colour."""

    base_style = "trace."
    highlights = [  # noqa: RUF012 - rich declares it as a list of the instance
        r"^(?P<broken>\w+ violated)",
        r"(?P<broken><--(?: \w+)?)",
        r"(?m)^(?P<number> *\d+(?:\.\d+)?) {2}",
        r"(?m)^ {5}(?P<heading>\S.*:)$",
        r"(?m)^(?P<names> +action +change)$",
        r"(?m)^(?P<names> +role +term .*)$",
        r"\b(?P<leader>leader \d+)\b",
        r"(?m)^S\d+ +(?P<leader>leader)\b",
        r"\b(?P<candidate>(?:pre-)?candidate \d+)\b",
        r"(?m)^S\d+ +(?P<candidate>(?:pre-)?candidate)\b",
        r"\b(?P<down>crashes)\b",
        r"(?m)^S\d+ +(?P<down>down)\b",
        r"(?P<lost> lost:)",
    ]


def print_trace(text: str) -> None:
    """Print a trace, in colours where they are shown."""
    console = Console(file=sys.stdout, theme=Theme(STYLES), highlight=False)
    if console.color_system is None or console.is_dumb_terminal or console.no_color:
        echo(text, newline=False)
        return
    coloured = Text(printable(text))
    TraceHighlighter().highlight(coloured)
    console.print(coloured, soft_wrap=True, end="")
