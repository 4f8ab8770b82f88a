"""How the project is built: who may import whom, and how big and how plain a file may be.

Each limit states its reason. A limit that a good change has to break is for the change to move,
with the reason, and not to be worked around.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("raft_core", "properties", "model", "oracle", "raft_oracle", "tests")
"""Lowest first: a package imports itself and what stands before it, and nothing behind it."""

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

Function = ast.FunctionDef | ast.AsyncFunctionDef
Named = Function | ast.ClassDef


@frozen
class Source:
    """One Python file: its layer, where it is, and its syntax tree."""

    layer: str
    name: str
    text: str
    tree: ast.Module


def sources() -> list[Source]:
    """Every Python file of every layer."""
    found = []
    for layer in LAYERS:
        for path in sorted((ROOT / layer).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            name = path.relative_to(ROOT).as_posix()
            found.append(Source(layer, name, text, ast.parse(text, name)))
    return found


SOURCES = sources()
in_every_file = pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.name))


def imports_of(source: Source) -> Iterator[tuple[str, str]]:
    """Every import of a file as (module, name); the name is empty where a module is imported."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield from (("." * node.level + module, alias.name) for alias in node.names)


def functions_of(source: Source) -> Iterator[Function]:
    """Every function and method of a file, nested ones too."""
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


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


def port_methods() -> frozenset[str]:
    """The methods of all ports: documented there, not again by whoever implements them."""
    return frozenset(
        member.name
        for source in SOURCES
        for kind in ast.walk(source.tree)
        if isinstance(kind, ast.ClassDef) and is_protocol(kind)
        for member in kind.body
        if isinstance(member, Function)
    )


PORT_METHODS = port_methods()


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
    implements = "." in name and definition.name in PORT_METHODS
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
    assert {source.layer for source in SOURCES} == set(LAYERS)


@in_every_file
def test_imports_point_downwards(source: Source) -> None:
    """A package imports no package of a higher layer: raft_core knows nobody, tests know all."""
    above = LAYERS[LAYERS.index(source.layer) + 1 :]
    assert [module for module, _ in imports_of(source) if module.split(".")[0] in above] == []


@in_every_file
def test_imports_are_absolute(source: Source) -> None:
    """Relative imports would hide from the test above which package is meant."""
    assert [module for module, _ in imports_of(source) if module.startswith(".")] == []


@pytest.mark.parametrize(
    "source",
    [each for each in SOURCES if each.layer == "properties"],
    ids=lambda each: str(each.name),
)
def test_properties_judge_without_stepping(source: Source) -> None:
    """Properties use raft_core's words and not its behaviour, which they are to judge."""
    used = [
        (module, name)
        for module, name in imports_of(source)
        if module.split(".")[0] == "raft_core"
        and (STEPPING & {*module.split("."), name} or not name)
    ]
    assert used == []


@in_every_file
def test_file_is_short_enough_to_read(source: Source) -> None:
    """No file has more lines than MAX_FILE_LINES."""
    assert len(source.text.splitlines()) <= MAX_FILE_LINES


@in_every_file
def test_functions_fit_on_a_screen(source: Source) -> None:
    """No function has more lines than MAX_FUNCTION_LINES."""
    too_long = [each.name for each in functions_of(source) if length_of(each) > MAX_FUNCTION_LINES]
    assert too_long == []


@pytest.mark.parametrize("layer", LAYERS)
def test_long_functions_are_the_exception(layer: str) -> None:
    """In every package fewer than one function in ten is long."""
    lengths = [
        length_of(each)
        for source in SOURCES
        if source.layer == layer
        for each in functions_of(source)
    ]
    long = [length for length in lengths if length > LONG_FUNCTION_LINES]
    assert len(long) <= MAX_LONG_FUNCTIONS * len(lengths)


@in_every_file
def test_file_says_what_it_is_for(source: Source) -> None:
    """Every file begins with a docstring."""
    assert ast.get_docstring(source.tree)


@in_every_file
def test_public_definitions_say_what_they_are(source: Source) -> None:
    """Every public function, class and method has a docstring, here or in a port."""
    silent = [
        name
        for name, definition in public_definitions(source)
        if needs_docstring(name, definition) and not ast.get_docstring(definition)
    ]
    assert silent == []


@in_every_file
def test_names_are_words(source: Source) -> None:
    """Nothing is called by one or two letters, unless they are a word."""
    assert sorted({name for name in names_of(source) if is_short_for_something(name)}) == []


@pytest.mark.parametrize("layer", ["raft_core", "properties"])
def test_every_module_has_its_tests(layer: str) -> None:
    """Tests mirror the lower packages: each module that decides something has a file of tests."""
    folder = ROOT / "tests" / layer
    tested = {path.stem.removeprefix("test_") for path in folder.glob("test_*.py")}
    untested = {
        Path(source.name).stem
        for source in SOURCES
        if source.layer == layer and any(functions_of(source))
    } - tested
    assert untested <= {"__init__", "state"}
