"""What a directory is: a lab's Raft, or an author's own program around raftoracle/adapter.

A lab's Raft is known by the function that makes a server: one of its parameters is
`[]*labrpc.ClientEnd`, by whatever name labrpc is imported, and another one is a channel. In
all other points it may look as it likes.
"""

import os
import re
import string
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from oracle.terminal.usage import UsageError
from oracle.unmodified.go_source import (
    Function,
    GoFile,
    blanked,
    read_bytes,
    read_package,
    read_text,
    true_path,
)
from oracle.unmodified.overlay import IMPORTED_AS

MAKE: Final = "Make"
"""What the function is called in the lab's handout."""
ENDS: Final = re.compile(r"\[\]\*(?:(\w+)\.)?ClientEnd")
"""The type of the parameter by which the function is known, without spaces."""
CALL: Final = re.compile(
    r"^func\s*+\(\s*+(?:(?!ClientEnd\s*+\))\w++)?+\s*+"
    r"(?:\*\s*+)?+ClientEnd\s*+\)\s*+(Call)\s*+\(",
    re.MULTILINE,
)
"""What is read once is not read again in another way, as a file may be all spaces."""
PARAMETERS: Final = 4
"""How many parameters Make has in the handout: peers, me, persister, applyCh."""
ADAPTER: Final = f"{IMPORTED_AS}/adapter"
NOT_SEARCHED: Final = frozenset({"vendor", "testdata", "node_modules"})
EXPECTED: Final = (
    "a function with the parameters []*labrpc.ClientEnd and a channel (the Raft of a lab of "
    f"6.824 or 6.5840), or a package main that imports {ADAPTER}"
)
MOST_SEARCHED: Final = 5_000
"""Directories below one that are looked into, which takes seconds: a course has some hundreds."""
MOST_NAMED: Final = 8
"""Directories that one line lists."""


@frozen(kw_only=True)
class Lab:
    """A lab's Raft, as far as its own sources tell."""

    folder: Path
    package: str
    make: Function
    file: Path
    """Where the function that makes a server stands."""
    labrpc: str
    """The path by which the package imports labrpc; empty where ClientEnd is its own."""
    remarks: tuple[str, ...] = ()
    """What is odd about it."""


@frozen(kw_only=True)
class OwnProgram:
    """A package main, written around raftoracle/adapter by the author of a Raft."""

    folder: Path
    remarks: tuple[str, ...] = ()


Recognised = Lab | OwnProgram


def recognise(folder: Path) -> Recognised:
    """What a directory is, or the only Raft below it; UsageError where it is neither."""
    folder = true_path(folder)
    if found := recognised_here(folder):
        return found
    below = list(search(folder))
    if len(below) > 1:
        names = [str(each.relative_to(folder)) for each in below[:MOST_NAMED]]
        more = ", ..." if len(below) > MOST_NAMED else ""
        raise UsageError(
            f"subject: found {len(below)} Rafts below {folder}: {', '.join(names)}{more}; "
            "expected the directory of one"
        )
    for only in below:
        if found := recognised_here(only):
            return found
    raise UsageError(f"subject: found no Raft in {folder} or below, expected {EXPECTED}")


def recognised_here(folder: Path) -> Recognised | None:
    """What the package of a directory is; None where it is nothing that is known."""
    files = read_package(folder)
    if any(file.package == "main" and ADAPTER in file.imports.values() for file in files):
        return OwnProgram(folder=folder)
    makers = [(file, each) for file in files for each in file.functions if is_maker(each)]
    if not makers:
        return None
    exported = [(file, each) for file, each in makers if each.is_exported]
    if not exported:
        file, function = makers[0]
        raise UsageError(
            f"subject: found func {function.name} in {file.path}, which only its own package may "
            f"call; expected one with a capital, as {MAKE}"
        )
    exported.sort(key=lambda each: each[1].name != MAKE)
    file, make = exported[0]
    if file.package == "main":
        raise UsageError(
            f"subject: found package main in {file.path}, which nobody can import; "
            "expected a Raft in a package of its own"
        )
    return Lab(
        folder=folder,
        package=file.package,
        make=make,
        file=file.path,
        labrpc=import_of_ends(file, make),
        remarks=tuple(remarks_on(folder, file.package, [each for _, each in exported])),
    )


def is_maker(function: Function) -> bool:
    """Whether a function makes a server of Raft: clerks and services get no channel."""
    if ends_in(function) is None:
        return False
    types = ("".join(each.split()) for each in function.parameters)
    return function.name == MAKE or any(each.lstrip("<-").startswith("chan") for each in types)


def ends_in(function: Function) -> re.Match[str] | None:
    """The type of the parameter for the ends; None where there is none."""
    found = (ENDS.fullmatch("".join(each.split())) for each in function.parameters)
    return next(filter(None, found), None)


def import_of_ends(file: GoFile, make: Function) -> str:
    """The path by which a file imports the package that has ClientEnd."""
    found = ends_in(make)
    assert found is not None
    name = found[1] or "."
    if name in file.imports:
        return file.imports[name]
    if name == ".":
        return ""
    raise UsageError(
        f"subject: {file.path}: found {found[0]} in func {make.name}, and no import called {name}"
    )


def remarks_on(folder: Path, package: str, makers: Sequence[Function]) -> Iterator[str]:
    """What is odd about a lab's package."""
    make, *others = makers
    if make.name != MAKE:
        yield f"servers are made by {make.name}, not {MAKE}"
    if others:
        yield f"{', '.join(each.name for each in others)} would make servers too"
    if (count := len(make.parameters)) != PARAMETERS:
        further = ", the further ones are zero" if count > PARAMETERS else ""
        yield f"{make.name} has {count} parameters, not {PARAMETERS}{further}"
    if package != folder.name.rstrip(string.digits):  # the handout itself has raft in raft1
        yield f"the package in {folder.name} is called {package}"


def search(folder: Path) -> Iterator[Path]:
    """The directories below this one that hold the Raft of a lab, or a program around ours."""
    for number, (place, names, files) in enumerate(os.walk(folder)):
        if number > MOST_SEARCHED:
            raise UsageError(
                f"subject: found more than {MOST_SEARCHED:,} directories below {folder}, "
                "expected the one of a Raft"
            )
        names[:] = sorted(each for each in names if each[0] not in "._" and is_searched(each))
        if Path(place) != folder and is_worth_reading(Path(place), files):
            try:
                found = recognised_here(Path(place))
            except UsageError:
                found = None  # what is not of use here is no candidate
            if found:
                yield Path(place)


def is_worth_reading(folder: Path, names: Sequence[str]) -> bool:
    """Whether a folder has what is looked for in any of its Go files, if only in a comment."""
    words = (b"ClientEnd", ADAPTER.encode())
    paths = (folder / name for name in names if name.endswith(".go"))
    contents = (read_bytes(path) for path in paths if path.is_file())
    try:
        return any(word in content for content in contents for word in words)
    except UsageError:
        return False  # nor is what has no end


def is_searched(name: str) -> bool:
    """Whether a directory may hold sources of the user's own."""
    return name not in NOT_SEARCHED


def place_of_call(path: Path) -> tuple[int, int] | None:
    """Where a file has the name of the method Call of ClientEnd; None where it has none."""
    found = CALL.search(blanked(read_text(path)))
    return found.span(1) if found else None
