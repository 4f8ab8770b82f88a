"""Mistakes at the disk: what is written, in which order, and what is done when it fails."""

from typing import Final

from model.mutants.mutant import Mutant
from model.reference.disk import (
    AppendToLog,
    Operation,
    ReplaceLog,
    Sync,
    TruncateLog,
    Write,
    WriteTerm,
    WriteVote,
    log_writes,
    operations_of,
)
from raft_core import (
    AnyMessage,
    AppendEntries,
    ClientRequest,
    Configuration,
    ElectionTimeout,
    ExtendedEvent,
    PersistentState,
    Server,
    State,
    restart,
)
from raft_core.evolve import evolve

FAULTS: Final = {"disk_faults": "on"}


def requests_votes_before_durable(
    before: State, event: ExtendedEvent, after: State, messages: tuple[AnyMessage, ...]
) -> tuple[Operation, ...]:
    """Sends RequestVote while its own vote is not durable yet."""
    operations = operations_of(before, event, after, messages)
    if not isinstance(event, ElectionTimeout):
        return operations
    return tuple(each for each in operations if not isinstance(each, Sync))


def rewrites_suffix(before: State, event: ExtendedEvent, after: State) -> tuple[Write, ...]:
    """Deletes all that follows the previous entry, and writes it again."""
    writes = log_writes(before, event, after)
    replaced = any(isinstance(each, ReplaceLog) for each in writes)
    if replaced or not isinstance(event, AppendEntries):
        return writes
    first = max(event.prev_log_index, after.log.snapshot_index) + 1
    entries = after.log.entries_from(first, after.log.last_index)
    return (TruncateLog(first), AppendToLog(entries))


def vote_then_term(after: State) -> tuple[Write, ...]:
    """Writes the vote first, and the term apart from it."""
    return (WriteVote(after.voted_for), WriteTerm(after.current_term))


def discards_before_snapshot(
    before: State, event: ExtendedEvent, after: State
) -> tuple[Write, ...]:
    """Discards the log before the snapshot that stands for it is written."""
    writes = log_writes(before, event, after)
    if not any(isinstance(each, ReplaceLog) for each in writes):
        return writes
    return (ReplaceLog(evolve(after.log, snapshot_rows=before.log.snapshot_rows)), *writes)


def counts_unsynced_entries(
    before: State, event: ExtendedEvent, after: State, messages: tuple[AnyMessage, ...]
) -> tuple[Operation, ...]:
    """Counts a leader's own entries before they are synced."""
    operations = operations_of(before, event, after, messages)
    if not isinstance(event, ClientRequest):
        return operations
    return tuple(each for each in operations if not isinstance(each, Sync))


def goes_on() -> bool:
    """Goes on where its disk refuses a write."""
    return True


def restart_with_all_committed(
    server: Server, configuration: Configuration, stored: PersistentState
) -> State:
    """Applies after a restart whatever is in the log."""
    state = restart(server, configuration, stored)
    return evolve(state, commit_index=state.log.last_index, last_applied=state.log.last_index)


MUTANTS: Final = (
    Mutant(
        number=30,
        name="requests-votes-before-durable",
        rule="sends RequestVote before its own vote is durable",
        replaces="model.reference.disk.operations_of",
        replacement=requests_votes_before_durable,
        listed_property="ElectionSafety",
        servers=3,
        seen_in="SOFAJRaft #1241",
        settings=FAULTS,
    ),
    Mutant(
        number=31,
        name="rewrites-suffix",
        rule="crash between truncation and append",
        replaces="model.reference.disk.log_writes",
        replacement=rewrites_suffix,
        listed_property="LeaderCompleteness",
        servers=3,
        settings=FAULTS,
    ),
    Mutant(
        number=53,
        name="vote-written-before-term",
        rule="writes the vote first, and the term apart from it",
        replaces="model.reference.disk.term_and_vote_writes",
        replacement=vote_then_term,
        listed_property="ElectionSafety",
        servers=3,
        seen_in="hashicorp/raft #661",
        settings=FAULTS,
    ),
    Mutant(
        number=54,
        name="discards-before-snapshot",
        rule="discards the log before the snapshot is durable",
        replaces="model.reference.disk.log_writes",
        replacement=discards_before_snapshot,
        listed_property="MachinesAgree",
        servers=3,
        seen_in="nats-server #8425, etcd #12691",
        settings={**FAULTS, "snapshots": "on"},
    ),
    Mutant(
        number=55,
        name="counts-unsynced-entries",
        rule="counts a leader's own entries before they are synced",
        replaces="model.reference.disk.operations_of",
        replacement=counts_unsynced_entries,
        listed_property="CommittedOnQuorum",
        servers=3,
        seen_in="deventlab/d-engine #329",
    ),
    Mutant(
        number=56,
        name="failed-write-ignored",
        rule="goes on where its disk refuses a write",
        replaces="model.reference.disk.goes_on_after_failed_write",
        replacement=goes_on,
        listed_property="CommittedOnQuorum",
        servers=3,
        seen_in="dotnet/dotNext #100",
        settings=FAULTS,
    ),
    Mutant(
        number=57,
        name="restart-commits-whole-log",
        rule="applies after a restart whatever is in the log",
        replaces="raft_core.server.restart",
        replacement=restart_with_all_committed,
        listed_property="StateMachineSafety",
        servers=3,
        seen_in="goraft/raft #69, aeron #1898",
    ),
)
