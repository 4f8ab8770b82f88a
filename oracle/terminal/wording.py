"""Values and exceptions in one short line that is the same in every process."""

import json
import re
import shutil
import sys
from collections.abc import Sequence
from typing import Final

COMMAND_OF_LOG: Final = re.compile(
    r"(?P<before>^[ \t]*):(?=:[a-z][\w-]*(?: [^\n]*)?::)|#(?=#[a-z]*\[)",
    re.MULTILINE | re.IGNORECASE,
)
"""The first character of what whoever runs a job obeys in what it prints: `::error::` at the
beginning of a line for GitHub, and `##[error]` or `##vso[...]` anywhere for GitHub and Azure."""
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
MOST_TEXT = 300
MOST_DIGITS: Final = 10_000
"""Of a number that is printed: twice as many as of one that is read, and some."""


def let_long_numbers_be_told() -> None:
    """Let Python print what follows from a number in a file, such as the next index.

    Numbers of as many digits as Python prints are read from files; the next may have one more.
    """
    sys.set_int_max_str_digits(MOST_DIGITS)


def repr_in_one_line(value: object) -> str:
    """A value in one short line."""
    try:
        return one_line(repr(value))
    except BaseException:
        return f"a {type(value).__name__}"


def printable(text: str) -> str:
    """Text with `?` for every character that a terminal, or what runs a job, might obey.

    Lines and tabs stay.
    """
    if not text.replace("\n", "").replace("\t", "").isprintable():  # as nearly all is, at once
        text = "".join(each if each.isprintable() or each in "\n\t" else "?" for each in text)
    if "::" in text or "##" in text:
        text = COMMAND_OF_LOG.sub(lambda found: f"{found['before'] or ''}?", text)
    return text


def printable_json(text: str) -> str:
    """JSON that says the same, with every character that a terminal might obey as an escape.

    What is obeyed at the beginning of a line has its place in no JSON, whose texts have no lines.
    """
    text = COMMAND_OF_LOG.sub(r"\\u0023", text) if "##" in text else text
    if text.replace("\n", "").isprintable():
        return text
    return "".join(each if each.isprintable() or each == "\n" else escape(each) for each in text)


def escape(character: str) -> str:
    """A character as a string of JSON may write it."""
    return json.dumps(character)[1:-1] if character > "~" else f"\\u{ord(character):04x}"


def said_by_system(error: OSError) -> str:
    """What the system says of a file or of itself; of a tree that was copied, its first word."""
    if isinstance(error, shutil.Error) and isinstance(error.args[0], list):
        return one_line(str(error.args[0][0][-1]))
    said = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {said}" if error.filename else said


def unbroken(text: str) -> str:
    """The same words on one line."""
    return " ".join(text.split())


def one_line(text: str) -> str:
    """Text on one line, without addresses and control characters, and not too long."""
    words = ADDRESS.sub("0x...", unbroken(text))
    safe = printable(words)
    return safe if len(safe) <= MOST_TEXT else safe[:MOST_TEXT] + "..."


MOST_NAMES = 8
"""Names in a row that somebody reads."""


def counted_names(names: Sequence[str], what: str) -> str:
    """Names in a row; of many, the first ones and how many others there are."""
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:3])} and {len(names) - 3} other {what}"


LONGEST_SHOWN = 2000
"""Characters of one text of a subject's that a picture shows."""


def visible(text: str) -> str:
    """Text on one line for a picture: what steers or turns the reading direction becomes a name."""
    cut = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}... ({len(text)} in all)"
    return "".join(each if each.isprintable() else f"\u27e8U+{ord(each):04X}\u27e9" for each in cut)
