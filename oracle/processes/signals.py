"""Ctrl-C and SIGTERM: noted when they come, acted on where it is safe."""

import signal
import sys
import time
from _thread import interrupt_main
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from types import FrameType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENT_SECONDS: Final = 15.0
"""What a signal asks to end may go on for so long: on a machine that has much else to do, even to
write down what is there may take a minute."""
AGAIN_SECONDS: Final = 0.05
"""After so long, a signal that was dropped comes again."""


class LostProcessError(Exception):
    """A process of ours was ended by somebody else in the middle of its work."""


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
    """Work that is asked to end when a signal comes, and is ended when a second one does, or when
    it does not end by itself."""

    def __init__(self, interruption: Interruption, ask: Callable[[], object]) -> None:
        super().__init__()
        self._interruption = interruption
        self._ask = ask
        self._asked: float | None = None
        """When the first signal was seen."""

    def check(self) -> None:
        """Ask for an end if a signal has come; SignalledError if two have, or if that is over."""
        if not self._interruption.came:
            return
        now = time.monotonic()
        if self._asked is None:
            self._asked = now
        if self._interruption.times > 1 or now > self._asked + PATIENT_SECONDS:
            raise SignalledError
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


def hear_dropped() -> None:
    """Let a signal come again whose error Python drops.

    It does so where the error is raised while garbage is collected, or a module's lock is given up:
    then nobody would ever know of the signal.
    """
    sys.unraisablehook = come_again


def come_again(dropped: "UnraisableHookArgs") -> None:
    """Called by Python for each error that it drops."""
    if not isinstance(dropped.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(dropped)
        return
    timer = Timer(AGAIN_SECONDS, interrupt_main, (signal.SIGTERM,))
    timer.daemon = True
    timer.start()
