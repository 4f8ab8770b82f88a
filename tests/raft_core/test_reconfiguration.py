"""Changes of the configuration: which are made, when, and what follows from them."""

import pytest
from attrs import evolve

from raft_core import (
    ChangeMembership,
    ClientRequest,
    Entry,
    Index,
    Membership,
    NoOp,
    Role,
    Server,
    State,
    s1,
    s2,
    s3,
    s4,
    s5,
    step,
)
from raft_core.reconfiguration import (
    has_committed_in_term,
    is_changing,
    may_change_membership,
    may_stand,
    next_membership,
)
from tests.raft_core.build import (
    acknowledgement,
    after,
    append_entries,
    candidate,
    featured,
    follower,
    leader_of,
    requests_in,
    sent,
    terms_of,
    with_membership,
)

Servers = tuple[Server, ...]


def leader(
    membership: Membership | None = None,
    *,
    servers: int = 5,
    match: tuple[Index, ...] | None = None,
    joint: bool = True,
    single: bool = True,
) -> State:
    """A leader of term 2 whose three entries are committed, in a configuration of its log's first.

    By default S1, S2 and S3 vote and hold everything, and S4 and S5 are not members.
    """
    first = Membership((s1, s2, s3)) if membership is None else membership
    state = leader_of(
        2, (1, 2, 2), servers=servers, commit=3, match=match or (3, 3, 3, 0, 0)[:servers]
    )
    state = evolve(state, log=evolve(state.log, memberships=((0, first),)))
    return featured(state, joint_consensus=joint, single_server_changes=single)


def change(voters: Servers, learners: Servers = ()) -> ChangeMembership:
    """An administrator's request."""
    return ChangeMembership(voters, learners)


def last_of(state: State) -> Entry:
    """The last entry of a server's log."""
    return state.log.entry_at(state.log.last_index)


def test_change_is_an_entry_that_is_in_force_at_once() -> None:
    """Section 6: a server uses the latest configuration in its log, committed or not."""
    state, messages = step(leader(), change((s1, s2, s3, s4)))
    wanted = Membership((s1, s2, s3, s4))
    assert (last_of(state), state.membership) == (Entry(2, wanted), wanted)
    assert state.commit_index == 3
    assert [request.destination for request in requests_in(messages)] == [s2, s3, s4]


@pytest.mark.parametrize("voters", [(s1, s2), (s1, s2, s3, s4), (s2, s3)])
def test_one_voter_more_or_less_needs_no_joint_consensus(voters: Servers) -> None:
    """Thesis 4.1: any two majorities overlap."""
    for joint in (True, False):
        assert next_membership(leader(joint=joint), change(voters)) == Membership(voters)


@pytest.mark.parametrize("voters", [(s1, s2, s4), (s1,), (s1, s2, s3, s4, s5), (s4, s5)])
def test_more_go_by_way_of_both(voters: Servers) -> None:
    """Section 6: C_old,new stands between configurations whose majorities need not overlap."""
    assert next_membership(leader(), change(voters)) == Membership((s1, s2, s3), (), voters)
    assert next_membership(leader(joint=False), change(voters)) is None


def test_joint_consensus_alone_goes_by_way_of_both_for_one_voter_too() -> None:
    """The paper knows no shorter way."""
    state = leader(single=False)
    assert next_membership(state, change((s1, s2))) == Membership((s1, s2, s3), (), (s1, s2))


@pytest.mark.parametrize(("joint", "single"), [(True, False), (False, True), (True, True)])
def test_learners_come_and_go_without_joint_consensus(joint: bool, single: bool) -> None:
    """They are in no majority."""
    state = leader(joint=joint, single=single)
    expected = Membership((s1, s2, s3), (s4, s5))
    assert next_membership(state, change((s1, s2, s3), (s4, s5))) == expected


def test_without_either_feature_nothing_changes() -> None:
    """A cluster of fixed members refuses."""
    state = featured(leader(joint=False, single=False), no_op=True)
    assert step(state, change((s1, s2))) == (state, ())


@pytest.mark.parametrize("request_", [change(()), change((s1, s2, s3))])
def test_no_voters_and_no_change_are_refused(request_: ChangeMembership) -> None:
    """Nobody could ever lead the one; the other is in force already."""
    assert step(leader(), request_) == (leader(), ())


@pytest.mark.parametrize("state", [follower(2, (2,), commit=1), candidate(2)])
def test_only_a_leader_changes_the_configuration(state: State) -> None:
    """Others do nothing, though their term has committed an entry."""
    before = featured(state, joint_consensus=True)
    assert step(before, change((s1, s2))) == (before, ())


def test_one_change_at_a_time() -> None:
    """Thesis 4.1: the next waits until the change before is committed."""
    state = after(leader(), change((s1, s2, s3, s4)))
    assert is_changing(state)
    assert step(state, change((s1, s2, s3, s4, s5))) == (state, ())
    state = after(state, acknowledgement(2, 4), acknowledgement(2, 4, source=s3))
    assert not is_changing(state)
    assert after(state, change((s1, s2, s3, s4, s5))).log.last_index == 5


def test_half_of_a_change_is_a_change() -> None:
    """Nothing new begins between C_old,new and C_new."""
    state = leader(Membership((s1, s2, s3), (), (s1, s4)))
    assert is_changing(state)
    assert not may_change_membership(state)


def test_change_waits_for_a_commit_in_the_own_term() -> None:
    """The correction of 2015: a change that this leader does not know could still be committed."""
    state = leader_of(3, (1, 2, 2), servers=5, commit=3, match=(3, 3, 3, 0, 0))
    state = featured(state, joint_consensus=True, single_server_changes=True)
    assert not has_committed_in_term(state)
    assert step(state, change((s1, s2, s3, s4))) == (state, ())
    state = after(
        state, ClientRequest("x"), acknowledgement(3, 4), acknowledgement(3, 4, source=s3)
    )
    assert may_change_membership(state)


def test_commit_in_the_own_term_may_be_behind_the_snapshot() -> None:
    """Compaction does not make a leader forget that it has committed."""
    state = evolve(leader(), log=leader().log.compacted(3, ()))
    assert has_committed_in_term(state)


@pytest.mark.parametrize(("matched", "expected"), [(2, False), (3, True)])
def test_learner_votes_once_it_has_caught_up(matched: Index, expected: bool) -> None:
    """Thesis 4.2.1: until it holds what is committed, its vote would only be missed."""
    state = leader(Membership((s1, s2, s3), (s4,)), match=(3, 3, 3, matched, 0))
    made = next_membership(state, change((s1, s2, s3, s4)))
    assert made == (Membership((s1, s2, s3, s4)) if expected else None)


def test_learner_that_stays_one_need_not_catch_up() -> None:
    """Only who is to vote is looked at."""
    state = leader(Membership((s1, s2, s3), (s4,)))
    assert next_membership(state, change((s1, s2), (s4,))) == Membership((s1, s2), (s4,))


def test_joint_configuration_knows_the_learners_to_be() -> None:
    """A voter that C_new makes a learner goes on learning."""
    joint = next_membership(leader(), change((s1, s4, s5), (s2,)))
    assert joint == Membership((s1, s2, s3), (s2,), (s1, s4, s5))


def test_new_configuration_follows_the_joint_one() -> None:
    """Section 6: once C_old,new is committed, the leader appends C_new by itself."""
    state = after(leader(), change((s1, s4, s5)))
    state = after(state, acknowledgement(2, 4))
    assert state.membership.is_joint
    state, messages = step(state, acknowledgement(2, 4, source=s4))
    assert state.commit_index == 4
    assert last_of(state) == Entry(2, Membership((s1, s4, s5)))
    assert Membership((s1, s4, s5)) in [
        each.command for request in requests_in(messages) for each in request.entries
    ]


def test_new_leader_finishes_the_change_of_the_old_one() -> None:
    """Section 6: C_old,new in the log is enough, whichever leader put it there."""
    state = leader_of(3, (1, 2), servers=5, commit=1)
    joint = Membership((s1, s2, s3), (), (s1, s4, s5))
    state = featured(with_membership(state, joint), joint_consensus=True)
    assert last_of(state).command == joint
    state = after(state, acknowledgement(3, 3), acknowledgement(3, 3, source=s4))
    assert last_of(state).command == Membership((s1, s4, s5))


def test_follower_leaves_the_new_configuration_to_its_leader() -> None:
    """C_old,new is committed at a follower too, which appends nothing."""
    joint = Membership((s1, s2, s3), (), (s1, s4, s5))
    state = with_membership(featured(follower(2), joint_consensus=True), joint)
    state = after(state, append_entries(2, (1, 2), commit=1))
    assert (state.commit_index, state.log.last_index) == (1, 1)


def test_new_configuration_is_appended_once() -> None:
    """Steps in between do not append it again."""
    state = after(leader(), change((s1, s4, s5)), acknowledgement(2, 4))
    state = after(state, acknowledgement(2, 4, source=s4), acknowledgement(2, 4, source=s5))
    assert state.log.last_index == 5


def test_removed_leader_leads_until_the_change_is_committed() -> None:
    """Section 6: it replicates what it does not count for, and steps down then."""
    state = after(leader(), change((s2, s3)))
    assert state.role is Role.LEADER
    state = after(state, acknowledgement(2, 4))
    assert (state.role, state.commit_index) == (Role.LEADER, 3)
    state = after(state, acknowledgement(2, 4, source=s3))
    assert (state.role, state.commit_index, state.current_term) == (Role.FOLLOWER, 4, 2)
    assert state.leader is None


def test_leader_that_is_to_learn_only_steps_down_too() -> None:
    """A learner cannot lead."""
    state = after(leader(), change((s2, s3), (s1,)))
    state = after(state, acknowledgement(2, 4), acknowledgement(2, 4, source=s3))
    assert state.role is Role.FOLLOWER


def test_leader_outside_c_new_appends_it_before_it_steps_down() -> None:
    """Section 6: C_old,new commits, C_new is appended by the old leader, and that commits."""
    state = after(leader(), change((s3, s4, s5)))
    for follower_ in (s3, s4):
        state = after(state, acknowledgement(2, 4, source=follower_))
    assert (state.role, last_of(state).command) == (Role.LEADER, Membership((s3, s4, s5)))
    for follower_ in (s3, s4):
        state = after(state, acknowledgement(2, 5, source=follower_))
    assert state.role is Role.FOLLOWER


@pytest.mark.parametrize(
    ("membership", "commit", "expected"),
    [
        (Membership((s1, s2)), 0, True),
        (Membership((s2,), (), (s1,)), 1, True),
        (Membership((s2, s3)), 0, True),
        (Membership((s2, s3)), 1, False),
        (Membership((s2, s3), (s1,)), 1, False),
    ],
    ids=["voter", "new voter", "removal open", "removed", "learner"],
)
def test_who_may_stand(membership: Membership, commit: Index, expected: bool) -> None:
    """A voter, and who was one until a change that may still be undone. Thesis 4.2.2."""
    state = featured(follower(2), joint_consensus=True)
    state = evolve(with_membership(state, membership), commit_index=commit, last_applied=commit)
    assert may_stand(state) is expected


def test_server_that_never_voted_does_not_stand() -> None:
    """A change that is on its way makes no voter of a learner."""
    state = featured(follower(2), joint_consensus=True)
    first = Membership((s2, s3), (s1,))
    state = evolve(state, log=evolve(state.log, memberships=((0, first),)))
    assert not may_stand(with_membership(state, Membership((s2,), (s1,))))


def test_truncated_configuration_is_rolled_back() -> None:
    """Section 6: the configuration goes with its entry."""
    state = with_membership(featured(follower(2, (1,)), joint_consensus=True), Membership((s1,)))
    assert state.membership == Membership((s1,))
    state = after(state, append_entries(3, (1, 1), (3,)))
    assert (terms_of(state.log), state.membership) == ((1, 3), Membership((s1, s2, s3)))


def test_entries_go_to_learners_and_not_to_strangers() -> None:
    """A leader replicates to everyone in its configuration, and to nobody else."""
    state = leader(Membership((s1, s2), (s4,)))
    assert [each.destination for each in requests_in(sent(state, ClientRequest("x")))] == [s2, s4]


def test_learner_does_not_count_for_commits() -> None:
    """Its copy is no part of a majority."""
    state = after(leader(Membership((s1, s2), (s4,))), ClientRequest("x"))
    assert after(state, acknowledgement(2, 4, source=s4)).commit_index == 3
    assert after(state, acknowledgement(2, 4)).commit_index == 4


def test_no_op_counts_as_the_entry_of_the_own_term() -> None:
    """Section 8's entry opens the way for changes, as thesis 4.1's correction suggests."""
    state = evolve(leader(), log=leader().log.appended((Entry(3, NoOp()),)), current_term=3)
    state = evolve(state, commit_index=4, last_applied=4)
    assert may_change_membership(state)
