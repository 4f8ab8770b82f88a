"""Values and exceptions in one short line that is the same in every process."""

import re

ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
MOST_TEXT = 300


def shown(value: object) -> str:
    """A value in one short line."""
    try:
        return one_line(repr(value))
    except BaseException:
        return f"a {type(value).__name__}"


def printable(text: str) -> str:
    """Text with `?` for every character that a terminal might obey: lines and tabs stay."""
    return "".join(each if each.isprintable() or each in "\n\t" else "?" for each in text)


def one_line(text: str) -> str:
    """Text on one line, without addresses and control characters, and not too long."""
    words = ADDRESS.sub("0x...", " ".join(text.split()))
    safe = printable(words)
    return safe if len(safe) <= MOST_TEXT else safe[:MOST_TEXT] + "..."
