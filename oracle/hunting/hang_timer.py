"""Watching a subject that runs in this process: a call that does not return is a finding.

A timer signal interrupts Python code that loops or waits. Code that holds the interpreter
cannot be interrupted, and some code swallows the interruption; a second, longer timer then
ends the process, and the hunt takes it from there.
"""

import faulthandler
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from model.world.world import World
from oracle.subjects.guarded import SubjectHungError
from oracle.terminal.usage import patience

LOOKS = 4
"""How often a call is seen to be the same one within this time."""


@contextmanager
def watched() -> Iterator[None]:
    """Interrupt a call of a subject that does not return in time."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seconds = patience()
    last: FrameType | None = None
    looks = 0

    def look(number: int, frame: FrameType | None) -> None:
        nonlocal last, looks
        call = call_of_subject(frame)
        looks = looks + 1 if call is last else 0
        if call is not last or call is None:
            last = call
            faulthandler.dump_traceback_later(2 * seconds, exit=True, file=devnull)
        elif looks >= LOOKS:
            raise SubjectHungError("a call did not return")

    with open(os.devnull, "w") as devnull:
        before = signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, seconds / LOOKS, seconds / LOOKS)
        faulthandler.dump_traceback_later(2 * seconds, exit=True, file=devnull)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()
            signal.signal(signal.SIGALRM, before)
            last = None


def call_of_subject(frame: FrameType | None) -> FrameType | None:
    """The call by way of the port that was interrupted, if it was one."""
    while frame is not None and frame.f_code is not World.call_subject.__code__:
        frame = frame.f_back
    return frame
