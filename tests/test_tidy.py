"""What lies in the repository belongs there: kinds and sizes of files, dead modules, exceptions.

What is generated, large or forgotten comes in unseen, with `git add` of a folder; it is seen here.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

import pytest

from tests.require import needs, require, unmet
from tests.sources import ROOT, Source, graph_of, parsed, sources

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "": (
        ".ci/*",
        "tests/data/corpus/*",
        "LICENSE",
        "Makefile",
        "*/Makefile",
        "*.gitignore",
        "*.clang-format",
    ),
    ".c": ("model/explorer/engines/*", "oracle/bridges/*", "oracle/scaffolds/c/*", "bench/*"),
    ".css": ("oracle/museum/*", "oracle/pictures/page/*"),
    ".erl": ("oracle/bridges/*",),
    ".go": (
        *("examples/labs/*", "oracle/bridges/*", "oracle/scaffolds/*", "oracle/unmodified/go/*"),
        *("tests/data/labs/*", "tests/oracle/unmodified/go/*"),
    ),
    ".gz": ("docs/findings/traces/*", "tests/data/*"),
    ".h": ("oracle/bridges/*", "oracle/scaffolds/c/*"),
    ".hrl": ("oracle/bridges/*",),
    ".html": ("oracle/pictures/page/*",),
    ".java": ("oracle/bridges/*", "oracle/scaffolds/java/*"),
    ".js": ("oracle/pictures/page/*",),
    ".json": ("docs/*", "oracle/schemas/*"),
    ".jsonl": ("docs/journeys/*",),
    ".lock": ("oracle/bridges/*",),
    ".md": ("*",),
    ".mod": ("examples/labs/*", "oracle/bridges/*", "oracle/scaffolds/*", "tests/data/labs/*"),
    ".py": ("*",),
    ".raft": ("docs/journeys/*", "oracle/scenarios/*"),
    ".rs": ("oracle/bridges/*", "oracle/packages/*", "oracle/scaffolds/*"),
    ".sh": ("oracle/bridges/*",),
    ".sum": ("oracle/bridges/*",),
    ".svg": ("docs/*",),
    ".toml": (
        *("pyproject.toml", "examples/labs/*", "oracle/bridges/*", "oracle/packages/*"),
        *("oracle/scaffolds/*", "oracle/unmodified/go/patches/*", "tests/data/labs/*"),
    ),
    ".txt": (
        *("oracle/formats/adapter_tests/*", "oracle/subjects/*/hashes.txt", "requirements/*"),
        "tests/*",
    ),
    ".typed": ("*/py.typed",),
    ".work": ("oracle/scaffolds/go-threads/*", "tests/data/labs/*"),
    ".xml": ("oracle/bridges/*",),
    ".yml": (".github/workflows/*",),
}
"""Every kind of file by its ending, and where such files may lie."""
LARGEST_FILE: Final = 48 * 1024
"""In bytes. Who reads, sends or merges a file that is larger?"""
LARGEST_TREE: Final = 7 * 1024 * 1024
"""In bytes, all tracked files together: a clone stays a matter of seconds."""
COMPRESSED: Final = frozenset({".gz"})
CORPUS: Final = "tests/data/corpus/"

STARTED: Final[Mapping[str, str]] = {
    "oracle.__main__": "python -m oracle",
    "bench.__main__": "make bench",
    "bench.shapes": "make shapes",
    "model.machines": "an earlier name, for tests that were written with it",
    "model.protocol": "an earlier name, for tests that were written with it",
}
"""Modules that no other module names, and who uses them."""


@cache
def tracked() -> tuple[str, ...]:
    """Every file in the repository; the test is skipped where there is none."""
    require("git")
    words = ("git", "-c", f"safe.directory={ROOT}", "ls-files", "-z")
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode or not (ROOT / ".git").exists():
        unmet("git", "not in a git checkout")
    return tuple(name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


def strays(names: Iterable[str]) -> list[str]:
    """Files of a kind that does not belong where they lie."""
    return [name for name in names if not belongs(name)]


def belongs(name: str) -> bool:
    """Whether a file may lie where it lies."""
    return any(fnmatch(name, place) for place in KINDS.get(PurePosixPath(name).suffix, ()))


def test_files_are_of_known_kinds() -> None:
    """Sources, pages and data lie where they belong, and nothing else is tracked."""
    assert strays(tracked()) == []


@pytest.mark.parametrize(
    "name",
    [
        "model/explorer/_kernel.so-kernel.gcda",
        "model/explorer/engines/_kernel.so",
        "oracle/bridges/raft_rs/target/debug/bridge",
        "notes",
        "core/log.c",
        "findings.json",
        "oracle/__pycache__/plan.cpython-311.pyc",
    ],
)
def test_what_is_built_or_forgotten_is_seen(name: str) -> None:
    """What compilers leave behind, and files outside of any folder for them."""
    assert strays([name, "README.md"]) == [name]


def test_every_kind_is_still_there() -> None:
    """A kind of which no file is left leaves the list, and so does a place without files."""
    known = [(ending, place) for ending, places in KINDS.items() for place in places]
    seen = {
        (ending, place)
        for ending, place in known
        for name in tracked()
        if fnmatch(name, place) and PurePosixPath(name).suffix == ending
    }
    assert [each for each in known if each not in seen] == []


def test_no_file_is_large() -> None:
    """Neither one alone nor all together."""
    sizes = {name: (ROOT / name).stat().st_size for name in tracked()}
    assert {name: size for name, size in sizes.items() if size > LARGEST_FILE} == {}
    assert sum(sizes.values()) <= LARGEST_TREE


def test_files_are_text_and_end_as_text_does() -> None:
    """UTF-8, with lines that end in a line feed, also the last one.

    Archives are not, nor is what has broken a reader.
    """
    wrong = []
    for name in tracked():
        content = (ROOT / name).read_bytes()
        is_text = PurePosixPath(name).suffix not in COMPRESSED and not name.startswith(CORPUS)
        if not is_text or not content:
            continue
        content.decode("utf-8")
        if b"\r\n" in content or b"\0" in content or not content.endswith(b"\n"):
            wrong.append(name)
    assert wrong == []


def test_what_is_ignored_is_not_tracked() -> None:
    """A file that .gitignore names and that is tracked all the same was added by force."""
    assert tracked()
    words = ("git", "-c", f"safe.directory={ROOT}", "ls-files", "-ci", "--exclude-standard")
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert listed.stdout == ""


def dead_modules(files: Iterable[Source]) -> set[str]:
    """Modules that nothing imports, neither by name nor from a table; tests do not count.

    A module that only tests import belongs to them. A helper of tests that no test imports is as
    dead as any other, if it is no program that a test starts by its path.
    """
    files = list(files)
    graph = graph_of(files)
    users = {module: wanted for module, wanted in graph.items() if not module.startswith("tests.")}
    used = frozenset().union(*users.values())
    used_by_tests = frozenset().union(*graph.values())
    texts = "\n".join(source.text for source in files)
    dead = set()
    for source in files:
        is_test = PurePosixPath(source.name).name.startswith(("test_", "conftest"))
        if source.name.endswith("__init__.py") or is_test or source.module in STARTED:
            continue
        users_of = used_by_tests if source.layer == "tests" else used
        if source.module not in users_of and not is_named(source, texts):
            dead.add(source.module)
    return dead


def is_named(source: Source, texts: str) -> bool:
    """Whether a module stands in a table of modules, or its file is started or handed out."""
    path = PurePosixPath(source.name)
    if path.parts[:2] in (("oracle", "scaffolds"), ("oracle", "commands")):
        return f'"{path.stem}"' in texts
    return f'"{path.name}"' in texts and source.layer == "tests"


def test_no_module_is_dead() -> None:
    """Each is imported, named in a table, or listed with who starts it."""
    assert dead_modules(sources()) == set()


def test_a_dead_module_is_seen() -> None:
    """One that nothing imports, and one that nothing but a test imports."""
    forgotten = parsed("model", "model/forgotten.py", '"""Nobody asks for it."""')
    studied = parsed("model", "model/studied.py", '"""Only a test asks for it."""')
    test = parsed("tests", "tests/test_studied.py", "import model.studied")
    assert dead_modules([*sources(), forgotten, studied, test]) == {
        "model.forgotten",
        "model.studied",
    }


def test_what_is_started_is_there() -> None:
    """A module that is gone, or imported by now, leaves the list."""
    graph = graph_of(sources())
    used = {each for user, wanted in graph.items() if user[:6] != "tests." for each in wanted}
    assert [module for module in STARTED if module not in graph or module in used] == []


@needs("ruff")
def test_exceptions_for_ruff_are_still_needed() -> None:
    """Each rule that pyproject.toml ignores in a file is broken there."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        ignored = tomllib.load(file)["tool"]["ruff"]["lint"]["per-file-ignores"]
    words = ["-m", "ruff", "check", "--no-cache", "--output-format", "json"]
    done = subprocess.run(
        [sys.executable, *words, "--config", "lint.per-file-ignores = {}", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    broken = {
        (Path(each["filename"]).relative_to(ROOT).as_posix(), each["code"])
        for each in json.loads(done.stdout)
    }
    stale = [
        (pattern, code)
        for pattern, codes in ignored.items()
        for code in codes
        if not any(fnmatch(name, pattern) and code == found for name, found in broken)
    ]
    assert stale == []


def test_every_ignored_rule_says_why() -> None:
    """In the table of pyproject.toml, and beside each `type: ignore` and `noqa` what is ignored."""
    bare = [
        source.name
        for source in sources()
        if re.search(r"#\s*(type: ignore(?!\[)|noqa(?!:))", source.text)
        and source.module != "tests.test_tidy"
    ]
    assert bare == []
