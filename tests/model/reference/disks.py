"""What a disk holds after writes."""

from collections.abc import Iterable

from model.reference.disk import Write, with_write
from raft_core import PersistentState


def folded(stored: PersistentState, writes: Iterable[Write]) -> PersistentState:
    """The stored state after all these writes."""
    for write in writes:
        stored = with_write(stored, write)
    return stored
