"""Ongaro's thesis, section 3.10: leadership transfer."""

from raft_core import (
    ClientRequest,
    ElectionTimeout,
    HeartbeatTimeout,
    Role,
    TimeoutNow,
    TransferLeadership,
    s1,
    s2,
    s3,
    step,
)
from tests.paper.cluster import Servers, happen, settle, started
from tests.raft_core.build import after, sent


def led(**features: bool | int) -> Servers:
    """Three servers, led by S1."""
    return happen(started(leadership_transfer=True, **features), s1, ElectionTimeout())


def test_leadership_moves_without_an_idle_election_timeout() -> None:
    """Thesis 3.10: the target takes over at once, though every timer is quiet."""
    servers = happen(led(leader_stickiness=True, pre_vote=True), s1, HeartbeatTimeout())
    servers = happen(servers, s1, TransferLeadership(s3))
    assert [state.role for state in servers] == [Role.FOLLOWER, Role.FOLLOWER, Role.LEADER]
    assert {state.current_term for state in servers} == {2}


def test_step_1_no_new_client_requests() -> None:
    """Thesis 3.10, step 1: the prior leader stops accepting new client requests."""
    state = after(led()[s1], TransferLeadership(s3))
    assert after(state, ClientRequest("x")).log == state.log


def test_step_2_the_targets_log_is_brought_up_to_date() -> None:
    """Thesis 3.10, step 2: by the normal log replication mechanism."""
    servers = happen(led(), s1, ClientRequest("x"), unreachable={s3})
    servers = happen(servers, s1, ClientRequest("y"), unreachable={s3})
    assert not isinstance(sent(servers[s1], TransferLeadership(s3))[0], TimeoutNow)
    servers = happen(servers, s1, TransferLeadership(s3))
    assert (servers[s3].role, servers[s3].log.last_index) == (Role.LEADER, 2)


def test_step_3_the_target_is_asked_to_stand() -> None:
    """Thesis 3.10, step 3: TimeoutNow has the effect of the target's election timer firing."""
    servers = happen(led(), s1, HeartbeatTimeout())
    (request,) = sent(servers[s1], TransferLeadership(s2))
    assert request == TimeoutNow(s1, s2, 1)
    state = after(servers[s2], TimeoutNow(s1, s2, 1))
    assert (state.role, state.current_term) == (Role.CANDIDATE, 2)
    assert state == after(servers[s2], ElectionTimeout())


def test_prior_leader_steps_down_when_the_target_stands() -> None:
    """Thesis 3.10: the target's next message has its new term in it."""
    servers = led(leader_stickiness=True)
    state, messages = step(servers[s2], TimeoutNow(s1, s2, 1))
    settled = settle((servers[s1], state, servers[s3]), messages, unreachable={s3})
    assert (settled[s1].role, settled[s2].role) == (Role.FOLLOWER, Role.LEADER)


def test_transfer_is_given_up_after_an_election_timeout() -> None:
    """Thesis 3.10: the prior leader aborts the transfer and resumes accepting client requests."""
    servers = happen(led(), s1, TransferLeadership(s3), unreachable={s3})
    servers = happen(servers, s1, ElectionTimeout(), unreachable={s3})
    servers = happen(servers, s1, ClientRequest("x"), unreachable={s3})
    assert (servers[s1].role, servers[s1].commit_index) == (Role.LEADER, 1)


def test_target_that_is_up_by_mistake_of_the_leader_does_no_harm() -> None:
    """Thesis 3.10: it is equivalent to the target's clock jumping forwards, which is safe."""
    servers = happen(led(), s1, ClientRequest("x"), unreachable={s3})
    state, messages = step(servers[s3], TimeoutNow(s1, s3, 1))
    servers = settle((*servers[:2], state), messages)
    assert servers[s3].role is Role.CANDIDATE, "its log lacks what is committed"
    servers = happen(servers, s2, ElectionTimeout())
    assert servers[s2].log.entry_at(1).command == "x"
