"""Leadership transfer: what the leader does, and what the target does."""

import pytest
from attrs import evolve

from raft_core import (
    AppendEntries,
    ChangeMembership,
    ClientRequest,
    ElectionTimeout,
    HeartbeatTimeout,
    Membership,
    NotLeader,
    RequestVote,
    Role,
    Server,
    State,
    TimeoutNow,
    TransferLeadership,
    s1,
    s2,
    s3,
    s4,
    step,
)
from raft_core.transfer import is_transferring, may_transfer
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
    sent,
    vote,
    with_membership,
)


def leader(match: tuple[int, ...] = (2, 2, 0), servers: int = 3) -> State:
    """A leader of term 2 with two entries, of which s2 holds both and s3 none."""
    state = leader_of(2, (1, 2), match=match, commit=2, servers=servers, next_index=(3, 3, 1, 3))
    state = evolve(state, next_index=state.next_index[:servers])
    return featured(state, leadership_transfer=True)


def target_of(state: State) -> Server | None:
    """The server that the leader hands over to."""
    return state.extensions.transfer_target


def test_target_with_the_whole_log_is_asked_at_once() -> None:
    """Thesis 3.10: nothing is left to bring it up to date with."""
    state, messages = step(leader(), TransferLeadership(s2))
    assert messages == (TimeoutNow(s1, s2, 2),)
    assert is_transferring(state)


def test_target_that_lags_is_brought_up_to_date_first() -> None:
    """It is sent what it lacks at once, and asked to stand when it has acknowledged all."""
    state, messages = step(leader(), TransferLeadership(s3))
    assert messages == (append_entries(2, (0, 0), (1, 2), commit=2, source=s1, destination=s3),)
    assert sent(state, acknowledgement(2, 2, source=s3)) == (TimeoutNow(s1, s3, 2),)


def test_target_with_a_part_of_the_log_is_not_asked() -> None:
    """Without the whole log it might lose the election, or the entries."""
    state = after(leader(), TransferLeadership(s3))
    messages = sent(state, acknowledgement(2, 1, source=s3))
    assert [type(message) for message in messages] == [AppendEntries]


def test_target_is_asked_once() -> None:
    """Later steps do not ask again."""
    state = after(leader(), TransferLeadership(s2))
    assert sent(state, acknowledgement(2, 2)) == ()
    assert all(isinstance(each, AppendEntries) for each in sent(state, HeartbeatTimeout()))


def test_another_server_is_not_asked() -> None:
    """Only the target's log counts."""
    state = after(leader((2, 1, 0)), TransferLeadership(s3))
    messages = sent(state, acknowledgement(2, 2, source=s2))
    assert not any(isinstance(message, TimeoutNow) for message in messages)


@pytest.mark.parametrize("target", [s1, s4])
def test_only_another_voter_may_take_over(target: Server) -> None:
    """Neither the leader itself nor a learner."""
    before = with_membership(leader((2, 2, 0, 2), servers=4), Membership((s1, s2, s3), (s4,)))
    assert not may_transfer(before, target)
    assert target_of(after(before, TransferLeadership(target))) is None


@pytest.mark.parametrize("state", [follower(2), candidate(2)])
def test_only_a_leader_hands_over(state: State) -> None:
    """Any other server has nothing to give away."""
    before = featured(state, leadership_transfer=True)
    assert step(before, TransferLeadership(s2)) == (before, ())


def test_without_the_feature_nobody_hands_over() -> None:
    """The event means nothing in a cluster that has no transfer."""
    before = featured(leader(), leadership_transfer=False, no_op=True)
    assert step(before, TransferLeadership(s2)) == (before, ())


def test_second_transfer_waits_for_the_end_of_the_first() -> None:
    """Two targets would stand against each other."""
    state = after(leader(), TransferLeadership(s3))
    assert step(state, TransferLeadership(s2)) == (state, ())


def test_commands_wait_for_the_successor() -> None:
    """Thesis 3.10, step 1: the leader takes nothing new, and names nobody: not itself either."""
    state = after(featured(leader(), single_server_changes=True), TransferLeadership(s2))
    assert step(state, ClientRequest("x")) == (state, (NotLeader(s1, "x", None),))
    assert step(state, ChangeMembership((s1, s2))) == (state, ())


def test_leader_goes_on_after_an_election_timeout() -> None:
    """Thesis 3.10: a target that did not take over in time is given up."""
    state = after(leader(), TransferLeadership(s3), ElectionTimeout())
    assert (state.role, target_of(state)) == (Role.LEADER, None)
    assert after(state, ClientRequest("x")).log.last_index == 3


def test_given_up_target_is_not_asked_when_it_catches_up() -> None:
    """What comes late finds a leader that has gone on."""
    state = after(leader(), TransferLeadership(s3), ElectionTimeout())
    assert sent(state, acknowledgement(2, 2, source=s3)) == ()


@pytest.mark.parametrize("target", [s2, s3])
def test_second_attempt_in_a_term_asks_too(target: Server) -> None:
    """Where the first request was lost, or its target down, a leader may try once more."""
    state = after(leader((2, 2, 2)), TransferLeadership(s2), ElectionTimeout())
    assert sent(state, TransferLeadership(target)) == (TimeoutNow(s1, target, 2),)


def test_leader_that_asked_holds_no_lease_any_more() -> None:
    """Thesis 6.4.1: nobody knows when the target stands, and it need not wait for the lease."""
    before = knowing(featured(leader(), leases=True), lease_until=8)
    state = after(before, TransferLeadership(s2))
    assert (state.extensions.lease_until, state.extensions.transfer_term) == (0, 2)


def test_new_leader_hands_over_to_nobody() -> None:
    """A transfer ends with its leadership."""
    before = featured(knowing(candidate(2), transfer_target=s3), leadership_transfer=True)
    assert target_of(after(before, vote(2))) is None


def test_target_stands_at_once() -> None:
    """It asks nobody before, waits for no timer, and says that its leader wants it."""
    before = featured(
        follower(2, (1,), leader=s2), leadership_transfer=True, pre_vote=True, leases=True
    )
    before = after(before, append_entries(2, (1, 1)))
    state, messages = step(before, TimeoutNow(s2, s1, 2))
    assert (state.role, state.current_term, state.voted_for) == (Role.CANDIDATE, 3, s1)
    asked = [request_vote(3, (1, 1), source=s1, destination=each) for each in (s2, s3)]
    assert messages == tuple(evolve(each, by_transfer=True) for each in asked)


def test_target_that_is_a_quorum_by_itself_leads_at_once() -> None:
    """There is nobody whom it could ask for a vote."""
    state = with_membership(follower(2), Membership((s1,), (s2,)))
    state = after(featured(state, leadership_transfer=True), TimeoutNow(s2, s1, 2))
    assert (state.role, state.current_term) == (Role.LEADER, 3)


def test_later_candidacy_is_the_targets_own() -> None:
    """Only the election that the leader asked for is above stickiness."""
    state = after(featured(follower(2), leadership_transfer=True), TimeoutNow(s2, s1, 2))
    requests = [each for each in sent(state, ElectionTimeout()) if isinstance(each, RequestVote)]
    assert [request.by_transfer for request in requests] == [False, False]


@pytest.mark.parametrize(
    "before",
    [follower(3), candidate(3), leader_of(2), leader_of(3)],
    ids=["newer term", "candidate of a newer term", "leader", "leader of a newer term"],
)
def test_late_request_is_ignored(before: State) -> None:
    """Only a server in the asking leader's term, and not that leader, stands."""
    before = featured(before, leadership_transfer=True)
    assert step(before, TimeoutNow(s2, s1, 2)) == (before, ())


def test_server_without_a_vote_does_not_stand() -> None:
    """It may have been removed between the request and its arrival."""
    before = with_membership(follower(2), Membership((s2, s3)))
    before = featured(before, leadership_transfer=True)
    assert step(before, TimeoutNow(s2, s1, 2)) == (before, ())


def test_only_other_voter_takes_over_with_its_own_and_the_leaders_vote() -> None:
    """In a cluster of two the old leader's vote is needed, and stickiness gives it."""
    old = featured(leader_of(2, (2,), servers=2), leadership_transfer=True, leader_stickiness=True)
    new = featured(follower(2, (2,), server=s2, servers=2, leader=s1), leadership_transfer=True)
    old = after(old, acknowledgement(2, 1), TransferLeadership(s2))
    new, (request,) = step(new, TimeoutNow(s1, s2, 2))
    assert isinstance(request, RequestVote)
    old, (answer,) = step(old, request)
    assert old.role is Role.FOLLOWER
    assert not is_transferring(old)
    assert after(new, answer).role is Role.LEADER  # type: ignore[arg-type]  # a vote
