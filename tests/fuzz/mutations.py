"""What is done to a valid file: bytes, lines and numbers are changed, and depths added."""

import re
from typing import Final

from hypothesis import strategies as st

NUMBERS: Final = (
    *(b"-1", b"1e999", b"18446744073709551616", b"9223372036854775807", b"1000000000"),
    *(b"0.5", b"1" * 5000),
)
PIECES: Final = (
    *(b"\xff\xfe", b"\x00", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\x1b[31m", b"\r\n", b"\\ud800"),
    *(b"null", b"{}", b"[]", b'""', b"NaN", b"true", b'"x"', b",", b"}", b"]"),
    *(b"[" * 5_000, b'{"a":' * 5_000, b"\xe2\x80\xae", b"x" * 10_000),
)
NUMBER: Final = re.compile(rb"\d+")
WORD: Final = re.compile(rb'"[^"\\]*"')


@st.composite
def mutated(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """A file that was valid, changed in a few places."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        change = draw(st.sampled_from((another_byte, piece, number, word, line, cut)))
        data = change(draw, data)
    return data


def place(draw: st.DrawFn, data: bytes) -> int:
    """Somewhere in the data."""
    return draw(st.integers(0, len(data)))


def another_byte(draw: st.DrawFn, data: bytes) -> bytes:
    """One byte is another one."""
    at = place(draw, data)
    return data[:at] + draw(st.binary(min_size=1, max_size=1)) + data[at + 1 :]


def piece(draw: st.DrawFn, data: bytes) -> bytes:
    """Something stands in between."""
    at = place(draw, data)
    return data[:at] + draw(st.sampled_from(PIECES)) + data[at:]


def number(draw: st.DrawFn, data: bytes) -> bytes:
    """A number is one that nobody has counted to."""
    return replaced(draw, data, NUMBER, NUMBERS)


def word(draw: st.DrawFn, data: bytes) -> bytes:
    """A name or a word is something else, or another one of the file."""
    others = tuple(WORD.findall(data))[:50]
    return replaced(draw, data, WORD, (*PIECES, *others))


def replaced(
    draw: st.DrawFn, data: bytes, kind: re.Pattern[bytes], others: tuple[bytes, ...]
) -> bytes:
    """One of what a pattern finds is another."""
    found = list(kind.finditer(data))
    if not found:
        return data
    chosen = draw(st.sampled_from(found))
    return data[: chosen.start()] + draw(st.sampled_from(others)) + data[chosen.end() :]


def line(draw: st.DrawFn, data: bytes) -> bytes:
    """A line stands elsewhere too."""
    lines = data.splitlines(keepends=True) or [data]
    chosen = draw(st.sampled_from(lines))
    lines.insert(draw(st.integers(0, len(lines))), chosen)
    return b"".join(lines)


def cut(draw: st.DrawFn, data: bytes) -> bytes:
    """The file ends early."""
    return data[: place(draw, data)]
