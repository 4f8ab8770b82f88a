"""A toy that breaks the port's contract: setting `how` says in which way, `where` in which call.

It does so in the third of these calls, in the first of create and reset, or when it is closed
after a run.
"""

import ctypes
import itertools
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from model.reference.cluster import ReferenceCluster
from model.subject import Packet, Setting
from properties.view import REFERENCE_OBSERVES
from raft_core import Configuration, Server, s1, s2

DICE = random.SystemRandom()


def spin() -> None:
    """Hang in Python, and swallow every interruption."""
    while True:
        try:
            while True:
                pass
        except Exception:
            continue


def sink() -> None:
    """Call itself for ever."""
    sink()


def chatter() -> None:
    """Print a lot."""
    for _ in range(2_000):
        print("chatter " * 8)


def sometimes() -> None:
    """Fail by chance."""
    if DICE.random() < 0.5:
        raise RuntimeError(f"chance {DICE.random()}")


def fail() -> None:
    """Raise, with an address in the text."""
    raise RuntimeError(f"broken at {object()}\nsecond line")


def exhaust() -> None:
    """Ask for more memory than there is."""
    bytearray(1 << 62)


DEEDS: dict[str, Callable[[], object]] = {
    "raises": fail,
    "sleeps": lambda: time.sleep(10**6),
    "spins": spin,
    "spins-in-c": lambda: sum(itertools.repeat(0)),
    "sys-exit": lambda: sys.exit(7),
    "os-exit": lambda: os._exit(3),
    "exits-with-0": lambda: os._exit(0),
    "crashes": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "reads-null": lambda: ctypes.string_at(0),
    "recurses": sink,
    "chatters": chatter,
    "exhausts": exhaust,
    "sometimes": sometimes,
    "slow": lambda: time.sleep(0.05),
    "never": lambda: None,
}
ANSWERS: dict[str, object] = {
    "none": None,
    "view-of-text": SimpleNamespace(role="leader"),
    "packet-from-9": (Packet(Server(8), s1, "x", None),),
    "packet-to-int": (Packet(s1, 1, "x", None),),  # type: ignore[arg-type]
    "unhashable": (Packet(s1, s2, [], None),),  # type: ignore[arg-type]
    "not-a-packet": ("packet",),
}


class Broken:
    """The reference, but for one call."""

    def __init__(self, servers: int, settings: Mapping[str, str]) -> None:
        self.how, self.where = settings.get("how", "raises"), settings.get("where", "receive")
        self.inner = ReferenceCluster(Configuration(servers=servers))
        self.calls = self.resets = 0
        if self.where == "create":
            self.misbehave()

    def misbehave(self) -> object:
        """Do the deed, or give the wrong answer."""
        if self.how in DEEDS:
            DEEDS[self.how]()
        return ANSWERS.get(self.how)

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: object) -> object:
            if name == "reset":
                self.calls = 0
                self.resets += 1
            self.calls += name == self.where
            answer = getattr(self.inner, name)(*arguments)
            first = name == "reset" or (name == "close" and self.resets > 0)
            if name == self.where and (first or self.calls >= 3):
                wrong = self.misbehave()
                answer = wrong if self.how in ANSWERS else answer
            if self.how == "mutable-view" and name == "view":
                answer = self.mutable(arguments[0], answer)
            return answer

        return call

    def mutable(self, server: Any, view: Any) -> object:
        """A view that is the same object every time."""
        known = self.__dict__.setdefault("known", {}).setdefault(server, SimpleNamespace())
        for name in ("role", "current_term", "log", "commit_index", "last_applied"):
            setattr(known, name, getattr(view, name))
        for name in ("voted_for", "next_index", "match_index"):
            setattr(known, name, getattr(view, name))
        return known


class BrokenFactory:
    """Makes broken toys."""

    name = "broken"
    summary = "a toy that breaks the port's contract"
    network = "any"
    observes = REFERENCE_OBSERVES
    settings = (Setting("how", "raises", "what it does"), Setting("where", "receive", "in"))

    def version(self, settings: Mapping[str, str]) -> str:
        """A version."""
        return "1.0"

    def create(self, servers: int, settings: Mapping[str, str]) -> Any:
        """A new cluster."""
        return Broken(servers, settings)


FACTORY = BrokenFactory()
FIFO = type("FifoFactory", (BrokenFactory,), {"network": "fifo"})()
