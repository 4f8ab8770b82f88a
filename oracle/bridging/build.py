"""Builds a bridge, or a copy of it with a mutant in the implementation, once for each source.

What was built lies in the user's cache directory under the bridge's name and a hash of its
source, the mutant and the toolchain's version. It is built beside and moved there in one go, so
that several processes may build the same.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zipfile import ZipFile

from attrs import frozen

from oracle.bridging.description import (
    DESCRIPTION,
    FETCHED,
    LISTED,
    PACKAGES,
    Bridge,
    BridgeError,
    BridgeMutant,
    Library,
    Mode,
    find_bridge,
    parts,
    version_in,
)
from oracle.bridging.own_source import SOURCE, copied, digest_of_source, source_in
from oracle.processes import tool
from oracle.processes.scratch import half_made_folder
from oracle.processes.tool import ToolError
from oracle.processes.user_cache import cache_directory, put_in_place
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import said_by_system
from oracle.unmodified.overlay import Overlay, standard_library
from oracle.unmodified.toolchain import FLAGS, VERSION, Toolchain, find

INDIRECT: Final = re.compile(r"^.* // indirect\n", re.MULTILINE)
"""What go.mod lists though only libraries of the library require it."""
GO_SUM: Final = "go.sum"
COPY_ARTIFACT: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.7.1:copy"
"""The goal of the plugin that the build uses, which fetches an archive."""
LOCKED: Final = "--locked"
"""Has cargo keep to Cargo.lock."""
CARGO_LOCK: Final = "Cargo.lock"
NOT_SOURCE: Final = frozenset({"target", "__pycache__"})


def cache_folder() -> Path:
    """Where built bridges are kept."""
    return cache_directory() / "bridges"


@cache
def built_command(
    name: str,
    mutant: str | None = None,
    mode: Mode | None = None,
    version: str | None = None,
    origin: Path | None = None,
) -> tuple[str, ...]:
    """The command that runs the bridge of this name, which is built first if need be.

    Of two programs it is the adapter, unless the mode says otherwise. The version is another one of
    the library than the bridge's own; `origin` is a folder with its source, to be built instead.
    """
    found = find_bridge(name)
    bridge = found.in_mode(mode or found.mode)
    out = built(bridge, None if mutant is None else bridge.mutant(mutant), version, origin)
    return filled(bridge, bridge.run, out)


def adapter_command(
    name: str, mutant: str | None = None, settings: Mapping[str, str] = MappingProxyType({})
) -> tuple[str, ...]:
    """The command of a bridge that is an adapter, built from what its settings name.

    BridgeError where it is judged by its trace.
    """
    version, origin = version_in(name, settings), source_in(name, settings)
    return built_command(name, mutant, "adapter", version, origin)


def toolchain_version(bridge: Bridge) -> str:
    """What the toolchain says it is; BridgeError where there is none."""
    program = bridge.toolchain[0]
    if tool.on_path(program) is None:
        raise BridgeError(
            f"bridge {bridge.name}: found no {program} on the PATH, expected {bridge.language}"
        )
    if bridge.threads:
        return patched_go(bridge).version
    # Not where the user stands: rust-toolchain.toml, .mvn and go.mod may name what is run there.
    return output_of(bridge, bridge.toolchain, Path(os.sep)).strip()


@frozen
class PatchedGo:
    """Go with the standard library that takes threads and timers in hand."""

    toolchain: Toolchain
    overlay: Overlay

    @property
    def version(self) -> str:
        """Go's version, and which standard library it is."""
        return f"{VERSION}, patched ({self.overlay.digest})"

    def environment(self, scratch: Path) -> dict[str, str]:
        """The environment in which whatever calls `go` builds with it."""
        path = scratch / "overlay.json"
        self.overlay.write(path)
        quote = '"' if "'" in str(path) else "'"
        programs = (str(self.toolchain.root / "bin"), os.environ.get("PATH", os.defpath))
        return self.toolchain.environment(
            GO111MODULE="on",
            GOFLAGS=f"{FLAGS} {quote}-overlay={path}{quote}",
            PATH=os.pathsep.join(programs),
        )


def patched_go(bridge: Bridge) -> PatchedGo:
    """What a bridge to a library with threads is built with."""
    try:
        toolchain = find()
        return PatchedGo(toolchain, standard_library(toolchain))
    except UsageError as error:
        raise BridgeError(f"bridge {bridge.name}: {error}") from None


def built(
    bridge: Bridge,
    mutant: BridgeMutant | None = None,
    version: str | None = None,
    origin: Path | None = None,
) -> Path:
    """The directory with the built bridge."""
    what = version if origin is None else f"{SOURCE} {digest_of_source(origin)}"
    name = f"{bridge.name}-{digest(bridge, mutant, what, toolchain_version(bridge))}"
    place = cache_folder() / name
    if place.is_dir():
        return place
    try:
        with half_made_folder(place.parent, name) as scratch:
            put_in_place(build(bridge, mutant, version, origin, scratch), place)
    except OSError as error:
        raise BridgeError(f"bridge {bridge.name}: {said_by_system(error)}") from error
    return place


def build(
    bridge: Bridge,
    mutant: BridgeMutant | None,
    version: str | None,
    origin: Path | None,
    scratch: Path,
) -> Path:
    """Build in a directory of its own."""
    source, out = scratch / "source", scratch / "out"
    environment = patched_go(bridge).environment(scratch) if bridge.threads else None
    lay_out(bridge, source)
    out.mkdir()
    if version is not None:
        environment = pin(bridge, version, source, environment or dict(os.environ))
    if mutant is not None and bridge.library is None:
        plant(mutant, source)
    command = filled(bridge, bridge.build, out)
    if bridge.library is not None and (mutant or bridge.library.inside or origin):
        if origin is None:
            library = scratch / "library"
            shutil.copytree(library_source(bridge, bridge.library, source, environment), library)
        else:
            library = copied(bridge, origin, scratch / "library")
            environment = unlocked(environment or os.environ)
            require_anew(source)
            command = tuple(word for word in command if word != LOCKED)
        make_writable(library)
        if bridge.library.inside is not None:
            shutil.copytree(source / bridge.library.inside, library, dirs_exist_ok=True)
        if mutant is not None:
            plant(mutant, library)
        use_library(bridge.library, source, library, is_whole=origin is not None)
    with alone_at_work(bridge):
        output_of(bridge, command, source, environment)
        for result in bridge.results:
            shutil.copy2(work_folder(bridge) / result, out)
    check_fetched(bridge, version, source, out)
    return out


def lay_out(bridge: Bridge, source: Path) -> None:
    """Copy what a bridge is built of: its own sources, and beside them what it shares."""
    for folder in folders_of(bridge):
        place = source if folder == bridge.folder else source / folder.name
        shutil.copytree(folder, place, ignore=shutil.ignore_patterns(*NOT_SOURCE))


def check_fetched(bridge: Bridge, version: str | None, source: Path, out: Path) -> None:
    """BridgeError where what was fetched is not what is listed; Go and Cargo compare the rest."""
    if version is not None:
        check_listed(bridge, version, source)
    if (source / FETCHED).is_file():
        check_files(bridge, source, out)


def check_files(bridge: Bridge, source: Path, folder: Path) -> None:
    """BridgeError where a file of a folder is neither made here nor listed."""
    lines = (source / FETCHED).read_text("utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split() for line in lines)}
    for path in sorted(folder.iterdir()):
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if path.name not in bridge.made and listed.get(path.name) != found:
            raise BridgeError(
                f"bridge {bridge.name}: fetched {path.name} of SHA-256 {found}, expected what "
                f"{FETCHED} lists"
            )


def check_listed(bridge: Bridge, version: str, source: Path) -> None:
    """BridgeError where a version that is listed requires what is not listed."""
    if not bridge.is_listed(version):
        return
    listed = {*(source / LISTED).read_text("utf-8").splitlines()}
    if other := sorted(required_modules(bridge, source) - listed):
        raise BridgeError(
            f"bridge {bridge.name}: fetched {other[0].split()[0]}, which {LISTED} does not list"
        )


def required_modules(bridge: Bridge, source: Path) -> set[str]:
    """What another version of a library had the toolchain fetch, as versions.sum lists it."""
    assert bridge.library is not None
    if bridge.library.ecosystem == "go":
        return {*(source / GO_SUM).read_text("utf-8").splitlines()}
    now, own = (crates(folder / CARGO_LOCK) for folder in (source, bridge.folder))
    return now - own


def crates(lock: Path) -> set[str]:
    """The crates of a lock file that come from a registry: name, version and SHA-256."""
    packages = tomllib.loads(lock.read_text("utf-8"))["package"]
    return {
        f"{each['name']} v{each['version']} {each['checksum']}"
        for each in packages
        if "checksum" in each
    }


def work_folder(bridge: Bridge) -> Path:
    """Where the bridge's builds may leave what later ones can use."""
    return cache_folder() / f"{bridge.name}-work"


@contextmanager
def alone_at_work(bridge: Bridge) -> Iterator[None]:
    """No other build leaves its results in the same place before they are copied."""
    if not bridge.results:
        yield
        return
    work_folder(bridge).mkdir(parents=True, exist_ok=True)
    with (work_folder(bridge) / "raft-oracle.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def pin(
    bridge: Bridge, version: str, source: Path, environment: Mapping[str, str]
) -> dict[str, str]:
    """Have the bridge require another version of a library, and what that one requires.

    The environment to build it in comes back: Go may complete go.mod and go.sum there.
    """
    assert bridge.library is not None
    if bridge.library.ecosystem == "cargo":
        command = ("cargo", "update", "--quiet", bridge.library.name, "--precise", version)
        output_of(bridge, command, source, environment)
        check_listed(bridge, version, source)  # before anything of it runs
        return dict(environment)
    require_anew(source)
    go_mod = source / "go.mod"
    text = go_mod.read_text(encoding="utf-8")
    own, wanted = (f"{bridge.library.name} v{each}" for each in (bridge.library_version(), version))
    go_mod.write_text(text.replace(own, wanted), encoding="utf-8")
    if bridge.is_listed(version):
        shutil.copyfile(source / LISTED, source / GO_SUM)
    else:  # the user's word: Go asks its own database of checksums
        (source / GO_SUM).unlink()
    tags = [tag for tag, end in bridge.library.tags.items() if parts(version) < parts(end)]
    environment = unlocked(environment, *([f"-tags={','.join(tags)}"] if tags else []))
    output_of(bridge, ("go", "mod", "download", bridge.library.name), source, environment)
    return environment


def require_anew(source: Path) -> None:
    """Let Go find out what another version of a library in Go requires."""
    go_mod = source / "go.mod"
    if go_mod.is_file():
        text = go_mod.read_text(encoding="utf-8")
        go_mod.write_text(INDIRECT.sub("", text), encoding="utf-8")


def unlocked(environment: Mapping[str, str], *flags: str) -> dict[str, str]:
    """The environment in which Go may complete go.mod and go.sum, with more flags for it."""
    words = (environment.get("GOFLAGS", ""), "-mod=mod", *flags)
    return {**environment, "GOFLAGS": " ".join(words).strip()}


def library_source(
    bridge: Bridge, library: Library, source: Path, environment: Mapping[str, str] | None
) -> Path:
    """Where the toolchain keeps the implementation's own source; fetched if need be."""
    if library.ecosystem == "go":
        command = ("go", "mod", "download", "-json", library.name)
        return Path(json.loads(output_of(bridge, command, source, environment))["Dir"])
    if library.ecosystem == "maven":
        return unpacked_sources(bridge, library, source)
    command = ("cargo", "metadata", "--format-version", "1", "--locked")
    packages = json.loads(output_of(bridge, command, source, environment))["packages"]
    found = [package for package in packages if package["name"] == library.name]
    if len(found) != 1:
        raise BridgeError(
            f"bridge {bridge.name}: found {len(found)} crates {library.name}, expected one"
        )
    return Path(found[0]["manifest_path"]).parent


def unpacked_sources(bridge: Bridge, library: Library, source: Path) -> Path:
    """What a library in Java was compiled from, which its registry has beside it."""
    version, fetched = bridge.library_version(), source / "fetched"
    artifact = f"-Dartifact={library.name}:{version}:jar:sources"
    command = ("mvn", "--quiet", "--batch-mode", COPY_ARTIFACT, artifact)
    output_of(bridge, (*command, f"-DoutputDirectory={fetched}"), source)
    check_files(bridge, source, fetched)
    (archive,) = fetched.iterdir()
    with ZipFile(archive) as file:
        file.extractall(source / "unpacked")
    return source / "unpacked"


def make_writable(folder: Path) -> None:
    """Make a copy writable: a module cache may be read-only, and so is a copy of it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)


def plant(mutant: BridgeMutant, library: Path) -> None:
    """Change the one place in the implementation."""
    path = library / mutant.file
    if not path.is_file():
        raise BridgeError(f"mutant {mutant.name}: found no {mutant.file} in the library")
    text = path.read_text(encoding="utf-8")
    if (count := text.count(mutant.old)) != 1:
        raise BridgeError(
            f"mutant {mutant.name}: found {mutant.old!r} {count} times in {mutant.file}, expected 1"
        )
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")


def use_library(library: Library, source: Path, changed: Path, is_whole: bool = False) -> None:
    """Have the bridge built with the changed library.

    What is whole may need other crates than the release, and may have some beside it.
    """
    if library.ecosystem == "go":
        with (source / "go.mod").open("a", encoding="utf-8") as file:
            file.write(f"\nreplace {library.name} => {changed}\n")
        return
    if library.ecosystem == "maven":  # whose classes come before those of the archive
        shutil.copytree(changed, source / "src" / "main" / "java", dirs_exist_ok=True)
        return
    if is_whole:
        with (source / "Cargo.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n[patch.crates-io]\n{library.name}.path = {json.dumps(str(changed))}\n")
        return
    settings = source / ".cargo" / "config.toml"
    settings.parent.mkdir(exist_ok=True)
    with settings.open("a", encoding="utf-8") as file:
        file.write(f"\npaths = [{json.dumps(str(changed))}]\n")


def filled(bridge: Bridge, words: Sequence[str], out: Path) -> tuple[str, ...]:
    """A command with its places filled in."""
    return tuple([word.format(out=out, work=work_folder(bridge)) for word in words])


def output_of(
    bridge: Bridge,
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
) -> str:
    """What a command of the toolchain prints; BridgeError has what it complains of."""
    try:
        return tool.output_of(command, folder, environment)
    except ToolError as error:
        raise BridgeError(f"bridge {bridge.name}: {error}") from None


def digest(bridge: Bridge, mutant: BridgeMutant | None, version: str | None, toolchain: str) -> str:
    """A name for what is built: other source, other name."""
    found = hashlib.sha256(f"{toolchain}\n{bridge.build}\n{mutant}\n{version}\n".encode())
    for folder in folders_of(bridge):
        for path in sorted(folder.rglob("*")):
            inner = path.relative_to(folder)
            unused = (DESCRIPTION, *((LISTED,) if version is None else ()))
            if path.is_file() and path.name not in unused and not NOT_SOURCE & {*inner.parts}:
                content = path.read_bytes()
                found.update(f"{inner.as_posix()} {len(content)}\n".encode() + content)
    return found.hexdigest()[:16]


def folders_of(bridge: Bridge) -> tuple[Path, ...]:
    """The folders that a bridge is built of: its own, and the one that it shares with others."""
    shared = () if bridge.package is None else (PACKAGES / bridge.package,)
    return (bridge.folder, *shared)
