"""Figure 7: a new leader of term 8 and six followers whose logs differ from its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raft_core import (
    AppendEntries,
    ClientRequest,
    HeartbeatTimeout,
    Index,
    State,
    Term,
    s1,
    s2,
    step,
)
from tests.paper.cluster import replicate
from tests.raft_core.build import (
    after,
    append_entries,
    candidate,
    follower,
    leader_of,
    request_vote,
    requests_in,
    sent,
    terms_of,
    vote,
)

LEADER: tuple[Term, ...] = (1, 1, 1, 4, 4, 5, 5, 6, 6, 6)
FOLLOWERS: dict[str, tuple[Term, ...]] = {
    "a": (1, 1, 1, 4, 4, 5, 5, 6, 6),
    "b": (1, 1, 1, 4),
    "c": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6),
    "d": (1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7),
    "e": (1, 1, 1, 4, 4, 4, 4),
    "f": (1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3),
}
PREVIOUS_INDEXES: dict[str, tuple[Index, ...]] = {
    "a": (10, 9),
    "b": (10, 4),
    "c": (10,),
    "d": (10,),
    "e": (10, 7, 5),
    "f": (10, 6, 3),
}
of_each_follower = pytest.mark.parametrize("name", sorted(FOLLOWERS))


def new_leader() -> State:
    """The leader on top of the figure, once it has won the election of term 8."""
    return after(candidate(8, LEADER, server=s1), vote(8))


def lagging(name: str) -> State:
    """One of the figure's followers, in term 7."""
    return follower(7, FOLLOWERS[name], server=s2)


def request_to_s2(
    leader: State, event: ClientRequest | HeartbeatTimeout
) -> tuple[State, AppendEntries]:
    """What the leader sends to s2 when something happens to it."""
    leader, messages = step(leader, event)
    return leader, requests_in(messages)[0]


@of_each_follower
def test_follower_ends_with_the_leaders_log(name: str) -> None:
    """Section 5.3: every follower's log becomes the leader's once the leader has an own entry."""
    leader, request = request_to_s2(new_leader(), ClientRequest("x"))
    leader, state, _ = replicate(leader, lagging(name), request)
    assert terms_of(state.log) == (*LEADER, 8)
    assert state.log == leader.log
    assert leader.match_index == (11, 11, 0)


@of_each_follower
def test_hint_finds_the_common_prefix_in_few_requests(name: str) -> None:
    """Section 5.3: with a hint, requests skip whole terms instead of single entries."""
    leader, request = request_to_s2(new_leader(), ClientRequest("x"))
    _, _, requests = replicate(leader, lagging(name), request)
    assert tuple(each.prev_log_index for each in requests) == PREVIOUS_INDEXES[name]


@of_each_follower
def test_heartbeats_alone_give_a_follower_every_entry_of_the_leader(name: str) -> None:
    """Section 5.3: heartbeats fill gaps and replace conflicts, but delete nothing that agrees."""
    leader, request = request_to_s2(new_leader(), HeartbeatTimeout())
    _, state, _ = replicate(leader, lagging(name), request)
    surplus = FOLLOWERS[name][10:] if name in "cd" else ()
    assert terms_of(state.log) == LEADER + surplus


@of_each_follower
def test_surplus_of_a_follower_is_not_committed(name: str) -> None:
    """Section 5.3: a follower commits only what it is known to share with the leader."""
    leader, request = request_to_s2(leader_of(8, LEADER, commit=9), HeartbeatTimeout())
    _, state, _ = replicate(leader, lagging(name), request)
    assert state.commit_index == 9


@pytest.mark.parametrize(
    ("name", "granted"),
    [("a", True), ("b", True), ("c", False), ("d", False), ("e", True), ("f", True)],
)
def test_leader_can_win_the_votes_of_all_but_two(name: str, granted: bool) -> None:
    """Section 5.4.1: only (c), longer in term 6, and (d), with term 7, are more up-to-date."""
    answers = sent(lagging(name), request_vote(8, (10, 6), source=s1, destination=s2))
    assert answers == (vote(8, granted=granted, source=s2, destination=s1),)


@st.composite
def diverged_logs(draw: st.DrawFn) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Two logs with a common beginning, and after it no term that both have."""
    prefix = sorted(draw(st.lists(st.integers(1, 4), max_size=6)))
    lowest = prefix[-1] + 1 if prefix else 1
    even = st.lists(st.integers(lowest, lowest + 4).map(lambda term: 2 * term), max_size=8)
    odd = st.lists(st.integers(lowest, lowest + 4).map(lambda term: 2 * term + 1), max_size=8)
    return (*prefix, *sorted(draw(even))), (*prefix, *sorted(draw(odd)))


@given(diverged_logs())
def test_any_two_logs_converge_with_a_request_for_each_conflicting_term(
    logs: tuple[tuple[Term, ...], tuple[Term, ...]],
) -> None:
    """Section 5.3: the leader backs up once for each of the follower's terms at the most."""
    leader, request = request_to_s2(leader_of(30, logs[0]), ClientRequest("x"))
    leader, state, requests = replicate(leader, follower(29, logs[1], server=s2), request)
    assert state.log == leader.log
    assert len(requests) <= len(set(logs[1])) + 2


@given(diverged_logs(), st.integers(1, 3))
def test_small_requests_converge_too(
    logs: tuple[tuple[Term, ...], tuple[Term, ...]], max_entries: int
) -> None:
    """Section 5.3: the number of entries in a request is open, and does not change the outcome."""
    leader, request = request_to_s2(
        leader_of(30, logs[0], max_entries=max_entries), ClientRequest("x")
    )
    leader, state, _ = replicate(leader, follower(29, logs[1], server=s2), request)
    assert state.log == leader.log


def test_follower_f_throws_away_two_terms_at_once() -> None:
    """Section 5.3: the first conflict takes all entries after it along."""
    state = after(lagging("f"), append_entries(8, (3, 1), (4,), source=s1, destination=s2))
    assert terms_of(state.log) == (1, 1, 1, 4)
