"""A snapshot's chunks: what is sent next, and that only the whole of one snapshot is complete."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from raft_core import InstallSnapshot, Membership, Rows, State, s1, s2, s3
from raft_core.chunks import is_complete, next_chunk, with_chunk
from raft_core.extensions import Incoming
from tests.raft_core.build import featured, knowing, leader_of

ROWS: Rows = tuple(("value", key, key.upper()) for key in "abcde")


def chunk(
    offset: int, rows: Rows, *, done: bool = False, term: int = 2, index: int = 3
) -> InstallSnapshot:
    """A chunk of the snapshot up to `index` that s2 sends in `term`."""
    return InstallSnapshot(s2, s1, term, index, 1, None, offset, rows, done)


def chunks_of(rows: Rows, size: int) -> list[InstallSnapshot]:
    """The whole snapshot in chunks."""
    starts = range(0, max(len(rows), 1), size)
    return [chunk(at, rows[at : at + size], done=at + size >= len(rows)) for at in starts]


def leader(rows: Rows = ROWS, size: int = 2) -> State:
    """A leader of term 2 whose log is a snapshot up to index 3 and an entry after it."""
    state = featured(leader_of(2, (1, 1, 1, 2), commit=3), snapshot_rows=size)
    return evolve(state, log=state.log.compacted(3, rows))


def test_first_chunk_begins_at_the_first_row() -> None:
    """Without an answer yet, a follower is sent the snapshot from its beginning."""
    expected = InstallSnapshot(s1, s3, 2, 3, 1, None, 0, ROWS[:2], done=False)
    assert next_chunk(leader(), s3) == expected


def test_next_chunk_begins_where_the_follower_says() -> None:
    """Each follower has a row of its own to go on from."""
    state = knowing(leader(), snapshot_offsets=(0, 2, 4))
    assert (next_chunk(state, s2).offset, next_chunk(state, s2).rows) == (2, ROWS[2:4])
    assert (next_chunk(state, s3).offset, next_chunk(state, s3).rows) == (4, ROWS[4:])


def test_last_chunk_says_so() -> None:
    """`done` is set on the chunk that holds the last row, full or not, and on no other."""
    ends = [next_chunk(knowing(leader(), snapshot_offsets=(0, at, 0)), s2).done for at in (0, 2, 4)]
    assert ends == [False, False, True]
    assert next_chunk(leader(ROWS[:2]), s2).done


def test_snapshot_without_rows_is_one_chunk() -> None:
    """An empty state machine is a snapshot too."""
    assert (next_chunk(leader(()), s2).rows, next_chunk(leader(()), s2).done) == ((), True)


def test_chunk_carries_the_configuration_of_its_snapshot() -> None:
    """Section 7: the latest configuration as of the last included index, not a later one."""
    early, late = Membership((s1, s2, s3), (), ()), Membership((s1, s2))
    log = evolve(leader().log, memberships=((3, early), (4, late)))
    assert next_chunk(evolve(leader(), log=log), s2).membership == early


@given(st.integers(0, 5), st.integers(1, 3), st.data())
def test_chunks_in_any_order_make_the_snapshot_or_nothing(
    length: int, size: int, data: st.DataObject
) -> None:
    """Lost, repeated and reordered chunks never complete anything but the whole snapshot."""
    sent = chunks_of(ROWS[:length], size)
    incoming = None
    for request in data.draw(st.lists(st.sampled_from(sent), max_size=12)):
        incoming = with_chunk(incoming, request)
        assert incoming is None or incoming.rows == ROWS[: len(incoming.rows)]
        if is_complete(incoming, request):
            assert incoming == Incoming(2, 3, ROWS[:length])


@given(st.integers(0, 5), st.integers(1, 3))
def test_chunks_in_order_complete_the_snapshot(length: int, size: int) -> None:
    """Every chunk once is enough, and only the last one completes."""
    incoming, complete = None, []
    for request in chunks_of(ROWS[:length], size):
        incoming = with_chunk(incoming, request)
        complete.append(is_complete(incoming, request))
    assert complete == [False] * (len(complete) - 1) + [True]
    assert incoming == Incoming(2, 3, ROWS[:length])


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(2, 3), st.integers(3, 4)), max_size=12))
def test_chunks_of_different_snapshots_never_mix(drawn: list[tuple[int, int, int]]) -> None:
    """What is complete is all of one leader's snapshot up to one index."""
    incoming = None
    for part, term, index in drawn:
        rows = tuple(("value", f"{key}", f"{term}@{index}") for key in range(5))
        at = 2 * part
        request = chunk(at, rows[at : at + 2], done=part == 2, term=term, index=index)
        incoming = with_chunk(incoming, request)
        if is_complete(incoming, request):
            assert incoming == Incoming(term, index, rows)


def test_chunk_behind_a_gap_is_left_out() -> None:
    """What has arrived stays, and the missing rows are still the next ones."""
    incoming = with_chunk(None, chunk(0, ROWS[:2]))
    assert with_chunk(incoming, chunk(4, ROWS[4:], done=True)) == incoming


def test_chunk_without_its_beginning_is_nothing() -> None:
    """After a crash of the follower, or of another snapshot, it begins anew."""
    assert with_chunk(None, chunk(2, ROWS[2:4])) is None
    incoming = with_chunk(None, chunk(0, ROWS[:2]))
    assert with_chunk(incoming, chunk(2, ROWS[2:4], index=4)) is None
    assert with_chunk(incoming, chunk(2, ROWS[2:4], term=3)) is None


@pytest.mark.parametrize("late", [chunk(0, ROWS[:1], index=2, done=True), chunk(2, (), index=2)])
def test_late_chunk_of_an_earlier_snapshot_costs_nothing(late: InstallSnapshot) -> None:
    """Figure 13, receiver 5: what has a smaller index gives way, not what has a larger."""
    incoming = with_chunk(None, chunk(0, ROWS[:1]))
    assert with_chunk(incoming, late) == incoming
    assert not is_complete(incoming, late)


def test_last_chunk_without_those_before_completes_nothing() -> None:
    """`done` alone does not make a snapshot whole."""
    last = chunk(4, ROWS[4:], done=True)
    assert not is_complete(None, last)
    assert not is_complete(with_chunk(None, chunk(0, ROWS[:2])), last)
