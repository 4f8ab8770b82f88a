"""The clock, leader stickiness and CheckQuorum."""

import pytest
from attrs import evolve

from raft_core import (
    AppendEntriesResponse,
    ClientRequest,
    ConfirmLeadership,
    ConfirmLeadershipResponse,
    ElectionTimeout,
    ExtendedEvent,
    HeartbeatTimeout,
    InstallSnapshot,
    InstallSnapshotResponse,
    Membership,
    PreVote,
    RequestVoteResponse,
    Role,
    Server,
    State,
    Tick,
    s1,
    s2,
    s3,
    s4,
    s5,
    step,
)
from raft_core.contact import has_current_leader, is_quiet
from tests.raft_core.build import (
    acknowledgement,
    after,
    append_entries,
    candidate,
    featured,
    follower,
    knowing,
    leader_of,
    request_vote,
    vote,
    with_membership,
)

TIMEOUT = 10
"""The minimum election timeout by default, in ticks."""


def sticky(state: State) -> State:
    """The server in a cluster with leader stickiness."""
    return featured(state, leader_stickiness=True)


def checking(servers: int = 3) -> State:
    """A leader of term 2 that checks its quorum."""
    return featured(leader_of(2, (1,), servers=servers), check_quorum=True)


FROM_LEADER: tuple[ExtendedEvent, ...] = (
    append_entries(2, (0, 0), (2,)),
    append_entries(2, (7, 2)),
    InstallSnapshot(s2, s1, 2, 3, 1, None, 0, (), done=False),
    ConfirmLeadership(s2, s1, 2, 1),
)


def test_clock_moves_by_its_own_ticks() -> None:
    """A tick moves the clock and nothing else."""
    before = sticky(follower(2))
    assert step(before, Tick(4)) == (knowing(before, clock=4), ())
    assert after(before, Tick(4), Tick(3)) == knowing(before, clock=7)


@pytest.mark.parametrize("event", FROM_LEADER, ids=lambda event: type(event).__name__)
def test_word_of_a_leader_keeps_a_server_quiet(event: ExtendedEvent) -> None:
    """Whatever only a leader sends, it lasts for a minimum election timeout."""
    state = after(sticky(follower(2)), Tick(3), event)
    assert state.extensions.quiet_until == 3 + TIMEOUT
    assert is_quiet(after(state, Tick(TIMEOUT - 1)))
    assert not is_quiet(after(state, Tick(TIMEOUT)))


@pytest.mark.parametrize(
    "event",
    [
        append_entries(1),
        ConfirmLeadership(s2, s1, 1, 1),
        InstallSnapshot(s2, s1, 1, 3, 1, None, 0, (), done=False),
        request_vote(2),
        vote(2),
        ElectionTimeout(),
        HeartbeatTimeout(),
        ClientRequest("x"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_nothing_else_keeps_a_server_quiet(event: ExtendedEvent) -> None:
    """Leaders of older terms, candidates and clients are no current leader."""
    assert not is_quiet(after(sticky(follower(2)), event))


def test_newer_leader_keeps_a_server_quiet() -> None:
    """A leader's first word in a term counts, though the term is news."""
    assert is_quiet(after(sticky(follower(2)), append_entries(5)))


def test_candidate_is_not_listened_to_after_a_leaders_word() -> None:
    """Section 6: its term is not adopted, no vote is given, and nothing is answered."""
    state = after(sticky(follower(2)), append_entries(2), Tick(TIMEOUT - 1))
    assert step(state, request_vote(9)) == (state, ())


def test_candidate_is_listened_to_after_the_minimum_election_timeout() -> None:
    """Once the leader has been silent for long enough, votes are free again."""
    state = after(sticky(follower(2)), append_entries(2), Tick(TIMEOUT), request_vote(3))
    assert (state.current_term, state.voted_for) == (3, s2)


def test_leader_does_not_listen_to_candidates() -> None:
    """A leader is a current leader to itself."""
    before = sticky(leader_of(2, (1,)))
    assert has_current_leader(before)
    assert step(before, request_vote(9)) == (before, ())


def test_candidate_of_a_transfer_is_listened_to() -> None:
    """Thesis 4.2.3: an election that the leader itself asked for is legitimate."""
    state = after(sticky(follower(2)), append_entries(2))
    state = after(state, evolve(request_vote(3, source=s3), by_transfer=True))
    assert (state.current_term, state.voted_for) == (3, s3)


def test_without_stickiness_candidates_are_listened_to_at_once() -> None:
    """Figure 2 knows no minimum election timeout."""
    state = featured(follower(2), snapshots=True)
    assert after(state, append_entries(2), request_vote(3)).voted_for == s2


def test_leases_bring_stickiness() -> None:
    """A lease counts on servers that do not vote, so it cannot be had without that."""
    state = after(featured(follower(2), leases=True), append_entries(2))
    assert step(state, request_vote(3)) == (state, ())


def test_pre_vote_is_not_answered_after_a_leaders_word() -> None:
    """Thesis 9.6: a server that has a leader would not vote for another."""
    state = after(featured(follower(2), pre_vote=True), append_entries(2))
    assert step(state, PreVote(s3, s1, 2, 9, 9)) == (state, ())
    leader = featured(leader_of(2), pre_vote=True)
    assert step(leader, PreVote(s3, s1, 2, 9, 9)) == (leader, ())


@pytest.mark.parametrize(
    "answer",
    [
        acknowledgement(2, 1),
        AppendEntriesResponse(s2, s1, 2, success=False),
        InstallSnapshotResponse(s2, s1, 2, 3, 0, installed=False),
        ConfirmLeadershipResponse(s2, s1, 2, 1),
    ],
    ids=lambda event: type(event).__name__,
)
def test_any_answer_in_the_term_counts_for_the_quorum(answer: ExtendedEvent) -> None:
    """A follower that refuses follows too."""
    state = after(checking(), answer)
    assert state.extensions.heard_from == (s2,)
    assert after(state, ElectionTimeout()).role is Role.LEADER


@pytest.mark.parametrize(
    "answer", [acknowledgement(1, 1), RequestVoteResponse(s2, s1, 2, vote_granted=True)]
)
def test_other_answers_do_not_count_for_the_quorum(answer: ExtendedEvent) -> None:
    """An answer of an older term, or a late vote, says nothing about this leadership."""
    assert after(checking(), answer, ElectionTimeout()).role is Role.FOLLOWER


def test_leader_without_a_quorum_steps_down() -> None:
    """Thesis 6.2: nobody has answered, so it follows in its own term and knows no leader."""
    state = after(checking(), ElectionTimeout())
    assert (state.role, state.current_term, state.leader) == (Role.FOLLOWER, 2, None)
    assert (state.voted_for, state.next_index, state.match_index) == (s1, (), ())


@pytest.mark.parametrize(("answered", "role"), [((s2,), Role.FOLLOWER), ((s2, s3), Role.LEADER)])
def test_leader_itself_counts_for_its_quorum(answered: tuple[Server, ...], role: Role) -> None:
    """Of five servers two others are enough, and one is not."""
    state = after(checking(5), *(acknowledgement(2, 1, source=each) for each in answered))
    assert after(state, ElectionTimeout()).role is role


def test_each_election_timeout_asks_for_new_answers() -> None:
    """A server that answered before the last check does not count for the next."""
    state = after(checking(), acknowledgement(2, 1), ElectionTimeout())
    assert state.extensions.heard_from == ()
    assert after(state, ElectionTimeout()).role is Role.FOLLOWER


def test_one_follower_counts_once() -> None:
    """Two answers of one follower are one server's."""
    state = after(checking(5), acknowledgement(2, 1), acknowledgement(2, 1), ElectionTimeout())
    assert state.role is Role.FOLLOWER


def test_leader_of_one_server_is_its_own_quorum() -> None:
    """A cluster of one never loses its leader."""
    assert after(checking(1), ElectionTimeout()).role is Role.LEADER


def test_learners_do_not_count_for_the_quorum() -> None:
    """Only voters could elect somebody else."""
    state = with_membership(checking(5), Membership((s1, s2, s3), (s4, s5)))
    for learner in (s4, s5):
        state = after(state, acknowledgement(2, 1, source=learner))
    assert after(state, ElectionTimeout()).role is Role.FOLLOWER


def test_leader_that_is_no_member_does_not_count() -> None:
    """Thesis 4.2.2: a leader on its way out needs a majority of the others."""
    state = with_membership(checking(), Membership((s2, s3)))
    assert after(state, acknowledgement(2, 1), ElectionTimeout()).role is Role.FOLLOWER
    both = after(state, acknowledgement(2, 1), acknowledgement(2, 1, source=s3))
    assert after(both, ElectionTimeout()).role is Role.LEADER


def test_without_check_quorum_a_leader_stays() -> None:
    """Figure 2: only a newer term ends a leadership."""
    state = featured(leader_of(2, (1,)), pre_vote=True)
    assert after(state, ElectionTimeout()).role is Role.LEADER


@pytest.mark.parametrize("state", [follower(2), candidate(2)])
def test_who_does_not_lead_hears_of_no_followers(state: State) -> None:
    """Late answers leave no trace at a deposed leader."""
    before = featured(state, check_quorum=True)
    assert step(before, acknowledgement(2, 1)) == (before, ())
