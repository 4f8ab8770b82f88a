"""The project's own Python files, as tests of its architecture read them, and what they import."""

import ast
import gc
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = ("raft_core", "properties", "model", "oracle", "raft_oracle", "bench", "tests")
"""Lowest first."""

IMPORTING_CALLS: Final = ("import_module", "__import__")
"""Calls that import the module that is their first argument."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Graph = Mapping[str, frozenset[str]]
"""Which modules each module imports."""


@frozen(eq=False)
class Source:
    """One Python file: its package, where it is from the root on, and its syntax tree."""

    layer: str
    name: str
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """Its name when it is imported; a package's `__init__` has the package's name."""
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def folder(self) -> str:
        """The folder that it lies in, with dots in place of slashes."""
        return self.name.rpartition("/")[0].replace("/", ".")


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file of every package."""
    files = tuple(
        parsed(layer, path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for layer in PACKAGES
        for path in sorted((ROOT / layer).rglob("*.py"))
    )
    gc.freeze()  # a million nodes stay to the end: the garbage collector need not visit them again
    return files


def parsed(layer: str, name: str, text: str) -> Source:
    """A file with this text."""
    return Source(layer, name, text, ast.parse(text, name))


def with_line(source: Source, line: str) -> Source:
    """A copy of a file that ends with one more line."""
    text = f"{source.text}\n{line}\n"
    return evolve(source, text=text, tree=ast.parse(text, source.name))


@cache
def imports_of(source: Source) -> tuple[tuple[str, str], ...]:
    """Every import of a file as (module, name); the name is empty where a module is imported."""
    found: list[tuple[str, str]] = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            found += ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found += ((module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Call) and called_name(node) in IMPORTING_CALLS:
            words = [each.value for each in node.args[:1] if isinstance(each, ast.Constant)]
            found += ((str(word), "") for word in words)
    return tuple(found)


def called_name(call: ast.Call) -> str:
    """The name of the function that is called, without the module it is reached through."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def functions_of(source: Source) -> Iterator[Function]:
    """Every function and method of a file, nested ones too."""
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


def graph_of(files: Iterable[Source]) -> Graph:
    """Which of these files imports which, by the names of their modules."""
    by_module = {source.module: source for source in files}
    return {
        module: frozenset(
            wanted if wanted in by_module else imported
            for imported, name in imports_of(source)
            for wanted in (f"{imported}.{name}",)
            if wanted in by_module or imported in by_module
        )
        for module, source in by_module.items()
    }


def circle_in(graph: Graph) -> tuple[str, ...]:
    """Modules that import one another in a circle, from one round to it again; empty if none do."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()
