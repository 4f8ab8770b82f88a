"""The workers of a spread search as Dask actors: on this machine, or where a scheduler has some."""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Final

from model.explorer.spread.worker import Worker

SAFE_PATH_VARIABLE: Final = "PYTHONSAFEPATH"
"""What keeps Python from importing what lies in the current directory."""
ANSWER_SECONDS: Final = 10
"""How long to wait for the answer of a scheduler."""
SPARE_SECONDS: Final = 1
"""How much longer than Dask is told to wait, so that it can say itself what is wrong."""
JOIN_SECONDS: Final = 30
"""How long to wait until it has enough workers."""
POLL_SECONDS: Final = 0.5
"""How often to look at a level under way."""
QUIET: Final = {
    "distributed.worker.profile.enabled": False,
    "distributed.comm.retry.count": 0,
    "distributed.nanny.pre-spawn-environ": {},
}
"""Dask's settings: no profiler, no retries with a worker that is gone, and memory that is freed
stays with the process (Dask's own MALLOC_TRIM_THRESHOLD_ costs every large array page faults)."""


IsInterrupted = Callable[[], bool]


class ClusterError(Exception):
    """There are no workers, or not any more: why, in one line."""


class DaskWorkers:
    """The workers of one search, each in a process of its own."""

    def __init__(self, client: Any, is_interrupted: IsInterrupted) -> None:
        self._client = client
        self._is_interrupted = is_interrupted
        self._actors: list[Any] = []
        self._addresses: list[str] = []

    def start(self, workers: int, arguments: Sequence[Any]) -> None:
        """Start a Worker in each of this many processes, and introduce them to each other."""
        self._addresses = sorted(self._client.nthreads())[:workers]
        futures = [
            self._client.submit(
                Worker, *arguments, owner, workers, actor=True, workers=[address], pure=False
            )
            for owner, address in enumerate(self._addresses)
        ]
        with failures_in_one_line():
            self._actors = [self._result(each, self._look_for_an_end) for each in futures]
        if len(set(self.ask("meet", self._actors))) > 1:
            raise ClusterError("cluster: found several versions of raft-oracle, expected one")

    def ask(self, name: str, *arguments: Any, meanwhile: Callable[[], None] | None = None) -> Any:
        """The answer of each worker, by number; `meanwhile` is called while they are at work."""
        with failures_in_one_line():
            futures = [getattr(each, name)(*arguments) for each in self._actors]
            return [self._result(each, meanwhile) for each in futures]

    def ask_one(self, owner: int, name: str, *arguments: Any) -> Any:
        """The answer of one worker."""
        with failures_in_one_line():
            return self._result(getattr(self._actors[owner], name)(*arguments), None)

    def give_up(self) -> None:
        """Stop all workers: they may belong to others, and must not go on with this level."""
        for each in self._actors:
            with suppress(Exception):
                each.stop().result(timeout=POLL_SECONDS)

    def _result(self, future: Any, meanwhile: Callable[[], None] | None) -> Any:
        while True:
            try:
                return future.result(timeout=POLL_SECONDS)
            except TimeoutError:
                self._look_for_losses()
                if meanwhile is not None:
                    meanwhile()

    def _look_for_an_end(self) -> None:
        if self._is_interrupted():
            raise KeyboardInterrupt

    def _look_for_losses(self) -> None:
        lost = sorted({*self._addresses} - {*self._client.nthreads()})
        if lost:
            raise ClusterError(f"cluster: lost the worker at {lost[0]}")


@contextmanager
def failures_in_one_line() -> Iterator[None]:
    """Turn whatever goes wrong in or between workers into a ClusterError of one line."""
    try:
        yield
    except ClusterError:
        raise
    except Exception as error:
        text = " ".join(str(error).split())
        raise ClusterError(f"cluster: a worker failed: {type(error).__name__}: {text}") from error


def ignore_interrupts() -> None:
    """Ignore Ctrl-C, which goes to all processes of a terminal; the main one ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def dask_workers_at(
    address: str | None, workers: int, is_interrupted: IsInterrupted
) -> Iterator[DaskWorkers]:
    """The workers of the scheduler at `address`; None starts a scheduler here.

    KeyboardInterrupt where somebody wants an end before they have started.
    """
    try:
        import dask
        import distributed
    except ImportError as error:
        raise ClusterError(
            "cluster: distributed is not installed, expected pip install 'raft-oracle[cluster]'"
        ) from error
    connected: Any = started_client(dask, distributed, workers)
    if address is not None:
        connected = connected_client(distributed, address, workers, is_interrupted)
    with dask.config.set(QUIET), connected as client:
        dask_workers = DaskWorkers(client, is_interrupted)
        try:
            yield dask_workers
        except BaseException:
            dask_workers.give_up()
            raise


@contextmanager
def started_client(dask: Any, distributed: Any, workers: int) -> Iterator[Any]:
    """A connection to a scheduler and workers that are started here, and end with it."""
    with (
        importing_nothing_from_here(),
        TemporaryDirectory(prefix="raft-oracle-") as folder,
        dask.config.set({"temporary-directory": folder}),
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit=0,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
            security=own_keys(distributed),
        ) as scheduler,
        distributed.Client(scheduler) as client,
    ):
        client.run(ignore_interrupts)
        yield client


def own_keys(distributed: Any) -> Any:
    """Keys of this search alone, so that no other user of this machine can send pickles to it.

    Dask makes them with the package `cryptography`; without it, there are none (None).
    """
    return None if find_spec("cryptography") is None else distributed.Security.temporary()


@contextmanager
def importing_nothing_from_here() -> Iterator[None]:
    """Processes that start meanwhile import no module of the folder that the user stands in."""
    before = os.environ.get(SAFE_PATH_VARIABLE)
    os.environ[SAFE_PATH_VARIABLE] = "1"
    try:
        yield
    finally:
        os.environ.pop(SAFE_PATH_VARIABLE)
        if before is not None:
            os.environ[SAFE_PATH_VARIABLE] = before


@contextmanager
def connected_client(
    distributed: Any, address: str, workers: int, is_interrupted: IsInterrupted
) -> Iterator[Any]:
    """A connection to a running scheduler that has enough workers."""
    try:
        client = connected_aside(
            lambda: distributed.Client(address, timeout=ANSWER_SECONDS), is_interrupted
        )
    except Exception as error:  # whatever Dask makes of an address, or of what answers there
        said = str(error) or type(error).__name__
        raise ClusterError(f"cluster: no scheduler at {address}: {said}") from error
    with client:
        wait_for_workers(client, address, workers, is_interrupted)
        yield client


def connected_aside(connect: Callable[[], Any], is_interrupted: IsInterrupted) -> Any:
    """A connection, made in a thread of its own; TimeoutError if that takes too long.

    Dask waits without an end for who takes its connection and says nothing.
    """
    found: Future[Any] = Future()

    def make() -> None:
        try:
            found.set_result(connect())
        except BaseException as error:
            found.set_exception(error)

    Thread(target=make, daemon=True).start()
    until = time.monotonic() + ANSWER_SECONDS + SPARE_SECONDS
    while not wait([found], POLL_SECONDS).done:
        if is_interrupted():
            raise KeyboardInterrupt
        if time.monotonic() > until:
            raise TimeoutError(f"found no answer within {ANSWER_SECONDS} s")
    return found.result()


def wait_for_workers(
    client: Any, address: str, workers: int, is_interrupted: IsInterrupted
) -> None:
    """Wait until a scheduler has enough workers; ClusterError if it has too few in good time."""
    until = time.monotonic() + JOIN_SECONDS
    while (found := len(client.nthreads())) < workers:
        if is_interrupted():
            raise KeyboardInterrupt
        if time.monotonic() > until:
            raise ClusterError(
                f"cluster: found {found} workers at {address}, expected {workers} within "
                f"{JOIN_SECONDS} s"
            )
        time.sleep(POLL_SECONDS)
