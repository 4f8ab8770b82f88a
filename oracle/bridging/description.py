"""Bridges: programs in the languages of other implementations, which speak the adapter protocol
or write a trace.

Each is a directory under oracle/bridges with a bridge.toml, which says what it is, which toolchain
it needs and how it is built and run. oracle.bridging.build builds it.

A library may have both: an adapter, and in the table `trace` a program that writes a trace.

In `build` and `run`, {out} is the directory that holds what was built, and {work} one that stays
for later builds of the same bridge. In `build`, {out} is not yet where it will be: nothing built
may remember it.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

from oracle.terminal.choices import not_found, not_one_of
from oracle.terminal.usage import UsageError

BRIDGES: Final = Path(__file__).resolve().parent.parent / "bridges"
PACKAGES: Final = BRIDGES.parent / "packages"
DESCRIPTION: Final = "bridge.toml"
VERSION: Final = re.compile(r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}(-[0-9A-Za-z.-]{1,99})?")
"""What a version looks like."""
LISTED: Final = "versions.sum"
"""The file with the hashes of other versions of a library, and of what those require."""
FETCHED: Final = "fetched.sum"
"""The file with the hashes of what a build fetches, where its toolchain compares none."""
PINNED: Final = "version"
"""The setting that names the version of a library."""


Mode: TypeAlias = Literal["adapter", "trace"]
"""An adapter is driven step by step; a trace is what a cluster that runs by itself logs."""


class BridgeError(UsageError):
    """A bridge cannot be found or built: what was found, and what was expected."""


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of bridge.toml."""


class Version(Table, frozen=True):
    """Where the implementation's version stands: the first group of a pattern in a file."""

    file: str
    pattern: str


class Library(Table, frozen=True):
    """The implementation's own source, which mutants change: a Go module, a crate or an artifact of
    Maven."""

    ecosystem: Literal["go", "cargo", "maven"]
    name: str
    oldest: str | None = None
    """The oldest version that the bridge can be built with, where the setting `version` may name
    one; None where only the version of the bridge itself is built."""
    tags: dict[str, str] = {}
    """Go's build tags, and the version of the library before which each is set: for what its older
    versions do not have."""
    inside: str | None = None
    """The bridge's folder of files that are laid into a copy of the library, which is built in its
    place: for what the library keeps to its own packages."""


class BridgeMutant(Table, frozen=True):
    """A mistake built into a copy of the implementation: `old`, found once, becomes `new`.

    Where the bridge names no library whose source is to be had, it is built into the bridge, which
    stands for what lies below the library.
    """

    name: str
    summary: str
    breaks: str
    """The property that fails."""
    file: str
    old: str
    new: str
    servers: int | None = None
    settings: dict[str, str] = {}


class Finding(Table, frozen=True):
    """A known bug of the implementation as it is: hunts go past it unless --only names it."""

    breaks: str
    """The property that fails."""
    page: str
    """Where it is explained, in this project."""


class TraceProgram(Table, frozen=True):
    """A program that runs a cluster by itself, of a library that has an adapter as well."""

    build: tuple[str, ...]
    run: tuple[str, ...]


class Bridge(Table, frozen=True, rename={"mutants": "mutant"}):
    """What a bridge.toml says."""

    name: str
    summary: str
    language: str
    """What has to be installed, as the message about a missing toolchain names it."""
    toolchain: tuple[str, ...]
    """The command that prints the toolchain's version."""
    build: tuple[str, ...]
    run: tuple[str, ...]
    version: Version
    results: tuple[str, ...] = ()
    """Files that the build leaves in {work}, to be copied to {out}."""
    package: str | None = None
    """A folder of oracle/packages that is laid beside the bridge's sources: what several share."""
    made: tuple[str, ...] = ()
    """Files in {out} that the build makes itself, where fetched.sum lists all others."""
    library: Library | None = None
    mode: Mode = "adapter"
    """What `build` and `run` make."""
    threads: bool = False
    """Whether a library in Go owns threads and timers: its adapter is built with the standard
    library of oracle/unmodified, and in the version of Go that it is made for."""
    trace: TraceProgram | None = None
    """The trace's program, where `build` and `run` make an adapter."""
    mutants: tuple[BridgeMutant, ...] = ()
    known: tuple[Finding, ...] = ()
    draws: dict[str, tuple[str, ...]] = {}
    """What hunts may draw for a setting that is not given, other than its default."""

    @property
    def is_traced(self) -> bool:
        """Whether there is a program that runs by itself, and is judged by its trace."""
        return self.mode == "trace" or self.trace is not None

    def in_mode(self, mode: Mode) -> "Bridge":
        """The bridge with the one of its programs that has this mode."""
        if mode == self.mode:
            return self
        if mode == "adapter":
            raise BridgeError(
                f"subject: {self.name} runs by itself and is judged by its trace, "
                f"expected `raft-oracle trace {self.name}`"
            )
        if self.trace is None:
            raise BridgeError(
                f"bridge: {self.name} is an adapter, expected one that is judged by its trace; "
                f"use `raft-oracle hunt {self.name}`"
            )
        return msgspec.structs.replace(
            self, mode=mode, build=self.trace.build, run=self.trace.run, results=(), threads=False
        )

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return folders()[self.name]

    def library_version(self) -> str:
        """The version of the implementation that will be built."""
        text = (self.folder / self.version.file).read_text(encoding="utf-8")
        found = re.search(self.version.pattern, text)
        if found is None:
            raise BridgeError(
                f"bridge {self.name}: version: found no {self.version.pattern!r} "
                f"in {self.version.file}"
            )
        return found[1]

    def check_version(self, version: str) -> None:
        """BridgeError where the setting `version` names none that the bridge can be built with."""
        assert self.library is not None
        assert self.library.oldest is not None
        if VERSION.fullmatch(version) is None or parts(version) < parts(self.library.oldest):
            raise BridgeError(
                f"version: found {version!r}, expected a version of {self.library.name} "
                f"from {self.library.oldest} on, such as {self.library_version()}"
            )

    def is_listed(self, version: str) -> bool:
        """Whether the hash of a version of the library is known here."""
        assert self.library is not None
        listed = self.folder / LISTED
        line = f"{self.library.name} v{version} "
        own = version == self.library_version()
        return own or (listed.is_file() and line in listed.read_text(encoding="utf-8"))

    def listed_versions(self) -> tuple[str, ...]:
        """Versions of the library whose hashes are known here, besides that of the bridge."""
        assert self.library is not None
        listed = self.folder / LISTED
        text = listed.read_text(encoding="utf-8") if listed.is_file() else ""
        name = re.escape(self.library.name)
        return tuple(re.findall(rf"^{name} v([^\s/]+) ", text, re.MULTILINE))

    def mutant(self, name: str) -> BridgeMutant:
        """The mutant of this name."""
        for each in self.mutants:
            if each.name == name:
                return each
        names = [each.name for each in self.mutants]
        known = ", ".join(names) or "none: it has no mutants"
        raise BridgeError(
            f"mutant: {not_found(name, names)}, expected one of {self.name}'s: {known}"
        )


def parts(version: str) -> tuple[int, ...]:
    """The numbers of a version, by which versions are in order."""
    return tuple(int(each) for each in version.split("-")[0].split("."))


def find_bridge(name: str) -> Bridge:
    """The bridge of this name."""
    found = bridges().get(name)
    if found is None:
        raise BridgeError(f"bridge: {not_one_of(name, bridges())}")
    return found


def known_findings(subject: str, mutant: str | None) -> tuple[Finding, ...]:
    """Known bugs that a hunt of a subject goes past, except the one that its mutant breaks."""
    bridge = bridges().get(subject)
    if bridge is None:
        return ()
    hunted = None if mutant is None else bridge.mutant(mutant).breaks
    return tuple(each for each in bridge.known if each.breaks != hunted)


def version_in(name: str, settings: Mapping[str, str]) -> str | None:
    """The version of a bridge's library that its settings name; None where the bridge's own is
    built."""
    bridge = find_bridge(name)
    version = settings.get(PINNED)
    if version is None or bridge.library is None or bridge.library.oldest is None:
        return None
    bridge.check_version(version)
    return None if version == bridge.library_version() else version


@cache
def bridges() -> Mapping[str, Bridge]:
    """All bridges, by name."""
    found = [read(path) for path in sorted(BRIDGES.glob(f"*/{DESCRIPTION}"))]
    return {bridge.name: bridge for bridge in sorted(found, key=lambda bridge: bridge.name)}


@cache
def folders() -> Mapping[str, Path]:
    """Where each bridge lies."""
    return {read(path).name: path.parent for path in BRIDGES.glob(f"*/{DESCRIPTION}")}


@cache
def read(path: Path) -> Bridge:
    """A bridge.toml."""
    try:
        with path.open("rb") as file:
            return msgspec.convert(tomllib.load(file), Bridge)
    except (ValueError, RecursionError) as error:  # not UTF-8, not TOML, or not what is expected
        raise BridgeError(f"{path}: {error}") from None
