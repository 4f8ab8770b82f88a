"""Reads that bypass the log: rounds, read indexes and leases."""

import pytest
from attrs import evolve

from raft_core import (
    ClientRequest,
    ClientResponse,
    ConfirmLeadership,
    ConfirmLeadershipResponse,
    HeartbeatTimeout,
    Machine,
    Membership,
    NotLeader,
    Role,
    Server,
    State,
    Tick,
    TwoLeadersError,
    s1,
    s2,
    s3,
    s4,
    s5,
    step,
)
from raft_core.extensions import PendingRead
from raft_core.reads import confirmed_round, has_lease, is_read, lease_ticks
from tests.raft_core.build import (
    acknowledgement,
    after,
    append_entries,
    candidate,
    featured,
    follower,
    knowing,
    leader_of,
    sent,
    vote,
    with_membership,
)

GET = ClientRequest("get x", 1, 7)
ANSWER = ClientResponse(s1, "get x", 2, 1, 7, "old")


def leader(servers: int = 3, **features: bool | int) -> State:
    """A leader of term 2 that has committed an entry of its own; x is "old"."""
    match = (2, 2, *[0] * (servers - 2))
    state = leader_of(2, (1, 2), commit=2, match=match, servers=servers)
    chosen: dict[str, bool | int] = {"reads": True, **features}
    return knowing(featured(state, **chosen), machine=Machine((("x", "old"),)))


def confirms(number: int, *, source: Server = s2, term: int = 2) -> ConfirmLeadershipResponse:
    """A follower's answer to a round of s1."""
    return ConfirmLeadershipResponse(source, s1, term, number)


def holding(**features: bool | int) -> State:
    """A leader whose first round was answered at once: it holds a lease."""
    return after(leader(leases=True, **features), HeartbeatTimeout(), confirms(1))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("get x", True),
        ("set x 1", False),
        ("x", False),
        ("get", False),
        ("get x y", False),
        ("get  x", False),
    ],
)
def test_get_is_a_read(command: str, expected: bool) -> None:
    """Whatever the state machine would not read goes through the log."""
    assert is_read(ClientRequest(command)) is expected


def test_read_begins_a_round() -> None:
    """Every other voter is asked, the read index is the commit index, and the log stays."""
    before = leader()
    state, messages = step(before, GET)
    assert messages == (ConfirmLeadership(s1, s2, 2, 1), ConfirmLeadership(s1, s3, 2, 1))
    assert state.extensions.reads == (PendingRead("get x", 1, 7, read_index=2, round=1),)
    assert state.log == before.log


def test_read_is_answered_when_a_quorum_confirms() -> None:
    """With the leader itself, one of two others is a majority."""
    state, messages = step(after(leader(), GET), confirms(1))
    assert messages == (ANSWER,)
    assert state.extensions.reads == ()
    assert sent(state, confirms(1, source=s3)) == ()


def test_read_waits_for_a_quorum() -> None:
    """Of five servers one other is too few, however often it answers."""
    state = after(leader(5), GET)
    assert sent(after(state, confirms(1)), confirms(1)) == ()
    assert sent(after(state, confirms(1)), confirms(1, source=s4)) == (ANSWER,)


def test_answer_to_an_earlier_round_does_not_confirm_a_later_read() -> None:
    """Thesis 6.4: the leadership has to be confirmed after the read arrived."""
    state = after(leader(), GET)
    second = ClientRequest("get x", 2, 1)
    state, messages = step(state, second)
    assert messages == (ConfirmLeadership(s1, s2, 2, 2), ConfirmLeadership(s1, s3, 2, 2))
    state, messages = step(state, confirms(1))
    assert messages == (ANSWER,)
    assert sent(state, confirms(2)) == (ClientResponse(s1, "get x", 2, 2, 1, "old"),)


def test_answer_to_a_later_round_confirms_earlier_reads() -> None:
    """A server that follows now followed then; the answers come in the order of the reads."""
    state = after(leader(), GET, ClientRequest("get y", 2, 1))
    assert sent(state, confirms(2)) == (ANSWER, ClientResponse(s1, "get y", 2, 2, 1, ""))


def test_late_answer_takes_no_confirmation_back() -> None:
    """A follower's answer to an earlier round that comes late is nothing new."""
    state = after(leader(5), GET, ClientRequest("get y", 2, 1), confirms(2), confirms(1))
    assert len(sent(state, confirms(2, source=s3))) == 2


def test_confirmation_of_another_term_does_not_count() -> None:
    """The answer to an earlier leadership of this server says nothing about this one."""
    state = after(leader(), GET)
    assert step(state, confirms(1, term=1)) == (state, ())


def test_confirmation_of_an_ended_leadership_is_ignored() -> None:
    """A leader that stepped down in its term learns nothing from a late answer."""
    before = featured(follower(2), leases=True)
    assert step(before, confirms(1)) == (before, ())


def test_newer_term_in_a_confirmation_ends_the_leadership() -> None:
    """The reads that wait are dropped: their clients ask the next leader."""
    state, messages = step(after(leader(), GET), confirms(1, term=3))
    assert (state.role, state.current_term, messages) == (Role.FOLLOWER, 3, ())
    assert state.extensions.reads == ()


def test_read_waits_until_the_leader_knows_what_is_committed() -> None:
    """Thesis 6.4, step 1: before an entry of its own term, its commit index may be behind."""
    state = featured(leader_of(2, (1, 1), commit=1), reads=True)
    state, messages = step(state, GET)
    assert messages == ()
    assert state.extensions.reads == (PendingRead("get x", 1, 7),)
    state = after(state, ClientRequest("set x new"))
    state, messages = step(state, acknowledgement(2, 3))
    assert ConfirmLeadership(s1, s2, 2, 1) in messages
    assert sent(state, confirms(1)) == (ClientResponse(s1, "get x", 3, 1, 7, "new"),)


def test_waiting_reads_share_a_round() -> None:
    """Thesis 6.4: one round serves all reads that came before it."""
    state = featured(leader_of(2, (1, 1), commit=1), reads=True)
    state = after(state, GET, ClientRequest("get y", 2, 1), ClientRequest("z"))
    state, messages = step(state, acknowledgement(2, 3))
    assert len([each for each in messages if isinstance(each, ConfirmLeadership)]) == 2
    assert {each.round for each in state.extensions.reads} == {1}


def test_read_sees_what_was_committed_meanwhile() -> None:
    """The answer is at least as new as the read index, and may be newer."""
    state = after(leader(), GET, ClientRequest("set x new"), acknowledgement(2, 3))
    assert sent(state, confirms(1)) == (evolve(ANSWER, output="new"),)


@pytest.mark.parametrize("state", [follower(2, leader=s3), candidate(2)])
def test_only_a_leader_answers_reads(state: State) -> None:
    """Others name the leader."""
    before = featured(state, reads=True)
    assert step(before, GET) == (before, (NotLeader(s1, "get x", state.leader),))


def test_lost_round_is_repeated_with_the_heartbeat() -> None:
    """Section 5.1: what was not answered is asked again, and serves the reads that wait."""
    state, messages = step(after(leader(), GET), HeartbeatTimeout())
    assert [each for each in messages if isinstance(each, ConfirmLeadership)] == [
        ConfirmLeadership(s1, s2, 2, 2),
        ConfirmLeadership(s1, s3, 2, 2),
    ]
    assert sent(state, confirms(2)) == (ANSWER,)


def test_heartbeat_repeats_no_round_that_nobody_waits_for() -> None:
    """Without a lease to renew, rounds are for reads only."""
    waiting = after(featured(leader_of(2, (1, 1), commit=1), reads=True), GET)
    for state in (leader(), after(leader(), GET, confirms(1)), waiting):
        messages = sent(state, HeartbeatTimeout())
        assert not any(isinstance(each, ConfirmLeadership) for each in messages)


def test_read_through_the_log_without_the_feature() -> None:
    """Where reads are not on, `get` is a command like any other."""
    state = after(featured(leader(), reads=False), GET)
    assert state.log.last_index == 3
    assert state.extensions.reads == ()


def test_only_server_answers_at_once() -> None:
    """Alone it is its own quorum."""
    state = featured(leader_of(2, (2,), commit=1, servers=1, match=(1,)), reads=True)
    assert sent(state, GET) == (ClientResponse(s1, "get x", 1, 1, 7, ""),)


def test_follower_confirms_its_leader() -> None:
    """The answer names the round, and the sender is known as the leader."""
    before = featured(candidate(2), reads=True)
    state, messages = step(before, ConfirmLeadership(s2, s1, 2, 5))
    assert messages == (ConfirmLeadershipResponse(s1, s2, 2, 5),)
    assert (state.role, state.leader) == (Role.FOLLOWER, s2)


def test_leader_of_an_older_term_is_told_the_newer_one() -> None:
    """The answer's term says that the sender leads no more: it confirms no round.

    The sender may lead the newer term itself, where rounds have the same numbers.
    """
    before = featured(follower(3, leader=s3), reads=True)
    assert step(before, ConfirmLeadership(s2, s1, 2, 5)) == (
        before,
        (ConfirmLeadershipResponse(s1, s2, 3, 0),),
    )


def test_second_leader_of_a_term_is_an_error() -> None:
    """Election Safety rules out another leader's round in the own term."""
    with pytest.raises(TwoLeadersError):
        step(leader(), ConfirmLeadership(s2, s1, 2, 1))


def test_new_leader_begins_without_reads_and_confirmations() -> None:
    """What was confirmed in an earlier term is forgotten."""
    state = knowing(
        featured(candidate(3, (1, 2)), reads=True),
        confirmed=(9, 9, 9),
        reads=(PendingRead("get x", 1, 7, 2, 3),),
        lease_until=99,
        rounds_sent=((8, 1),),
    )
    kept = after(state, vote(3)).extensions
    assert (kept.confirmed, kept.reads, kept.lease_until, kept.rounds_sent) == ((), (), 0, ())


def test_learners_are_not_asked_and_do_not_confirm() -> None:
    """Only voters could have elected somebody else."""
    state = with_membership(leader(5), Membership((s1, s2, s3), (s4, s5)))
    state = after(state, acknowledgement(2, 3))
    state, messages = step(state, GET)
    assert [getattr(each, "destination", None) for each in messages] == [s2, s3]
    state = after(state, confirms(1, source=s4), confirms(1, source=s5))
    assert state.extensions.reads


def test_leader_that_is_no_member_does_not_confirm_itself() -> None:
    """Thesis 4.2.2: on its way out it needs a majority of the others."""
    state = with_membership(leader(), Membership((s2, s3)))
    state = after(state, GET, confirms(1))
    assert state.extensions.reads
    assert after(state, confirms(1, source=s3)).extensions.reads == ()


def test_joint_consensus_confirms_on_both_sides() -> None:
    """Section 6: a majority of C_old alone might not know a leader of C_new."""
    state = with_membership(leader(5), Membership((s1, s2, s3), (), (s3, s4, s5)))
    state = after(state, GET, confirms(1))
    assert confirmed_round(state) == 0
    state = after(state, confirms(1, source=s4), confirms(1, source=s5))
    assert confirmed_round(state) == 1


def test_heartbeat_begins_a_round_for_the_lease() -> None:
    """Thesis 6.4.1: the lease is renewed as often as heartbeats are sent."""
    messages = sent(leader(leases=True), HeartbeatTimeout())
    assert [each for each in messages if isinstance(each, ConfirmLeadership)] == [
        ConfirmLeadership(s1, s2, 2, 1),
        ConfirmLeadership(s1, s3, 2, 1),
    ]
    before = featured(follower(2), leases=True)
    assert step(before, HeartbeatTimeout()) == (before, ())


def test_read_under_a_lease_is_answered_at_once() -> None:
    """No message is sent for it."""
    state = holding()
    assert has_lease(state)
    assert step(state, GET) == (state, (ANSWER,))


def test_lease_counts_from_when_the_round_was_sent() -> None:
    """Not from when the answers come: the followers' quiet time has begun before that."""
    state = after(leader(leases=True), HeartbeatTimeout(), Tick(5), confirms(1))
    assert state.extensions.lease_until == lease_ticks(state)
    assert not has_lease(after(state, Tick(lease_ticks(state) - 5)))
    assert has_lease(after(state, Tick(lease_ticks(state) - 6)))


def test_lease_counts_from_the_latest_answered_round() -> None:
    """An answer to an older round does not prolong it, and takes nothing back."""
    state = after(leader(leases=True), HeartbeatTimeout(), Tick(3), HeartbeatTimeout(), Tick(1))
    early = after(state, confirms(1))
    assert early.extensions.lease_until == lease_ticks(state)
    late = after(early, confirms(2))
    assert late.extensions.lease_until == 3 + lease_ticks(state)
    assert after(late, confirms(1)).extensions.lease_until == 3 + lease_ticks(state)


def test_lease_needs_a_quorum() -> None:
    """Of five servers one other's answer is too few."""
    state = after(leader(5, leases=True), HeartbeatTimeout(), confirms(1))
    assert not has_lease(state)
    assert has_lease(after(state, confirms(1, source=s3)))


@pytest.mark.parametrize(("drift", "ticks"), [(0, 10), (20, 8), (100, 5)])
def test_lease_is_shorter_the_more_clocks_drift(drift: int, ticks: int) -> None:
    """By a slow clock it is over before a fast follower's election timeout, rounded down."""
    assert lease_ticks(leader(leases=True, clock_drift=drift)) == ticks
    assert ticks * (100 + drift) <= 10 * 100


def test_expired_lease_is_followed_by_a_round() -> None:
    """Without a lease a read costs what it costs without the feature."""
    state = after(holding(), Tick(10))
    assert [type(each) for each in sent(state, GET)] == [ConfirmLeadership] * 2


def test_lease_is_no_use_before_an_entry_of_the_own_term() -> None:
    """Thesis 6.4: the leader does not know yet what is committed."""
    state = featured(leader_of(2, (1, 1), commit=1), reads=True, leases=True)
    state = after(state, HeartbeatTimeout(), confirms(1))
    assert has_lease(state)
    assert sent(state, GET) == ()


def test_no_lease_after_another_server_was_asked_to_stand() -> None:
    """Thesis 6.4.1: the successor does not wait for the lease."""
    state = knowing(leader(leases=True), transfer_term=2)
    assert not has_lease(after(state, HeartbeatTimeout(), confirms(1)))
    earlier = knowing(leader(leases=True), transfer_term=1)
    assert has_lease(after(earlier, HeartbeatTimeout(), confirms(1)))


def test_answer_skips_the_rounds_before_it() -> None:
    """Where the first round's answers were lost, the lease counts from the second."""
    state = after(leader(leases=True), HeartbeatTimeout(), Tick(3), HeartbeatTimeout())
    assert after(state, confirms(2)).extensions.lease_until == 3 + lease_ticks(state)


def test_rounds_are_remembered_only_for_leases_and_until_they_are_answered() -> None:
    """A leader's state does not grow with the reads and heartbeats that it has served."""
    assert after(leader(), GET, confirms(1), GET).extensions.rounds_sent == ()
    state = after(leader(leases=True), HeartbeatTimeout(), HeartbeatTimeout(), HeartbeatTimeout())
    assert after(state, confirms(2)).extensions.rounds_sent == ((3, 0),)
    assert after(state, confirms(3)).extensions.rounds_sent == ()
    asked = knowing(leader(leases=True), transfer_term=2)
    assert after(asked, HeartbeatTimeout()).extensions.rounds_sent == ()
    alone = featured(leader_of(2, (2,), commit=1, servers=1, match=(1,)), leases=True)
    assert after(alone, HeartbeatTimeout()).extensions.rounds_sent == ()
    assert has_lease(after(alone, HeartbeatTimeout()))


def test_leases_are_off_by_default() -> None:
    """Without the feature an answered round gives none."""
    state = after(leader(), GET, confirms(1))
    assert (has_lease(state), state.extensions.lease_until) == (False, 0)
    assert not has_lease(knowing(leader(), lease_until=5))


def test_late_append_entries_do_not_disturb_reads() -> None:
    """A leader of an older term is refused as ever while reads wait."""
    state = after(leader(), GET)
    assert after(state, append_entries(1)).extensions.reads == state.extensions.reads
