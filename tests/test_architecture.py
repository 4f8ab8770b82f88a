"""How the project is built: who may import whom, and how big and how plain a file may be.

Each limit states its reason. A limit that a good change has to break is for the change to move,
with the reason, and not to be worked around.
"""

import ast
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Final

import pytest
from attrs import frozen

from tests.sources import (
    PACKAGES,
    Function,
    Source,
    circle_in,
    functions_of,
    graph_of,
    imports_of,
    sources,
    with_line,
)


@frozen
class Room:
    """A folder of the architecture: what it is, and the folders that it may not look into.

    A room imports itself and the rooms that stand before it in ROOMS, but for those that `blind`
    names with all that lies in them.
    """

    name: str
    what: str
    blind: tuple[str, ...] = ()


RAFT: Final = ("raft_core", "properties")
"""Blind to these, a room knows nothing of Raft."""
NOT_OURS: Final = ("model.reference", "model.mutants")
"""Blind to these, a room knows a subject by its port alone, whoever wrote it."""
ROOMS: Final = (
    Room("raft_core", "the protocol, one pure function: it knows nobody"),
    Room("properties", "what must hold, as folds over facts"),
    Room("properties.rules", "what each single transition may do"),
    Room("model.actions", "everything that can happen, and what belongs to each action"),
    Room("model", "the vocabulary: actions, schedules, and the port to a subject"),
    Room("model.reference", "raft_core behind that port, with a disk, and variants of it"),
    Room("model.mutants", "known mistakes, as variants of the reference"),
    Room("model.world", "where a subject, a network and the properties meet", NOT_OURS),
    Room("model.setup", "a subject's factory, and the conditions of its clusters", NOT_OURS),
    Room("model.runs", "one run: played, rendered as text, and shrunk", NOT_OURS),
    Room("model.drivers", "what draws the next action; a rule machine shrinks", NOT_OURS),
    Room("model.protocol", "an earlier name of model.reference.variant"),
    Room("model.machines", "an earlier name of model.drivers.rule_machine"),
    Room("model.figure16", "elections on a virtual clock, a world of its own", ("model.world",)),
    Room("model.explorer", "every schedule within bounds: folders only"),
    Room("model.explorer.systems", "what is explored: the reference, and raft.tla"),
    Room("model.explorer.engines", "makes successors from tables of numbers", ("raft_core",)),
    Room("model.explorer.search", "the loop around an engine, and what it found"),
    Room("model.explorer.spread", "the same loop over many machines"),
    Room("model.explorer.running", "one exploration from its bounds to its result"),
    Room("oracle", "other people's Raft: folders only"),
    Room("oracle.terminal", "wrong usage, and what goes to the terminal", RAFT),
    Room("oracle.processes", "the operating system's processes, signals and folders", RAFT),
    Room("oracle.store", "folders and files that are there whole or not at all", RAFT),
    Room("oracle.histories", "reads what clients saw"),
    Room("oracle.traces", "reads logs and judges them"),
    Room("oracle.adapter", "a subject behind JSON lines", ("oracle.traces",)),
    Room("oracle.unmodified", "Rafts with threads and timers, driven as they are", RAFT),
    Room("oracle.bridging", "describes and builds the bridges to real libraries", RAFT),
    Room("oracle.subjects", "names of subjects, and the libraries in Python"),
    Room("oracle.formats", "findings in the forms that other tools read"),
    Room("oracle.pictures", "findings drawn"),
    Room("oracle.museum", "a site of all findings and documents", RAFT),
    Room("oracle.hunting", "a hunt: its plan, its blocks of runs, its findings"),
    Room("oracle.regression", "what a generated regression test calls"),
    Room("oracle.playing", "a run that somebody steps through in a browser"),
    Room("oracle.commands", "the command line: one file a command"),
    Room("oracle.scaffolds", "adapters to begin from: programs of their own"),
    Room("raft_oracle", "the public face: what users' own code imports"),
    Room("oracle.__main__", "`python -m oracle`, which begins as the public face does"),
    Room("bench", "every claim about speed"),
    Room("tests", "they know all, and nobody knows them"),
)
"""The architecture, lowest first."""
ROOM_NAMES: Final = tuple(room.name for room in ROOMS)
LIBRARIES: Final[Mapping[str, tuple[str, ...]]] = {
    "attrs": ROOM_NAMES,
    "axe_playwright_python": ("tests",),
    "backports": ("oracle.store", "tests.oracle.commands"),
    "click": (
        *("oracle.commands", "oracle.store", "oracle.terminal", "bench"),
        *("tests.oracle.commands", "tests.bench"),
    ),
    "compression": ("oracle.store",),
    "dask": ("model.explorer.spread",),
    "distributed": ("model.explorer.spread",),
    "hypothesis": ("model.drivers", "oracle.hunting", "bench", "tests"),
    "msgspec": ("model", "oracle", "bench", "tests"),
    "itf_py": ("tests",),
    "numpy": ("model.explorer", "bench", "tests"),
    "playwright": ("tests",),
    "pysyncobj": ("tests",),
    "pytest": ("tests",),
    "rich": ("oracle.terminal",),
    "sphinx": ("oracle.museum",),
    "yaml": ("oracle.museum",),
}
"""Libraries of others, and the rooms (with what lies in them) that may import them."""

MOST_LOOSE_FILES: Final = {"model": 8, "model.explorer": 2}
"""How many Python files may lie in no room of a package."""

MAX_FILE_LINES = 450
"""More than that is not read in one sitting, and is two subjects in one file."""
MAX_FUNCTION_LINES = 60
"""A function fits on one screen, with its docstring."""
LONG_FUNCTION_LINES = 40
MAX_LONG_FUNCTIONS = 0.1
"""Long functions stay the exception: fewer than one in ten passes LONG_FUNCTION_LINES."""
MIN_NAME_LENGTH = 3
WHOLE_WORDS = frozenset({"as", "at", "by", "do", "go", "in", "is", "no", "of", "on", "to", "up"})
"""Names are words. These are short and words; `s1` to `s9` are the servers."""
CUSTOMARY_ALIASES = frozenset({"st", "np"})
"""What the manuals of Hypothesis and NumPy call their modules: readers expect just this."""
STEPPING = frozenset({"step", "restart", "server", "election", "replication", "commit"})
"""What raft_core does, as against the words that it says it with."""

KNOWN_SHORT_NAMES = WHOLE_WORDS | CUSTOMARY_ALIASES

Named = Function | ast.ClassDef


def length_of(function: Function) -> int:
    """How many lines a function takes, its decorators not counted."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def is_public(name: str) -> bool:
    """Whether a name is meant for others."""
    return not name.startswith("_")


def is_stub(function: Function) -> bool:
    """Whether a function only declares: its whole body is `...`."""
    return ast.unparse(function.body[0]) == "..."


def is_protocol(kind: ast.ClassDef) -> bool:
    """Whether a class is a port, or part of one."""
    return any(ast.unparse(base).startswith("Protocol") for base in kind.bases)


@cache
def port_methods() -> frozenset[str]:
    """The methods of all ports: documented there, not again by whoever implements them."""
    return frozenset(
        member.name
        for source in sources()
        for kind in ast.walk(source.tree)
        if isinstance(kind, ast.ClassDef) and is_protocol(kind)
        for member in kind.body
        if isinstance(member, Function)
    )


def public_definitions(source: Source) -> Iterator[tuple[str, Named]]:
    """Public functions and classes of a file, and the public methods of its public classes."""
    for node in source.tree.body:
        if not isinstance(node, Named) or not is_public(node.name):
            continue
        yield node.name, node
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, Named) and is_public(member.name):
                    yield f"{node.name}.{member.name}", member


def needs_docstring(name: str, definition: Named) -> bool:
    """Whether a definition has to say for itself what it is."""
    if isinstance(definition, ast.ClassDef):
        return True
    implements = "." in name and definition.name in port_methods()
    return not is_stub(definition) and not implements


def names_of(source: Source) -> Iterator[str]:
    """Every name that a file gives to a function, class, parameter or variable."""
    for node in ast.walk(source.tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.arg():
                yield node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.ExceptHandler(name=str(name)):
                yield name
            case ast.alias(asname=str(name)):
                yield name


def is_short_for_something(name: str) -> bool:
    """Whether a name is too short to be a word."""
    bare = name.strip("_")
    is_server = len(bare) == 2 and bare[0] == "s" and bare[1].isdigit()
    return 0 < len(bare) < MIN_NAME_LENGTH and not is_server and bare not in KNOWN_SHORT_NAMES


def test_all_layers_are_there() -> None:
    """Every layer has a file, so that none of the tests below is empty."""
    assert {source.layer for source in sources()} == set(PACKAGES)


@cache
def room_of(module: str) -> Room:
    """The room that a module is in: the one of the longest name that begins its own."""
    (room,) = [each for each in ROOMS if each.name == longest(module, ROOM_NAMES)]
    return room


def longest(module: str, names: Iterable[str]) -> str:
    """The longest of these names that a module has, or lies in; empty where it is none."""
    fitting = [name for name in names if lies_in(module, name)]
    return max(fitting, key=len, default="")


def lies_in(module: str, name: str) -> bool:
    """Whether a module is the one of this name, or lies in the package of this name."""
    return module == name or module.startswith(f"{name}.")


def may_import(room: Room, other: Room) -> bool:
    """What the table says."""
    is_before = ROOM_NAMES.index(other.name) <= ROOM_NAMES.index(room.name)
    return is_before and not any(lies_in(other.name, name) for name in room.blind)


def forbidden_imports(files: Iterable[Source]) -> set[tuple[str, str]]:
    """Every import that the table of rooms does not allow, as (module, imported)."""
    return {
        (module, imported)
        for module, wanted in graph_of(files).items()
        for imported in wanted
        if not may_import(room_of(module), room_of(imported))
    }


def source_of(module: str) -> Source:
    """The file of this module."""
    return next(source for source in sources() if source.module == module)


def planted(line: str, module: str) -> list[Source]:
    """All files, with one more line in a copy of the one of this module."""
    changed = with_line(source_of(module), line)
    return [changed if each.module == module else each for each in sources()]


def test_rooms_import_what_stands_before_them() -> None:
    """Between packages and within them: raft_core knows nobody, tests know all."""
    assert forbidden_imports(sources()) == set()


def test_every_room_is_there() -> None:
    """A room of the table that has lost its last file leaves the table."""
    assert set(ROOM_NAMES) == {room_of(source.module).name for source in sources()}


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("raft_core.log", "import properties.property"),
        ("properties.checker", "from model import actions"),
        ("properties.facts", "from properties.rules.judge import Judge"),
        ("model.world.network", "def late():\n    from model.drivers import walker"),
        ("model.world.network", "late = importlib.import_module('model.drivers.walker')"),
        ("model.world.network", "late = __import__('model.drivers.walker')"),
        ("model.world.world", "from model.reference.disk import Disk"),
        ("model.explorer.systems.system", "import model.explorer.search.result"),
        ("oracle.processes.signals", "from raft_core import Role"),
        ("oracle.hunting.plan", "import oracle.commands.options"),
        ("oracle.commands.schema", "from bench.timing import table"),
        ("bench.timing", "from tests.sources import ROOT"),
    ],
)
def test_a_planted_import_is_seen(module: str, line: str) -> None:
    """Of a higher package or room, of one that the room is blind to, and inside a function."""
    (found,) = forbidden_imports(planted(line, module)) - forbidden_imports(sources())
    assert found[0] == module


def test_no_files_import_each_other_in_a_circle() -> None:
    """Neither directly nor by way of others, so that each can be read after what it needs."""
    assert circle_in(graph_of(sources())) == ()


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("raft_core.election", "from raft_core.server import step"),
        ("oracle.traces.verdict", "import oracle.traces.verdict"),
    ],
)
def test_a_planted_circle_is_seen(module: str, line: str) -> None:
    """Of two files, and of one that imports itself."""
    assert module in circle_in(graph_of(planted(line, module)))


def test_every_folder_is_a_room() -> None:
    """A folder beside others stands in the table; within a room it is the room's own affair."""
    beside = ("properties", "model", "model.explorer", "oracle")
    folders = {
        ".".join(parts[: len(parent.split(".")) + 1])
        for source in sources()
        for parent in (longest(source.folder, beside),)
        if (parts := source.folder.split(".")) and parent and source.folder != parent
    }
    assert folders - set(ROOM_NAMES) == set()


@pytest.mark.parametrize("folder", MOST_LOOSE_FILES)
def test_few_files_lie_loose(folder: str) -> None:
    """What is beside the rooms is a vocabulary or a way in."""
    loose = [source.name for source in sources() if source.folder == folder]
    assert len(loose) <= MOST_LOOSE_FILES[folder], loose


def test_no_file_lies_loose_in_the_oracle() -> None:
    """But for its docstring, `python -m oracle`, and what saved regressions import."""
    loose = {source.module for source in sources() if source.folder == "oracle"}
    assert loose == {"oracle", "oracle.__main__", "oracle.regression"}


def foreign_imports(files: Iterable[Source]) -> set[tuple[str, str]]:
    """Every import of a library of others where it does not belong, as (module, library)."""
    return {
        (source.module, library)
        for source in files
        if room_of(source.module).name != "oracle.scaffolds"
        for library in {module.split(".")[0] for module, _ in imports_of(source)}
        if library not in {*sys.stdlib_module_names, *PACKAGES, ""}
        and not longest(source.module, LIBRARIES.get(library, ()))
    }


def test_libraries_are_imported_where_they_belong() -> None:
    """A library that is in every file can never be left out, or loaded late."""
    assert foreign_imports(sources()) == set()


def test_a_planted_library_is_seen() -> None:
    """NumPy in the protocol, and one that the table does not name."""
    for module, library in (("raft_core.log", "numpy"), ("tests.sources", "requests")):
        assert (module, library) in foreign_imports(planted(f"import {library}", module))


def offenders(wrong: Callable[[Source], Iterable[object]]) -> dict[str, list[object]]:
    """What is wrong with each file, by its name; a file of which nothing is said is in order."""
    found = {source.name: list(wrong(source)) for source in sources()}
    return {name: faults for name, faults in found.items() if faults}


def test_imports_are_absolute() -> None:
    """Relative imports would hide from the tests above which package is meant."""
    assert not offenders(
        lambda source: [module for module, _ in imports_of(source) if module.startswith(".")]
    )


def stepping_imports(source: Source) -> list[tuple[str, str]]:
    """Imports of raft_core's behaviour in a file of properties."""
    return [
        (module, name)
        for module, name in imports_of(source)
        if source.layer == "properties"
        and module.split(".")[0] == "raft_core"
        and (STEPPING & {*module.split("."), name} or not name)
    ]


def test_properties_judge_without_stepping() -> None:
    """Properties use raft_core's words and not its behaviour, which they are to judge."""
    assert not offenders(stepping_imports)
    changed = with_line(source_of("properties.facts"), "from raft_core import step")
    assert stepping_imports(changed) == [("raft_core", "step")]


def test_files_are_short_enough_to_read() -> None:
    """No file has more lines than MAX_FILE_LINES."""
    lengths = {source.name: len(source.text.splitlines()) for source in sources()}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_functions_fit_on_a_screen() -> None:
    """No function has more lines than MAX_FUNCTION_LINES."""
    assert not offenders(
        lambda source: [
            each.name for each in functions_of(source) if length_of(each) > MAX_FUNCTION_LINES
        ]
    )


@pytest.mark.parametrize("layer", PACKAGES)
def test_long_functions_are_the_exception(layer: str) -> None:
    """In every package fewer than one function in ten is long."""
    lengths = [
        length_of(each)
        for source in sources()
        if source.layer == layer
        for each in functions_of(source)
    ]
    long = [length for length in lengths if length > LONG_FUNCTION_LINES]
    assert len(long) <= MAX_LONG_FUNCTIONS * len(lengths)


def test_files_say_what_they_are_for() -> None:
    """Every file begins with a docstring."""
    assert [source.name for source in sources() if not ast.get_docstring(source.tree)] == []


def test_public_definitions_say_what_they_are() -> None:
    """Every public function, class and method has a docstring, here or in a port."""
    assert not offenders(
        lambda source: [
            name
            for name, definition in public_definitions(source)
            if needs_docstring(name, definition) and not ast.get_docstring(definition)
        ]
    )


def test_names_are_words() -> None:
    """Nothing is called by one or two letters, unless they are a word."""
    assert not offenders(
        lambda source: {name for name in names_of(source) if is_short_for_something(name)}
    )
