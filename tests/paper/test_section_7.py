"""Section 7 and Figure 13: log compaction, and the receiver of InstallSnapshot."""

from attrs import evolve

from raft_core import (
    ClientRequest,
    Compact,
    ElectionTimeout,
    Entry,
    HeartbeatTimeout,
    InstallSnapshot,
    InstallSnapshotResponse,
    Machine,
    Membership,
    Rows,
    State,
    persistent_state,
    restart,
    s1,
    s2,
    s3,
    step,
)
from raft_core.extensions import Incoming
from tests.paper.cluster import happen, started
from tests.raft_core.build import (
    after,
    append_entries,
    featured,
    follower,
    leader_of,
    sent,
    terms_of,
)

ROWS: Rows = (("value", "x", "1"), ("value", "y", "2"))


def receiver(terms: tuple[int, ...] = ()) -> State:
    """A follower of S2 in term 2 with entries of these terms, none of them committed."""
    return featured(follower(2, terms, leader=s2), snapshots=True)


def chunk(
    offset: int = 0, rows: Rows = ROWS, *, done: bool = True, term: int = 2, index: int = 3
) -> InstallSnapshot:
    """A chunk of a snapshot whose last entry is of term 1; by default all of it."""
    return InstallSnapshot(s2, s1, term, index, 1, None, offset, rows, done)


def answer(offset: int, *, installed: bool = False, term: int = 2) -> InstallSnapshotResponse:
    """What the receiver says."""
    return InstallSnapshotResponse(s1, s2, term, 3, offset, installed)


def test_receiver_1_replies_immediately_to_an_older_term() -> None:
    """Figure 13, receiver 1: term < currentTerm is answered with the term, and no more."""
    assert step(receiver(), chunk(term=1)) == (receiver(), (answer(0),))


def test_receiver_2_begins_anew_with_the_first_chunk() -> None:
    """Figure 13, receiver 2: a new snapshot is begun where the offset is 0."""
    state = after(receiver(), chunk(0, ROWS[:1], done=False, index=2))
    state = after(state, chunk(0, ROWS[:1], done=False))
    assert state.extensions.incoming == Incoming(2, 3, ROWS[:1])


def test_receiver_3_writes_data_at_the_offset() -> None:
    """Figure 13, receiver 3: the next chunk goes on where the last one ended."""
    second = chunk(1, ROWS[1:], done=False)
    state = after(receiver(), chunk(0, ROWS[:1], done=False), second)
    assert state.extensions.incoming == Incoming(2, 3, ROWS)
    assert after(state, second) == state, "a repeated chunk is there already"


def test_receiver_4_replies_and_waits_for_more() -> None:
    """Figure 13, receiver 4: until done is true, nothing is installed."""
    state, messages = step(receiver((1,)), chunk(0, ROWS[:1], done=False))
    assert messages == (answer(1),)
    assert (state.log, state.commit_index) == (receiver((1,)).log, 0)


def test_receiver_5_discards_a_snapshot_with_a_smaller_index() -> None:
    """Figure 13, receiver 5: a later snapshot takes the place of an earlier, whole or partial."""
    state = after(receiver(), chunk(index=2), chunk(0, ROWS[:1], done=False, index=2), chunk())
    assert (state.log.snapshot_index, state.extensions.incoming) == (3, None)


def test_receiver_6_retains_what_follows_a_matching_entry() -> None:
    """Figure 13, receiver 6: with the last included entry in the log, what follows it stays."""
    state = after(receiver((1, 1, 1, 2)), chunk())
    assert (state.log.snapshot_index, terms_of(state.log)) == (3, (2,))


def test_receiver_7_discards_the_entire_log() -> None:
    """Figure 13, receiver 7: with another entry there, or none, all of the log goes."""
    for terms in ((), (1, 1), (1, 1, 2, 2)):
        state = after(receiver(terms), chunk())
        assert (state.log.snapshot_index, terms_of(state.log)) == (3, ())


def test_receiver_8_resets_the_state_machine_and_the_configuration() -> None:
    """Figure 13, receiver 8: content and configuration are the snapshot's from then on."""
    membership = Membership((s1, s2))
    state, messages = step(receiver(), evolve(chunk(), membership=membership))
    assert state.extensions.machine == Machine((("x", "1"), ("y", "2")))
    assert state.membership == membership
    assert (state.commit_index, state.last_applied) == (3, 3)
    assert messages == (answer(0, installed=True),)


def test_each_server_takes_snapshots_independently() -> None:
    """Section 7: a snapshot covers just the committed entries of the server's own log."""
    state = after(receiver(), append_entries(2, (0, 0), (1, 1, 2), commit=2))
    assert after(state, Compact(3)) == state
    state = after(state, Compact(2))
    assert (state.log.snapshot_index, terms_of(state.log)) == (2, (2,))


def test_snapshot_keeps_index_and_term_for_the_consistency_check() -> None:
    """Section 7: last included index and term serve the first AppendEntries after it."""
    state = after(receiver(), append_entries(2, (0, 0), (1, 1), commit=2), Compact(2))
    assert after(state, append_entries(2, (2, 1), (2,))).log.last_index == 3


def test_snapshot_includes_the_latest_configuration() -> None:
    """Section 7: the latest configuration in the log as of the last included index."""
    entries = (Entry(1, Membership((s1, s2))), Entry(2, "x"), Entry(2, Membership((s1, s2, s3))))
    state = featured(receiver(), joint_consensus=True)
    state = after(state, evolve(append_entries(2, commit=3), entries=entries), Compact(2))
    assert state.log.membership_at(2) == Membership((s1, s2))
    assert state.membership == Membership((s1, s2, s3))


def test_leader_sends_snapshots_to_followers_that_lag() -> None:
    """Section 7: when it has discarded the next entry that it needs to send to a follower."""
    state = featured(leader_of(2, (1, 2), commit=2, next_index=(3, 1, 3)), snapshots=True)
    lagging, level = sent(after(state, Compact(1)), HeartbeatTimeout())
    assert isinstance(lagging, InstallSnapshot)
    assert level == append_entries(2, (2, 2), source=s1, destination=s3, commit=2)


def test_follower_with_an_outdated_log_is_brought_up_to_date() -> None:
    """Section 7: chunk by chunk, and then by ordinary entries."""
    servers = happen(started(snapshots=True, snapshot_rows=1), s1, ElectionTimeout())
    for command in ("set x 1", "set y 2", "set z 3"):
        servers = happen(servers, s1, ClientRequest(command), unreachable={s3})
    servers = happen(servers, s1, Compact(3))
    servers = happen(servers, s1, ClientRequest("set x 4"), unreachable={s3})
    for _ in range(2):
        servers = happen(servers, s1, HeartbeatTimeout())
    assert servers[s3].log == servers[s1].log
    assert servers[s3].extensions.machine == servers[s1].extensions.machine


def test_snapshot_of_a_prefix_keeps_the_rest_valid() -> None:
    """Section 7: by retransmission or by mistake; what it covers goes, what follows is retained."""
    state = after(receiver(), append_entries(2, (0, 0), (1, 1, 1, 2), commit=4))
    assert step(state, chunk())[0].log == state.log
    assert sent(state, chunk()) == (answer(0, installed=True),)


def test_server_restarts_from_its_snapshot() -> None:
    """Section 7: the snapshot is stable, and what it covers was applied."""
    state = after(receiver(), chunk())
    again = restart(s1, state.configuration, persistent_state(state))
    assert (again.last_applied, again.commit_index) == (3, 3)
    assert again.extensions.machine == state.extensions.machine
