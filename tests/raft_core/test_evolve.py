"""The copy with changes is the one that attrs makes."""

import attrs
import pytest

from raft_core.evolve import evolve
from tests.raft_core.build import follower, request_vote


@attrs.frozen
class Odd:
    """An object with one attribute under another name, and one that is no argument."""

    _hidden: int
    twice: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self._hidden)


@attrs.frozen
class Empty:
    """An object without attributes."""


def test_a_copy_is_the_one_of_attrs() -> None:
    """What is not said stays, and what follows from a change follows."""
    assert evolve(Odd(1), hidden=4) == attrs.evolve(Odd(1), hidden=4) == Odd(4)
    assert evolve(Odd(1)) == Odd(1)
    assert evolve(Empty()) == Empty()


@pytest.mark.parametrize("sample", [Odd(1), follower(1, (1,)), request_vote(1)])
def test_an_attribute_that_there_is_not_is_refused(sample: object) -> None:
    """A copy never drops what it is told."""
    change: dict[str, int] = {"nonsense": 1}
    with pytest.raises(TypeError, match="nonsense"):
        evolve(sample, **change)  # type: ignore[misc]  # of any class
