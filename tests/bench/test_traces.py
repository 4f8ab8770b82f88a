"""The traces that are judged for speed are accepted, and every line is counted."""

from bench.traces import checking, walked


def test_walks_are_checked_line_by_line() -> None:
    """A contestant counts the events that it has checked."""
    runs = walked(3)
    assert checking(runs)()[0] == sum(map(len, runs))


def test_walks_are_the_same_every_time() -> None:
    """Figures of two runs are figures of the same work."""
    assert walked(2) == walked(2)
