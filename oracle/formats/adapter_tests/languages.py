"""Rows of a run, written into a test of one language."""

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from attrs import frozen

from oracle.formats.adapter_tests.rows import Row
from oracle.terminal.wording import unbroken

TEMPLATES: Final = Path(__file__).resolve().parent
NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9 .,:;@()'_-]")
"""What could end a comment or begin an escape in one of the languages."""


@frozen
class Language:
    """How a language spells strings and lists of them."""

    row: str
    """One row, with its four strings joined by commas."""
    pair: str = "{0}: {1}"
    """A setting: its name and its value."""


LANGUAGES: Final[Mapping[str, Language]] = {
    "c": Language("\t{{{0}}},"),
    "go": Language("\t\t{{{0}}},"),
    "java": Language("        {{{0}}},", "Map.entry({0}, {1})"),
    "python": Language("    ({0}),"),
    "rust": Language("    [{0}],", "({0}, {1})"),
}


def adapter_test(
    language: str,
    rows: Sequence[Row],
    servers: Sequence[str],
    settings: Mapping[str, str],
    broken: str,
    detail: str,
    provenance: str,
) -> str:
    """The test of a finding, which breaks a property of this name."""
    spelled = LANGUAGES[language]
    strings = [[quoted(word, language) for word in row] for row in rows]
    pairs = [
        spelled.pair.format(quoted(name, language), quoted(value, language))
        for name, value in sorted(settings.items())
    ]
    document = quoted(json.dumps(dict(sorted(settings.items()))), language)
    replaced = {
        "TITLE": f"{broken}: {plain(detail)}",
        "PROVENANCE": plain(provenance),
        "NAME": name_of(language, broken, rows),
        "BROKEN": broken,
        "ROWS": "\n".join(spelled.row.format(", ".join(each)) for each in strings),
        "SERVERS": ", ".join(quoted(each, language) for each in servers),
        "SETTINGS": document if language == "c" else ", ".join(pairs),
        "COUNT": str(len(servers) if language == "c" else len(pairs)),
    }
    text = (TEMPLATES / f"{language}.txt").read_text(encoding="utf-8")
    return re.sub(r"@([A-Z]+)@", lambda found: replaced[found[1]], text)


def name_of(language: str, broken: str, rows: Sequence[Row]) -> str:
    """The name of the test, which tells it from other tests of the same property."""
    digest = sha256(repr(rows).encode()).hexdigest()[:6]
    if language == "go":
        return f"{broken}_{digest}"
    return f"{re.sub(r'(?<!^)(?=[A-Z])', '_', broken).lower()}_{digest}"


def plain(text: str) -> str:
    """Text for a comment of any language."""
    return NOT_PLAIN.sub("?", unbroken(text))


def quoted(text: str, language: str) -> str:
    """A string as a language writes it: what is not plain ASCII becomes an escape."""
    return '"' + "".join(map(ESCAPES[language], text)) + '"'


def is_itself(letter: str) -> bool:
    """Whether a character stands for itself in a string of any language."""
    return " " <= letter <= "~" and letter not in '"\\?'


def as_octal(letter: str) -> str:
    """A character as the bytes of its UTF-8, for C and Go."""
    if is_itself(letter):
        return letter
    return "".join(f"\\{byte:03o}" for byte in letter.encode("utf-8", "surrogatepass"))


def as_utf16(letter: str) -> str:
    """A character as units of UTF-16, for Java; below 128 not by `\\u`, which is read too early."""
    if is_itself(letter):
        return letter
    if ord(letter) < 128:
        return f"\\{ord(letter):03o}"
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def as_scalar(letter: str) -> str:
    """A character by its number, for Rust, which has no lone surrogates."""
    if is_itself(letter):
        return letter
    return f"\\u{{{ord(letter):x}}}" if not 0xD800 <= ord(letter) < 0xE000 else "\\u{fffd}"


def as_code_point(letter: str) -> str:
    """A character by its number, for Python."""
    return letter if is_itself(letter) else f"\\U{ord(letter):08x}"


ESCAPES: Final = {
    "c": as_octal,
    "go": as_octal,
    "java": as_utf16,
    "python": as_code_point,
    "rust": as_scalar,
}
