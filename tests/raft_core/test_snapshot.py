"""Snapshots: compaction, and both sides of InstallSnapshot."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from raft_core import (
    ClientRequest,
    Compact,
    Entry,
    ExtendedMessage,
    HeartbeatTimeout,
    Index,
    InstallSnapshot,
    InstallSnapshotResponse,
    Log,
    Machine,
    Membership,
    Role,
    Rows,
    State,
    Term,
    TwoLeadersError,
    s1,
    s2,
    s3,
    step,
)
from raft_core.extensions import Incoming
from raft_core.machine import machine_of, rows_of
from raft_core.snapshot import machine_at
from tests.raft_core.build import (
    Sent,
    acknowledgement,
    after,
    append_entries,
    candidate,
    featured,
    follower,
    knowing,
    leader_of,
    log_of,
    sent,
    terms_of,
)

ROWS: Rows = (("value", "a", "1"), ("value", "b", "2"), ("value", "c", "3"))


def chunk(
    term: Term = 2,
    last: tuple[Index, Term] = (3, 1),
    *,
    offset: int = 0,
    rows: Rows = ROWS,
    done: bool = True,
    membership: Membership | None = None,
) -> InstallSnapshot:
    """A chunk that s2 sends to s1; by default the whole snapshot."""
    return InstallSnapshot(s2, s1, term, *last, membership, offset, rows, done)


def answer(
    term: Term = 2, index: Index = 3, *, offset: int = 0, installed: bool = False
) -> InstallSnapshotResponse:
    """What s2 answers to s1."""
    return InstallSnapshotResponse(s2, s1, term, index, offset, installed)


def own(response: InstallSnapshotResponse) -> InstallSnapshotResponse:
    """The same answer as s1 sends it to s2."""
    return evolve(response, source=s1, destination=s2)


def applied_follower(count: int = 4) -> State:
    """A follower that has applied so many `set` commands, each to a key of its own."""
    state = featured(follower(2, leader=s2), snapshots=True)
    entries = tuple(Entry(1, f"set k{index} {index}") for index in range(1, count + 1))
    return after(state, evolve(append_entries(2, commit=count), entries=entries))


def leader(next_index: tuple[Index, ...] = (5, 1, 5)) -> State:
    """A leader of term 2 with a snapshot up to 3 and one entry; s2, just heard of, lacks all."""
    state = leader_of(2, (1, 1, 1, 2), commit=3, next_index=next_index)
    state = featured(state, snapshots=True, snapshot_rows=2)
    return knowing(evolve(state, log=state.log.compacted(3, ROWS)), heard_from=(s2,))


@pytest.mark.parametrize("index", [1, 3, 4])
def test_compaction_keeps_the_content_and_discards_the_log(index: Index) -> None:
    """The snapshot is the state machine as of its index, and what follows stays in the log."""
    before = applied_follower()
    state = after(before, Compact(index))
    keys = [(f"k{each}", str(each)) for each in range(1, index + 1)]
    assert machine_of(state.log.snapshot_rows) == Machine(tuple(keys))
    assert (state.log.snapshot_index, state.log.snapshot_term) == (index, 1)
    assert state.log.last_index == 4
    assert state.extensions.machine == before.extensions.machine


@pytest.mark.parametrize("index", [0, 3, 5])
def test_compaction_stops_at_what_is_applied_and_new(index: Index) -> None:
    """Nothing to discard, nothing that is not applied: the state stays as it is."""
    state = featured(follower(2, (1, 1, 1), commit=2), snapshots=True)
    assert step(state, Compact(index)) == (state, ())


def test_without_the_feature_nothing_is_compacted() -> None:
    """The event means nothing in a cluster that has no snapshots."""
    before = featured(applied_follower(), snapshots=False, no_op=True)
    assert step(before, Compact(2)) == (before, ())


def test_compaction_goes_on_from_the_snapshot_before() -> None:
    """A second snapshot is made of the first and the entries between."""
    once = after(applied_follower(), Compact(1))
    assert after(once, Compact(3)) == after(applied_follower(), Compact(3))
    assert step(once, Compact(1)) == (once, ())


def test_content_at_an_earlier_index_is_recomputed() -> None:
    """The machine of an index that lies back is that of the snapshot and the entries after it."""
    state = after(applied_follower(), Compact(1))
    assert machine_at(state, 2).values == (("k1", "1"), ("k2", "2"))
    assert machine_at(state, 4) is state.extensions.machine


def test_compaction_of_a_leader_begins_every_transfer_anew() -> None:
    """Rows of the old snapshot do not go on in the new one."""
    state = after(leader(), answer(offset=2), acknowledgement(2, 4, source=s3), Compact(4))
    assert state.extensions.snapshot_offsets == ()
    (request, _) = sent(state, HeartbeatTimeout())
    assert isinstance(request, InstallSnapshot)
    assert (request.last_included_index, request.offset) == (4, 0)


def test_snapshot_of_an_older_term_is_refused() -> None:
    """Figure 13, receiver 1: the sender learns the term, and nothing is stored."""
    before = featured(follower(3, (1,)), snapshots=True)
    assert step(before, chunk(2)) == (before, (own(answer(3)),))


def test_snapshot_is_a_leaders_word() -> None:
    """A candidate follows a leader that sends a snapshot in its term."""
    state = after(featured(candidate(2), snapshots=True), chunk(2, done=False))
    assert (state.role, state.leader, state.votes_granted) == (Role.FOLLOWER, s2, ())


def test_snapshot_of_another_leader_of_the_term_is_a_broken_cluster() -> None:
    """Election Safety rules it out for InstallSnapshot as for AppendEntries."""
    with pytest.raises(TwoLeadersError):
        step(leader(), chunk(2))


def test_partial_snapshot_changes_only_what_is_collected() -> None:
    """Until the last chunk is there, log and state machine stay, and the answer asks for more."""
    before = featured(follower(2, (1,), leader=s2), snapshots=True)
    state, messages = step(before, chunk(rows=ROWS[:2], done=False))
    assert messages == (own(answer(offset=2)),)
    assert state.extensions.incoming == Incoming(2, 3, ROWS[:2])
    assert (state.log, state.commit_index) == (before.log, 0)


def test_chunk_that_cannot_go_on_asks_for_the_first() -> None:
    """After a crash the rows that had arrived are gone."""
    before = featured(follower(2, (1,), leader=s2), snapshots=True)
    assert sent(before, chunk(offset=2, rows=ROWS[2:])) == (own(answer(offset=0)),)


def test_late_chunk_of_an_earlier_snapshot_is_left_out() -> None:
    """The leader has compacted meanwhile: rows of its later snapshot stay, and count for that."""
    before = featured(follower(2, (1,), leader=s2), snapshots=True)
    before = after(before, chunk(rows=ROWS[:2], done=False))
    for late in (chunk(last=(2, 1), rows=ROWS[:2]), chunk(last=(2, 1), offset=2, rows=())):
        state, messages = step(before, late)
        assert state == before
        assert messages == (own(answer(index=2, offset=0)),)


def test_complete_snapshot_takes_the_place_of_the_log() -> None:
    """Log, state machine, commit_index, last_applied and the configuration are the snapshot's."""
    membership = Membership((s1, s2))
    before = featured(follower(2, (1, 1, 2, 2), leader=s2), snapshots=True)
    first = chunk(rows=ROWS[:2], done=False, membership=membership)
    last = chunk(offset=2, rows=ROWS[2:], membership=membership)
    state, messages = step(after(before, first), last)
    assert state.log == Log(
        snapshot_index=3, snapshot_term=1, memberships=((3, membership),), snapshot_rows=ROWS
    )
    assert (state.commit_index, state.last_applied) == (3, 3)
    assert state.extensions.machine == machine_of(ROWS)
    assert state.extensions.incoming is None
    assert state.membership == membership
    assert messages == (own(answer(installed=True)),)


def test_entries_behind_a_matching_one_are_kept() -> None:
    """A snapshot of a prefix of the log discards that prefix only."""
    before = featured(follower(2, (1, 1, 1, 2, 2), leader=s2), snapshots=True)
    state = after(before, chunk())
    assert (terms_of(state.log), state.log.last_index) == ((2, 2), 5)
    assert (state.commit_index, state.last_applied) == (3, 3)


@pytest.mark.parametrize("commit", [3, 4])
def test_late_snapshot_takes_nothing_back(commit: Index) -> None:
    """What a server has committed already is in place: that is said, and nothing is done."""
    before = featured(follower(2, (1, 1, 1, 2), commit=commit, leader=s2), snapshots=True)
    assert after(before, chunk(rows=())).log == before.log
    _, messages = step(before, chunk(offset=2, done=False))
    assert messages == (own(answer(installed=True)),)


def test_snapshot_may_be_compacted_further() -> None:
    """An installed snapshot serves as the beginning of the next one."""
    state = after(
        featured(follower(2, leader=s2), snapshots=True),
        chunk(),
        evolve(append_entries(2, (3, 1), commit=4), entries=(Entry(2, "set a 9"),)),
        Compact(4),
    )
    assert state.log.snapshot_rows == (("value", "a", "9"), *ROWS[1:])


def test_answer_moves_on_to_the_next_chunk() -> None:
    """The follower's answer says from which row to go on."""
    state, messages = step(leader(), answer(offset=2))
    assert state.extensions.snapshot_offsets == (0, 2, 0)
    assert messages == (InstallSnapshot(s1, s2, 2, 3, 1, None, 2, ROWS[2:], done=True),)


def test_answer_may_move_back() -> None:
    """A follower that crashed meanwhile needs the first chunk again."""
    state = knowing(leader(), snapshot_offsets=(0, 2, 0))
    assert sent(state, answer(offset=0)) == (
        InstallSnapshot(s1, s2, 2, 3, 1, None, 0, ROWS[:2], done=False),
    )


def test_answer_without_progress_waits_for_the_heartbeat() -> None:
    """Sending the same chunk at once would go round for ever in a network that repeats."""
    assert step(leader(), answer(offset=0)) == (leader(), ())
    assert any(isinstance(each, InstallSnapshot) for each in sent(leader(), HeartbeatTimeout()))


def test_answer_about_another_snapshot_is_late() -> None:
    """After a compaction, rows of the old snapshot mean nothing."""
    assert step(leader(), answer(index=2, offset=2)) == (leader(), ())


@pytest.mark.parametrize(
    ("state", "term"),
    [(leader(), 1), (follower(2), 2), (candidate(2), 2)],
    ids=["older term", "follower", "candidate"],
)
def test_answer_to_an_earlier_leadership_is_ignored(state: State, term: Term) -> None:
    """Only the leader that sent the chunk, in the same term, has use for the answer."""
    state = featured(state, snapshots=True)
    assert step(state, answer(term, offset=2)) == (state, ())
    assert step(state, answer(term, installed=True)) == (state, ())


def test_installed_snapshot_counts_as_replicated() -> None:
    """match_index is the snapshot's, and the entries after it follow at once."""
    before = knowing(leader(), snapshot_offsets=(0, 2, 0))
    state, messages = step(before, answer(installed=True))
    assert (state.match_index, state.next_index) == ((4, 3, 0), (5, 4, 5))
    assert state.extensions.snapshot_offsets == (0, 0, 0)
    assert messages == (append_entries(2, (3, 1), (2,), commit=3, source=s1, destination=s2),)


def test_installed_snapshot_without_entries_behind_it_ends_the_exchange() -> None:
    """A follower with nothing more to fetch is left alone."""
    state = evolve(leader(), log=leader().log.truncated_from(4), match_index=(3, 0, 0))
    assert sent(state, answer(installed=True)) == ()


def test_late_installed_answer_moves_nothing_back() -> None:
    """A follower that has acknowledged more keeps its match_index."""
    before = evolve(leader((5, 5, 5)), match_index=(4, 4, 0), commit_index=4, last_applied=4)
    before = knowing(before, snapshot_offsets=(0, 0, 0))
    assert step(before, answer(installed=True)) == (before, ())


def test_follower_behind_the_snapshot_is_sent_the_snapshot() -> None:
    """Heartbeats and requests carry the chunk that is next, and entries where they fit."""
    to_lagging, to_level = sent(leader(), ClientRequest("x"))
    assert isinstance(to_lagging, InstallSnapshot)
    assert to_level == evolve(
        append_entries(2, (4, 2), source=s1, destination=s3, commit=3), entries=(Entry(2, "x"),)
    )


def test_entry_right_behind_the_snapshot_needs_no_snapshot() -> None:
    """The snapshot's own index and term serve as the previous entry."""
    message, _ = sent(leader((5, 4, 5)), HeartbeatTimeout())
    assert message == append_entries(2, (3, 1), (2,), commit=3, source=s1, destination=s2)


def between(messages: Sent) -> list[ExtendedMessage]:
    """What the leader s1 and the lagging s2 send each other."""
    pair = {s1, s2}
    messages_of_servers = (each for each in messages if isinstance(each, ExtendedMessage))
    return [each for each in messages_of_servers if {each.source, each.destination} == pair]


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(0, 6), st.integers(1, 3))
def test_lagging_follower_gets_the_whole_content(choices: list[int], keys: int, size: int) -> None:
    """However late and often chunks and answers came before, heartbeats bring all of it at last."""
    rows = rows_of(Machine(tuple((f"k{at}", "v") for at in range(keys))))
    state = evolve(leader((5, 1, 1)), log=leader().log.compacted(4, rows))
    state = featured(evolve(state, commit_index=4, last_applied=4), snapshot_rows=size)
    states = [state, featured(follower(2, server=s2, leader=s1), snapshots=True)]
    sent_once = between(sent(state, HeartbeatTimeout()))
    for choice in choices:
        message = sent_once[choice % len(sent_once)]
        states[message.destination], messages = step(states[message.destination], message)
        sent_once += between(messages)
    for _ in range(2 * keys + 2):
        waiting = between(sent(states[s1], HeartbeatTimeout()))
        while waiting:
            message = waiting.pop(0)
            states[message.destination], messages = step(states[message.destination], message)
            waiting += between(messages)
    assert (states[s1].match_index[s2], states[s2].log) == (4, states[s1].log)
    assert states[s2].extensions.machine == machine_of(rows)


def test_log_of_terms_is_what_is_left() -> None:
    """A snapshot that ends after a log with other terms leaves none of them."""
    before = featured(evolve(follower(3, leader=s2), log=log_of(1, 2, 2, 2)), snapshots=True)
    assert terms_of(after(before, chunk(3)).log) == ()
