"""Section 5.1: roles, terms, and how servers learn of newer ones."""

import pytest

from raft_core import (
    ClientRequest,
    ElectionTimeout,
    HeartbeatTimeout,
    NotLeader,
    Role,
    State,
    s1,
    s2,
    step,
)
from tests.paper.cluster import happen, started
from tests.raft_core.build import (
    acknowledgement,
    after,
    answer_to_append,
    answer_to_vote,
    append_entries,
    candidate,
    follower,
    leader_of,
    request_vote,
    sent,
    vote,
)


def test_followers_are_passive() -> None:
    """Section 5.1: a follower sends no request of its own while its election timer runs."""
    assert step(follower(2, (1,)), HeartbeatTimeout()) == (follower(2, (1,)), ())


def test_followers_send_clients_to_the_leader() -> None:
    """Section 5.1: a client that contacts a follower is sent to the leader."""
    servers = happen(started(), s1, ElectionTimeout())
    assert sent(servers[s2], ClientRequest("x")) == (NotLeader(s2, "x", s1),)


def test_term_begins_with_an_election() -> None:
    """Section 5.1: terms are consecutive integers, and each begins with an election."""
    servers = started()
    for term in (1, 2, 3):
        servers = happen(servers, s1 if term % 2 else s2, ElectionTimeout())
        assert {state.current_term for state in servers} == {term}


def test_term_may_end_without_a_leader() -> None:
    """Section 5.1: a split vote leaves a term without a leader, and the next one follows."""
    servers = happen(started(2), s1, ElectionTimeout(), unreachable={s2})
    servers = happen(servers, s2, ElectionTimeout(), unreachable={s1})
    assert [(state.role, state.current_term) for state in servers] == [(Role.CANDIDATE, 1)] * 2
    servers = happen(servers, s1, ElectionTimeout())
    assert [(state.role, state.current_term) for state in servers] == [
        (Role.LEADER, 2),
        (Role.FOLLOWER, 2),
    ]


def test_smaller_term_is_updated_to_the_larger() -> None:
    """Section 5.1: a server that sees a larger term in any message adopts it."""
    for message in (request_vote(7), vote(7), append_entries(7), acknowledgement(7, 0)):
        assert after(follower(3), message).current_term == 7


def test_current_term_only_grows() -> None:
    """Section 5.1: no message of a smaller term makes a server's term fall."""
    for message in (request_vote(2), vote(2), append_entries(2), acknowledgement(2, 0)):
        assert after(follower(3), message).current_term == 3


@pytest.mark.parametrize("state", [candidate(3), leader_of(3)], ids=["candidate", "leader"])
def test_outdated_candidate_or_leader_becomes_a_follower(state: State) -> None:
    """Section 5.1: a candidate or leader that finds its term outdated reverts to follower."""
    for message in (request_vote(4), vote(4), append_entries(4), acknowledgement(4, 0)):
        assert after(state, message).role is Role.FOLLOWER


def test_request_of_a_stale_term_is_rejected() -> None:
    """Section 5.1: a request of an older term is refused, with the newer term in the answer."""
    _, vote_answer = answer_to_vote(follower(3), request_vote(2))
    _, append_answer = answer_to_append(follower(3), append_entries(2))
    assert (vote_answer.vote_granted, vote_answer.term) == (False, 3)
    assert (append_answer.success, append_answer.term) == (False, 3)


def test_every_message_tells_the_current_term() -> None:
    """Section 5.1: servers exchange terms whenever they communicate."""
    assert answer_to_vote(follower(1), request_vote(5))[1].term == 5
    assert answer_to_append(follower(1), append_entries(5))[1].term == 5


def test_lost_request_is_retried() -> None:
    """Section 5.1: what a follower has not answered is sent again with the next heartbeat."""
    servers = happen(started(), s1, ElectionTimeout())
    servers = happen(servers, s1, ClientRequest("x"), unreachable={s2})
    assert servers[s2].log.last_index == 0
    assert happen(servers, s1, HeartbeatTimeout())[s2].log.last_index == 1


def test_repeated_request_does_no_harm() -> None:
    """Section 5.1 with 5.5: requests are idempotent, so retrying them is safe."""
    for request in (request_vote(2, (2, 1)), append_entries(2, (1, 1), (2, 2), commit=2)):
        once, first = step(follower(1, (1,)), request)
        assert step(once, request) == (once, first)
