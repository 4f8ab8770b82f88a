"""A worker of a spread search: its share, its inbox, and the loop through a level.

It reaches the other workers only through the objects that `meet` gives it, so it does not depend on
what carries the messages.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from attrs import field, frozen

from model.explorer.engines.choice import make_engine
from model.explorer.search.breadth_first import by_name
from model.explorer.spread.share import Parcel, WorkerShare
from model.explorer.systems.system import System

ROOT: Final = Path(__file__).resolve().parents[3]
PACKAGES: Final = ("raft_core", "properties", "model")
"""The packages that have to be the same for all workers, so that they agree on states."""


def version() -> str:
    """A digest of the program's source."""
    digest = hashlib.blake2b(digest_size=16)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode() + b":" + path.read_bytes())
    return digest.hexdigest()


@frozen(kw_only=True)
class WorkerProgress:
    """What one worker has counted so far; `kinds` and `notes` only when it is asked for all."""

    distinct: int
    generated: int
    bytes: int
    kinds: dict[str, int] = field(factory=dict)
    notes: frozenset[Hashable] = frozenset()


class Pending(Protocol):
    """A parcel under way."""

    def result(self) -> Any:
        """Wait until it has arrived."""
        ...


class Worker:
    """One worker; `receive`, `progress` and `stop` are served while `expand` runs."""

    def __init__(
        self,
        make_system: Callable[[], System],
        symmetry: bool,
        engine: str,
        owner: int,
        owners: int,
    ) -> None:
        self.engine = make_engine(engine, make_system(), symmetry, 1)
        self.share = WorkerShare(self.engine, owner, owners)
        self.inbox: deque[Parcel] = deque()
        self.is_stopped = False
        self._peers: Sequence[Any] = ()

    def meet(self, peers: Sequence[Any]) -> str:
        """Learn who all workers are, by number; the answer is this one's version."""
        self._peers = peers
        return version()

    def expand(self) -> tuple[tuple[int, int, int], ...]:
        """Expand this worker's part of the level, until all that it sent has arrived.

        The answer is empty, or the least violation: its parent's fingerprint, the position of the
        move, and its parent's number.
        """
        pending: dict[int, Pending] = {}
        while not self.is_stopped and self.share.advance():
            for receiver, parcel in self.share.parcels():
                self._send(receiver, parcel, pending)
            self._take_in()
        for receiver, parcel in self.share.parcels(least=1):
            self._send(receiver, parcel, pending)
        for each in pending.values():
            each.result()
        return () if self.share.violation is None else (self.share.violation,)

    def _send(self, receiver: int, parcel: Parcel, pending: dict[int, Pending]) -> None:
        """Send a parcel once the one before has arrived, so that they stay in order."""
        if receiver in pending:
            pending[receiver].result()
        pending[receiver] = self._peers[receiver].receive(parcel)

    def _take_in(self) -> None:
        while self.inbox:
            self.share.accept(self.inbox.popleft())
        self.share.tidy()

    async def receive(self, parcel: Parcel) -> None:
        """Keep a parcel that has arrived."""
        self.inbox.append(parcel)

    async def stop(self) -> None:
        """Do not expand any more states."""
        self.is_stopped = True

    async def progress(self) -> WorkerProgress:
        """How far this worker is."""
        return self._progress()

    def _progress(self) -> WorkerProgress:
        """What can be read at any time, while `expand` runs too."""
        return WorkerProgress(
            distinct=self.share.trail.length,
            generated=self.engine.counts.generated,
            bytes=self.share.bytes,
        )

    def settle(self) -> WorkerProgress:
        """Begin the next level with what arrived; all workers have sent everything."""
        self._take_in()
        self.share.settle()
        return self._progress()

    def origin(self, state: int) -> tuple[int, int, int]:
        """The owner and the number of a state's parent, and the move."""
        return self.share.trail.origin(state)

    def counted(self) -> WorkerProgress:
        """All that this worker has counted."""
        counts, tables = self.engine.counts, self.engine.tables
        taken = (tables.notes[each] for each in np.flatnonzero(counts.outcomes))
        return WorkerProgress(
            distinct=self.share.trail.length,
            generated=counts.generated,
            bytes=self.share.bytes,
            kinds=by_name(tables.kinds, counts.kinds),
            notes=frozenset(note for note in taken if note is not None),
        )
