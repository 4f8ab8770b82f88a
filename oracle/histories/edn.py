"""EDN, Clojure's notation for data, as far as histories use it: read as it comes, in bounded depth.

Values become tuples, dictionaries, numbers and strings; keywords and symbols are strings of their
own. A tag is dropped and its value kept; comments and what `#_` discards are passed over. Of the
outermost collection the items are given as they are read, so that a file is never held as a whole.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

from attrs import define, field

from properties.explanation import clipped

DEEPEST: Final = 64
LONGEST_ATOM: Final = 64
LONGEST_QUOTE: Final = 40
LONGEST_VALUE: Final = 1_000_000
"""Characters of one value, which is held in memory, in however many lines it stands."""
LONGEST_STRING: Final = 10_000
"""Of one that goes on in the next line: it is looked at again with each."""
TOKEN: Final = re.compile(
    r"""[\s,]+ | ;.* | (?P<open>\#\{|[\[({]) | (?P<close>[\])}])
    | "(?P<string>(?:[^"\\]++|\\.)*+)" | (?P<tag>\#_|\#[A-Za-z][^\s,;"\[\](){}]*)
    | \\(?P<character>[^\s\[\](){}]+|.) | (?P<atom>[^\s,;"\[\](){}\\]+)""",
    re.VERBOSE | re.DOTALL,
)
CLOSES: Final = {"[": "]", "(": ")", "{": "}", "#{": "}"}
ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r"}
CONSTANTS: Final = {"nil": None, "true": True, "false": False}
WHOLE: Final = re.compile(r"[+-]?[0-9]+N?")
DECIMAL: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?M?")


class Keyword(str):
    """A keyword, without its colon."""

    __slots__ = ()


class Symbol(str):
    """A symbol, or a number of a kind that is not read as one."""

    __slots__ = ()


Edn: TypeAlias = Any
"""A value."""
Placed: TypeAlias = tuple[int, Edn]
"""A value, and the line that it ends in."""


@define
class Opened:
    """A collection that is not closed yet."""

    kind: str
    line: int
    items: list[Edn] = field(factory=list)
    discards: int = 0
    """How many of the next items are discarded."""


def read_edn(lines: Iterable[bytes], first: int = 1) -> Iterator[Placed]:
    """The items of the outermost collection, or all values; ValueError names a line.

    `first` is the number of the first line in its file.
    """
    reader = Reader()
    number = 0
    for number, line in enumerate(lines, start=first):
        try:
            text = line.decode()
        except UnicodeDecodeError:
            raise ValueError(f"line {number}: found bytes that are no UTF-8") from None
        yield from reader.read(text, number)
    reader.end(number)


class Reader:
    """The collections that are open, and the beginning of a string that is not ended."""

    def __init__(self) -> None:
        self._opened: list[Opened] = [Opened("", 1)]
        self._begun = ""
        self._held = 0
        """Characters of the value that is under way."""

    def read(self, text: str, number: int) -> Iterator[Placed]:
        """The values that a line completes."""
        text, place = self._begun + text, 0
        self._begun = ""
        while place < len(text):
            found = TOKEN.match(text, place)
            if found is None:
                self._begun = self._unended(text[place:], number)
                return
            place = found.end()
            if found.lastgroup is not None:
                self._held += len(found[0])
                if self._held > LONGEST_VALUE:
                    much = f"found a value of more than {LONGEST_VALUE:,} characters"
                    raise ValueError(f"line {number}: {much}, expected less")
                self._take(found.lastgroup, found[found.lastgroup], number)
                yield from self._outermost(number)

    def end(self, number: int) -> None:
        """Everything that was opened is closed."""
        if self._begun:
            raise ValueError(f"line {number}: found the end within a string")
        if len(self._opened) > 1:
            last = self._opened[-1]
            expected = f"expected {CLOSES[last.kind]!r} for the {last.kind!r} of line {last.line}"
            raise ValueError(f"line {number}: found the end, {expected}")

    def _take(self, kind: str, text: str, number: int) -> None:
        match kind:
            case "open":
                if len(self._opened) > DEEPEST:
                    raise ValueError(
                        f"line {number}: found more than {DEEPEST} levels, expected less"
                    )
                self._opened.append(Opened(text, number))
            case "close":
                self._add(self._closed(text, number))
            case "tag":
                self._opened[-1].discards += text == "#_"
            case "string":
                self._add(unescaped(text))
            case "character":
                self._add(text)
            case _:
                self._add(atom(text))

    def _closed(self, text: str, number: int) -> Edn:
        last = self._opened[-1]
        if len(self._opened) == 1 or CLOSES[last.kind] != text:
            expected = "a value" if len(self._opened) == 1 else repr(CLOSES[last.kind])
            raise ValueError(f"line {number}: found {text!r}, expected {expected}")
        self._opened.pop()
        if last.kind != "{":
            return tuple(last.items)
        if len(last.items) % 2:
            raise ValueError(
                f"line {number}: found a map of {len(last.items)} forms, expected pairs"
            )
        pairs = zip(last.items[::2], last.items[1::2], strict=True)
        return {key if isinstance(key, str) else repr(key): value for key, value in pairs}

    def _add(self, value: Edn) -> None:
        last = self._opened[-1]
        if last.discards:
            last.discards -= 1
        else:
            last.items.append(value)

    def _outermost(self, number: int) -> Iterator[Placed]:
        """What is complete: values that lie in nothing, or in the one collection around all."""
        around = self._opened[:2]
        deepest = around[-1] if len(around) > 1 and around[1].kind in "[(" else around[0]
        yield from ((number, each) for each in deepest.items if each != ())
        deepest.items.clear()
        if self._opened[-1] is deepest:
            self._held = 0

    def _unended(self, text: str, number: int) -> str:
        """The beginning of a string that goes on in the next line."""
        if not text.startswith('"') or len(text) > LONGEST_STRING:
            quoted = clipped(ascii(clipped(text, LONGEST_STRING)), LONGEST_QUOTE)
            raise ValueError(f"line {number}: found {quoted}, expected a value in EDN")
        return text


def unescaped(text: str) -> str:
    """A string's content."""
    return re.sub(r"\\(.)", lambda found: ESCAPED.get(found[1], found[1]), text, flags=re.DOTALL)


def atom(text: str) -> Edn:
    """A constant, a keyword, a number or a symbol."""
    if text in CONSTANTS:
        return CONSTANTS[text]
    if text.startswith(":"):
        return Keyword(text[1:])
    if len(text) <= LONGEST_ATOM:
        if WHOLE.fullmatch(text):
            return int(text.rstrip("N"))
        if DECIMAL.fullmatch(text):
            return float(text.rstrip("M"))
    return Symbol(text)
