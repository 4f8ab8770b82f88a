"""Figure 2: every numbered rule of its boxes, one test each."""

import pytest
from attrs import evolve

from raft_core import (
    ClientRequest,
    ClientResponse,
    ElectionTimeout,
    HeartbeatTimeout,
    Role,
    s1,
    s2,
    s3,
    s4,
    step,
)
from raft_core.commit import apply_committed
from tests.paper.cluster import happen, started
from tests.raft_core.build import (
    acknowledgement,
    after,
    answer_to_append,
    answer_to_vote,
    append_entries,
    candidate,
    entry,
    follower,
    leader_of,
    log_of,
    request_vote,
    requests_in,
    sent,
    vote,
)


def test_request_vote_receiver_1() -> None:
    """Figure 2, RequestVote RPC, receiver 1: an older term is refused (section 5.1)."""
    _, response = answer_to_vote(follower(3), request_vote(2, (9, 9)))
    assert (response.vote_granted, response.term) == (False, 3)


def test_request_vote_receiver_2_needs_a_free_vote() -> None:
    """Figure 2, RequestVote RPC, receiver 2: voted_for is empty or the candidate (section 5.2)."""
    granted = [
        answer_to_vote(follower(3, voted_for=voted_for), request_vote(3))[1].vote_granted
        for voted_for in (None, s2, s3)
    ]
    assert granted == [True, True, False]


def test_request_vote_receiver_2_needs_an_up_to_date_log() -> None:
    """Figure 2, RequestVote RPC, receiver 2: the candidate's log is not behind (section 5.4)."""
    granted = [
        answer_to_vote(follower(3, (1, 2)), request_vote(3, last))[1].vote_granted
        for last in ((1, 2), (2, 1), (2, 2), (1, 3))
    ]
    assert granted == [False, False, True, True]


def test_append_entries_receiver_1() -> None:
    """Figure 2, AppendEntries RPC, receiver 1: an older term is refused (section 5.1)."""
    state, response = answer_to_append(follower(3, (1,)), append_entries(2, (1, 1), (2,)))
    assert (response.success, response.term, state.log) == (False, 3, log_of(1))


def test_append_entries_receiver_2() -> None:
    """Figure 2, AppendEntries RPC, receiver 2: the previous term must match (section 5.3)."""
    successes = [
        answer_to_append(follower(3, (1, 2)), append_entries(3, previous))[1].success
        for previous in ((0, 0), (1, 1), (2, 2), (2, 1), (2, 3), (3, 2))
    ]
    assert successes == [True, True, True, False, False, False]


def test_append_entries_receiver_3() -> None:
    """Figure 2, AppendEntries RPC, receiver 3: a conflict deletes the entry and all after it."""
    state = after(follower(3, (1, 2, 2, 2)), append_entries(3, (1, 1), (3,)))
    assert state.log == log_of(1, 3)


def test_append_entries_receiver_4() -> None:
    """Figure 2, AppendEntries RPC, receiver 4: only entries that are missing are appended."""
    state = after(follower(3, (1, 2)), append_entries(3, (0, 0), (1, 2, 3, 3)))
    assert state.log == log_of(1, 2, 3, 3)


def test_append_entries_receiver_5() -> None:
    """Figure 2, AppendEntries RPC, receiver 5: the smaller of leader_commit and last new entry."""
    commits = [
        after(follower(3, (1, 1, 1)), append_entries(3, (1, 1), (1,), commit=commit)).commit_index
        for commit in (0, 1, 2, 3)
    ]
    assert commits == [0, 1, 2, 2]


def test_all_servers_1() -> None:
    """Figure 2, All Servers 1: what is committed is applied (section 5.3)."""
    state = evolve(follower(1, (1, 1, 1)), commit_index=3, last_applied=1)
    assert apply_committed(state)[0].last_applied == 3


def test_all_servers_2() -> None:
    """Figure 2, All Servers 2: a newer term in any RPC is adopted, as a follower (section 5.1)."""
    for message in (request_vote(4), vote(4), append_entries(4), acknowledgement(4, 0)):
        state = after(leader_of(3), message)
        assert (state.current_term, state.role) == (4, Role.FOLLOWER)


def test_followers_1() -> None:
    """Figure 2, Followers 1: candidates and leaders get an answer (section 5.2)."""
    assert len(sent(follower(3), request_vote(3))) == 1
    assert len(sent(follower(3), append_entries(3))) == 1


def test_followers_2() -> None:
    """Figure 2, Followers 2: an election timeout makes a candidate (section 5.2)."""
    assert after(follower(3), ElectionTimeout()).role is Role.CANDIDATE


def test_candidates_1() -> None:
    """Figure 2, Candidates 1: a new term, a vote for oneself, a request to all (section 5.2)."""
    state, messages = step(follower(3, (1,)), ElectionTimeout())
    assert (state.current_term, state.voted_for) == (4, s1)
    assert messages == tuple(
        request_vote(4, (1, 1), source=s1, destination=other) for other in (s2, s3)
    )


def test_candidates_2() -> None:
    """Figure 2, Candidates 2: votes of a majority make a leader (section 5.2)."""
    state = after(candidate(3, servers=5), vote(3))
    assert state.role is Role.CANDIDATE
    assert after(state, vote(3, source=s4)).role is Role.LEADER


def test_candidates_3() -> None:
    """Figure 2, Candidates 3: AppendEntries of a new leader makes a follower (section 5.2)."""
    assert after(candidate(3), append_entries(3)).role is Role.FOLLOWER


def test_candidates_4() -> None:
    """Figure 2, Candidates 4: another election timeout starts another election (section 5.2)."""
    state, messages = step(candidate(3), ElectionTimeout())
    assert (state.current_term, len(messages)) == (4, 2)


def test_leaders_1() -> None:
    """Figure 2, Leaders 1: heartbeats upon election and in idle times (section 5.2)."""
    state, messages = step(candidate(3), vote(3))
    assert [request.entries for request in requests_in(messages)] == [(), ()]
    assert sent(state, HeartbeatTimeout()) == messages


def test_leaders_2() -> None:
    """Figure 2, Leaders 2: a command is appended, applied, and only then answered (section 5.3)."""
    state, messages = step(leader_of(3), ClientRequest("x"))
    assert (state.log.last_index, state.last_applied, len(requests_in(messages))) == (1, 0, 2)
    assert len(messages) == 2
    assert sent(state, acknowledgement(3, 1)) == (ClientResponse(s1, "x", 1),)


def test_leaders_3_sends_from_next_index() -> None:
    """Figure 2, Leaders 3: a follower behind is sent the entries from its next_index on."""
    requests = requests_in(sent(leader_of(3, (1, 2, 3), next_index=(4, 2, 4)), HeartbeatTimeout()))
    assert [request.entries for request in requests] == [(entry(2, 2), entry(3, 3)), ()]


def test_leaders_3_1() -> None:
    """Figure 2, Leaders 3, first case: a success updates both indexes (section 5.3)."""
    state = after(leader_of(3, (1, 2, 3), next_index=(4, 2, 4)), acknowledgement(3, 3))
    assert (state.next_index[s2], state.match_index[s2]) == (4, 3)


def test_leaders_3_2() -> None:
    """Figure 2, Leaders 3, second case: a refusal lowers next_index, for a retry (section 5.3)."""
    _, refused = answer_to_append(
        follower(3, (1, 1, 1), server=s2), append_entries(3, (3, 2), source=s1, destination=s2)
    )
    state, messages = step(leader_of(3, (1, 2, 2)), refused)
    assert state.next_index[s2] < 4
    assert [request.destination for request in requests_in(messages)] == [s2]


@pytest.mark.parametrize(("log_terms", "commit"), [((2, 2), 0), ((2, 3), 2), ((3, 3), 2)])
def test_leaders_4(log_terms: tuple[int, int], commit: int) -> None:
    """Figure 2, Leaders 4: a majority and the current term commit an entry (sections 5.3, 5.4)."""
    assert after(leader_of(3, log_terms), acknowledgement(3, 2)).commit_index == commit


def test_state_starts_at_zero() -> None:
    """Figure 2, State: terms, indexes and votes begin at 0 and none, with an empty log."""
    for state in started():
        assert (state.current_term, state.voted_for, state.log.last_index) == (0, None, 0)
        assert (state.commit_index, state.last_applied) == (0, 0)


def test_leader_state_is_reinitialised_after_election() -> None:
    """Figure 2, State, on leaders: next_index and match_index begin anew with each election."""
    servers = happen(happen(started(), s1, ElectionTimeout()), s1, ClientRequest("x"))
    servers = happen(servers, s2, ElectionTimeout(), unreachable={s3})
    again = happen(servers, s1, ElectionTimeout(), unreachable={s2, s3})
    again_leader = after(again[s1], vote(again[s1].current_term))
    assert (again_leader.next_index, again_leader.match_index) == ((2, 2, 2), (1, 0, 0))
