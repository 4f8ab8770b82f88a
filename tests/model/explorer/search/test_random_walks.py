"""Random walks: what they find, what they count, and that a seed always means the same walks."""

import os
import subprocess
import sys

import pytest
from attrs import evolve

from model.explorer.search.random_walks import RandomWalks, WalkBudget, WalkResult
from model.explorer.search.reference_search import reference_search
from model.explorer.search.result import (
    INTERRUPTED,
    SearchLimits,
    Stop,
    StoppedBy,
    moves_along,
    never_stop,
)
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.system import System
from model.mutants import MUTANT_BY_NAME
from model.reference.settings import read_settings
from model.reference.variant import REFERENCE, Protocol
from properties.checker import Checker
from properties.view import REFERENCE_OBSERVES
from tests.model.explorer.toys import Maze

BOUNDS = Bounds(max_term=3, max_inbox=3, client_requests=2, restarts=1)
SHORT = WalkBudget(walkers=64, depth=40, moves=1_000)


def raft(protocol: Protocol = REFERENCE, bounds: Bounds = BOUNDS, servers: int = 3) -> RaftSystem:
    """A cluster with every property."""
    checker = Checker(servers, REFERENCE_OBSERVES)
    return RaftSystem(read_settings({}, servers), bounds, checker, protocol)


def walked(system: System, plan: WalkBudget = SHORT, symmetry: bool = True) -> WalkResult:
    """Walks to the end of their budget."""
    return RandomWalks(system, plan, symmetry).run(never_stop)


@pytest.mark.parametrize("name", ["double-vote", "no-up-to-date-check"])
def test_walks_find_mutants(name: str) -> None:
    """The path leads to the violation that is reported, and only its last move breaks anything."""
    system = raft(MUTANT_BY_NAME[name].protocol())
    found = walked(system, WalkBudget(walkers=512, depth=40, moves=200_000))
    assert found.verdict == "violated"
    moves = moves_along(system, found.path)
    assert [each.successor.broken for each in moves[:-1]] == [None] * (len(moves) - 1)
    assert moves[-1].successor.broken == found.broken


def test_reference_is_never_exhausted() -> None:
    """Walks that find nothing end at their budget, and say no more than that."""
    found = walked(raft())
    assert (found.verdict, found.broken) == ("stopped", None)
    assert found.stopped == Stop(StoppedBy.WALK_BUDGET, 1000)
    assert 1_000 <= found.moves < 1_000 + SHORT.walkers
    assert found.distinct <= 1 + found.moves < found.generated


@pytest.mark.parametrize("symmetry", [True, False])
def test_walks_see_what_there_is_and_nothing_else(symmetry: bool) -> None:
    """In a space that is small enough, long walking sees each state, and no other."""
    system = raft(bounds=Bounds(max_term=1, max_inbox=1), servers=2)
    whole = reference_search(system, SearchLimits(), symmetry)
    found = walked(system, WalkBudget(walkers=256, depth=60, moves=60_000), symmetry)
    assert found.distinct == whole.distinct
    assert (set(found.kinds), found.notes) == (set(whole.kinds), whole.notes)


def test_seed_decides_the_walks() -> None:
    """The same seed gives the same result, another seed another one."""
    first, again, other = (walked(raft(), evolve(SHORT, seed=seed)) for seed in (0, 0, 1))
    assert first == again != other


PRINTS = """
from tests.model.explorer.search.test_random_walks import MUTANT_BY_NAME, raft, walked
found = walked(raft())
print(found.distinct, found.generated, found.walks, sorted(found.kinds.items()))
"""


def test_walks_are_the_same_in_every_process() -> None:
    """No order of a set, which differs from process to process, gets into a walk."""
    said = [
        subprocess.run(
            [sys.executable, "-c", PRINTS],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1] != b""


def test_violation_beside_the_way_is_found() -> None:
    """One walker, one of a hundred moves broken: it is seen from the first place on."""
    edges = [("free", "start", "start")] * 99
    maze = Maze((*edges, ("free", "start", "trap")))
    found = walked(maze, WalkBudget(walkers=1, depth=3, moves=9))
    assert (found.path, found.moves) == ((99,), 0)


def test_walkers_stay_within_the_constraint() -> None:
    """What is outside counts as a successor and for the numbers of moves, and nobody goes there."""
    maze = Maze((("free", "start", "abyss"), ("free", "start", "start"), ("free", "abyss", "trap")))
    simulation = RandomWalks(maze, WalkBudget(walkers=8, depth=3, moves=200))
    found = simulation.run(never_stop)
    assert (found.verdict, found.distinct, found.generated) == ("stopped", 1, 1 + 2 * found.moves)
    assert (simulation.trail == 1).all()


def test_first_walker_is_blamed_first() -> None:
    """Of several violations in one round, that of the first walker is reported."""
    maze = Maze((("free", "start", "left"), ("free", "start", "right"), ("free", "left", "trap")))
    paths = {
        walked(maze, WalkBudget(seed=seed, walkers=8, depth=3, moves=9)).path for seed in range(9)
    }
    assert paths == {(0, 0)}


def test_walks_end_at_their_depth_and_where_nothing_can_be_done() -> None:
    """Both begin anew: so many walks were begun as moves allow."""
    line = (("free", "start", "hall"), ("free", "hall", "cellar"))
    circle = (*line, ("free", "cellar", "start"))
    dull = WalkBudget(walkers=1, depth=3, moves=10)
    assert walked(Maze(circle), dull).walks == 4
    assert (walked(Maze(line), dull).walks, walked(Maze(line), dull).deepest) == (5, 2)


def test_walks_draw_evenly() -> None:
    """Two moves of many walkers are made about equally often."""
    maze = Maze((("free", "start", "left"), ("walk", "start", "right"), ("free", "left", "hall")))
    simulation = RandomWalks(maze, WalkBudget(walkers=4_000, depth=1, moves=4_000))
    simulation.run(never_stop)
    assert 1_800 < int((simulation.trail[:, 0] == 0).sum()) < 2_200


def test_system_in_which_nothing_happens_is_left() -> None:
    """Walkers that cannot make a single move do not go round for ever."""
    found = walked(Maze(()), WalkBudget(walkers=2))
    assert (found.verdict, found.moves) == ("stopped", 0)
    assert found.stopped == Stop(StoppedBy.NO_MOVE)


def test_whoever_watches_may_end_the_walks() -> None:
    """What a watch returns is what stopped them."""
    walks = RandomWalks(raft(), SHORT)
    found = walks.run(lambda each: INTERRUPTED if each.moves >= 100 else None)
    assert (found.stopped, found.moves) == (INTERRUPTED, 128)
