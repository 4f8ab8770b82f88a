"""Ongaro's thesis, section 9.6: preventing disruptions when a server rejoins the cluster."""

from raft_core import (
    ClientRequest,
    ElectionTimeout,
    HeartbeatTimeout,
    PreVote,
    PreVoteResponse,
    Role,
    s1,
    s2,
    s3,
    s4,
    s5,
    step,
)
from tests.paper.cluster import Servers, happen, restarted, started, time_passes
from tests.raft_core.build import after, sent


def led(servers: int = 3, **features: bool | int) -> Servers:
    """Servers that ask before they stand, led by S1."""
    return happen(started(servers, pre_vote=True, **features), s1, ElectionTimeout())


def test_rejoining_server_does_not_disrupt_the_cluster() -> None:
    """Thesis 9.6: cut off, it does not raise its term, and deposes nobody when it is back."""
    servers = led()
    for _ in range(3):
        servers = happen(servers, s3, ElectionTimeout(), unreachable={s1, s2})
    assert (servers[s3].role, servers[s3].current_term) == (Role.PRE_CANDIDATE, 1)
    servers = happen(servers, s3, ElectionTimeout())
    servers = happen(servers, s1, HeartbeatTimeout())
    assert [state.role for state in servers] == [Role.LEADER, Role.FOLLOWER, Role.FOLLOWER]
    assert {state.current_term for state in servers} == {1}


def test_rejoining_server_would_disrupt_the_cluster_without_it() -> None:
    """Thesis 9.6: its term grows while it is away, and makes the leader step down."""
    servers = happen(started(), s1, ElectionTimeout())
    for _ in range(3):
        servers = happen(servers, s3, ElectionTimeout(), unreachable={s1, s2})
    servers = happen(servers, s1, HeartbeatTimeout())
    assert servers[s1].role is Role.FOLLOWER


def test_term_is_raised_only_after_a_majority_would_vote() -> None:
    """Thesis 9.6: a candidate only increments its term if a majority is willing to vote for it."""
    servers = happen(started(5, pre_vote=True), s1, ElectionTimeout(), unreachable={s3, s4, s5})
    assert (servers[s1].role, servers[s1].current_term) == (Role.PRE_CANDIDATE, 0)
    servers = happen(servers, s1, ElectionTimeout(), unreachable={s4, s5})
    assert (servers[s1].role, servers[s1].current_term) == (Role.LEADER, 1)


def test_log_has_to_be_sufficiently_up_to_date() -> None:
    """Thesis 9.6: a server refuses candidates whose log ends earlier than its own."""
    servers = happen(led(), s1, ClientRequest("x"), unreachable={s3})
    servers = happen(time_passes(servers, 10), s3, ElectionTimeout(), unreachable={s1})
    assert (servers[s3].role, servers[s3].current_term) == (Role.PRE_CANDIDATE, 1)
    assert sent(servers[s2], PreVote(s3, s2, 1, 0, 0)) == (PreVoteResponse(s2, s3, 1, False),)
    assert sent(servers[s2], PreVote(s3, s2, 0, 9, 9)) == (PreVoteResponse(s2, s3, 1, False),)


def test_voters_must_not_have_heard_from_a_leader() -> None:
    """Thesis 9.6: within a baseline election timeout of a valid leader's word they refuse."""
    servers = led()
    assert step(servers[s2], PreVote(s3, s2, 1, 9, 1)) == (servers[s2], ())
    late = after(time_passes(servers, 10)[s2])
    assert sent(late, PreVote(s3, s2, 1, 9, 1)) == (PreVoteResponse(s2, s3, 1, True),)


def test_saying_yes_changes_nothing() -> None:
    """Thesis 9.6: it is no vote: neither the term nor votedFor is touched."""
    state = time_passes(led(), 10)[s2]
    assert after(state, PreVote(s3, s2, 1, 9, 1)) == state


def test_elections_still_happen_when_the_leader_fails() -> None:
    """Thesis 9.6: the algorithm does not keep a healthy majority from a new leader."""
    servers = happen(time_passes(led(), 10), s2, ElectionTimeout(), unreachable={s1})
    assert (servers[s2].role, servers[s2].current_term) == (Role.LEADER, 2)


def test_server_with_an_old_term_learns_the_new_one_by_asking() -> None:
    """Thesis 9.6 with section 5.1: a refusal carries the term, and the next question is in it."""
    servers = restarted(time_passes(led(), 10), s1)
    servers = happen(servers, s2, ElectionTimeout(), unreachable={s3})
    assert servers[s2].current_term == 2
    servers = happen(time_passes(servers, 10), s3, ElectionTimeout())
    assert (servers[s3].role, servers[s3].current_term) == (Role.FOLLOWER, 2)
    servers = happen(servers, s3, ElectionTimeout(), unreachable={s2})
    assert (servers[s3].role, servers[s3].current_term) == (Role.LEADER, 3)
