"""Ongaro's thesis, sections 4.1 and 4.2: changes of a single server, and availability."""

import pytest

from raft_core import (
    ChangeMembership,
    ClientRequest,
    ElectionTimeout,
    HeartbeatTimeout,
    Membership,
    Role,
    s1,
    s2,
    s3,
    s4,
    s5,
    step,
)
from raft_core.reconfiguration import next_membership
from tests.paper.cluster import Servers, happen, restarted, started, time_passes
from tests.raft_core.build import requests_in, sent

FOUR = (s1, s2, s3, s4)


def led(servers: int = 5, members: int = 3, **features: bool | int) -> Servers:
    """S1 leads a cluster in which the first servers are members, and has committed a no-op."""
    cluster = started(servers, members, single_server_changes=True, no_op=True, **features)
    return happen(cluster, s1, ElectionTimeout())


def test_one_server_at_a_time() -> None:
    """Thesis 4.1: only one server can be added or removed from the cluster at a time."""
    state = led()[s1]
    assert next_membership(state, ChangeMembership(FOUR)) == Membership(FOUR)
    assert next_membership(state, ChangeMembership((s1, s2, s3, s4, s5))) is None
    assert next_membership(state, ChangeMembership((s1, s2, s4))) is None


def test_configuration_takes_effect_as_soon_as_it_is_in_the_log() -> None:
    """Thesis 4.1: C_new is replicated to the servers of C_new, and needs a majority of them."""
    state, messages = step(led()[s1], ChangeMembership(FOUR))
    assert [request.destination for request in requests_in(messages)] == [s2, s3, s4]
    servers = happen(led(), s1, ChangeMembership(FOUR), unreachable={s3, s4})
    assert servers[s1].commit_index < servers[s1].log.last_index, "two of four are no majority"
    assert state.membership == Membership(FOUR)


def test_change_is_complete_once_it_is_committed() -> None:
    """Thesis 4.1: only then may the next one begin."""
    servers = happen(led(), s1, ChangeMembership(FOUR), unreachable={s3, s4})
    refused = happen(servers, s1, ChangeMembership((s1, s2, s3, s4, s5)))
    assert refused == servers
    servers = happen(servers, s1, HeartbeatTimeout())
    servers = happen(servers, s1, ChangeMembership((s1, s2, s3, s4, s5)))
    assert servers[s1].membership == Membership((s1, s2, s3, s4, s5))


def test_server_falls_back_to_the_previous_configuration() -> None:
    """Thesis 4.1: a server must be prepared for it, when the entry is removed from its log."""
    servers = happen(led(), s1, ChangeMembership(FOUR), unreachable={s2, s3, s4})
    servers = happen(servers, s2, ElectionTimeout(), unreachable={s1})
    servers = happen(servers, s2, HeartbeatTimeout())
    servers = happen(servers, s2, HeartbeatTimeout())
    assert servers[s1].membership == Membership((s1, s2, s3))


def test_two_leaders_cannot_change_behind_each_others_back() -> None:
    """Correction of 2015 to 4.1: no change before an entry of the leader's own term is committed.

    Its example: S1 adds S5 to four servers and reaches nobody else; S2, elected without it,
    removes S1. Without the rule, S1 and S5 on one side and S2 and S3 on the other decide apart.
    """
    cluster = started(5, 4, single_server_changes=True)
    cluster = happen(cluster, s1, ElectionTimeout())
    cluster = happen(cluster, s1, ClientRequest("x"))
    cluster = happen(cluster, s1, ChangeMembership((*FOUR, s5)), unreachable={s2, s3, s4})
    assert cluster[s5].membership == Membership((*FOUR, s5))
    cluster = happen(cluster, s2, ElectionTimeout(), unreachable={s1, s5})
    refused = step(cluster[s2], ChangeMembership((s2, s3, s4)))
    assert refused == (cluster[s2], ())
    cluster = happen(cluster, s2, ClientRequest("y"), unreachable={s1, s5})
    cluster = happen(cluster, s2, ChangeMembership((s2, s3, s4)), unreachable={s1, s5})
    assert cluster[s2].commit_index == cluster[s2].log.last_index
    cluster = happen(restarted(cluster, s1), s1, ElectionTimeout())
    assert cluster[s1].role is not Role.LEADER, "S2, S3 and S4 hold an entry of a later term"


def test_new_server_joins_as_a_learner_to_catch_up() -> None:
    """Thesis 4.2.1: until it has caught up it is not counted, so that nothing waits for it."""
    servers = happen(led(), s1, ChangeMembership((s1, s2, s3), (s4,)), unreachable={s4})
    servers = happen(servers, s1, ClientRequest("x"), unreachable={s3, s4})
    assert servers[s1].commit_index == 3
    refused = happen(servers, s1, ChangeMembership(FOUR), unreachable={s4})
    assert refused[s1].membership == Membership((s1, s2, s3), (s4,))
    servers = happen(servers, s1, HeartbeatTimeout())
    servers = happen(servers, s1, ChangeMembership(FOUR))
    assert servers[s4].membership == Membership(FOUR)


def test_removed_leader_steps_down_once_the_change_is_committed() -> None:
    """Thesis 4.2.2: until then it manages a cluster that does not include itself."""
    servers = happen(led(), s1, ChangeMembership((s2, s3)), unreachable={s3})
    assert servers[s1].role is Role.LEADER
    servers = happen(servers, s1, HeartbeatTimeout())
    assert servers[s1].role is Role.FOLLOWER
    assert servers[s1].commit_index == servers[s1].log.last_index


def test_server_outside_its_configuration_still_stands_until_that_is_committed() -> None:
    """Thesis 4.2.2: it might still be needed until C_new is committed, as in Figure 4.6."""
    servers = happen(led(3, 2), s1, ChangeMembership((s2,)), unreachable={s2})
    servers = restarted(servers, s1)
    servers = happen(servers, s2, ElectionTimeout())
    assert servers[s2].role is Role.CANDIDATE, "S2's log lacks C_new, which S1 has"
    servers = happen(servers, s1, ElectionTimeout())
    assert servers[s1].log.last_term == servers[s1].current_term == 3, "so only S1 could lead"
    assert servers[s1].commit_index == servers[s1].log.last_index
    assert step(servers[s1], ElectionTimeout()) == (servers[s1], ()), "it is needed no more"
    assert happen(servers, s2, ElectionTimeout())[s2].role is Role.LEADER


def test_own_vote_does_not_count_outside_the_configuration() -> None:
    """Thesis 4.2.2: a candidate counts its own vote only as a part of its latest configuration."""
    servers = happen(led(), s1, ChangeMembership((s2, s3)), unreachable={s2, s3})
    servers = restarted(servers, s1)
    alone = happen(servers, s1, ElectionTimeout(), unreachable={s3})
    assert (alone[s1].role, alone[s1].votes_granted) == (Role.CANDIDATE, (s1, s2))
    both = happen(servers, s1, ElectionTimeout())
    assert both[s2].leader == s1, "with S2 and S3 it wins, and hands them C_new"


@pytest.mark.parametrize("pre_vote", [False, True])
def test_removed_servers_do_not_disrupt_the_cluster(pre_vote: bool) -> None:
    """Thesis 4.2.3: who hears from a leader neither updates its term nor grants its vote."""
    servers = led(4, 4, leader_stickiness=True, pre_vote=pre_vote)
    servers = happen(servers, s1, ChangeMembership((s1, s2, s3)), unreachable={s4})
    before = servers
    for _ in range(3):
        servers = happen(servers, s4, ElectionTimeout())
    assert servers[:3] == before[:3]


def test_removed_servers_would_disrupt_the_cluster_without_it() -> None:
    """Thesis 4.2.3: a server not in C_new times out and deposes the leader with a new term."""
    servers = happen(led(4, 4), s1, ChangeMembership((s1, s2, s3)), unreachable={s4})
    assert happen(servers, s4, ElectionTimeout())[s1].role is Role.FOLLOWER


def test_elections_go_on_once_the_leader_is_silent() -> None:
    """Thesis 4.2.3: the rule does not affect normal elections."""
    servers = time_passes(led(leader_stickiness=True), 10)
    assert happen(servers, s2, ElectionTimeout(), unreachable={s1})[s2].role is Role.LEADER


def test_requests_go_to_members_only() -> None:
    """Thesis 4.2.3: once C_new is created, the leader does not send to servers outside it."""
    state = happen(led(4, 4), s1, ChangeMembership((s1, s2, s3)), unreachable={s4})[s1]
    assert [each.destination for each in requests_in(sent(state, HeartbeatTimeout()))] == [s2, s3]
