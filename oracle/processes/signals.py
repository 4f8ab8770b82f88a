"""Ctrl-C and SIGTERM: noted when they come, acted on where it is safe."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SignalledError(Exception):
    """A signal to end came: the work ends, and keeps what it found."""


class Interruption:
    """Whether a signal has come; a loop that waits asks again and again."""

    def __init__(self) -> None:
        self.times = 0

    @property
    def came(self) -> bool:
        """Whether a signal has come."""
        return self.times > 0

    def note(self, number: int, frame: object) -> None:
        """The signal handler."""
        self.times += 1

    def check(self) -> None:
        """SignalledError if a signal has come."""
        if self.came:
            raise SignalledError


class SecondChance(Interruption):
    """Work that is asked to end when a signal comes, and is ended when a second one does."""

    def __init__(self, interruption: Interruption, ask: Callable[[], object]) -> None:
        super().__init__()
        self._interruption = interruption
        self._ask = ask

    def check(self) -> None:
        """Ask for an end if a signal has come; SignalledError if two have."""
        if self._interruption.times > 1:
            raise SignalledError
        if self._interruption.came:
            self._ask()


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Note signals meanwhile, instead of dying by them."""
    interruption = Interruption()
    with on_signals(interruption.note):
        yield interruption


@contextmanager
def on_signals(handle: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Call this when SIGINT, SIGTERM or SIGHUP comes meanwhile.

    A command that `nohup` has started goes on ignoring SIGHUP.
    """
    is_deaf = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    heard = (each for each in SIGNALS if not (is_deaf and each == signal.SIGHUP))
    handlers = {each: signal.signal(each, handle) for each in heard}
    try:
        yield
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
