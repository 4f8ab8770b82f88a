"""Versions of libraries: their order, a range of them, and which of them a registry has.

A registry is asked by its ecosystem's own tool, which knows the mirror, the proxy and the
credentials that its user has set up. Nothing of what is listed is fetched by that.
"""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec
from attrs import frozen

from oracle.processes.scratch import half_made_folder
from oracle.processes.tool import ToolError, output_of
from oracle.processes.user_cache import cache_directory
from oracle.terminal.usage import UsageError

Ecosystem: TypeAlias = Literal["go", "cargo", "pypi"]
"""Whose registry has a library."""
TOOLS: Final[Mapping[Ecosystem, str]] = {"go": "go", "cargo": "cargo", "pypi": "pip"}
"""What asks each registry."""
BETWEEN: Final = ".."
"""What stands between the two ends of a range."""
VERSION: Final = re.compile(
    r"([0-9]{1,9}(?:\.[0-9]{1,9}){0,9})(?:-?([A-Za-z][0-9A-Za-z.-]{0,99}))?"
)
"""Numbers, and what tells a release before the release: 3.7.0-rc.1, or 2.0b1."""
ASKING_SECONDS: Final = 60
"""A registry that says nothing for so long does not answer."""
Order: TypeAlias = tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]


def order_of(version: str) -> Order:
    """By which versions are in order: numbers count as numbers, and a release follows its own
    release candidates."""
    found = VERSION.fullmatch(version)
    if found is None:
        raise ValueError(f"found {version!r}, expected a version such as 1.2.3")
    numbers = [int(each) for each in found[1].split(".")]
    while numbers and numbers[-1] == 0:
        del numbers[-1]  # 0.2 and 0.2.0 are one
    words = re.findall(r"\d+|[A-Za-z]+", found[2] or "")
    rest = tuple((not each.isdigit(), int(each) if each.isdigit() else 0, each) for each in words)
    return tuple(numbers), found[2] is None, rest


def is_before_release(version: str) -> bool:
    """Whether it is a release candidate or the like, which tools take only when it is named."""
    return not order_of(version)[1]


@frozen
class Range:
    """Two versions, and all that a registry lists between them."""

    oldest: str
    newest: str

    def __str__(self) -> str:
        return f"{self.oldest}{BETWEEN}{self.newest}"


def is_range(text: str) -> bool:
    """Whether these words are meant as a range of versions."""
    return BETWEEN in text


def read_range(text: str) -> Range:
    """The range that these words name; UsageError says what is wrong with them."""
    ends = text.split(BETWEEN)
    if len(ends) != 2 or not all(map(VERSION.fullmatch, ends)):
        raise UsageError(
            f"version: found {text!r}, expected two versions with {BETWEEN} between them, such as "
            f"1.2.0{BETWEEN}1.4.1"
        )
    oldest, newest = ends
    if order_of(oldest) >= order_of(newest):
        raise UsageError(f"version: found {text!r}, expected the older version first")
    return Range(oldest, newest)


def versions_in(wanted: Range, listed: Iterable[str], whose: str) -> tuple[str, ...]:
    """What a registry lists within a range, the oldest first; UsageError where an end is missing.

    What came before a release counts only where an end of the range is one of its kind.
    """
    known = sorted({each for each in listed if VERSION.fullmatch(each)}, key=order_of)
    for end in (wanted.oldest, wanted.newest):
        if end not in known:
            near = ", ".join(nearest(end, known)) or "none at all"
            raise UsageError(f"version: found {end}, which is none of {whose}, such as {near}")
    takes_all = is_before_release(wanted.oldest) or is_before_release(wanted.newest)
    least, most = order_of(wanted.oldest), order_of(wanted.newest)
    return tuple(
        each
        for each in known
        if least <= order_of(each) <= most and (takes_all or not is_before_release(each))
    )


NEAR: Final = 4
"""So many versions are named where one is not known."""


def nearest(version: str, known: list[str]) -> list[str]:
    """The versions around the place where this one would be."""
    place = sum(order_of(each) < order_of(version) for each in known)
    start = max(0, min(place - NEAR // 2, len(known) - NEAR))
    return known[start : start + NEAR]


def listed_versions(ecosystem: Ecosystem, name: str) -> tuple[str, ...]:
    """The versions of a library that its registry lists; UsageError where it cannot be asked."""
    ask = {"go": asked_of_go, "cargo": asked_of_cargo, "pypi": asked_of_pip}[ecosystem]
    try:
        found = ask(name)
    except ToolError as error:
        raise UsageError(f"version: cannot list the versions of {name}: {error}") from None
    if not found:
        tool = TOOLS[ecosystem]
        raise UsageError(f"version: {tool} lists no versions of {name}, expected some")
    return found


def asked_of_go(name: str) -> tuple[str, ...]:
    """What Go's proxy lists; not where the user stands, whose go.mod would have a say."""
    command = ("go", "list", "-m", "-versions", name)
    environment = {**os.environ, "GO111MODULE": "on", "GOFLAGS": "-mod=mod", "GOWORK": "off"}
    words = output_of(command, Path(os.sep), environment, seconds=ASKING_SECONDS).split()
    return tuple(each.removeprefix("v") for each in words[1:])


def asked_of_pip(name: str) -> tuple[str, ...]:
    """What PyPI lists, or the index that the user has set up."""
    quiet = ("--disable-pip-version-check", "--no-input", "--retries", "1", "--timeout", "15")
    command = (sys.executable, "-I", "-m", "pip", "index", "versions", "--pre", *quiet, name)
    said = output_of(command, Path(os.sep), seconds=ASKING_SECONDS)
    found = re.search(r"^Available versions: (.*)$", said, re.MULTILINE)
    return tuple(each.strip() for each in found[1].split(",")) if found else ()


ASKING: Final = """
[package]
name = "asking"
version = "0.0.0"
[lib]
path = "lib.rs"
[dependencies]
{name} = "*"
"""


def asked_of_cargo(name: str) -> tuple[str, ...]:
    """What the registry of cargo lists and has not yanked.

    Cargo has no command that lists versions. It does keep a crate's whole list when it resolves a
    crate that needs any version of it, and that is read here.
    """
    with half_made_folder(cache_directory(), f"{name}-versions") as folder:
        (folder / "Cargo.toml").write_text(ASKING.format(name=name), encoding="utf-8")
        (folder / "lib.rs").touch()
        output_of(("cargo", "generate-lockfile", "--quiet"), folder, seconds=ASKING_SECONDS)
    home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    kept = home.glob(f"registry/index/*/.cache/{place_in_index(name)}")
    newest = max(kept, key=lambda path: path.stat().st_mtime, default=None)
    if newest is None:
        return ()
    pieces = newest.read_bytes().split(b"\0")
    found = [decode_indexed(piece) for piece in pieces if piece.startswith(b"{")]
    return tuple(each.vers for each in found if not each.yanked)


class Indexed(msgspec.Struct):
    """What an index of crates says of a version, as far as it matters here."""

    vers: str
    yanked: bool = False


decode_indexed: Final = msgspec.json.Decoder(Indexed).decode


def place_in_index(name: str) -> str:
    """Where an index of crates has the one of this name."""
    if len(name) <= 2:
        return f"{len(name)}/{name}"
    return f"3/{name[0]}/{name}" if len(name) == 3 else f"{name[:2]}/{name[2:4]}/{name}"
