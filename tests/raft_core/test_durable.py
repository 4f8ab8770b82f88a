"""Writes that complete later: a server counts itself once it is told that its disk holds enough."""

import pytest

from raft_core import (
    ClientRequest,
    ElectionTimeout,
    Role,
    State,
    WriteCompleted,
    s1,
)
from tests.raft_core.build import (
    acknowledgement,
    after,
    candidate,
    featured,
    follower,
    leader_of,
    vote,
)


def slow(state: State) -> State:
    """The same server, whose writes complete later."""
    return featured(state, async_writes=True)


def test_candidate_counts_its_own_vote_once_that_is_durable() -> None:
    """Two votes of three are a majority, but not before. Thesis, section 10.2.1."""
    state = after(slow(follower()), ElectionTimeout())
    assert state.votes_granted == ()
    with_one = after(state, vote(state.current_term))
    assert with_one.role is Role.CANDIDATE
    assert after(with_one, WriteCompleted(state.current_term, 0)).role is Role.LEADER


def test_leader_commits_what_others_hold_before_its_own_disk_does() -> None:
    """Two followers are a majority of three. Thesis, section 10.2.1."""
    leader = after(slow(leader_of(term=1)), ClientRequest("v1"))
    index = leader.log.last_index
    one = after(leader, acknowledgement(1, index))
    assert one.commit_index < index
    assert after(one, WriteCompleted(1, index)).commit_index == index


@pytest.mark.parametrize("term", [1, 3])
def test_completion_of_another_term_counts_for_nothing(term: int) -> None:
    """What was written then may have been overwritten since."""
    for state in (slow(candidate(term=2)), slow(leader_of(term=2))):
        assert after(state, WriteCompleted(term, 9)) == state


def test_completion_says_nothing_to_a_follower() -> None:
    """It answers when its messages leave, and counts nobody."""
    state = slow(follower(term=2))
    assert after(state, WriteCompleted(2, 1)) == state


def test_late_completion_moves_nothing_back() -> None:
    """The write of an earlier entry completes after that of a later one is known."""
    leader = after(slow(leader_of(term=1)), ClientRequest("v1"), ClientRequest("v2"))
    last = leader.log.last_index
    both = after(leader, WriteCompleted(1, last))
    assert after(both, WriteCompleted(1, last - 1)).match_index[s1] == last
