"""EDN as far as histories use it: what it is read as, and what is refused in one line."""

import tracemalloc

import pytest

from oracle.histories.edn import DEEPEST, Keyword, Symbol, read_edn


def read(text: str) -> list[object]:
    """The values in a text."""
    return [value for _, value in read_edn([each.encode() for each in text.splitlines(True)])]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nil true false", [None, True, False]),
        ("1 -2 +3 4N 1.5 2e3 7M", [1, -2, 3, 4, 1.5, 2000.0, 7.0]),
        (':type x/y 1/2 \\a "b\\"\\n"', ["type", "x/y", "1/2", "a", 'b"\n']),
        ("{:a [1 (2 #{3})], :b {}}", [{"a": (1, (2, (3,))), "b": {}}]),
        ("; a comment\n[#_ {:x 1} 2 #_#_ 3 4 5]", [2, 5]),
        ('#inst "2026" #jepsen.Op{:f :read}', ["2026", {"f": "read"}]),
        ('"over\ntwo lines" 1', ["over\ntwo lines", 1]),
        ("({:a 1}\n{:a 2})", [{"a": 1}, {"a": 2}]),
        ("9" * 100, [Symbol("9" * 100)]),
        ("", []),
    ],
)
def test_values_are_read(text: str, value: list[object]) -> None:
    """Collections become tuples, of the outermost one the items are given."""
    assert read(text) == value


def test_keywords_are_told_from_strings() -> None:
    """They are written alike in Python, and mean something else."""
    assert [type(each) for each in read(':a "a" a')] == [Keyword, str, Symbol]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1\n{:a", "line 2: found the end, expected '}' for the '{' of line 2"),
        ("[1\n}", "line 2: found '}', expected ']'"),
        ("]", "line 1: found ']', expected a value"),
        ("{:a}", "line 1: found a map of 1 forms, expected pairs"),
        ('"never\nended', "line 2: found the end within a string"),
        ("[{:a [" + "1\n" * 1_000_001, "line 999997: found a value of more than 1,000,000"),
        ("[" * (DEEPEST + 1), f"line 1: found more than {DEEPEST} levels"),
    ],
)
def test_what_is_no_edn_is_refused(text: str, expected: str) -> None:
    """With its line, what was found, and what was expected."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the text is looked at
        read(text)
    assert expected in str(caught.value)
    with pytest.raises(ValueError, match="line 1: found bytes that are no UTF-8"):
        list(read_edn([b"\xff"]))


def test_string_that_never_ends_is_refused_soon() -> None:
    """It would be looked at again with every line."""
    lines = iter([b'"', *[b"x" * 1000 + b"\n"] * 3000])
    with pytest.raises(ValueError, match="line 11: found"):
        list(read_edn(lines))
    assert len(list(lines)) > 2000


@pytest.mark.parametrize("piece", ["x", "\\x"])
def test_string_that_never_ends_takes_no_memory(piece: str) -> None:
    """A million of its characters in a line took two hundred megabytes to look at."""
    line = f'["{piece * 1_000_000}'.encode()
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="expected a value in EDN"):
            list(read_edn([line]))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20 * len(line)
