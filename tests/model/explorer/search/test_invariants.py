"""Invariants of whole states: every search finds the first state in which one does not hold."""

from typing import Any

import numpy as np
import pytest
from attrs import evolve, frozen

from model.explorer.engines.tables import Tables
from model.explorer.search import invariants
from model.explorer.search.invariants import InvariantJudge, broken_in
from model.explorer.search.random_walks import RandomWalks, WalkBudget
from model.explorer.search.reference_search import reference_search
from model.explorer.search.result import SearchLimits
from model.explorer.systems.system import Invariant
from tests.model.explorer.cases import explored_by
from tests.model.explorer.toys import Maze

WAY = (("walk", "start", "hall"), ("walk", "hall", "cellar"), ("walk", "start", "cellar"))


def is_reached(seen: tuple[Any, ...]) -> str:
    """The cellar, having walked once."""
    position, burnt = seen
    return f"in the cellar after {burnt}" if position == "cellar" else ""


@frozen
class GuardedMaze(Maze):
    """A maze in which nobody must be in the cellar."""

    invariants: tuple[Invariant, ...] = (
        Invariant("NoCellar", lambda place, value: value, is_reached),
    )


def test_every_search_finds_it_by_the_shortest_way() -> None:
    """One move, though there is a way of two."""
    maze = GuardedMaze(WAY)
    results = [explored_by(engine, maze) for engine in ("numpy", "auto")]
    for found in (*results, reference_search(maze, SearchLimits())):
        assert found.verdict == "violated"
        assert found.broken is not None
        assert (found.broken.property, found.broken.detail) == ("NoCellar", "in the cellar after 1")
        assert found.path == (1,)
    walked = RandomWalks(maze, WalkBudget(walkers=4, depth=3, moves=90)).run(lambda walks: None)
    assert walked.broken is not None
    assert walked.broken.property == "NoCellar"


def test_states_that_look_the_same_are_judged_once() -> None:
    """What an invariant does not see makes no difference to it."""
    asked = []

    def broken(seen: tuple[Any, ...]) -> str:
        asked.append(seen)
        return ""

    only_position = Invariant("Once", lambda place, value: None if place else value, broken)
    found = explored_by("numpy", GuardedMaze(WAY, invariants=(only_position,)))
    assert found.distinct == 4
    assert sorted(asked) == [("cellar", None), ("hall", None), ("start", None)]


@pytest.mark.parametrize("bits", [63, 0])
def test_judge_numbers_or_compares_what_it_sees(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the parts do not fit into one number, whole rows are compared."""
    monkeypatch.setattr(invariants, "BITS", bits)
    maze = GuardedMaze(WAY)
    tables = Tables(maze, False)
    rows = [[tables.number_of(0, where), tables.number_of(1, 1)] for where in ("hall", "cellar")]
    judge = InvariantJudge(tables)
    found = judge.first_broken(np.array(rows, dtype=np.int32))
    assert found is not None
    assert found[0] == 1
    assert found[1] == broken_in(maze, ("cellar", 1))
    assert judge.first_broken(np.array(rows[:1], dtype=np.int32)) is None
    assert broken_in(evolve(maze, invariants=()), ("cellar", 1)) is None
