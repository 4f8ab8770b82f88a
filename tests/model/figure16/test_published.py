"""The published lines of Figure 16."""

from model.figure16.published import BOTTOM, LINES, TOP


def test_line_without_randomness_gets_fewer_trials() -> None:
    """As in the paper: 100 where the others get 1,000."""
    assert [TOP[0].trials(1000), TOP[0].trials(5), TOP[1].trials(1000)] == [100, 1, 1000]


def test_a_line_that_is_in_both_graphs_is_run_once() -> None:
    """150-300 ms is the last of the upper graph and the last of the lower one."""
    assert TOP[-1] == BOTTOM[-1]
    assert len(LINES) == len(set(LINES)) == len(TOP) + len(BOTTOM) - 1
    assert TOP[-1].name == "150-300 ms"
