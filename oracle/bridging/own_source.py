"""A library as its author has it: a folder with its source, built in place of a release.

It is what the setting `source` names. The folder is copied before it is built, so that nothing is
written to it, and what is built is named by what the folder holds.
"""

import hashlib
import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from model.subject import Setting
from oracle.bridging.description import PINNED, Bridge, BridgeError, Library, find_bridge
from oracle.store.input_files import read_whole

SOURCE: Final = "source"
"""The setting that names the folder."""
SETTING: Final = Setting(SOURCE, "", "a folder with the library's source, built in its place")
NOT_LIBRARY: Final = frozenset({"target", "node_modules", "__pycache__", "raft-oracle-known"})
"""Folders of a checkout that no build of it needs; those whose name begins with a dot neither."""
MARKS: Final = ("test_regression.py", "pyvenv.cfg")
"""Files that mark a folder as no source, whatever its name is: a finding's, and one with Python.

If findings counted, the next hunt would build the same library anew, under another name.
"""
DEEPEST: Final = 3
"""So many folders down a checkout is looked through for the library."""
PIECE: Final = 1 << 20
MODULE: Final = re.compile(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)
"""The line of a go.mod that names its module."""


def source_in(name: str, settings: Mapping[str, str]) -> Path | None:
    """The folder that a bridge's settings name; None where a release is built.

    BridgeError where the bridge takes none, or the folder does not hold the library.
    """
    text = settings.get(SOURCE)
    bridge = find_bridge(name)
    if text is None or bridge.library is None or SOURCE not in named_settings(bridge):
        return None  # the bridge refuses it as a setting that it does not know
    if PINNED in settings:
        raise BridgeError(f"{SOURCE}: found {PINNED} beside it, expected one of them")
    folder = Path(os.path.abspath(text))
    if not text or not folder.is_dir():
        raise BridgeError(f"{SOURCE}: found no folder {text!r}, expected one with the library")
    library_in(bridge.library, folder)
    return folder


def named_settings(bridge: Bridge) -> tuple[str, ...]:
    """The settings that say which library is built, of those that a bridge can be built with."""
    library = bridge.library
    if library is None or library.ecosystem == "maven":
        return ()
    return (SOURCE,) if library.oldest is None else (SOURCE, PINNED)


def library_in(library: Library, folder: Path) -> Path:
    """Where a checkout has the library; BridgeError where it is nowhere."""
    for each in folders_of(folder):
        if name_of(library, each) == library.name:
            return each
    file = "go.mod" if library.ecosystem == "go" else "Cargo.toml"
    raise BridgeError(f"{SOURCE}: found no {file} of {library.name} in {folder}, expected one")


def folders_of(folder: Path) -> Iterator[Path]:
    """A folder and those in it, the outermost first, without what no build needs."""
    level = [folder]
    for _ in range(DEEPEST):
        yield from level
        level = [
            inner
            for outer in level
            for inner in sorted(outer.iterdir())
            if inner.is_dir() and not inner.is_symlink() and not is_left_out(inner)
        ]


def is_left_out(path: Path) -> bool:
    """Whether a build does not need what is there."""
    if path.name.startswith(".") or path.name in NOT_LIBRARY:
        return True
    return any((path / mark).is_file() for mark in MARKS)


def name_of(library: Library, folder: Path) -> str | None:
    """The name of the module or crate in a folder; None where there is none."""
    try:
        if library.ecosystem == "go":
            found = MODULE.search(read_whole(folder / "go.mod").decode())
            return found[1] if found else None
        package = tomllib.loads(read_whole(folder / "Cargo.toml").decode()).get("package", {})
        name = package.get("name") if isinstance(package, dict) else None
        return name if isinstance(name, str) else None
    except (OSError, ValueError, RecursionError):  # such as TOML that is nested beyond measure
        return None


def digest_of_source(folder: Path) -> str:
    """A name for what a folder holds: other content, other name."""
    found = hashlib.sha256()
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not is_left_out(Path(root, each)))
        for name in sorted(files):
            path = Path(root, name)
            size = path.stat().st_size if path.is_file() else 0
            found.update(os.fsencode(f"{path.relative_to(folder)} {size}\n"))
            if size:  # a name may be no UTF-8, and a file larger than the memory
                with path.open("rb") as file:
                    for piece in iter(partial(file.read, PIECE), b""):
                        found.update(piece)
    for link in links_to_folders(folder):
        found.update(os.fsencode(f"{link.relative_to(folder)} -> {link.readlink()}\n"))
    return found.hexdigest()[:16]


def copied(bridge: Bridge, folder: Path, place: Path) -> Path:
    """Copy a checkout to a place; where its library is there.

    A link to a file becomes that file. One to a folder stays a link, if it is copied at all: what
    is followed may have no end, or be anything on this machine. A device or a pipe has none either.
    """
    assert bridge.library is not None

    def left_out(inside: str, names: list[str]) -> list[str]:
        paths = [Path(inside, each) for each in names]
        return [each.name for each in paths if is_left_out(each) or not is_copied(each)]

    shutil.copytree(folder, place, ignore=left_out)
    for link in links_to_folders(folder):
        fresh = place / link.relative_to(folder)
        if is_within(fresh.parent / link.readlink(), place):
            fresh.symlink_to(link.readlink())
    return place / library_in(bridge.library, folder).relative_to(folder)


def links_to_folders(folder: Path) -> Iterator[Path]:
    """The links to folders in a checkout, without what no build needs."""
    for root, folders, _ in os.walk(folder):
        folders[:] = sorted(each for each in folders if not is_left_out(Path(root, each)))
        yield from (path for each in folders if (path := Path(root, each)).is_symlink())


def is_copied(path: Path) -> bool:
    """Whether there is a file, or a folder that is no link."""
    return path.is_file() or (path.is_dir() and not path.is_symlink())


def is_within(target: Path, place: Path) -> bool:
    """Whether this is a folder in that place, by whatever way."""
    return target.is_dir() and target.resolve().is_relative_to(place.resolve())
