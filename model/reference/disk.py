"""The other half of step's contract: what a server writes, syncs and sends, and in which order.

`step` says what must be durable before its messages leave. Here that becomes a list of
operations, so that a crash can fall between any two of them, take unsynced writes along, and
meet a disk that refuses. What has to be atomic is one write.
"""

from typing import TypeAlias

from attrs import frozen

from raft_core import (
    AnyMessage,
    Entry,
    ExtendedEvent,
    Index,
    Log,
    PersistentState,
    Server,
    State,
    Term,
)
from raft_core.evolve import evolve


@frozen
class WriteTermAndVote:
    """Term and vote, in one: a vote without its term could be counted in another one."""

    term: Term
    voted_for: Server | None


@frozen
class WriteTerm:
    """The term alone, where an implementation keeps it apart from the vote."""

    term: Term


@frozen
class WriteVote:
    """The vote alone."""

    voted_for: Server | None


@frozen
class TruncateLog:
    """Entries from `first_index` on go."""

    first_index: Index


@frozen
class AppendToLog:
    """Entries after the last one."""

    entries: tuple[Entry, ...]


@frozen
class ReplaceLog:
    """A snapshot and the log after it, written to a new file and put in place by one rename."""

    log: Log


@frozen
class Sync:
    """All that was written before is on the disk for good."""


@frozen
class Send:
    """A message leaves."""

    message: AnyMessage


Write: TypeAlias = WriteTermAndVote | WriteTerm | WriteVote | TruncateLog | AppendToLog | ReplaceLog
Operation: TypeAlias = Write | Sync | Send


def operations_of(
    before: State, event: ExtendedEvent, after: State, messages: tuple[AnyMessage, ...]
) -> tuple[Operation, ...]:
    """What a server does after a step: writes, then a sync, and only then messages.

    Figure 2, State: "updated on stable storage before responding to RPCs".
    """
    writes = writes_of(before, event, after)
    synced: tuple[Operation, ...] = (Sync(),) if writes else ()
    return (*writes, *synced, *(Send(message) for message in messages))


def writes_of(before: State, event: ExtendedEvent, after: State) -> tuple[Write, ...]:
    """What a step changed of the persistent state, as writes. Figure 2, State.

    Term and vote come first: an entry of a term that the disk does not know yet would be ahead.
    """
    writes: tuple[Write, ...] = ()
    if (before.current_term, before.voted_for) != (after.current_term, after.voted_for):
        writes = term_and_vote_writes(after)
    return writes if after.log is before.log else (*writes, *log_writes(before, event, after))


def term_and_vote_writes(after: State) -> tuple[Write, ...]:
    """Term and vote change together."""
    return (WriteTermAndVote(after.current_term, after.voted_for),)


def log_writes(before: State, event: ExtendedEvent, after: State) -> tuple[Write, ...]:
    """A truncation of what conflicts, and only of that; then what is new."""
    old, new = before.log, after.log
    if new.snapshot_index != old.snapshot_index:
        return (ReplaceLog(new),)
    common = new.common_last_index(old)
    writes: tuple[Write, ...] = ()
    if old.last_index > common:
        writes = (TruncateLog(common + 1),)
    if new.last_index > common:
        entries = new.entries_from(common + 1, new.last_index - common)
        writes = (*writes, AppendToLog(entries))
    return writes


def goes_on_after_failed_write() -> bool:
    """A server stops where its disk refuses: what it holds in memory may not be on the disk.

    Nor may it try again: a second sync does not say what the first one has lost.
    """
    return False


@frozen
class Disk:
    """A server's disk: what is there for good, and what was written since the last sync."""

    stored: PersistentState
    unsynced: tuple[Write, ...] = ()

    def written(self, write: Write) -> "Disk":
        """The disk with one more write that is not synced."""
        return Disk(self.stored, (*self.unsynced, write))

    def synced(self) -> "Disk":
        """The disk with all writes there for good."""
        return Disk(self.after_crash(0))

    def after_crash(self, lost: int) -> PersistentState:
        """What a server finds after a crash that took the last `lost` unsynced writes."""
        stored = self.stored
        for write in self.unsynced[: max(len(self.unsynced) - lost, 0)]:
            stored = with_write(stored, write)
        return stored


def with_write(stored: PersistentState, write: Write) -> PersistentState:
    """The stored state after one write."""
    match write:
        case WriteTermAndVote():
            return evolve(stored, current_term=write.term, voted_for=write.voted_for)
        case WriteTerm():
            return evolve(stored, current_term=write.term)
        case WriteVote():
            return evolve(stored, voted_for=write.voted_for)
        case TruncateLog():
            return evolve(stored, log=stored.log.truncated_from(write.first_index))
        case AppendToLog():
            return evolve(stored, log=stored.log.appended(write.entries))
        case ReplaceLog():
            return evolve(stored, log=write.log)


@frozen
class Carried:
    """What came of a step's operations: the disk, what left, and whether the server still runs."""

    disk: Disk
    sent: tuple[AnyMessage, ...]
    is_running: bool


def carry_out(
    disk: Disk, operations: tuple[Operation, ...], until: int, refused: int, goes_on: bool
) -> Carried:
    """Do a step's operations, up to the crash before operation `until`, counted from 0.

    `refused` is the write, counted from 0, that the disk refuses; -1 for either is never.
    """
    sent: tuple[AnyMessage, ...] = ()
    writes = 0
    for position, operation in enumerate(operations):
        if position == until:
            return Carried(disk, sent, is_running=False)
        match operation:
            case Send(message):
                sent = (*sent, message)
            case Sync():
                disk = disk.synced()
            case _:
                writes += 1
                if writes != refused + 1:
                    disk = disk.written(operation)
                elif not goes_on:
                    return Carried(disk, sent, is_running=False)
    return Carried(disk, sent, is_running=True)
