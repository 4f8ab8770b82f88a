"""Section 5.4: who may be elected, and what a leader may commit."""

import pytest

from raft_core import (
    ClientRequest,
    ElectionTimeout,
    HeartbeatTimeout,
    Index,
    Role,
    Term,
    s1,
    s2,
    s3,
    s4,
    s5,
)
from tests.paper.cluster import happen, started
from tests.raft_core.build import (
    acknowledgement,
    after,
    answer_to_vote,
    follower,
    leader_of,
    request_vote,
    terms_of,
)


@pytest.mark.parametrize(("last", "granted"), [((1, 3), True), ((9, 1), False)])
def test_later_last_term_is_more_up_to_date(last: tuple[Index, Term], granted: bool) -> None:
    """Section 5.4.1: of two logs that end in different terms, the later term's is the newer."""
    _, response = answer_to_vote(follower(3, (1, 2)), request_vote(4, last))
    assert response.vote_granted is granted


@pytest.mark.parametrize(("length", "granted"), [(1, False), (2, True), (3, True)])
def test_longer_log_is_more_up_to_date_in_equal_terms(length: Index, granted: bool) -> None:
    """Section 5.4.1: of two logs that end in the same term, the longer is the newer."""
    _, response = answer_to_vote(follower(3, (1, 2)), request_vote(4, (length, 2)))
    assert response.vote_granted is granted


def test_candidate_without_a_committed_entry_cannot_win() -> None:
    """Section 5.4.1: a majority holds each committed entry, and refuses candidates that lack it."""
    servers = happen(started(), s1, ElectionTimeout())
    servers = happen(servers, s1, ClientRequest("x"), unreachable={s3})
    assert servers[s1].commit_index == 1
    servers = happen(servers, s3, ElectionTimeout())
    assert servers[s3].role is Role.CANDIDATE
    servers = happen(servers, s2, ElectionTimeout())
    assert (servers[s2].role, servers[s2].log.last_index) == (Role.LEADER, 1)


def test_entries_flow_from_leader_to_follower_only() -> None:
    """Section 5.4.1: no vote or answer brings a leader entries that it lacked."""
    state = leader_of(3, (1,))
    assert terms_of(after(state, acknowledgement(3, 1)).log) == (1,)


def test_older_entries_are_not_committed_by_counting() -> None:
    """Section 5.4.2: an older term's entry on a majority, or on all servers, is still open."""
    state = after(leader_of(4, (1, 2)), acknowledgement(4, 2), acknowledgement(4, 2, source=s3))
    assert state.match_index == (2, 2, 2)
    assert state.commit_index == 0


def test_older_entries_are_committed_by_an_own_one_behind_them() -> None:
    """Section 5.4.2: once an entry of the leader's term is committed, so is all before it."""
    state = after(leader_of(4, (1, 2)), acknowledgement(4, 2), ClientRequest("x"))
    assert after(state, acknowledgement(4, 3)).commit_index == 3


def test_entries_keep_their_term_when_a_later_leader_replicates_them() -> None:
    """Section 5.4.2: an entry keeps the term of the leader that created it."""
    servers = happen(started(), s1, ElectionTimeout())
    servers = happen(servers, s1, ClientRequest("x"), unreachable={s3})
    servers = happen(servers, s2, ElectionTimeout(), unreachable={s1})
    servers = happen(servers, s2, HeartbeatTimeout(), unreachable={s1})
    assert [terms_of(state.log) for state in servers] == [(1,), (1,), (1,)]
    assert servers[s3].current_term == 2


def test_open_entry_on_a_majority_may_be_overwritten() -> None:
    """Section 5.4.2: Figure 8's overwritten entry was never committed, so nothing is lost."""
    holder = after(leader_of(4, (1, 2)), acknowledgement(4, 2))
    _, response = answer_to_vote(holder, request_vote(5, (2, 3)))
    assert response.vote_granted
    assert holder.commit_index == 0


def test_committed_entry_survives_the_crash_of_its_leader() -> None:
    """Section 5.4.3: a leader of a later term holds every entry committed in earlier ones."""
    servers = happen(started(5), s1, ElectionTimeout())
    servers = happen(servers, s1, ClientRequest("x"), unreachable={s4, s5})
    assert servers[s1].commit_index == 1
    servers = happen(servers, s3, ElectionTimeout(), unreachable={s1, s2})
    servers = happen(servers, s3, ClientRequest("y"), unreachable={s1, s2})
    assert servers[s3].log.entry_at(1).command == "x"
    assert {state.log for state in servers[2:]} == {servers[s3].log}
