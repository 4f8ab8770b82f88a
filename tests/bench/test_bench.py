"""Tests of bench: each contestant does real work, and ratios are taken round by round."""

import subprocess
import sys
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from bench.__main__ import TABLES, main
from bench.machine import examples
from bench.scaling import with_log
from bench.shapes import SHAPES, is_alone, runs_to_first
from bench.start_up import COMMANDS, measure
from bench.timing import Measured, ratio, table, take_turns, timed
from bench.walker import bare_steps, walking
from model.reference.cluster import ReferenceFactory
from properties.checker import PROPERTIES
from tests.oracle.command import ROOT


def test_ratio_compares_within_each_round() -> None:
    """A machine that slows down in a round slows both, and the ratio does not see it."""
    fast, slow = Measured((1.0, 10.0, 1.0)), Measured((2.0, 20.0, 2.0))
    assert ratio(slow, fast) == 2.0


def test_contestants_take_turns_and_the_first_round_does_not_count() -> None:
    """Every contestant works once a round, in order, and once before."""
    order: list[str] = []

    def worker(name: str) -> int:
        order.append(name)
        return 1

    results = take_turns(
        {name: timed(lambda name=name: worker(name)) for name in "ab"},  # type: ignore[misc]
        rounds=2,
    )
    assert order == ["a", "b"] * 3
    assert [len(each.rounds) for each in results.values()] == [2, 2]


def test_the_walker_and_the_bare_step_do_the_same_steps() -> None:
    """The bare step is called for every step of the walker's at which a server acts."""
    walked, _ = walking(ReferenceFactory(), 3, PROPERTIES)()
    bare, _ = bare_steps(3)()
    assert 0.5 * walked < bare <= walked


@pytest.mark.parametrize("length", [10, 1_000])
def test_servers_begin_with_the_log(length: int) -> None:
    """The walker gets on from a log of any length, without a violation."""
    steps, seconds = with_log(length)()
    assert steps > 1_000
    assert seconds > 0


def test_the_twin_runs_as_many_rules() -> None:
    """Both machines run the examples that are asked for."""
    assert examples(3, empty=False)()[0] == examples(3, empty=True)()[0]


def test_a_table_names_every_contestant() -> None:
    """A table has a row for each contestant, with its ratio to the base."""
    text = table({"one": Measured((1.0,)), "two": Measured((3.0,))}, "one", "Title")
    assert text.splitlines()[0] == "Title"
    assert text.splitlines()[-1].split()[-1] == "3.00"


def test_start_up_runs_every_command() -> None:
    """Each ends without an error, and takes time."""
    results = measure(rounds=1)
    assert set(results) == set(COMMANDS)
    assert all(each.microseconds > 0 for each in results.values())


def test_shapes_of_runs_find_a_mutant_each_by_itself() -> None:
    """Rivals find two votes in one term soonest; without clients, no leader goes stale."""
    found = dict(zip(SHAPES, runs_to_first("double-vote"), strict=True))
    assert found["rivals"] == 1
    assert found["stale"] is None
    assert found["fair"] == found["fair, waits"]


def test_a_shape_finds_alone_what_no_other_finds() -> None:
    """One number in a row, and in that place."""
    assert is_alone(1, [None, 7, None])
    assert not is_alone(0, [None, 7, None])
    assert not is_alone(1, [9, 7, None])


@pytest.mark.parametrize(
    ("words", "measured"),
    [((), list(TABLES)), (("walker", "traces"), ["walker", "traces"]), (("--help",), [])],
)
def test_only_the_tables_that_are_named_are_measured(
    words: tuple[str, ...], measured: list[str]
) -> None:
    """All of them, where none is named."""
    order: list[str] = []

    def note(name: str) -> str:
        order.append(name)
        return f"table of {name}"

    with patch.dict(
        "bench.__main__.TABLES", {name: lambda name=name: note(name) for name in TABLES}
    ):
        done = CliRunner().invoke(main, words)
    assert done.exit_code == 0
    assert order == measured
    assert all(f"table of {name}" in done.output for name in measured)


@pytest.mark.parametrize("module", ["bench", "bench.shapes"])
def test_a_name_that_there_is_not_is_refused_as_by_every_command(module: str) -> None:
    """One line and exit code 64."""
    words = [sys.executable, "-m", module, "WRONG"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (64, b"")
    assert done.stderr.startswith(b"raft-oracle: ")
    assert done.stderr.count(b"\n") == 1
    assert b"'WRONG'" in done.stderr
