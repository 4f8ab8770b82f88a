"""Successors: what can be made of a state, in which order, and what becomes of refusals."""

from model.explorer.systems.system import IMPOSSIBLE, OUTSIDE, successors
from tests.model.explorer.toys import Maze

STEPS = (("walk", "start", "hall"), ("free", "start", "trap"), ("free", "start", "abyss"))


def test_successors_come_in_the_order_of_offers() -> None:
    """Engines number the moves of a state by this order."""
    assert [each.offer.event for each in successors(Maze(STEPS), ("start", 0))] == [
        "hall",
        "trap",
        "abyss",
    ]


def test_changes_are_made_after_the_reaction() -> None:
    """A walk leads to its target and burns fuel."""
    first = next(successors(Maze(STEPS), ("start", 0)))
    assert first.state == ("hall", 1)
    assert first.broken is None


def test_impossible_move_is_no_successor() -> None:
    """Without fuel no walk is made; moves that cost nothing still are."""
    left = [each.offer.kind for each in successors(Maze(STEPS, fuel=0), ("start", 0))]
    assert left == ["free", "free"]


def test_broken_and_outside_lead_to_no_state() -> None:
    """Both are counted as successors, and neither is explored."""
    _, trap, abyss = successors(Maze(STEPS), ("start", 0))
    assert trap.state is None
    assert trap.broken is not None
    assert trap.broken.property == "NoTraps"
    assert abyss.state is None
    assert abyss.broken is None


def test_refusals_print_their_names() -> None:
    """They stand in messages of failed assertions."""
    assert (repr(IMPOSSIBLE), repr(OUTSIDE)) == ("IMPOSSIBLE", "OUTSIDE")
