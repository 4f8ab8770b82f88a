"""Builds an unmodified Raft as an adapter, once for each state of its sources.

What was built lies in the user's cache under the directory's name and a hash of all that matters:
the sources that are compiled, ours, the patches and the toolchain. Nothing is written into the
user's directory: our files are there for the compiler alone, by `go build -overlay`.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from oracle.processes.scratch import half_made, half_made_folder
from oracle.processes.tool import ToolError
from oracle.processes.user_cache import cache_directory, put_in_place
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import said_by_system
from oracle.unmodified.go_source import (
    is_in_c,
    parameters_at,
    read_bytes,
    read_text,
    true_path,
)
from oracle.unmodified.lesson import LAB, learn
from oracle.unmodified.overlay import SOURCES, Overlay, digest_of, standard_library
from oracle.unmodified.recognise import Lab, OwnProgram, place_of_call, recognise
from oracle.unmodified.toolchain import Toolchain, find
from oracle.unmodified.workspace import (
    GO_MOD,
    GO_WORK,
    Listed,
    Workspace,
    packages_in,
    workspace_of,
)

TEMPLATES: Final = SOURCES / "labmain"
"""Our main package, and our file in labrpc, with places for the names of a lab."""
MAIN: Final = "zz_raft_oracle_lab"
"""The folder of the main package, which is in the lab's folder for the compiler alone."""
HOOK: Final = "zz_raft_oracle.go"
"""Our file in labrpc, likewise."""
RENAMED: Final = "callOfLabrpc"
"""What the method Call of labrpc is called, since ours, in the same file, has its name."""
PROGRAM: Final = "server"
WITHOUT_DEBUGGER: Final = "-ldflags=-s -w"
"""Tables that only a debugger reads are left out, which takes half of the linker's time."""
UNUSED_SECONDS: Final = 3 * 24 * 60 * 60
"""A program that was not asked for in so long is removed; no hunt takes longer."""
LONGEST_NAME: Final = 40
"""Characters of a directory's name that stand in the name of what was built from it."""
ODD: Final = "Odd:"
"""The label of what is odd about a directory."""


@frozen(kw_only=True)
class Program:
    """An adapter that was built from a directory."""

    command: tuple[str, ...]
    folder: Path
    """Where the Raft lies that was recognised."""
    version: str
    recognised: tuple[tuple[str, str], ...]
    """What it was recognised as, and what is odd about that: labels and words."""
    is_lab: bool = False
    """Whether it is a lab, driven by raft-oracle's own program."""

    @property
    def called(self) -> str:
        """What its author calls it, who knows of no adapter."""
        return LAB if self.is_lab else "the program"


@frozen(kw_only=True)
class BuildInputs:
    """What a program is built from: a directory, Go, and what Go reads in place of its files."""

    folder: Path
    workspace: Workspace
    toolchain: Toolchain
    overlay: Overlay
    target: str
    """The package, from the folder."""
    learns: bool
    """Whether the program finds out about the fields of a lab."""
    in_c: Mapping[Path, str]
    """Files that are partly written in C, and so are not compiled, with their packages' paths."""
    version: str
    digest: str


def folder_of_programs() -> Path:
    """Where built programs are kept."""
    return cache_directory() / "unmodified"


@cache
def built_directory(path: str, system: str = "") -> Program:
    """The adapter of a directory, built if need be; UsageError where that cannot be.

    It is for this system, unless another one is named, as `darwin/arm64`.
    """
    check_path(os.path.realpath(path))
    try:
        found = recognise(Path(path))
        toolchain = find()
        toolchain = evolve(toolchain, system=system or toolchain.system)
        overlay = standard_library(toolchain)
        with half_made_folder(folder_of_programs(), "build") as scratch:
            inputs = inputs_of(found, toolchain, overlay, scratch)
            program = built_program(inputs, scratch)
    except OSError as error:
        raise UsageError(f"subject: {path}: {said_by_system(error)}") from None
    return Program(
        command=(str(program),),
        folder=found.folder,
        version=inputs.version,
        recognised=tuple(in_words(found, inputs.workspace)),
        is_lab=isinstance(found, Lab),
    )


def check_path(path: str) -> None:
    """UsageError where Go could not be told of the path."""
    try:
        path.encode()
    except UnicodeEncodeError:
        raise UsageError(f"subject: found {path!r}, expected text in UTF-8") from None


def inputs_of(
    found: Lab | OwnProgram, toolchain: Toolchain, overlay: Overlay, scratch: Path
) -> BuildInputs:
    """What the program of a directory is built from."""
    wanted = found.labrpc if isinstance(found, Lab) else ""
    workspace = workspace_of(found.folder, wanted, toolchain, scratch)
    overlay = overlay.with_files(workspace.files)
    overlay.write(scratch / "list.json")
    try:
        packages = packages_in(workspace, toolchain, (f"-overlay={scratch / 'list.json'}",))
    except ToolError as error:
        raise failed(found.folder, workspace, scratch, error) from None
    sources = contents(packages.values(), workspace)
    ours: Mapping[Path, str] = {}
    if isinstance(found, Lab):
        ours = files_for(found, workspace, packages)
        overlay = overlay.with_files(in_folder(ours, scratch / "files"))
    further = (toolchain.system, str(found.folder), *workspace.flags[:1], *ours.values())
    return BuildInputs(
        folder=found.folder,
        workspace=workspace,
        toolchain=toolchain,
        overlay=overlay,
        target=f"./{MAIN}" if isinstance(found, Lab) else ".",
        learns=isinstance(found, Lab),
        in_c={
            path: each.import_path
            for each in packages.values()
            for path in each.left_out
            if is_in_c(path)
        },
        version=f"sources {digest_of(sources)[:8]}",
        digest=digest_of((*sources, overlay.digest.encode(), *(each.encode() for each in further))),
    )


def contents(packages: Iterable[Listed], workspace: Workspace) -> tuple[bytes, ...]:
    """Names and contents of all that is compiled of the user's, the same on every machine."""
    found = {}
    for package in packages:
        for path in package.sources:
            place = true_path(path)
            if place.is_relative_to(workspace.root):
                name = str(place.relative_to(workspace.root))
            else:
                name = f"{package.import_path}/{path.name}"
            found[name] = read_bytes(path)
    return tuple(part for name in sorted(found) for part in (name.encode(), found[name]))


def files_for(lab: Lab, workspace: Workspace, packages: Mapping[str, Listed]) -> Mapping[Path, str]:
    """The files that the compiler sees in a lab's directories, and are not there."""
    (package,) = [each for each in packages.values() if each.is_asked_for]
    labrpc = package if lab.labrpc == "" else found_labrpc(lab, package, packages)
    as_written = {"raft": package.import_path, "labrpc": lab.labrpc or package.import_path}
    if workspace.kind == "relative":
        as_written = {"raft": "..", "labrpc": f"../{lab.labrpc}"}
    name = package.import_path if workspace.kind != "relative" else lab.folder.name
    main = filled(read_text(TEMPLATES / "main.go"), lab, as_written, name)
    return {workspace.folder / MAIN / "main.go": main, **hooked(labrpc)}


def filled(text: str, lab: Lab, imports: Mapping[str, str], name: str) -> str:
    """A source of ours with the names of a lab in the places that are left for them."""
    text = text.replace("raft.Make", f"raft.{lab.make.name}")
    texts = {f"ORACLE/{package}": path for package, path in imports.items()} | {"ORACLE_NAME": name}
    for place, content in texts.items():
        text = text.replace(f'"{place}"', json.dumps(content, ensure_ascii=False))
    return text


def found_labrpc(lab: Lab, package: Listed, packages: Mapping[str, Listed]) -> Listed:
    """The package that has ClientEnd; UsageError where it is not there."""
    labrpc = packages.get(package.renamed.get(lab.labrpc, lab.labrpc))
    if labrpc is None or not labrpc.sources:
        reason = (labrpc.error if labrpc else "") or package.error or "it has no Go files"
        raise UsageError(f"subject: {lab.file}: cannot find {lab.labrpc!r}: {reason}")
    return labrpc


def hooked(labrpc: Listed) -> Mapping[Path, str]:
    """The package that has ClientEnd with our method Call in place of its own."""
    hook = read_text(TEMPLATES / "hook.go")
    for path in labrpc.sources:
        if place := place_of_call(path):
            text = read_text(path)
            ours = call_like(parameters_at(text, place[1]))
            return {
                path: f"{text[: place[0]]}{RENAMED}{text[place[1] :]}\n{ours}\n",
                labrpc.folder / HOOK: hook.replace("package labrpc", f"package {labrpc.name}"),
            }
    raise UsageError(
        f"subject: found no method Call of ClientEnd in {labrpc.folder}, expected a lab's labrpc"
    )


def call_like(types: Sequence[str]) -> str:
    """Our method Call, which takes what a lab's own takes.

    That is a method's name, the arguments and the reply; in some labs also a context, or the like.
    """
    taken = ", ".join(f"p{place} {each}" for place, each in enumerate(types))
    name = types.index("string") if "string" in types else 0
    handed = f"p{name}, p{len(types) - 2}, p{len(types) - 1}"
    return f"func (e *ClientEnd) Call({taken}) bool {{ return RaftOracleCall(e, {handed}) }}"


def in_folder(files: Mapping[Path, str], folder: Path) -> Mapping[Path, Path]:
    """These texts in files of a folder, by the places where the compiler is to see them."""
    folder.mkdir()
    written = {}
    for number, (place, text) in enumerate(files.items()):
        written[place] = folder / f"{number}-{place.name}"
        written[place].write_text(text, encoding="utf-8")
    return written


def built_program(inputs: BuildInputs, scratch: Path) -> Path:
    """The program, built unless it is there."""
    place = folder_of_programs() / f"{inputs.folder.name[:LONGEST_NAME]}-{inputs.digest}"
    if not place.is_dir():
        out = scratch / "out"
        out.mkdir()
        with alone_at_work():
            if not place.is_dir():
                go_build(inputs, scratch, out / PROGRAM)
                if inputs.learns:
                    learn(out / PROGRAM)
                put_in_place(out, place)
                forget_unused()
    os.utime(place)
    return place / PROGRAM


def forget_unused() -> None:
    """Remove programs that nobody has asked for in days: every edit of a lab makes another one."""
    oldest = time.time() - UNUSED_SECONDS
    for program in folder_of_programs().glob(f"*/{PROGRAM}"):
        if program.parent.stat().st_mtime < oldest:
            with half_made(folder_of_programs() / f".unused-{secrets.token_hex(8)}") as gone:
                program.parent.rename(gone)


def go_build(inputs: BuildInputs, scratch: Path, program: Path) -> None:
    """Have Go build; UsageError has the first lines of what it complains of."""
    inputs.overlay.write(scratch / "overlay.json")
    environment = inputs.toolchain.environment(**inputs.workspace.variables)
    overlaid = (f"-overlay={scratch / 'overlay.json'}", *inputs.workspace.flags)
    flags = (*overlaid, WITHOUT_DEBUGGER, f"-o={program}")
    try:
        inputs.toolchain.run(inputs.workspace.folder, environment, "build", *flags, inputs.target)
    except ToolError as error:
        if path := missed_for_c(inputs, str(error)):
            raise UsageError(
                f"subject: {path} uses cgo, which cannot be driven: what C does is under "
                "nobody's control; expected Go alone"
            ) from None
        raise failed(inputs.folder, inputs.workspace, scratch, error) from None


def missed_for_c(inputs: BuildInputs, complaint: str) -> Path | None:
    """A file partly in C from a package that Go complains of; in others, it is not missed.

    Go names a package by its folder, seen from where it was started, or by its import path.
    """
    for path, import_path in inputs.in_c.items():
        beside = os.path.relpath(path.parent, inputs.workspace.folder)
        names = (import_path, str(path.parent), "./" if beside == "." else beside)
        if any(name in complaint for name in names):
            return path
    return None


def failed(folder: Path, workspace: Workspace, scratch: Path, error: ToolError) -> UsageError:
    """What Go complains of, in terms of the user's go.mod where it speaks of our copy."""
    said = str(error)
    for file in (GO_MOD, GO_WORK):
        copy = scratch / file
        for name in (str(copy), os.path.relpath(copy, workspace.folder)):  # Go takes the shorter
            said = said.replace(name, str(workspace.root / file))
    return UsageError(f"subject: {folder}: {said}")


@contextmanager
def alone_at_work() -> Iterator[None]:
    """One build at a time: it takes all processors, and the next has less to do after it."""
    with (folder_of_programs() / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def in_words(found: Lab | OwnProgram, workspace: Workspace) -> Iterator[tuple[str, str]]:
    """What a directory was recognised as, and what is odd about it: each with its label."""
    if isinstance(found, OwnProgram):
        yield "Recognised:", f"a program around raftoracle/adapter in {found.folder}"
    else:
        make, place = found.make, f"{found.file.name}:{found.make.line}"
        yield "Recognised:", f"package {found.package} in {found.folder}"
        yield "Servers by:", f"{make.name}({', '.join(make.parameters)}) {make.result} in {place}"
        yield "Messages by:", found.labrpc or f"ClientEnd of {found.package}"
    yield "Found in:", workspace.in_words
    for remark in (*found.remarks, workspace.remark):
        if remark:
            yield ODD, remark
