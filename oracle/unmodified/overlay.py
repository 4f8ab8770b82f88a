"""The standard library as servers need it that are driven as they are: patched, with our packages.

`go build -overlay` reads other files in place of some, and files where there are none; nothing is
installed, and nothing in GOROOT changes. The patches are texts in oracle/unmodified/go/patches. The
packages beside them become part of the standard library, as `raftoracle/bubble`,
`raftoracle/adapter` and `raftoracle/lab`: so they are found from every module, and from without.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
from attrs import frozen

from oracle.processes.scratch import half_made_folder
from oracle.processes.user_cache import cache_directory, put_in_place
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import said_by_system
from oracle.unmodified.toolchain import VERSION, Toolchain

SOURCES: Final = Path(__file__).resolve().parent / "go"
"""Where the Go of this project lies that is built into programs of others."""
PACKAGES: Final = ("bubble", "adapter", "lab")
IMPORTED_AS: Final = "raftoracle"
"""How the import paths of our packages begin."""


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a file of patches."""


class Patch(Table, frozen=True):
    """One change of a file of the standard library: `old`, found once, becomes `new`."""

    file: str
    why: str
    old: str
    new: str


class Patches(Table, frozen=True, rename={"patches": "patch"}):
    """All changes of one version of Go, in the order in which they are made."""

    go: str
    patches: tuple[Patch, ...]


@frozen
class Overlay:
    """What stands in place of what."""

    replaced: Mapping[str, str]
    """By its path: the path of the file that is read instead."""
    digest: str
    """Other contents, other digest."""

    def with_files(self, files: Mapping[Path, Path]) -> "Overlay":
        """The same, and these files; what they contain is not in the digest."""
        further = {str(place): str(content) for place, content in files.items()}
        return Overlay({**self.replaced, **further}, self.digest)

    def write(self, path: Path) -> None:
        """Write it as Go reads it."""
        path.write_bytes(msgspec.json.encode({"Replace": self.replaced}))


def standard_library(toolchain: Toolchain, sources: Path = SOURCES) -> Overlay:
    """The overlay of the standard library; UsageError where a patch does not fit."""
    patches = read_patches(sources / "patches" / f"{VERSION}.toml")
    texts = patched(patches.patches, toolchain.source)
    packages = {
        toolchain.source / IMPORTED_AS / package / path.name: path
        for package in PACKAGES
        for path in sorted((sources / package).glob("*.go"))
        if not path.name.endswith("_test.go")
    }
    place = kept(texts)
    files = {toolchain.source / file: place / file for file in texts}
    contents = (f"{file}\n{text}".encode() for file, text in texts.items())
    ours = (f"{place}\n".encode() + path.read_bytes() for place, path in packages.items())
    return Overlay({}, digest_of((*contents, *ours))).with_files(files | packages)


def read_patches(path: Path) -> Patches:
    """The patches in a file; UsageError where they are not as they have to be."""
    try:
        with path.open("rb") as file:
            patches = msgspec.convert(tomllib.load(file), Patches)
    except OSError as error:
        raise UsageError(f"patches {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"patches {path}: {error}") from None
    if patches.go != VERSION:
        raise UsageError(f"patches {path}: go: found {patches.go!r}, expected {VERSION!r}")
    return patches


def patched(patches: Iterable[Patch], source: Path) -> Mapping[str, str]:
    """The text of each file that is changed, with all its changes."""
    texts: dict[str, str] = {}
    for patch in patches:
        path = source / patch.file
        try:
            text = texts.get(patch.file) or path.read_text(encoding="utf-8")
        except OSError as error:
            raise UsageError(f"go: {path}: {error.strerror}, expected that of {VERSION}") from None
        if (count := text.count(patch.old)) != 1:
            raise UsageError(
                f"go: found {patch.old.strip()!r} {count} times in {path}, expected it once: "
                f"this is not the standard library of {VERSION}"
            )
        texts[patch.file] = text.replace(patch.old, patch.new)
    return texts


def kept(texts: Mapping[str, str]) -> Path:
    """A folder of the cache with these texts.

    It is the same for the same texts, so that Go need not build the standard library again.
    """
    digest = digest_of(f"{file}\n{text}".encode() for file, text in texts.items())
    place = cache_directory() / "unmodified" / f"std-{digest}"
    if place.is_dir():
        return place
    try:
        with half_made_folder(place.parent, "std") as scratch:
            fresh = scratch / "std"
            for file, text in texts.items():
                (fresh / file).parent.mkdir(parents=True, exist_ok=True)
                (fresh / file).write_text(text, encoding="utf-8")
            put_in_place(fresh, place)
    except OSError as error:
        raise UsageError(f"cache: {said_by_system(error)}") from None
    return place


def digest_of(parts: Iterable[bytes]) -> str:
    """A short name for contents, in their order."""
    found = hashlib.sha256()
    for part in parts:
        found.update(f"{len(part)}\n".encode() + part)
    return found.hexdigest()[:16]
