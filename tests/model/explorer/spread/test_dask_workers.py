"""Errors of a cluster: one line each, whatever went wrong. Searches stand in test_coordinator."""

import time
from threading import Event
from types import SimpleNamespace
from typing import Never

import pytest

from model.explorer.spread import dask_workers
from model.explorer.spread.dask_workers import (
    ANSWER_SECONDS,
    ClusterError,
    connected_client,
    failures_in_one_line,
    own_keys,
    wait_for_workers,
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

    connection = connected_client(SimpleNamespace(Client=refuses), "tls://here:1", 1, bool)
    expected = r"^cluster: no scheduler at tls://here:1: TLS expects a context$"
    with pytest.raises(ClusterError, match=expected), connection:
        raise AssertionError("nobody is connected")


def test_a_scheduler_that_does_not_answer_is_not_waited_for_long() -> None:
    """Nobody looks at a silent command for half a minute."""
    asked: list[float] = []

    def silent(address: str, timeout: float) -> Never:
        asked.append(timeout)
        raise TimeoutError

    connection = connected_client(SimpleNamespace(Client=silent), "tcp://here:1", 1, bool)
    expected = r"^cluster: no scheduler at tcp://here:1: TimeoutError$"
    with pytest.raises(ClusterError, match=expected), connection:
        raise AssertionError("nobody is connected")
    assert asked == [ANSWER_SECONDS]
    assert ANSWER_SECONDS <= 10


def test_who_takes_a_connection_and_says_nothing_is_not_waited_for_without_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As Dask does, whatever it is told; and nobody has to wait for that who wants an end."""
    ends = Event()
    silent = SimpleNamespace(Client=lambda address, timeout: ends.wait(60))
    monkeypatch.setattr(dask_workers, "ANSWER_SECONDS", 0.01)
    monkeypatch.setattr(dask_workers, "SPARE_SECONDS", 0.01)
    monkeypatch.setattr(dask_workers, "POLL_SECONDS", 0.02)
    expected = r"^cluster: no scheduler at tcp://here:1: found no answer within 0.01 s$"
    connection = connected_client(silent, "tcp://here:1", 1, bool)
    with pytest.raises(ClusterError, match=expected), connection:
        raise AssertionError("nobody is connected")
    connection = connected_client(silent, "tcp://here:1", 1, lambda: True)
    with pytest.raises(KeyboardInterrupt), connection:
        raise AssertionError("nobody is connected")
    ends.set()


def test_workers_that_do_not_come_are_waited_for_as_long_as_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or until somebody wants an end."""
    alone = SimpleNamespace(nthreads=lambda: {"tcp://there:1": 1})
    wait_for_workers(alone, "here", 1, bool)
    with pytest.raises(KeyboardInterrupt):
        wait_for_workers(alone, "here", 2, lambda: True)
    monkeypatch.setattr(dask_workers, "JOIN_SECONDS", 0.01)
    monkeypatch.setattr(dask_workers, "POLL_SECONDS", 0.02)
    before = time.monotonic()
    with pytest.raises(ClusterError, match=r"^cluster: found 1 workers at here, expected 2 within"):
        wait_for_workers(alone, "here", 2, bool)
    assert time.monotonic() - before < 5


@pytest.mark.parametrize(("found", "keys"), [(object(), "keys"), (None, None)])
def test_a_search_has_keys_of_its_own_where_dask_can_make_them(
    found: object, keys: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the package that makes them, no other user of the machine can reach the workers."""
    monkeypatch.setattr(dask_workers, "find_spec", {"cryptography": found}.get)
    dask = SimpleNamespace(Security=SimpleNamespace(temporary=lambda: "keys"))
    assert own_keys(dask) == keys
