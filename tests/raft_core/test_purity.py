"""raft_core is pure: no input, output, clock or chance, and nothing that can change."""

import ast
import importlib
import inspect
import os
import subprocess
import sys
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

import raft_core
from raft_core import (
    AppendEntriesResponse,
    ChangeMembership,
    ClientRequest,
    ClientResponse,
    Compact,
    Configuration,
    ConfirmLeadership,
    ConfirmLeadershipResponse,
    Conflict,
    ElectionTimeout,
    Extensions,
    HeartbeatTimeout,
    InstallSnapshot,
    InstallSnapshotResponse,
    Machine,
    Membership,
    NoOp,
    NotLeader,
    OpenSession,
    PersistentState,
    PreVote,
    PreVoteResponse,
    SessionCommand,
    Tick,
    TimeoutNow,
    TransferLeadership,
    WriteCompleted,
    s1,
    s2,
    s3,
)
from raft_core.extensions import Incoming, PendingRead
from raft_core.machine import Session
from tests.raft_core.build import (
    append_entries,
    entry,
    follower,
    leader_of,
    log_of,
    request_vote,
    vote,
)

FOLDER = Path(raft_core.__file__).parent
MAKES_COPIES = FOLDER / "evolve.py"
"""It compiles a function for each class, once; test_evolve.py holds it to what attrs does."""
FILES = sorted(set(FOLDER.glob("*.py")) - {MAKES_COPIES})
ALLOWED_IMPORTS = {"attrs", "typing", "enum", "collections.abc"}
FORBIDDEN_CALLS = {
    "open", "print", "input", "exec", "eval", "compile", "globals", "locals", "vars", "setattr",
    "delattr", "breakpoint", "id", "set", "frozenset", "dict", "list", "bytearray", "__import__",
}  # fmt: skip

SAMPLES = (
    s1,
    entry(1, 1),
    log_of(1, 2),
    log_of(1, 2).entries,
    Configuration(servers=3),
    PersistentState(),
    follower(1, (1,)),
    leader_of(2, (1, 2)),
    request_vote(1),
    vote(1),
    append_entries(1, (0, 0), (1, 1)),
    Conflict(None, 1),
    AppendEntriesResponse(s1, s2, 1, success=False, conflict=Conflict(1, 1)),
    ClientResponse(s1, "x", 1),
    NotLeader(s1, "x", None),
    ElectionTimeout(),
    HeartbeatTimeout(),
    ClientRequest("x"),
    Membership((s1, s2), (s3,)),
    NoOp(),
    OpenSession(1),
    SessionCommand(1, 1, "x"),
    Session(1, 1, "x", 2),
    Machine((("x", "1"),)),
    Extensions(),
    Incoming(1, 2, (("value", "x", "1"),)),
    PendingRead("get x", 1, 1),
    InstallSnapshot(s1, s2, 1, 1, 1, None, 0, (("value", "x", "1"),), done=True),
    InstallSnapshotResponse(s1, s2, 1, 1, 0, installed=True),
    PreVote(s1, s2, 1, 0, 0),
    PreVoteResponse(s1, s2, 1, vote_granted=True),
    TimeoutNow(s1, s2, 1),
    WriteCompleted(2, 1),
    ConfirmLeadership(s1, s2, 1, 1),
    ConfirmLeadershipResponse(s1, s2, 1, 1),
    Compact(1),
    ChangeMembership((s1,)),
    TransferLeadership(s2),
    Tick(1),
)
VALUES = tuple(sample for sample in SAMPLES if attrs.has(type(sample)))

in_every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.name))


def nodes_of(file: Path) -> Iterator[ast.AST]:
    """Every node of a file's syntax tree."""
    return ast.walk(ast.parse(file.read_text(encoding="utf-8")))


def imports_of(file: Path) -> set[str]:
    """The full names of all modules that a file imports, at any depth."""
    names: set[str] = set()
    for node in nodes_of(file):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add("." * node.level + (node.module or ""))
    return names


@in_every_file
def test_imports_nothing_that_acts_on_the_world(file: Path) -> None:
    """Only attrs, typing, enum, collections.abc and raft_core itself are imported."""
    foreign = {name for name in imports_of(file) if name.split(".")[0] != "raft_core"}
    assert foreign <= ALLOWED_IMPORTS


@in_every_file
def test_calls_nothing_that_reads_writes_or_mutates(file: Path) -> None:
    """No built-in with an effect or an unstable order is called."""
    called = {
        node.func.id
        for node in nodes_of(file)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & FORBIDDEN_CALLS


@in_every_file
def test_has_no_statement_that_mutates(file: Path) -> None:
    """No global or nonlocal name, no assignment to an attribute or item, no deletion, no await."""
    for node in nodes_of(file):
        assert not isinstance(node, ast.Global | ast.Nonlocal | ast.Delete | ast.Await)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                assert not isinstance(target, ast.Attribute | ast.Subscript)


@in_every_file
def test_holds_no_mutable_collection(file: Path) -> None:
    """No set or dict is written down, whose order could vary; no list, which could change.

    A list that a tuple is made of on the spot is nobody's: it is faster than a generator. So is
    a set that is sorted on the spot.
    """
    nodes = tuple(nodes_of(file))
    passing = {
        id(argument)
        for node in nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("tuple", "sorted")
        for argument in node.args
    }
    for node in nodes:
        mutable = isinstance(node, ast.Set | ast.Dict | ast.SetComp | ast.DictComp | ast.ListComp)
        assert not mutable or id(node) in passing, ast.unparse(node)


def classes() -> list[type]:
    """Every class that raft_core defines."""
    modules = [importlib.import_module(f"raft_core.{file.stem}") for file in FILES]
    return [
        member
        for module in modules
        for member in vars(module).values()
        if inspect.isclass(member) and member.__module__ == module.__name__
    ]


def test_every_value_class_is_sampled_here() -> None:
    """No attrs class of raft_core escapes the tests below."""
    assert {type(value) for value in VALUES} == {kind for kind in classes() if attrs.has(kind)}


@pytest.mark.parametrize("value", SAMPLES, ids=lambda value: type(value).__name__)
def test_value_is_hashable(value: Hashable) -> None:
    """Every value can be a key, as can everything inside it."""
    assert hash(value) == hash(value)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_value_is_frozen(value: attrs.AttrsInstance) -> None:
    """No field can be set, and none be added."""
    for name in ("anything", *(known.name for known in attrs.fields(type(value)))):
        with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
            setattr(value, name, 1)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_equal_values_are_interchangeable(value: Any) -> None:
    """A copy is equal and hashes alike, so values may be interned."""
    copy = attrs.evolve(value)
    assert copy == value
    assert hash(copy) == hash(value)


HISTORY = """
import random
from tests.raft_core.arbitrary import run
tape = random.Random(3).randbytes(1200)
for _, _, state, messages in run(tape, 3, 2):
    print(state, messages)
"""


def test_history_is_the_same_under_every_hash_seed() -> None:
    """The text of a long history does not depend on PYTHONHASHSEED."""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", HISTORY],
            cwd=FOLDER.parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 10_000
