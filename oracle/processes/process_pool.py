"""A pool of processes that do calls, may die of them, and leave no process and no file over.

Each process leads a process group, so that one signal ends it with all that a subject has
started. All make their temporary files in one directory, which goes when the pool goes. They
import what this process imports, even if other modules lie in the current directory.
"""

import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
import threading
import traceback
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import connection, resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from attrs import define, frozen

from oracle.processes.family import unmarked
from oracle.processes.looking import Looks
from oracle.processes.process_groups import end_noted
from oracle.processes.scratch import SCRATCH_VARIABLE, Scratch
from oracle.processes.signals import Interruption, LostProcessError
from oracle.terminal.wording import let_long_numbers_be_told

SAFE_PATH_VARIABLE = "PYTHONSAFEPATH"
MOMENT = 0.1
"""Seconds between two looks whether a signal has come."""


@frozen
class Died:
    """The answer of a process that ended during a call."""

    exit_code: int


@frozen
class Failed:
    """The answer of a call that raised."""

    error: Exception
    traceback: str


class OverdueError(Exception):
    """A call took longer than it may."""


@define
class Worker:
    """One process, and the call that it does."""

    process: Any
    channel: Connection
    key: Hashable


Call = tuple[Hashable, Callable[..., Any], tuple[Any, ...]]


class ProcessPool:
    """At most `size` processes; a process is started when it is needed.

    `quiet`: what subjects print is dropped; without it, it goes to standard error.
    """

    def __init__(self, size: int, quiet: bool = True) -> None:
        self.size = size
        self.quiet = quiet
        self._scratch = Scratch.made()
        self.scratch = self._scratch.path
        self._busy: list[Worker] = []
        self._idle: list[Worker] = []
        self._waiting: deque[Call] = deque()

    def __enter__(self) -> "ProcessPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._scratch.remove()

    def submit(self, key: Hashable, call: Callable[..., Any], *arguments: Any) -> None:
        """Have a call done; `wait` returns its answer under the key."""
        self._waiting.append((key, call, arguments))
        self._hand_out()

    def wait(self, seconds: float) -> dict[Hashable, Any]:
        """Answers that have come, having waited up to so long for the first."""
        channels = {worker.channel: worker for worker in self._busy}
        answers = {}
        for channel in connection.wait(list(channels), seconds):
            worker = channels[channel]  # type: ignore[index]  # one of those that were passed
            self._busy.remove(worker)
            answers[worker.key] = answer = receive(worker)
            if not isinstance(answer, Died):
                self._idle.append(worker)
        self._hand_out()
        return answers

    def run(
        self,
        interruption: Interruption,
        call: Callable[..., Any],
        *arguments: Any,
        seconds: float | None = None,
        report: Callable[[], None] = lambda: None,
    ) -> Any:
        """Do one call and wait for its answer; OverdueError after so many seconds."""
        key = object()
        self.submit(key, call, *arguments)
        waited = 0.0
        while True:
            answers = self.wait(MOMENT)
            if key in answers:
                return unwrapped(answers[key])
            interruption.check()
            report()
            waited += MOMENT
            if seconds is not None and waited >= seconds:
                raise OverdueError

    def stop(self) -> None:
        """End all processes at once, with what they have started, and drop their calls."""
        workers = [*self._busy, *self._idle]
        self._busy, self._idle = [], []
        self._waiting.clear()
        for worker in workers:
            kill(worker.process)
        for worker in workers:
            worker.process.join()
            worker.channel.close()
        end_noted(self.scratch)

    def _hand_out(self) -> None:
        while self._waiting and len(self._busy) < self.size:
            key, call, arguments = self._waiting.popleft()
            worker = self._idle.pop() if self._idle else self._start()
            worker.key = key
            with suppress(BrokenPipeError):  # it has died while idle: `wait` will see that
                worker.channel.send((call, arguments))
            self._busy.append(worker)

    def _start(self) -> Worker:
        near, far = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(
            target=serve,
            args=(far, self.scratch, self.quiet, os.environ.get(SAFE_PATH_VARIABLE), self.size),
        )
        with shielded():
            with unmarked():  # Python's own helper ends with the last that shares it
                resource_tracker.ensure_running()
            process.start()
        far.close()
        return Worker(process, near, None)


def receive(worker: Worker) -> Any:
    """A worker's answer, or how it ended."""
    try:
        return worker.channel.recv()
    except (EOFError, OSError):
        worker.process.join(1)
        kill(worker.process)  # what it has started
        worker.process.join()
        worker.channel.close()
        return Died(worker.process.exitcode)


def unwrapped(answer: Any) -> Any:
    """An answer; what the call raised is raised here too."""
    if isinstance(answer, Failed):
        answer.error.add_note(answer.traceback)
        raise answer.error
    return answer


def completed(answer: Any) -> Any:
    """An answer that there has to be: of our own work, which ends a process only from outside."""
    if isinstance(answer, Died):
        raise LostProcessError(f"a worker ended with {answer.exit_code} before its work was done")
    return unwrapped(answer)


def kill(process: Any) -> None:
    """End a process, and its group if it leads one by now."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()


@contextmanager
def shielded() -> Iterator[None]:
    """Processes that start meanwhile do not hear Ctrl-C, nor import from the current directory."""
    before = os.environ.get(SAFE_PATH_VARIABLE)
    os.environ[SAFE_PATH_VARIABLE] = "1"
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        put_back(SAFE_PATH_VARIABLE, before)


def put_back(variable: str, text: str | None) -> None:
    """Give a variable of the environment the text that it had, or none."""
    os.environ.pop(variable, None)
    if text is not None:
        os.environ[variable] = text


def serve(channel: Connection, scratch: str, quiet: bool, safe_path: str | None, size: int) -> None:
    """Do calls in a process of the pool until the other end is gone.

    `safe_path` is what the user has set; adapters in Python that are started here depend on it.
    """
    Looks.work_beside(size)
    let_long_numbers_be_told()
    put_back(SAFE_PATH_VARIABLE, safe_path)
    with suppress(PermissionError):
        os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ[SCRATCH_VARIABLE] = tempfile.tempdir = scratch
    redirect_output(quiet)
    threading.Thread(target=end_with_parent, daemon=True).start()
    while True:
        try:
            call, arguments = channel.recv()
        except EOFError:
            return
        channel.send_bytes(answer_of(call, arguments))


def answer_of(call: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    """What a call returns or raises, pickled."""
    try:
        return pickle.dumps(call(*arguments))
    except Exception as error:
        text = traceback.format_exc()
        try:
            return pickle.dumps(Failed(error, text))
        except Exception:
            return pickle.dumps(Failed(RuntimeError(repr(error)), text))


def redirect_output(quiet: bool) -> None:
    """Standard output is for results; what subjects print goes elsewhere."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    if quiet:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        os.close(nowhere)
    else:
        os.dup2(2, 1)


def end_with_parent() -> None:
    """End this process and its group if the process that started it is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        end_noted(os.environ[SCRATCH_VARIABLE])
        os.killpg(0, signal.SIGKILL)
