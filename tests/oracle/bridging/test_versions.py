"""Versions are in order, ranges are read or refused in one line, and registries are asked."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from oracle.bridging import versions
from oracle.bridging.versions import Range, listed_versions, order_of, read_range, versions_in
from oracle.processes.tool import ToolError
from oracle.processes.user_cache import CACHE_VARIABLE
from oracle.terminal.usage import UsageError

IN_ORDER = (
    *("0.2", "0.2.1", "0.3.9", "0.3.11", "0.10.0-alpha.2", "0.10.0-alpha.17", "0.10.0"),
    *("2.0b1", "2.0", "3.7.0-beta.0", "3.7.0-rc.0", "3.7.0-rc.1", "3.7.0", "10.0.0"),
)
LISTED = ("1.0.0", "1.10.0", "1.2.0", "1.3.0-rc.1", "1.3.0", "untagged", "2.0.0-beta.1")


def test_versions_are_in_order() -> None:
    """Numbers as numbers, and what came before a release before it."""
    mixed = list(IN_ORDER)
    Random(7).shuffle(mixed)
    assert tuple(sorted(mixed, key=order_of)) == IN_ORDER
    assert order_of("0.2") == order_of("0.2.0")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *(
            (text, f"found '{text}', expected two versions with .. between them")
            for text in ("..", "3..", "..3", "a..b", "1 .. 2", "1...2", "1..2..3", "1..2\n", "1..٣")
        ),
        ("2.0..1.9", "found '2.0..1.9', expected the older version first"),
        ("1.0..1.0.0", "expected the older version first"),
        (f"1.0..{'9' * 5000}", "expected two versions with .. between them"),
        (f"1.0-rc{'9' * 5000}..2.0", "expected two versions with .. between them"),
        (
            "1.0.0..1.9.9",
            "found 1.9.9, which is none of the toy's, such as 1.3.0-rc.1, 1.3.0, 1.10",
        ),
        ("0.1..1.2.0", "found 0.1, which is none of the toy's, such as 1.0.0, 1.2.0, 1.3.0-rc.1"),
    ],
)
def test_wrong_ranges_are_one_line(text: str, said: str) -> None:
    """It says what was found, and what was expected."""
    with pytest.raises(UsageError) as caught:
        versions_in(read_range(text), LISTED, "the toy's")
    assert said in str(caught.value).replace("\\n", "\n")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Range("1.0.0", "1.10.0"), ("1.0.0", "1.2.0", "1.3.0", "1.10.0")),
        (Range("1.2.0", "1.3.0"), ("1.2.0", "1.3.0")),
        (Range("1.3.0-rc.1", "1.10.0"), ("1.3.0-rc.1", "1.3.0", "1.10.0")),
    ],
)
def test_a_range_has_what_lies_between_its_ends(wanted: Range, expected: tuple[str, ...]) -> None:
    """Release candidates only where one is named."""
    assert versions_in(wanted, LISTED, "the toy's") == expected


def indexed(**entry: object) -> bytes:
    """A version as cargo keeps it."""
    return json.dumps(entry).encode()


def test_registries_are_asked_by_their_own_tools(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What go and pip print is read, and what cargo keeps; what is yanked does not count."""
    asked: list[str] = []

    def answer(command: Sequence[str], folder: Path, *_: object, **__: object) -> str:
        asked.append(command[0])
        go = "example.org/toy v1.0.0 v1.2.0-rc.1\n"
        return go if command[0] == "go" else "toy (2.0)\nAvailable versions: 2.0, 1.9\n"

    kept = tmp_path / "registry/index/some-registry/.cache/to/ya/toyard"
    kept.parent.mkdir(parents=True)
    entries = (indexed(vers="0.1.0"), indexed(vers="0.2.0", yanked=True), indexed(vers="0.3.0"))
    kept.write_bytes(b"\3\2\0\0\0etag: x\0" + b"\0".join(b"v\0" + each for each in entries))
    monkeypatch.setattr(versions, "output_of", answer)
    monkeypatch.setenv("CARGO_HOME", str(tmp_path))
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert listed_versions("go", "example.org/toy") == ("1.0.0", "1.2.0-rc.1")
    assert listed_versions("pypi", "toy") == ("2.0", "1.9")
    assert listed_versions("cargo", "toyard") == ("0.1.0", "0.3.0")
    with pytest.raises(UsageError, match="cargo lists no versions of toy, expected some"):
        listed_versions("cargo", "toy")
    assert asked[0] == "go"


def test_a_registry_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says whose versions were asked for, and what the tool said."""

    def refuse(*_: object, **__: object) -> str:
        raise ToolError("go took over 60 s")

    monkeypatch.setattr(versions, "output_of", refuse)
    with pytest.raises(UsageError, match=r"cannot list the versions of toy: go took over 60 s$"):
        listed_versions("go", "toy")
