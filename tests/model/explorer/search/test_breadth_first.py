"""The search with an engine: shortest ways, and an end between two chunks that loses nothing."""

import numpy as np
import pytest

from model.explorer.engines.choice import make_engine
from model.explorer.search.breadth_first import BreadthFirstSearch, Trail, by_name
from model.explorer.search.result import INTERRUPTED, SearchLimits, Stop, StoppedBy, never_stop
from tests.model.explorer.cases import COMPILED_OR_NOT, EVERYTHING, system
from tests.model.explorer.toys import Maze

LONG_AND_SHORT = Maze(
    (
        ("free", "start", "a"),
        ("free", "a", "b"),
        ("free", "b", "trap"),
        ("free", "start", "c"),
        ("free", "c", "trap"),
    )
)


@pytest.mark.parametrize("engine", COMPILED_OR_NOT)
def test_violation_is_found_by_a_shortest_way(engine: str) -> None:
    """Two moves lead to the trap by one way, and three by the other."""
    found = BreadthFirstSearch(make_engine(engine, LONG_AND_SHORT, True, 1)).run(
        EVERYTHING, never_stop
    )
    assert (found.verdict, found.path) == ("violated", (1, 0))
    assert found.broken is not None
    assert found.broken.property == "NoTraps"


@pytest.mark.parametrize("engine", COMPILED_OR_NOT)
def test_search_that_was_stopped_goes_on_to_the_same_end(engine: str) -> None:
    """It is ended after every chunk of seven states, and run again."""
    made = system(2, client_requests=1, max_inbox=2)
    whole = BreadthFirstSearch(make_engine(engine, made, True, 1)).run(EVERYTHING, never_stop)
    explorer = make_engine(engine, made, True, 1)
    explorer.chunk = 7
    search, ends = BreadthFirstSearch(explorer), 0
    while (found := search.run(EVERYTHING, lambda each: INTERRUPTED)).stopped is not None:
        assert found.stopped == INTERRUPTED
        ends += 1
    assert ends > len(whole.levels)
    assert found == whole


def test_limit_leaves_a_level_whole() -> None:
    """The level in which it is reached is finished."""
    search = BreadthFirstSearch(make_engine("numpy", system(3, max_inbox=2), True, 1))
    found = search.run(SearchLimits(states=2), never_stop)
    assert found.stopped == Stop(StoppedBy.STATES, 2)
    assert found.distinct == sum(found.levels) >= 2


def test_trail_leads_back_over_its_pieces() -> None:
    """The way to state 4: from 0 by move 3 to 1, and from there by move 7."""
    trail = Trail()
    for parents, numbers in (([0], [0]), ([0, 0], [3, 4]), ([], []), ([2, 1], [6, 7])):
        trail.append(np.array(parents, dtype=np.uint32), np.array(numbers, dtype=np.uint16))
    assert trail.length == 5
    assert trail.path_to(4, 9) == (3, 7, 9)
    assert trail.path_to(0, 9) == (9,)


def test_counts_of_nothing_have_no_name() -> None:
    """Kinds that were never made are left out, and names may be more than counts."""
    assert by_name(["a", "b", "c"], np.array([2, 0])) == {"a": 2}
