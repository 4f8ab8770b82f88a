"""Mistakes with snapshots."""

from typing import Final

from model.mutants.mutant import Mutant
from raft_core import AppendEntries, InstallSnapshot, Log, Machine, Rows, Sent, State
from raft_core.chunks import is_same_snapshot, with_chunk
from raft_core.election import become_follower
from raft_core.evolve import evolve
from raft_core.extensions import Incoming
from raft_core.replication import store_entries
from raft_core.snapshot import log_after_snapshot, receive_install_snapshot

SNAPSHOTS: Final = {"snapshots": "on", "max_entries": "2"}


def no_snapshot_is_known(state: State, request: InstallSnapshot) -> bool:
    """Installs whatever arrives, however late."""
    return False


def stored_from_index_zero(log: Log, request: AppendEntries) -> Log:
    """Takes entries from index 1 for those after its snapshot."""
    if request.prev_log_index == 0 and log.snapshot_index:
        return log.truncated_from(log.first_index).appended(request.entries)
    return store_entries(log, request)


def stored_after_discarded_prev(log: Log, request: AppendEntries) -> Log:
    """Takes a previous entry that its snapshot covers for a conflict, and deletes its log."""
    if request.prev_log_index < log.snapshot_index:
        return log.truncated_from(log.first_index)
    return store_entries(log, request)


def log_without_suffix(log: Log, request: InstallSnapshot, incoming: Incoming) -> Log:
    """Discards the entries after a snapshot that matches the log."""
    return log_after_snapshot(Log(), request, incoming)


def log_with_conflicting_suffix(log: Log, request: InstallSnapshot, incoming: Incoming) -> Log:
    """Keeps the entries after a snapshot, though the log contradicts it."""
    index = request.last_included_index
    kept = log_after_snapshot(Log(), request, incoming)
    if log.last_index <= index or log.first_index > index + 1:
        return log_after_snapshot(log, request, incoming)
    return kept.appended(log.entries_from(index + 1, log.last_index - index))


def complete_by_flag(incoming: Incoming | None, request: InstallSnapshot) -> bool:
    """Takes a snapshot for complete when its last chunk arrives, whatever is missing."""
    return incoming is not None and request.done


def rows_without_sessions(machine: Machine) -> Rows:
    """Leaves the clients' sessions out of its snapshots."""
    return tuple(("value", key, value) for key, value in machine.values)


def log_with_own_configuration(log: Log, request: InstallSnapshot, incoming: Incoming) -> Log:
    """Goes on with the configuration that it knew before a snapshot."""
    return log_after_snapshot(log, evolve(request, membership=log.membership), incoming)


def entry_after_snapshot_matches(log: Log, request: AppendEntries) -> bool:
    """Takes the entry after its snapshot for covered by it, whatever it is."""
    is_next = log.snapshot_index > 0 and request.prev_log_index == log.snapshot_index + 1
    return is_next or log.holds(request.prev_log_index, request.prev_log_term)


def snapshot_takes_term(state: State, request: InstallSnapshot) -> tuple[State, Sent]:
    """Takes the term of whoever sends a snapshot, newer or older."""
    if request.term < state.current_term:
        state = become_follower(evolve(state, current_term=request.term), request.term)
    return receive_install_snapshot(state, request)


def any_chunk_follows(incoming: Incoming | None, request: InstallSnapshot) -> Incoming | None:
    """Takes a chunk wherever it belongs, after those that it has."""
    if incoming is None or not is_same_snapshot(incoming, request):
        return with_chunk(incoming, request)
    return evolve(incoming, rows=incoming.rows + request.rows)


MUTANTS: Final = (
    Mutant(
        number=23,
        name="stale-snapshot-installed",
        rule="installs a stale snapshot",
        replaces="raft_core.snapshot.is_known",
        replacement=no_snapshot_is_known,
        listed_property="CommitMonotonic",
        servers=3,
        listed_actions=17,
        settings=SNAPSHOTS,
    ),
    Mutant(
        number=24,
        name="index-zero-after-compaction",
        rule="accepts prev_log_index 0 after compaction",
        replaces="raft_core.replication.store_entries",
        replacement=stored_from_index_zero,
        listed_property="LogMatching",
        servers=3,
        listed_actions=14,
        seen_in="WRaft",
        settings=SNAPSHOTS,
    ),
    Mutant(
        number=35,
        name="discarded-prev-is-conflict",
        rule="takes a previous entry that its snapshot covers for a conflict",
        replaces="raft_core.replication.store_entries",
        replacement=stored_after_discarded_prev,
        listed_property="CommittedOnQuorum",
        servers=3,
        seen_in="openraft #509",
        settings=SNAPSHOTS,
    ),
    Mutant(
        number=36,
        name="snapshot-drops-suffix",
        rule="discards entries after a snapshot that matches the log",
        replaces="raft_core.snapshot.log_after_snapshot",
        replacement=log_without_suffix,
        listed_property="CommittedOnQuorum",
        servers=3,
        seen_in="camunda/camunda #6092",
        settings=SNAPSHOTS,
    ),
    Mutant(
        number=37,
        name="snapshot-keeps-conflict",
        rule="keeps entries after a snapshot that contradicts the log",
        replaces="raft_core.snapshot.log_after_snapshot",
        replacement=log_with_conflicting_suffix,
        listed_property="LogMatching",
        servers=3,
        seen_in="hashicorp/raft #704, openraft #753",
        settings=SNAPSHOTS,
    ),
    Mutant(
        number=38,
        name="snapshot-complete-by-flag",
        rule="takes a snapshot for complete when its last chunk arrives",
        replaces="raft_core.chunks.is_complete",
        replacement=complete_by_flag,
        listed_property="MachinesAgree",
        servers=3,
        seen_in="camunda/camunda #4346",
        settings={**SNAPSHOTS, "snapshot_rows": "1"},
    ),
    Mutant(
        number=39,
        name="sessions-not-in-snapshot",
        rule="leaves the clients' sessions out of its snapshots",
        replaces="raft_core.machine.rows_of",
        replacement=rows_without_sessions,
        listed_property="MachinesAgree",
        servers=3,
        seen_in="copycat #14",
        settings={**SNAPSHOTS, "state_machine": "on", "sessions": "on"},
    ),
    Mutant(
        number=40,
        name="stale-configuration-kept",
        rule="goes on with the configuration that it knew before a snapshot",
        replaces="raft_core.snapshot.log_after_snapshot",
        replacement=log_with_own_configuration,
        listed_property="MembershipAgrees",
        servers=5,
        seen_in="openraft #1808, moby/swarmkit #238",
        settings={
            **SNAPSHOTS,
            "single_server_changes": "on",
            "no_op": "on",
            "initial_voters": "3",
        },
    ),
    Mutant(
        number=86,
        name="entry-after-snapshot-matches",
        rule="takes the entry after its snapshot for covered by it",
        replaces="raft_core.replication.has_matching_prev_entry",
        replacement=entry_after_snapshot_matches,
        listed_property="LogMatching",
        servers=3,
        settings=SNAPSHOTS,
    ),
    Mutant(
        number=87,
        name="snapshot-lowers-term",
        rule="takes the term of an older leader's snapshot",
        replaces="raft_core.snapshot.receive_install_snapshot",
        replacement=snapshot_takes_term,
        listed_property="TermMonotonic",
        servers=3,
        settings=SNAPSHOTS,
    ),
    Mutant(
        number=88,
        name="any-chunk-follows",
        rule="takes a chunk at a wrong offset",
        replaces="raft_core.chunks.with_chunk",
        replacement=any_chunk_follows,
        listed_property="MachinesAgree",
        servers=3,
        settings={**SNAPSHOTS, "snapshot_rows": "1", "state_machine": "on"},
    ),
)
