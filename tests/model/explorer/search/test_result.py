"""Limits between two levels, and paths that can be walked again."""

import pytest

from model.explorer.search.result import SearchLimits, Stop, StoppedBy, moves_along
from tests.model.explorer.toys import Maze

MAZE = Maze((("walk", "start", "hall"), ("free", "hall", "trap")))


@pytest.mark.parametrize(
    ("limits", "levels", "distinct", "expected"),
    [
        (SearchLimits(), 10**9, 10**9, None),
        (SearchLimits(depth=3), 3, 1, None),
        (SearchLimits(depth=3), 4, 1, Stop(StoppedBy.DEPTH, 3)),
        (SearchLimits(states=5), 1, 4, None),
        (SearchLimits(states=5), 1, 5, Stop(StoppedBy.STATES, 5)),
        (SearchLimits(depth=1, states=1), 9, 9, Stop(StoppedBy.DEPTH, 1)),
    ],
)
def test_limit_that_is_reached_is_named(
    limits: SearchLimits, levels: int, distinct: int, expected: Stop | None
) -> None:
    """With its amount; there are as many levels as moves, and the initial one."""
    assert limits.reached(levels, distinct) == expected


def test_path_is_walked_move_by_move() -> None:
    """Each move knows the state in which it is made; the last one breaks the property."""
    first, last = moves_along(MAZE, (0, 0))
    assert (first.state, first.successor.state) == (("start", 0), ("hall", 1))
    assert last.state == ("hall", 1)
    assert last.successor.broken is not None


def test_path_beyond_a_violation_is_refused() -> None:
    """There is no state from which it could go on."""
    with pytest.raises(ValueError, match="expected moves that can be made"):
        moves_along(MAZE, (0, 0, 0))
