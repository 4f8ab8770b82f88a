"""Section 6: cluster membership changes by joint consensus."""

import pytest
from attrs import evolve

from raft_core import (
    AppendEntries,
    ChangeMembership,
    ClientRequest,
    ElectionTimeout,
    HeartbeatTimeout,
    Membership,
    RequestVoteResponse,
    Role,
    Tick,
    persistent_state,
    restart,
    s1,
    s2,
    s3,
    s4,
    s5,
    step,
)
from tests.paper.cluster import Servers, happen, started, time_passes
from tests.raft_core.build import (
    after,
    answer_to_append,
    answer_to_vote,
    append_entries,
    featured,
    follower,
    request_vote,
    requests_in,
    sent,
    with_membership,
)

OLD = Membership((s1, s2, s3))
NEW = Membership((s3, s4, s5))
JOINT = Membership((s1, s2, s3), (), (s3, s4, s5))


def led(**features: bool | int) -> Servers:
    """Five servers of which three are members; S1 leads and has committed a no-op."""
    servers = started(5, 3, joint_consensus=True, no_op=True, **features)
    return happen(servers, s1, ElectionTimeout())


def test_cluster_first_switches_to_joint_consensus() -> None:
    """Section 6: the leader stores C_old,new as a log entry, and replicates it."""
    state, messages = step(led()[s1], ChangeMembership((s3, s4, s5)))
    assert state.log.entry_at(state.log.last_index).command == JOINT
    assert [request.destination for request in requests_in(messages)] == [s2, s3, s4, s5]


def test_entries_are_replicated_to_both_configurations() -> None:
    """Section 6: in joint consensus, entries go to all servers of both configurations."""
    state = after(led()[s1], ChangeMembership((s3, s4, s5)))
    requests = requests_in(sent(state, ClientRequest("x")))
    assert [request.destination for request in requests] == [s2, s3, s4, s5]


@pytest.mark.parametrize("unreachable", [{s4, s5}, {s2, s3}], ids=["C_new", "C_old"])
def test_agreement_needs_a_majority_of_each(unreachable: set[int]) -> None:
    """Section 6: commitment requires separate majorities from the old and new configurations."""
    cut = {server for server in (s2, s3, s4, s5) if server in unreachable}
    servers = happen(led(), s1, ChangeMembership((s3, s4, s5)), unreachable=cut)
    assert (servers[s1].commit_index, servers[s1].membership) == (1, JOINT)


def test_election_needs_a_majority_of_each() -> None:
    """Section 6: so does an election while C_old,new is in a candidate's log."""
    servers = happen(led(), s1, ChangeMembership((s3, s4, s5)), unreachable={s4, s5})
    for cut, role in (({s1, s4, s5}, Role.CANDIDATE), ({s1, s5}, Role.LEADER)):
        assert happen(servers, s3, ElectionTimeout(), unreachable=cut)[s3].role is role


def test_server_of_either_configuration_may_lead() -> None:
    """Section 6: any server from either configuration may serve as leader."""
    servers = happen(led(), s1, ChangeMembership((s3, s4, s5)), unreachable={s2})
    reached = happen(servers, s1, HeartbeatTimeout(), unreachable={s2})
    assert happen(reached, s4, ElectionTimeout(), unreachable={s2})[s4].role is Role.LEADER


def test_change_ends_in_the_new_configuration() -> None:
    """Section 6: once C_old,new is committed, the leader creates C_new and replicates it."""
    servers = happen(led(), s1, ChangeMembership((s3, s4, s5)))
    servers = happen(servers, s3, ElectionTimeout(), unreachable={s1, s2})
    assert [servers[each].membership for each in (s3, s4, s5)] == [NEW] * 3
    assert servers[s3].role is Role.LEADER
    assert servers[s3].commit_index == servers[s3].log.last_index


def test_server_uses_the_latest_configuration_in_its_log() -> None:
    """Section 6: regardless of whether the entry is committed, and after a restart too."""
    state = with_membership(featured(follower(2), joint_consensus=True), Membership((s1,)))
    assert state.commit_index == 0
    assert after(state, ElectionTimeout()).role is Role.LEADER
    again = restart(s1, state.configuration, persistent_state(state))
    assert again.membership == Membership((s1,))


def test_crashed_leaders_successor_may_be_under_either_configuration() -> None:
    """Section 6: before C_old,new commits, a server without it may still win with C_old."""
    servers = happen(led(), s1, ChangeMembership((s3, s4, s5)), unreachable={s2, s3})
    servers = happen(servers, s2, ElectionTimeout(), unreachable={s1})
    assert (servers[s2].role, servers[s2].membership) == (Role.LEADER, OLD)


def test_truncated_configuration_entry_is_rolled_back() -> None:
    """Section 6 with thesis 4.1: where its entry goes, the configuration before it counts."""
    servers = happen(led(), s1, ChangeMembership((s3, s4, s5)), unreachable={s2, s3, s4, s5})
    assert servers[s1].membership == JOINT
    servers = happen(servers, s2, ElectionTimeout(), unreachable={s1})
    servers = happen(servers, s2, HeartbeatTimeout())
    servers = happen(servers, s2, HeartbeatTimeout())
    assert (servers[s1].role, servers[s1].membership) == (Role.FOLLOWER, OLD)
    assert servers[s1].log.entries == servers[s2].log.entries


def test_new_servers_join_as_non_voting_members() -> None:
    """Section 6: the leader replicates to them, but they are not considered for majorities."""
    servers = happen(led(), s1, ChangeMembership((s1, s2, s3), (s4,)))
    assert servers[s4].log.last_index == servers[s1].log.last_index
    servers = happen(servers, s1, ClientRequest("x"), unreachable={s2, s3})
    assert servers[s4].log.last_index == 3
    assert servers[s1].commit_index == 2


def test_new_servers_do_not_stand() -> None:
    """Section 6: a non-voting member starts no election."""
    servers = happen(led(), s1, ChangeMembership((s1, s2, s3), (s4,)))
    assert step(servers[s4], ElectionTimeout()) == (servers[s4], ())


def test_leader_outside_the_new_configuration_steps_down() -> None:
    """Section 6: the leader returns to follower state once it has committed C_new."""
    servers = happen(led(), s1, ChangeMembership((s3, s4, s5)))
    assert (servers[s1].role, servers[s1].membership) == (Role.FOLLOWER, NEW)
    assert servers[s1].commit_index == servers[s1].log.last_index == 3


def test_leader_manages_a_cluster_without_itself() -> None:
    """Section 6: it replicates entries but does not count itself in majorities."""
    servers = happen(led(), s1, ChangeMembership((s3, s4, s5)), unreachable={s4, s5})
    servers = happen(servers, s1, HeartbeatTimeout(), unreachable={s3, s5})
    servers = happen(servers, s1, HeartbeatTimeout(), unreachable={s3, s5})
    assert (servers[s1].role, servers[s1].membership) == (Role.LEADER, NEW)
    assert servers[s1].log.last_index == 3
    assert servers[s1].commit_index == 2, "S1 and S4 hold C_new: one of three voters"


def test_removed_server_does_not_depose_the_leader() -> None:
    """Section 6: a RequestVote within the minimum election timeout changes no term and no vote."""
    servers = happen(led(leader_stickiness=True), s1, HeartbeatTimeout())
    before = servers
    stranger = evolve(servers[s5], log=evolve(servers[s5].log, memberships=()))
    servers = happen((*servers[:4], stranger), s5, ElectionTimeout())
    assert servers[s5].role is Role.CANDIDATE
    assert servers[:3] == before[:3]


def test_normal_elections_are_not_affected() -> None:
    """Section 6: each server waits at least a minimum election timeout before it stands."""
    servers = happen(led(leader_stickiness=True), s1, HeartbeatTimeout())
    late = happen(time_passes(servers, 10), s2, ElectionTimeout(), unreachable={s1})
    assert late[s2].role is Role.LEADER
    assert after(servers[s3], Tick(9)).extensions.quiet_until > 9


def test_votes_are_for_any_candidate() -> None:
    """Section 6, as thesis 4.1 puts it: a server votes though the candidate is not in its log's."""
    state = with_membership(featured(follower(2), joint_consensus=True), Membership((s1, s2)))
    _, response = answer_to_vote(state, request_vote(3, (9, 2), source=s5))
    assert response == RequestVoteResponse(s1, s5, 3, vote_granted=True)


def test_entries_are_accepted_from_any_leader() -> None:
    """Section 6, as thesis 4.1 puts it: a server accepts a leader that is not in its log's."""
    state = with_membership(featured(follower(2), joint_consensus=True), Membership((s1, s2)))
    request = append_entries(3, (1, 2), (3,), source=s5)
    assert isinstance(request, AppendEntries)
    assert answer_to_append(state, request)[1].success
