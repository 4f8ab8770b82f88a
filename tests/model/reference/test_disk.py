"""The disk: single writes, what a crash leaves of them, and operations that end early."""

import pytest

from model.mutants.disks import rewrites_suffix, vote_then_term
from model.reference.disk import (
    AppendToLog,
    Disk,
    ReplaceLog,
    Send,
    Sync,
    TruncateLog,
    Write,
    WriteTerm,
    WriteTermAndVote,
    WriteVote,
    carry_out,
    goes_on_after_failed_write,
    operations_of,
    with_write,
    writes_of,
)
from raft_core import (
    ClientRequest,
    ElectionTimeout,
    NotLeader,
    PersistentState,
    persistent_state,
    s1,
    s2,
    s3,
    step,
)
from tests.model.reference.disks import folded
from tests.raft_core.build import (
    append_entries,
    entries_after,
    follower,
    leader_of,
    log_of,
    request_vote,
)

# Single writes


def test_vote_that_left_is_on_the_disk_after_any_crash() -> None:
    """Section 5.2: a voter that crashes after its answer does not vote again in that term."""
    before = follower(1)
    after, messages = step(before, request_vote(2))
    operations = operations_of(before, request_vote(2), after, messages)
    assert operations == (WriteTermAndVote(2, s2), Sync(), *map(Send, messages))
    disk = Disk(persistent_state(before))
    found = [carry_out(disk, operations, until, -1, False) for until in range(4)]
    kept = [each.disk.after_crash(9).voted_for for each in found]
    assert (kept, [len(each.sent) for each in found]) == ([None, None, s2, s2], [0, 0, 0, 1])


def test_vote_written_apart_from_its_term_may_count_in_another() -> None:
    """Why the two are one write: between them the disk has a vote that nobody gave."""
    before = follower(1)
    writes = vote_then_term(step(before, request_vote(2))[0])
    between = folded(persistent_state(before), writes[:1])
    assert (between.current_term, between.voted_for) == (1, s2)


def test_suffix_is_not_rewritten() -> None:
    """Section 5.3: entries that match stay where they are, so that no crash can lose them."""
    before = follower(2, (1, 1, 1))
    request = append_entries(2, (1, 1), (1, 1))
    after, _ = step(before, request)
    assert writes_of(before, request, after) == ()
    torn = folded(persistent_state(before), rewrites_suffix(before, request, after)[:1])
    assert torn.log.last_index == 1


def test_conflict_is_truncated_and_then_appended_to() -> None:
    """Section 5.3: what conflicts goes, and only that; a crash between leaves a prefix."""
    before = follower(2, (1, 1, 1))
    request = append_entries(2, (1, 1), (2, 2))
    after, _ = step(before, request)
    truncate, append = writes_of(before, request, after)
    assert (truncate, append) == (TruncateLog(2), AppendToLog(entries_after(1, (2, 2))))
    assert with_write(persistent_state(before), truncate).log == log_of(1)


def test_a_leaders_entry_is_one_append() -> None:
    """Term and vote did not change, so they are not written again."""
    before = leader_of(2, (1,))
    after, messages = step(before, ClientRequest("x"))
    operations = operations_of(before, ClientRequest("x"), after, messages)
    assert [type(each) for each in operations] == [AppendToLog, Sync, Send, Send]


def test_a_step_that_changes_nothing_writes_nothing() -> None:
    """A heartbeat costs no sync."""
    before = follower(2, (1,), leader=s2)
    request = append_entries(2, (1, 1))
    after, messages = step(before, request)
    assert operations_of(before, request, after, messages) == tuple(map(Send, messages))


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (WriteTermAndVote(3, s3), PersistentState(current_term=3, voted_for=s3, log=log_of(1, 2))),
        (WriteTerm(3), PersistentState(current_term=3, voted_for=s2, log=log_of(1, 2))),
        (WriteVote(None), PersistentState(current_term=2, log=log_of(1, 2))),
        (TruncateLog(2), PersistentState(current_term=2, voted_for=s2, log=log_of(1))),
        (
            AppendToLog(entries_after(2, (2,))),
            PersistentState(current_term=2, voted_for=s2, log=log_of(1, 2, 2)),
        ),
        (ReplaceLog(log_of(2)), PersistentState(current_term=2, voted_for=s2, log=log_of(2))),
    ],
)
def test_write_changes_what_it_says(write: Write, expected: PersistentState) -> None:
    """And nothing else."""
    stored = PersistentState(current_term=2, voted_for=s2, log=log_of(1, 2))
    assert with_write(stored, write) == expected


# The disk

WRITES = (
    WriteTermAndVote(2, s2),
    TruncateLog(1),
    AppendToLog(entries_after(0, (2,))),
    AppendToLog(entries_after(1, (2,))),
)
STORED = PersistentState(current_term=1, log=log_of(1))


def written(*writes: Write) -> Disk:
    """A disk with these writes, none of them synced."""
    disk = Disk(STORED)
    for write in writes:
        disk = disk.written(write)
    return disk


@pytest.mark.parametrize("lost", range(len(WRITES) + 3))
def test_crash_leaves_a_prefix_of_the_unsynced_writes(lost: int) -> None:
    """The last ones go first; more than there are cannot be lost."""
    kept = max(len(WRITES) - lost, 0)
    assert written(*WRITES).after_crash(lost) == folded(STORED, WRITES[:kept])


def test_synced_writes_are_not_lost() -> None:
    """A sync covers all writes before it, and none after."""
    disk = written(*WRITES[:2]).synced().written(WRITES[2])
    assert disk.after_crash(9) == folded(STORED, WRITES[:2])
    assert disk.after_crash(0) == folded(STORED, WRITES[:3])


# Operations that end early

OPERATIONS = (
    WRITES[0],
    WRITES[1],
    Sync(),
    Send(NotLeader(s1, "a", None)),
    Send(NotLeader(s1, "b", None)),
)


@pytest.mark.parametrize(
    ("until", "unsynced", "sent"),
    [(0, 0, ""), (1, 1, ""), (2, 2, ""), (3, 0, ""), (4, 0, "a")],
)
def test_crash_falls_before_the_operation_it_is_told(until: int, unsynced: int, sent: str) -> None:
    """What came before it has happened, and nothing else."""
    carried = carry_out(Disk(STORED), OPERATIONS, until, -1, False)
    assert not carried.is_running
    assert len(carried.disk.unsynced) == unsynced
    assert carried.sent == tuple(NotLeader(s1, each, None) for each in sent)
    assert carried.disk.after_crash(0) == folded(STORED, WRITES[: min(until, 2)])


@pytest.mark.parametrize("until", [-1, len(OPERATIONS), 99])
def test_crash_that_no_operation_reaches_does_not_happen(until: int) -> None:
    """Behind the last operation there is nothing left to interrupt."""
    carried = carry_out(Disk(STORED), OPERATIONS, until, -1, False)
    assert carried.is_running
    assert (carried.disk, len(carried.sent)) == (Disk(folded(STORED, WRITES[:2])), 2)


@pytest.mark.parametrize("refused", [0, 1])
def test_server_stops_at_a_refused_write(refused: int) -> None:
    """It sends nothing; the writes before the refused one may have come to the disk."""
    carried = carry_out(Disk(STORED), OPERATIONS, -1, refused, goes_on_after_failed_write())
    assert (carried.is_running, carried.sent) == (False, ())
    assert carried.disk == Disk(STORED, WRITES[:refused])


def test_only_writes_are_refused() -> None:
    """Syncs and messages do not count, and a write that does not come is not refused."""
    carried = carry_out(Disk(STORED), OPERATIONS, -1, 2, False)
    assert (carried.is_running, len(carried.sent)) == (True, 2)


def test_server_that_goes_on_says_what_its_disk_does_not_hold() -> None:
    """Why it has to stop: here it has sent everything, and the write is not there."""
    carried = carry_out(Disk(STORED), OPERATIONS, -1, 0, goes_on=True)
    assert (carried.is_running, len(carried.sent)) == (True, 2)
    assert carried.disk.after_crash(0) == folded(STORED, WRITES[1:2])


def test_candidate_has_voted_for_itself_before_it_asks() -> None:
    """Section 5.2: term and vote are one write, and synced before the first request."""
    before = follower(1)
    after, messages = step(before, ElectionTimeout())
    first, second, *rest = operations_of(before, ElectionTimeout(), after, messages)
    assert (first, second) == (WriteTermAndVote(2, s1), Sync())
    assert [type(each) for each in rest] == [Send, Send]
