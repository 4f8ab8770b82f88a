"""Watching a subject that runs in this process: a call that does not return is a finding.

A timer signal interrupts Python code that loops. Code that holds the interpreter cannot be
interrupted; a second, longer timer then ends the process, and the hunt takes it from there.

May import: faulthandler, os, signal, contextlib, model.
"""

import faulthandler
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from model.cluster import Cluster
from model.subject import SubjectError

PATIENCE = 10.0
"""Seconds that one call may take at least before it counts as hung."""


class SubjectHungError(SubjectError):
    """A call did not return in time."""


@contextmanager
def watched(cluster: Cluster, patience: float = PATIENCE) -> Iterator[None]:
    """Interrupt a call of the subject in which no step ends for `patience` seconds."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    last = -1

    def look(number: int, frame: FrameType | None) -> None:
        nonlocal last
        faulthandler.dump_traceback_later(3 * patience, exit=True, file=devnull)
        if cluster.micro_steps != last:
            last = cluster.micro_steps
        elif in_subject(frame):
            raise SubjectHungError(f"no answer for {patience:g} s")

    with open(os.devnull, "w") as devnull:
        before = signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, patience, patience)
        faulthandler.dump_traceback_later(3 * patience, exit=True, file=devnull)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()
            signal.signal(signal.SIGALRM, before)


def in_subject(frame: FrameType | None) -> bool:
    """Whether the interrupted code was called by way of the port."""
    while frame is not None:
        if frame.f_code is Cluster._call.__code__:
            return True
        frame = frame.f_back
    return False
