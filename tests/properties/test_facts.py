"""Facts: every change of a server becomes one, nothing else does, and long logs cost nothing."""

import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, TypeGuard

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from properties.facts import (
    BLANK,
    AppliedMoved,
    BecameLeader,
    CommitMoved,
    EntriesAppended,
    EntriesTruncated,
    Fact,
    IndexesMoved,
    MachineReached,
    MembershipChanged,
    PrefixDiscarded,
    ReplicationMoved,
    SnapshotInstalled,
    Started,
    TermChanged,
    VoteChanged,
    facts_between,
    facts_of_start,
)
from properties.view import ObservedView, View
from raft_core import Entry, Log, Membership, Role, State, Term, Vector, s1, s2, s3
from raft_core.vector import CHUNK
from tests.raft_core.arbitrary import states
from tests.raft_core.build import (
    candidate,
    compacted,
    entries_after,
    entry,
    follower,
    leader_of,
    log_of,
)

OBSERVED = ObservedView(
    role=Role.FOLLOWER, current_term=2, log=log_of(1, 1, 2), commit_index=1, last_applied=1
)


def kinds(facts: Sequence[Fact]) -> list[type[Fact]]:
    """The kinds of some facts, in order."""
    return [type(fact) for fact in facts]


@given(states())
def test_nothing_changed_is_no_fact(state: State) -> None:
    """A server that stays as it is gives no facts, and neither does an equal copy of it."""
    assert facts_between(s1, state, state) == []
    assert facts_between(s1, state, evolve(state)) == []


def test_new_term_tells_both_roles() -> None:
    """A deposed leader's new term says what the server was and what it is."""
    facts = facts_between(s1, leader_of(1), follower(3))
    assert facts[0] == TermChanged(s1, 1, 3, Role.LEADER, Role.FOLLOWER)


@pytest.mark.parametrize(("after_term", "same_term"), [(2, True), (3, False)])
def test_vote_knows_whether_a_newer_term_freed_it(after_term: Term, same_term: bool) -> None:
    """A vote that changes within a term is another fact than one in a new term."""
    before, after = follower(2, voted_for=s2), follower(after_term, voted_for=s3)
    assert VoteChanged(s1, after_term, s2, s3, same_term) in facts_between(s1, before, after)


def test_leader_is_noticed_when_it_is_elected_and_not_again() -> None:
    """Winning an election is a fact; going on to lead is none."""
    elected = leader_of(2, (1,))
    assert BecameLeader(s1, 2, elected.log) in facts_between(s1, candidate(2, (1,)), elected)
    longer = evolve(elected, log=elected.log.appended((entry(2, 2),)))
    assert BecameLeader not in kinds(facts_between(s1, elected, longer))


def test_leader_of_another_term_is_noticed() -> None:
    """A server that led before and leads a newer term now has become leader once more."""
    facts = facts_between(s1, leader_of(2), leader_of(3))
    assert kinds(facts) == [TermChanged, BecameLeader]


def test_lone_server_that_elects_itself_shows_term_vote_and_leadership() -> None:
    """One step may give several facts: what came first in the step comes first."""
    facts = facts_between(s1, follower(0, servers=1), leader_of(1, servers=1))
    assert kinds(facts) == [TermChanged, VoteChanged, BecameLeader]


@pytest.mark.parametrize(
    ("role", "term", "led"),
    [(Role.LEADER, 2, True), (Role.LEADER, 3, False), (Role.FOLLOWER, 2, False)],
)
def test_truncation_knows_whether_the_server_led_this_term(
    role: Role, term: Term, led: bool
) -> None:
    """Only who was leader, in the term that still lasts, deleted as a leader."""
    before = evolve(follower(2, (1, 1, 1)), role=role)
    (truncated,) = (
        fact
        for fact in facts_between(s1, before, follower(term, (1,)))
        if isinstance(fact, EntriesTruncated)
    )
    assert truncated == EntriesTruncated(s1, 2, 3, led, False, log_of(1))


def test_overwritten_entries_are_truncated_and_then_appended() -> None:
    """A conflict shows as what went, and as what came after the common part."""
    facts = facts_between(s1, follower(2, (1, 1, 1)), follower(2, (1, 2, 2)))
    log = log_of(1, 2, 2)
    assert facts == [
        EntriesTruncated(s1, 2, 3, False, False, log),
        EntriesAppended(s1, 2, entries_after(1, (2, 2)), 1, log, in_term=2),
    ]


def test_commit_and_applied_move_together() -> None:
    """A commit that is applied at once shows both, and the order of the indexes."""
    before, after = follower(2, (1, 1, 2), commit=1), follower(2, (1, 1, 2), commit=3)
    assert facts_between(s1, before, after) == [
        CommitMoved(s1, 1, 3, 2, False, after.log),
        AppliedMoved(s1, 1, 3, after.log),
        IndexesMoved(s1, False, 3, 3, 3),
    ]


def test_commit_of_a_leader_is_told_from_a_followers() -> None:
    """Only a leader commits by counting copies."""
    moved = facts_between(s1, leader_of(1, (1,)), leader_of(1, (1,), commit=1))
    assert CommitMoved(s1, 0, 1, 1, True, log_of(1)) in moved


@pytest.mark.parametrize(("match", "everywhere"), [((0, 1, 1), True), ((1, 1, 0), False)])
def test_commit_of_a_leader_says_whether_it_knows_of_all(
    match: tuple[int, ...], everywhere: bool
) -> None:
    """By its match indexes of all others; its own says nothing."""
    after = leader_of(1, (1,), commit=1, match=match)
    (moved,) = (fact for fact in facts_between(s1, leader_of(1, (1,)), after) if is_commit(fact))
    assert moved.everywhere is everywhere


def is_commit(fact: Fact) -> TypeGuard[CommitMoved]:
    """Whether a fact is that the commit index moved."""
    return isinstance(fact, CommitMoved)


def test_commit_knows_the_configurations_that_it_left_behind() -> None:
    """Where a configuration takes effect when it is applied, the one before it was counted with."""
    first, second = (1, Membership((s1, s2))), (2, Membership((s1,)))
    before = leader_of(1, (1, 1, 1))
    after = evolve(before, commit_index=3, log=evolve(before.log, memberships=(first, second)))
    assert left_behind(before, after) == (None, first[1])
    between = evolve(before, log=evolve(before.log, memberships=(first,)))
    assert left_behind(between, after) == (first[1],)
    assert left_behind(evolve(after, commit_index=1), after) == ()


def left_behind(before: View, after: View) -> tuple[Membership | None, ...]:
    """What the one commit between two views left behind."""
    facts = facts_between(s1, before, after)
    (moved,) = [fact for fact in facts if isinstance(fact, CommitMoved)]
    return moved.left


def test_log_that_shrinks_below_the_commit_index_shows_the_order_of_indexes() -> None:
    """The commit index did not move; the log moved away from under it."""
    before, after = follower(1, (1, 1), commit=2), evolve(follower(1, (1,)), commit_index=2)
    after = evolve(after, last_applied=2)
    assert kinds(facts_between(s1, before, after)) == [EntriesTruncated, IndexesMoved]


def test_snapshot_beyond_the_log_is_installed() -> None:
    """A snapshot that ends after the last entry took the place of what was missing."""
    log = compacted(log_of(1, 1, 2, 2, 2), 4)
    assert facts_between(s1, OBSERVED, evolve(OBSERVED, log=log)) == [
        SnapshotInstalled(s1, 4, log, in_term=OBSERVED.current_term),
        EntriesAppended(s1, 5, entries_after(4, (2,)), 2, log, in_term=OBSERVED.current_term),
    ]


def test_discarding_a_prefix_loses_no_entry() -> None:
    """A server that compacts its own log neither lost nor got an entry: it took a snapshot."""
    after = evolve(OBSERVED, log=compacted(OBSERVED.log, 2))
    assert facts_between(s1, OBSERVED, after) == [PrefixDiscarded(s1, 2, after.log)]


def test_snapshot_in_place_of_a_conflicting_entry_is_installed() -> None:
    """Where the old log held another entry at the snapshot's end, a leader's came in its place."""
    log = compacted(log_of(1, 2, 2), 3)
    before = evolve(OBSERVED, log=log_of(1, 1, 1, 1))
    assert facts_between(s1, before, evolve(before, log=log)) == [
        SnapshotInstalled(s1, 3, log, in_term=OBSERVED.current_term),
        EntriesTruncated(s1, 4, 4, led=False, lost=False, log=log),
    ]


def test_another_configuration_is_a_fact() -> None:
    """A configuration that enters the log is in force, and one that leaves it no more."""
    membership = Membership((s1, s2))
    log = OBSERVED.log.appended((Entry(2, membership),))
    changed = evolve(OBSERVED, log=log)
    assert MembershipChanged(s1, None, membership, log) in facts_between(s1, OBSERVED, changed)
    back = facts_between(s1, changed, OBSERVED)
    assert MembershipChanged(s1, membership, None, OBSERVED.log) in back


def test_configuration_that_moves_into_a_snapshot_is_no_fact() -> None:
    """Compaction keeps the configuration in force, under another index."""
    log = OBSERVED.log.appended((Entry(2, Membership((s1, s2))),))
    before = evolve(OBSERVED, log=log, commit_index=4, last_applied=4)
    facts = facts_between(s1, before, evolve(before, log=log.compacted(4, ())))
    assert kinds(facts) == [PrefixDiscarded]


def test_entry_behind_a_snapshot_of_unknown_term_has_no_previous_term() -> None:
    """If a server does not show the term, nothing is made up."""
    log = Log(Vector((), entries_after(4, (2,))), 4, None)
    facts = facts_between(s1, OBSERVED, evolve(OBSERVED, log=log))
    term = OBSERVED.current_term
    assert EntriesAppended(s1, 5, entries_after(4, (2,)), None, log, term) in facts


def test_content_of_a_state_machine_is_shown_where_it_is_known() -> None:
    """A digest belongs to the applied index that was just reached."""
    after = evolve(OBSERVED, commit_index=2, last_applied=2, applied_digest="ab")
    assert MachineReached(s1, 2, "ab") in facts_between(s1, OBSERVED, after)
    without = evolve(after, applied_digest=None)
    assert MachineReached not in kinds(facts_between(s1, OBSERVED, without))


def test_leader_learns_of_each_follower_by_itself() -> None:
    """Only the followers of whom something changed are facts, and never the leader itself."""
    before = leader_of(2, (2,), match=(1, 0, 0), next_index=(2, 2, 2))
    after = evolve(before, match_index=(2, 0, 1), next_index=(3, 2, 2))
    assert facts_between(s1, before, after) == [ReplicationMoved(s1, s3, 0, 1, 2)]


def test_leader_knows_nothing_of_who_is_no_member() -> None:
    """A server that leaves and comes back is a new follower; the old one is forgotten."""
    known = leader_of(2, (2,), match=(1, 1, 1), next_index=(2, 2, 2))
    gone = evolve(known, match_index=(1, 0, 1), log=without_s2(known.log))
    assert ReplicationMoved not in kinds(facts_between(s1, known, gone))
    assert ReplicationMoved not in kinds(facts_between(s1, gone, known))
    forgotten = evolve(gone, match_index=(1, 0, 0))
    assert facts_between(s1, gone, forgotten) == [ReplicationMoved(s1, s3, 1, 0, 2)]


def without_s2(log: Log) -> Log:
    """A log in which S2 is no member."""
    return evolve(log, memberships=((1, Membership((s1, s3))),))


def test_new_leader_has_nothing_to_compare_its_indexes_with() -> None:
    """What it knew in another term of leading says nothing about this one."""
    before = leader_of(2, (2,), match=(1, 1, 1))
    facts = facts_between(s1, before, leader_of(3, (2,)))
    assert ReplicationMoved not in kinds(facts)


def test_first_start_is_no_restart() -> None:
    """A server with an empty disk has only started."""
    assert facts_of_start(s1, BLANK, follower(0), restarted=False) == [Started(s1, False, 0)]


def test_restart_moves_commit_and_applied_from_zero() -> None:
    """What the server had committed before is forgotten with the crash."""
    before, after = follower(2, (1, 1), commit=2), follower(2, (1, 1), commit=1)
    facts = facts_of_start(s1, before, after, restarted=True)
    assert Started(s1, True, 2) in facts
    assert CommitMoved(s1, 0, 1, 2, False, after.log) in facts
    assert AppliedMoved(s1, 0, 1, after.log) in facts
    assert IndexesMoved(s1, True, 1, 1, 2) in facts


def test_restart_that_loses_term_vote_and_entries_shows_it() -> None:
    """Term, vote and log are compared with what they were before the crash."""
    before = leader_of(2, (1, 2))
    facts = facts_of_start(s1, before, follower(1, (1,)), restarted=True)
    assert facts == [
        TermChanged(s1, 2, 1, Role.LEADER, Role.FOLLOWER),
        VoteChanged(s1, 1, s1, None, False),
        Started(s1, True, 1),
        EntriesTruncated(s1, 2, 2, led=False, lost=True, log=log_of(1)),
    ]


def rebuilt(log: Log, facts: Sequence[Fact]) -> Log:
    """The log that facts make of another one."""
    for fact in facts:
        match fact:
            case SnapshotInstalled():
                log = Log(Vector(), fact.index, fact.log.snapshot_term)
            case PrefixDiscarded():
                assert fact.index <= log.last_index
                log = compacted(log, fact.index)
            case EntriesTruncated():
                assert fact.last_index == log.last_index
                log = log.truncated_from(fact.first_index)
            case EntriesAppended():
                assert fact.first_index == log.last_index + 1
                assert fact.previous_term == log.term_at(log.last_index)
                log = log.appended(fact.entries)
            case _:
                raise AssertionError(f"no fact about a log: {fact}")
    return log


LENGTHS = st.integers(0, 6) | st.sampled_from([31, 32, 33, 63, 64, 65, 97]) | st.integers(0, 100)


@given(LENGTHS, LENGTHS, LENGTHS, st.integers(1, 2))
def test_facts_rebuild_the_log(length: int, kept: int, added: int, term: Term) -> None:
    """Whatever was truncated and appended, the facts lead from the log before to that after."""
    before = follower(2, (1,) * length)
    log = before.log.truncated_from(kept + 1)
    log = log.appended(entries_after(log.last_index, (term,) * added))
    facts = facts_between(s1, before, evolve(before, log=log))
    assert rebuilt(before.log, facts) == log


@given(LENGTHS, LENGTHS, st.integers(0, 100), st.integers(0, 100))
def test_facts_rebuild_a_log_behind_a_snapshot(
    length: int, following: int, discarded: int, more: int
) -> None:
    """Prefixes may be discarded before and meanwhile, and snapshots installed."""
    old = compacted(log_of(*(1,) * length), min(discarded, length))
    full = log_of(*(1,) * max(following, old.snapshot_index))
    new = compacted(full, min(old.snapshot_index + more, full.last_index))
    before = follower(2)
    facts = facts_between(s1, evolve(before, log=old), evolve(before, log=new))
    result = rebuilt(old, facts)
    assert result.last_index == new.last_index
    assert result.entries_from(new.first_index, 1000) == new.entries_from(new.first_index, 1000)


def lines_executed(call: Callable[[], object]) -> int:
    """How many lines of Python a call executes."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def lines_of_append(length: int) -> int:
    """What the facts of one more entry cost after a log of this length."""
    before = leader_of(1, (1,) * length)
    after = evolve(before, log=before.log.appended((entry(length + 1, 1),)))
    return lines_executed(lambda: facts_between(s1, before, after))


def lines_of_overwriting(length: int) -> int:
    """What the facts of one overwritten entry cost at the end of a log of this length."""
    before = follower(2, (1,) * length)
    log = before.log.truncated_from(length).appended((entry(length, 2),))
    return lines_executed(lambda: facts_between(s1, before, evolve(before, log=log)))


@pytest.mark.parametrize("cost", [lines_of_append, lines_of_overwriting])
def test_cost_does_not_grow_with_the_log(cost: Callable[[int], int]) -> None:
    """The same change costs as much after 170 chunks as after one."""
    assert 0 < cost(CHUNK + 5) == cost(170 * CHUNK + 5)


def test_cost_of_a_new_chunk_is_less_than_a_look_at_every_entry() -> None:
    """Where a chunk fills up, chunks are compared by identity, and never their entries."""
    length = 100 * CHUNK
    assert lines_of_append(length - 1) < length // 4
