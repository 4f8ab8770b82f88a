"""The reference search by itself: what it finds in systems small enough to count by hand."""

from model.explorer.search.reference_search import Keys, reference_search
from model.explorer.search.result import SearchLimits, Stop, StoppedBy
from model.explorer.systems.system import successors
from tests.model.explorer.cases import system
from tests.model.explorer.toys import Maze

ROOMS = Maze(
    (
        ("free", "start", "left"),
        ("free", "start", "right"),
        ("free", "left", "goal"),
        ("free", "right", "goal"),
        ("free", "goal", "start"),
        ("free", "goal", "abyss"),
    )
)


def test_levels_are_counted_by_distance() -> None:
    """Four rooms; six moves and the initial state are generated, and the abyss is not stored."""
    found = reference_search(ROOMS, SearchLimits())
    assert (found.verdict, found.levels) == ("exhausted", (1, 2, 1))
    assert (found.distinct, found.generated) == (4, 7)
    assert found.kinds == {"free": 6}
    assert found.notes == {"left", "right", "goal", "start", "abyss"}


def test_limit_ends_it_between_two_levels() -> None:
    """After one move the goal has not been seen."""
    found = reference_search(ROOMS, SearchLimits(depth=1))
    assert (found.verdict, found.stopped) == ("stopped", Stop(StoppedBy.DEPTH, 1))
    assert found.levels == (1, 2)


def test_violation_ends_it_after_its_level() -> None:
    """The path is a shortest one."""
    maze = Maze((("free", "start", "hall"), ("free", "hall", "trap"), ("free", "start", "attic")))
    found = reference_search(maze, SearchLimits())
    assert (found.verdict, found.path) == ("violated", (0, 0))
    assert found.levels == (1, 2)


def test_renamed_states_have_one_key() -> None:
    """With the identity alone each of the candidates is a state of its own."""
    made = system(3, max_inbox=2)
    reached = [each.state for each in successors(made, made.initial())]
    one, other = (each for each in reached[:2] if each is not None)
    assert one != other
    assert Keys(made, made.renamings).of(one) == Keys(made, made.renamings).of(other)
    identity = made.renamings[:1]
    assert Keys(made, identity).of(one) != Keys(made, identity).of(other)
