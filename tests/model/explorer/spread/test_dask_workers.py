"""Errors of a cluster: one line each, whatever went wrong. Searches stand in test_coordinator."""

import pytest

from model.explorer.spread.dask_workers import ClusterError, failures_in_one_line


def test_failure_of_a_worker_becomes_one_line() -> None:
    """With the class of the exception, and its text without line breaks."""
    with pytest.raises(ClusterError, match=r"^cluster: a worker failed: KeyError: 'a b'$"):  # noqa: SIM117
        with failures_in_one_line():
            raise KeyError("a b")


def test_line_breaks_are_taken_out() -> None:
    """Dask's messages have several lines."""
    with pytest.raises(ClusterError) as caught, failures_in_one_line():
        raise RuntimeError("one\n  two\nthree")
    assert str(caught.value) == "cluster: a worker failed: RuntimeError: one two three"


def test_line_that_is_one_already_stays() -> None:
    """A ClusterError says itself what is missing."""
    with pytest.raises(ClusterError, match=r"^cluster: lost the worker$"), failures_in_one_line():
        raise ClusterError("cluster: lost the worker")
