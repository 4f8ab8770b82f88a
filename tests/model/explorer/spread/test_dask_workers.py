"""Errors of a cluster: one line each, whatever went wrong. Searches stand in test_coordinator."""

from types import SimpleNamespace
from typing import Never

import pytest

from model.explorer.spread.dask_workers import (
    ClusterError,
    connected_client,
    failures_in_one_line,
)


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


def test_an_address_of_which_something_is_missing_is_told_in_one_line() -> None:
    """Dask says with a TypeError that it has no certificates, or no such protocol."""

    def refuses(address: str, timeout: float) -> Never:
        raise TypeError("TLS expects a context")

    connection = connected_client(SimpleNamespace(Client=refuses), "tls://here:1", 1)
    expected = r"^cluster: no scheduler at tls://here:1: TLS expects a context$"
    with pytest.raises(ClusterError, match=expected), connection:
        raise AssertionError("nobody is connected")
