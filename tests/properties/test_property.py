"""Vectors with gaps, in which properties keep their histories."""

import pytest

from properties.property import item_at, with_item
from raft_core import Vector
from raft_core.vector import CHUNK


def test_item_behind_the_end_is_none() -> None:
    """Nothing was put there yet."""
    assert item_at(Vector(), 0) is None
    assert item_at(Vector((), ("x",)), 1) is None


@pytest.mark.parametrize("position", [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK + 5])
def test_item_may_be_put_behind_a_gap(position: int) -> None:
    """The item stands where it was put, and None on the way there."""
    vector = with_item(Vector(), position, "x")
    assert tuple(vector) == (None,) * position + ("x",)
    assert item_at(vector, position) == "x"


def test_item_may_be_put_in_place_of_another() -> None:
    """Only the item at the position changes, and not in the vector that was there before."""
    before = with_item(with_item(Vector(), 0, "x"), 1, "y")
    assert tuple(with_item(before, 0, "z")) == ("z", "y")
    assert tuple(before) == ("x", "y")
