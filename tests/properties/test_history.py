"""Operations that cannot have been are not made."""

import pytest

from properties.history import Operation


@pytest.mark.parametrize(("invoked", "responded"), [(1, 2), (3, 3), (0, None), (-5, -1)])
def test_answer_does_not_come_before_its_call(invoked: int, responded: int | None) -> None:
    """Events that the clock could not order may stand at one place."""
    operation = Operation(1, "get x", invoked, responded, None)
    assert (operation.invoked, operation.responded) == (invoked, responded)


def test_answer_before_its_call_is_refused() -> None:
    """Nobody is answered before asking."""
    with pytest.raises(ValueError, match=r"^responded: found 3, expected at least 4, where"):
        Operation(1, "get x", 4, 3, "")


def test_output_without_an_answer_is_refused() -> None:
    """What was never answered gave no output."""
    with pytest.raises(ValueError, match=r"^output: found '7' of an operation that was never"):
        Operation(1, "get x", 4, None, "7")
