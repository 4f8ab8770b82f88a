"""From where Go finds the packages of a folder: a module, a GOPATH tree, or beside each other.

A lab of 2018 lies in a GOPATH tree and imports "labrpc"; one of 2020 imports "../labrpc"; later
ones are modules. Where a student has left out the folder `src` or the go.mod, it is put in its
place here, outside of the student's directory.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec
from attrs import field, frozen

from oracle.processes.tool import ToolError
from oracle.processes.user_cache import cache_directory, link_in_place
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import unbroken
from oracle.unmodified.go_source import blanked, read_bytes, read_text, true_path
from oracle.unmodified.overlay import IMPORTED_AS
from oracle.unmodified.toolchain import Toolchain

Kind: TypeAlias = Literal["module", "GOPATH", "relative"]
GO_MOD: Final = "go.mod"
GO_WORK: Final = "go.work"
USED: Final = re.compile(r"^use\s*(?:\(([^)]*)\)|([^\s(]\S*))", re.MULTILINE)
"""The modules of a go.work: several in brackets, or one."""
MODULES: Final = 2
"""A go.work with fewer modules changes nothing."""
MADE_UP: Final = "go 1.21"
"""The language of a module whose go.mod is not there."""
LISTED: Final = (
    *("Dir", "ImportPath", "Name", "Standard", "DepOnly", "ImportMap", "Error"),
    *("GoFiles", "IgnoredGoFiles", "SFiles", "HFiles", "EmbedFiles"),
)
"""What `go list` is asked of each package."""


@frozen(kw_only=True)
class Workspace:
    """How Go has to be started in a folder to find what its package imports."""

    kind: Kind
    root: Path
    """The folder with go.mod, or the one called `src`."""
    folder: Path
    """The folder of the package, by the name under which Go finds it."""
    variables: Mapping[str, str]
    flags: tuple[str, ...] = ()
    files: Mapping[Path, Path] = field(factory=dict)
    """Files that are not there, and which to read instead."""
    remark: str = ""
    """What is odd about it."""

    @property
    def in_words(self) -> str:
        """What it is, for people."""
        words = {"module": "a module", "GOPATH": "a GOPATH tree", "relative": "relative imports"}
        return f"{words[self.kind]} in {self.root}"


@frozen
class Listed:
    """A package, as `go list` tells of it."""

    import_path: str
    name: str
    folder: Path
    sources: tuple[Path, ...]
    left_out: tuple[Path, ...]
    """Go files that are not compiled, as what they say of themselves forbids it here."""
    renamed: Mapping[str, str]
    """Where it imports something by another path than its own: from that to its own."""
    is_asked_for: bool
    error: str


def workspace_of(folder: Path, wanted: str, toolchain: Toolchain, scratch: Path) -> Workspace:
    """The workspace in which this folder's package finds the import that is wanted."""
    if wanted.startswith("."):
        return relative(folder, toolchain, scratch)
    module = next((each for each in upwards(folder) if (each / GO_MOD).is_file()), None)
    if module is not None and mentions(module / GO_MOD, wanted):
        return in_module(folder, module, scratch)
    trees = [each for each in upwards(folder) if each.name == "src"]
    found = next((each for each in trees if has(each, folder, wanted)), None)
    if found is not None:
        return in_tree(folder, found, toolchain)
    for above in upwards(folder):
        if workspace := put_in_place_of_nothing(folder, above, wanted, toolchain, scratch):
            return workspace
    if module is not None:
        return in_module(folder, module, scratch)
    if trees:
        return in_tree(folder, trees[0], toolchain)
    raise UsageError(
        f"subject: {folder} imports {wanted!r}, and there is neither a go.mod in it or above, nor "
        f"a folder `src` above that has it; expected the whole tree of the lab"
    )


def has(tree: Path, folder: Path, wanted: str) -> bool:
    """Whether a folder of a GOPATH tree finds this import in the tree."""
    return any((place / wanted).is_dir() for place in (tree, *vendored(folder, tree)))


def upwards(folder: Path) -> tuple[Path, ...]:
    """A folder and all that it lies in, the nearest first."""
    return (folder, *folder.parents)


def vendored(folder: Path, tree: Path) -> Iterator[Path]:
    """Where copies of packages may lie that a folder of a tree imports."""
    for each in upwards(folder):
        yield each / "vendor"
        if each == tree:
            return


def mentions(go_mod: Path, wanted: str) -> bool:
    """Whether the first part of an import path stands in a go.mod, as a word of its own."""
    first = re.escape(wanted.split("/")[0])
    text = read_text(go_mod)
    return re.search(rf'(^|[\s"`]){first}($|[/\s"`])', text, re.MULTILINE) is not None


def in_module(folder: Path, root: Path, scratch: Path) -> Workspace:
    """A module; go.mod and go.sum are copies, so that Go may complete them."""
    flags: tuple[str, ...]
    if workspace := beside_other_modules(folder, root, scratch):
        return workspace
    if (root / "vendor" / "modules.txt").is_file():
        flags = ("-mod=vendor",)
    else:
        for name in (GO_MOD, "go.sum"):
            if (root / name).is_file():
                (scratch / name).write_bytes(read_bytes(root / name))
        flags = ("-mod=mod", f"-modfile={scratch / GO_MOD}")
    variables = {"GO111MODULE": "on"}
    return Workspace(kind="module", root=root, folder=folder, variables=variables, flags=flags)


def beside_other_modules(folder: Path, root: Path, scratch: Path) -> Workspace | None:
    """A module that a go.work lists with others; None where there is no such go.work.

    Go is given a copy, since it may complete go.work.sum.
    """
    found = next((each for each in upwards(root) if (each / GO_WORK).is_file()), None)
    if found is None:
        return None
    text = blanked(read_text(found / GO_WORK), texts_too=False)
    words = [word for several, one in USED.findall(text) for word in (several or one).split()]
    named = (true_path(found / word.strip('"`')) for word in words)
    used = [each for each in named if (each / GO_MOD).is_file()]  # the others are of no use
    if root not in used or len(used) < MODULES or any(map(is_ours, used)):
        return None
    version = re.search(r"^go\s+\S+", text, re.MULTILINE)
    lines = (version[0] if version else MADE_UP, *(f"use {json.dumps(str(each))}" for each in used))
    (scratch / GO_WORK).write_text("\n".join((*lines, "")), encoding="utf-8")
    if (found / f"{GO_WORK}.sum").is_file():
        (scratch / f"{GO_WORK}.sum").write_bytes(read_bytes(found / f"{GO_WORK}.sum"))
    variables = {"GO111MODULE": "on", "GOWORK": str(scratch / GO_WORK)}
    remark = f"{found / GO_WORK} lists the modules that it needs"
    return Workspace(kind="module", root=found, folder=folder, variables=variables, remark=remark)


def is_ours(module: Path) -> bool:
    """Whether a module is a copy of our packages, which the standard library is given anyway."""
    first = re.compile(rf'^module\s+"?{IMPORTED_AS}"?\s*$', re.MULTILINE)
    return first.search(read_text(module / GO_MOD)) is not None


def in_tree(folder: Path, tree: Path, toolchain: Toolchain) -> Workspace:
    """A GOPATH tree, with the user's own for what it does not have."""
    variables = without_modules(tree.parent, *toolchain.search_path)
    return Workspace(kind="GOPATH", root=tree, folder=folder, variables=variables)


def relative(folder: Path, toolchain: Toolchain, scratch: Path) -> Workspace:
    """Imports by where packages lie from here, which Go takes outside of GOPATH only."""
    others = [each for each in toolchain.search_path if not folder.is_relative_to(true_path(each))]
    variables = without_modules(*others, scratch / "gopath")
    return Workspace(kind="relative", root=folder.parent, folder=folder, variables=variables)


def without_modules(*search_path: Path) -> dict[str, str]:
    """The variables for packages that are in no module."""
    return {"GO111MODULE": "off", "GOPATH": os.pathsep.join(map(str, search_path))}


def put_in_place_of_nothing(
    folder: Path, above: Path, wanted: str, toolchain: Toolchain, scratch: Path
) -> Workspace | None:
    """The workspace of a tree that lacks its go.mod or is not called `src`; None if it is none."""
    parts = wanted.split("/")
    for count in range(len(parts)):
        if not (above / "/".join(parts[count:])).is_dir():
            continue
        if count == 0:
            return in_linked_tree(folder, above, toolchain)
        return in_made_up_module(folder, above, "/".join(parts[:count]), scratch)
    return None


def in_linked_tree(folder: Path, tree: Path, toolchain: Toolchain) -> Workspace:
    """A GOPATH tree whose folder `src` is called otherwise."""
    digest = hashlib.sha256(str(tree).encode()).hexdigest()[:8]
    source = cache_directory() / "unmodified" / f"gopath-{digest}" / "src"
    link_in_place(source, tree)
    return Workspace(
        kind="GOPATH",
        root=tree,
        folder=source / folder.relative_to(tree),
        variables=without_modules(source.parent, *toolchain.search_path),
        remark=f"{tree} is taken for the folder `src` of a GOPATH tree",
    )


def in_made_up_module(folder: Path, root: Path, name: str, scratch: Path) -> Workspace:
    """A module without its go.mod."""
    made_up = scratch / GO_MOD
    made_up.write_text(f"module {name}\n\n{MADE_UP}\n")
    return Workspace(
        kind="module",
        root=root,
        folder=folder,
        variables={"GO111MODULE": "on"},
        flags=("-mod=mod", f"-modfile={made_up}"),
        files={root / GO_MOD: made_up},
        remark=f"there is no go.mod; {root} is taken for the module {name}",
    )


def packages_in(
    workspace: Workspace, toolchain: Toolchain, flags: tuple[str, ...]
) -> Mapping[str, Listed]:
    """The folder's package and all that it imports but the standard library, by import path."""
    environment = toolchain.environment(**workspace.variables)
    words = ("list", "-e", "-deps", f"-json={','.join(LISTED)}", *workspace.flags, *flags, ".")
    answer = toolchain.run(workspace.folder, environment, *words)
    found = (listed(each) for each in told_in(answer) if not each.standard)
    return {each.import_path: each for each in found}


class Complaint(msgspec.Struct, rename="pascal"):
    """What Go says is wrong with a package."""

    err: str = ""


class Told(msgspec.Struct, rename="pascal"):
    """A document of `go list`: of a package what LISTED names."""

    import_path: str
    dir: str = ""
    name: str = ""
    standard: bool = False
    dep_only: bool = False
    import_map: dict[str, str] = {}
    error: Complaint | None = None
    go_files: list[str] = []
    ignored_go_files: list[str] = []
    s_files: list[str] = []
    h_files: list[str] = []
    embed_files: list[str] = []


def told_in(text: str) -> Iterator[Told]:
    """JSON documents, each in lines of its own, whose last one is a bracket; else ToolError."""
    decoder, place = json.JSONDecoder(), 0
    try:
        while place < len(text):
            document, place = decoder.raw_decode(text, place)
            place += 1  # the end of the line
            yield msgspec.convert(document, Told)
    except (ValueError, RecursionError, OverflowError) as error:
        raise ToolError(f"go list printed what is no list of packages: {error}") from None


def listed(told: Told) -> Listed:
    """A package from its document."""
    folder = Path(told.dir)
    files = (*told.go_files, *told.s_files, *told.h_files, *told.embed_files)
    return Listed(
        import_path=told.import_path,
        name=told.name,
        folder=folder,
        sources=tuple(folder / name for name in files),
        left_out=tuple(folder / name for name in told.ignored_go_files),
        renamed=told.import_map,
        is_asked_for=not told.dep_only,
        error="" if told.error is None else unbroken(told.error.err),
    )
