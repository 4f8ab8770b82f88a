"""Section 5.2: leader election."""

import pytest

from raft_core import (
    ElectionTimeout,
    HeartbeatTimeout,
    PersistentState,
    Role,
    TwoLeadersError,
    persistent_state,
    restart,
    s1,
    s2,
    s3,
    s4,
    s5,
    step,
)
from tests.paper.cluster import happen, started
from tests.raft_core.build import (
    after,
    answer_to_vote,
    append_entries,
    candidate,
    follower,
    leader_of,
    request_vote,
    requests_in,
    sent,
    vote,
)


def test_servers_start_as_followers() -> None:
    """Section 5.2: a server that starts, or starts again, is a follower."""
    assert {state.role for state in started(5)} == {Role.FOLLOWER}
    leader = leader_of(3, (3,))
    assert restart(s1, leader.configuration, persistent_state(leader)).role is Role.FOLLOWER


def test_follower_remains_one_while_it_hears_a_leader() -> None:
    """Section 5.2: valid requests of a leader leave a follower in its role and term."""
    state = follower(2, (1,))
    for _ in range(3):
        state = after(state, append_entries(2, (1, 1)))
    assert (state.role, state.current_term) == (Role.FOLLOWER, 2)


def test_heartbeat_is_an_empty_append_entries() -> None:
    """Section 5.2: a leader keeps its authority with AppendEntries that carry no entries."""
    requests = requests_in(sent(leader_of(2, (1, 2)), HeartbeatTimeout()))
    assert [(request.destination, request.entries) for request in requests] == [(s2, ()), (s3, ())]


def test_election_begins_when_nothing_is_heard() -> None:
    """Section 5.2: a follower whose timeout elapses raises its term and becomes a candidate."""
    state = after(follower(2), ElectionTimeout())
    assert (state.role, state.current_term) == (Role.CANDIDATE, 3)


def test_candidate_votes_for_itself_and_asks_all_others() -> None:
    """Section 5.2: a candidate gives itself its vote and sends RequestVote to each other server."""
    state, messages = step(follower(2, servers=5), ElectionTimeout())
    assert state.voted_for == s1
    asked = [request_vote(3, source=s1, destination=other) for other in (s2, s3, s4, s5)]
    assert messages == tuple(asked)


def test_majority_of_the_full_cluster_wins() -> None:
    """Section 5.2: the majority is one of all servers, reachable or not."""
    minority = happen(started(5), s1, ElectionTimeout(), unreachable={s3, s4, s5})
    assert minority[s1].role is Role.CANDIDATE
    majority = happen(started(5), s1, ElectionTimeout(), unreachable={s4, s5})
    assert majority[s1].role is Role.LEADER


def test_votes_must_be_of_the_same_term() -> None:
    """Section 5.2: votes of different terms do not add up to a majority."""
    state = after(follower(0, servers=5), ElectionTimeout(), vote(1), ElectionTimeout())
    assert after(state, vote(2, source=s3), vote(1, source=s4)).role is Role.CANDIDATE


def test_server_votes_for_one_candidate_in_a_term() -> None:
    """Section 5.2: each server votes at most once a term, first come first served."""
    state, first = answer_to_vote(follower(2), request_vote(3, source=s3))
    state, second = answer_to_vote(state, request_vote(3, source=s2))
    assert (first.vote_granted, second.vote_granted, state.voted_for) == (True, False, s3)


def test_vote_survives_a_crash() -> None:
    """Section 5.2 with Figure 2: a vote is persistent, so a restart does not free it."""
    state, _ = answer_to_vote(follower(2), request_vote(3, source=s3))
    again = restart(s1, state.configuration, persistent_state(state))
    assert not answer_to_vote(again, request_vote(3, source=s2))[1].vote_granted


def test_server_votes_anew_in_the_next_term() -> None:
    """Section 5.2: the vote of one term does not bind the next."""
    state, _ = answer_to_vote(follower(2), request_vote(3, source=s3))
    assert answer_to_vote(state, request_vote(4, source=s2))[1].vote_granted


def test_at_most_one_candidate_wins_a_term() -> None:
    """Section 5.2: when two stand in one term, only one can gather a majority."""
    servers = happen(started(), s1, ElectionTimeout(), unreachable={s2})
    servers = happen(servers, s2, ElectionTimeout(), unreachable={s1})
    assert [state.role for state in servers] == [Role.LEADER, Role.CANDIDATE, Role.FOLLOWER]
    assert servers[s2].current_term == servers[s1].current_term


def test_second_leader_of_a_term_is_an_error() -> None:
    """Section 5.2: Election Safety rules out AppendEntries of a leader's own term."""
    with pytest.raises(TwoLeadersError):
        step(leader_of(3), append_entries(3))


def test_winner_announces_itself_at_once() -> None:
    """Section 5.2: a new leader's heartbeats stop others from starting elections."""
    servers = happen(started(), s1, ElectionTimeout())
    assert [state.leader for state in servers] == [s1, s1, s1]


def test_candidate_accepts_a_leader_of_its_term_or_a_newer() -> None:
    """Section 5.2: AppendEntries with a term at least as large returns a candidate to follower."""
    for term in (3, 4):
        state = after(candidate(3), append_entries(term))
        assert (state.role, state.current_term, state.leader) == (Role.FOLLOWER, term, s2)


def test_candidate_rejects_a_leader_of_a_smaller_term() -> None:
    """Section 5.2: AppendEntries with a smaller term is refused, and the candidacy goes on."""
    state, messages = step(candidate(3), append_entries(2))
    assert state == candidate(3)
    assert [message.term for message in requests_in(messages)] == []


def test_split_vote_ends_in_another_election() -> None:
    """Section 5.2: a candidate that wins nothing times out and stands again in a new term."""
    state, messages = step(candidate(3, votes=(s1,)), ElectionTimeout())
    assert (state.role, state.current_term, state.votes_granted) == (Role.CANDIDATE, 4, (s1,))
    assert len(messages) == 2


def test_first_election_of_a_cluster_ends_in_one_leader() -> None:
    """Section 5.2: one timeout in a healthy cluster gives one leader that all others follow."""
    servers = happen(started(5), s3, ElectionTimeout())
    assert [state.role is Role.LEADER for state in servers] == [False, False, True, False, False]
    assert {state.voted_for for state in servers} == {s3}
    assert persistent_state(servers[s3]) == PersistentState(current_term=1, voted_for=s3)
