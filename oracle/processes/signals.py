"""Ctrl-C and SIGTERM: noted when they come, acted on where it is safe."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class SignalledError(Exception):
    """SIGINT or SIGTERM came: the work ends, and keeps what it found."""


class Interruption:
    """Whether a signal has come; a loop that waits asks again and again."""

    def __init__(self) -> None:
        self.came = False

    def note(self, number: int, frame: object) -> None:
        """The signal handler."""
        self.came = True

    def check(self) -> None:
        """SignalledError if a signal has come."""
        if self.came:
            raise SignalledError


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Note signals meanwhile, instead of dying by them."""
    interruption = Interruption()
    with on_signals(interruption.note):
        yield interruption


@contextmanager
def on_signals(handle: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Call this when SIGINT or SIGTERM comes meanwhile."""
    handlers = {each: signal.signal(each, handle) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
