"""Section 5.3: log replication."""

from raft_core import (
    ClientRequest,
    ClientResponse,
    Conflict,
    ElectionTimeout,
    Entry,
    HeartbeatTimeout,
    s1,
    s2,
    s3,
    s4,
    s5,
    step,
)
from tests.paper.cluster import happen, replicate, started
from tests.raft_core.build import (
    acknowledgement,
    after,
    answer_to_append,
    append_entries,
    candidate,
    follower,
    leader_of,
    log_of,
    requests_in,
    sent,
    vote,
)


def test_leader_appends_the_command_with_its_term() -> None:
    """Section 5.3: a client's command becomes an entry at the next index, in the leader's term."""
    state = after(leader_of(3, (1,)), ClientRequest("x"))
    assert state.log.entry_at(2) == Entry(3, "x")
    assert state.log.last_index == 2


def test_leader_sends_the_entry_to_all_others() -> None:
    """Section 5.3: the new entry goes to each other server in parallel."""
    requests = requests_in(sent(leader_of(3), ClientRequest("x")))
    assert [(request.destination, request.entries) for request in requests] == [
        (s2, (Entry(3, "x"),)),
        (s3, (Entry(3, "x"),)),
    ]


def test_leader_answers_once_the_entry_is_safely_replicated() -> None:
    """Section 5.3: the command is applied and the client answered when a majority holds it."""
    state, messages = step(leader_of(3), ClientRequest("x"))
    assert not any(isinstance(message, ClientResponse) for message in messages)
    state, messages = step(state, acknowledgement(3, 1))
    assert (state.last_applied, messages) == (1, (ClientResponse(s1, "x", 1),))


def test_leader_retries_for_ever_even_after_answering() -> None:
    """Section 5.3: a slow follower is sent what it lacks, though the client has its answer."""
    servers = happen(started(), s1, ElectionTimeout())
    servers = happen(servers, s1, ClientRequest("x"), unreachable={s3})
    for _ in range(3):
        servers = happen(servers, s1, HeartbeatTimeout(), unreachable={s3})
        assert servers[s1].commit_index == 1
        assert len(requests_in(sent(servers[s1], HeartbeatTimeout()))[1].entries) == 1
    assert happen(servers, s1, HeartbeatTimeout())[s3].log == servers[s1].log


def test_committing_commits_all_before() -> None:
    """Section 5.3: a committed entry commits all entries before it, older terms' included."""
    assert after(leader_of(3, (1, 2, 3)), acknowledgement(3, 3)).commit_index == 3


def test_followers_learn_the_commit_index_from_requests() -> None:
    """Section 5.3: heartbeats carry the commit index, and followers then apply in log order."""
    servers = happen(happen(started(), s1, ElectionTimeout()), s1, ClientRequest("x"))
    assert (servers[s1].commit_index, servers[s2].commit_index) == (1, 0)
    servers = happen(servers, s1, HeartbeatTimeout())
    assert {state.last_applied for state in servers} == {1}


def test_request_names_the_entry_before_the_new_ones() -> None:
    """Section 5.3: a request carries the index and term of the entry that its own follow."""
    requests = requests_in(sent(leader_of(3, (1, 2)), ClientRequest("x")))
    assert {(each.prev_log_index, each.prev_log_term) for each in requests} == {(2, 2)}


def test_follower_refuses_without_that_entry() -> None:
    """Section 5.3: a follower without the previous entry, or with another term there, refuses."""
    for log_terms in ((1,), (1, 1)):
        _, response = answer_to_append(follower(3, log_terms), append_entries(3, (2, 2), (3,)))
        assert not response.success


def test_log_is_the_leaders_up_to_the_new_entries_on_success() -> None:
    """Section 5.3: a success means that both logs agree up to the last new entry."""
    leader = leader_of(3, (1, 2, 3), next_index=(4, 2, 2))
    request = requests_in(sent(leader, HeartbeatTimeout()))[0]
    state, response = answer_to_append(follower(2, (1,), server=s2), request)
    assert response.success
    assert state.log == leader.log


def test_conflicting_entries_are_overwritten() -> None:
    """Section 5.3: where a follower's log conflicts, the leader's entries replace its own."""
    state = after(follower(3, (1, 2, 2)), append_entries(3, (1, 1), (3, 3)))
    assert state.log == log_of(1, 3, 3)


def test_next_index_starts_behind_the_leaders_last_entry() -> None:
    """Section 5.3: a new leader begins with the index just after its last one for each follower."""
    assert after(candidate(3, (1, 2)), vote(3)).next_index == (3, 3, 3)


def test_refusal_moves_next_index_back() -> None:
    """Section 5.3: after a refusal the leader goes back and tries again."""
    leader = leader_of(3, (1, 2, 3))
    request = append_entries(3, (3, 3), source=s1, destination=s2)
    _, refused = answer_to_append(follower(3, (1,), server=s2), request)
    behind, messages = step(leader, refused)
    assert behind.next_index[s2] < leader.next_index[s2]
    assert requests_in(messages)[0].prev_log_index == behind.next_index[s2] - 1


def test_refusal_tells_the_term_of_the_conflict_and_where_it_begins() -> None:
    """Section 5.3: a refusal may carry the conflicting term and its first index."""
    _, response = answer_to_append(follower(4, (1, 2, 2, 2)), append_entries(4, (4, 3)))
    assert response.conflict == Conflict(2, 2)


def test_one_request_suffices_for_each_conflicting_term() -> None:
    """Section 5.3: the leader skips all conflicting entries of a term with one request."""
    leader = leader_of(5, (1, 4, 4, 4, 4, 4))
    request = append_entries(5, (6, 4), source=s1, destination=s2)
    _, state, requests = replicate(leader, follower(4, (1, 2, 2, 2, 3, 3), server=s2), request)
    assert [each.prev_log_index for each in requests] == [6, 4, 1]
    assert state.log == leader.log


def test_leader_never_overwrites_its_own_log() -> None:
    """Section 5.3: whatever its followers answer, a leader's log only grows at its end."""
    leader = leader_of(3, (1, 2, 3))
    for answer in (acknowledgement(3, 1), acknowledgement(3, 3), vote(3, granted=False)):
        assert after(leader, answer).log == leader.log
    request = append_entries(3, (3, 3), source=s1, destination=s2)
    _, refused = answer_to_append(follower(3, server=s2), request)
    assert after(leader, refused).log == leader.log
    grown = after(leader, ClientRequest("x")).log
    assert tuple(grown.entries)[:3] == tuple(leader.log.entries)


def test_slow_follower_does_not_delay_the_others() -> None:
    """Section 5.3: one round to a majority commits an entry; the others may be away."""
    servers = happen(started(5), s1, ElectionTimeout())
    servers = happen(servers, s1, ClientRequest("x"), unreachable={s4, s5})
    assert servers[s1].commit_index == 1
