"""The step around Figure 2's: what comes first, what follows, and what a restart keeps."""

import pytest
from attrs import evolve
from hypothesis import given

from raft_core import (
    FEATURES,
    ClientRequest,
    ClientResponse,
    Compact,
    Configuration,
    ElectionTimeout,
    Entry,
    HeartbeatTimeout,
    Log,
    Machine,
    Membership,
    NoOp,
    NotLeader,
    OpenSession,
    PersistentState,
    Role,
    SessionCommand,
    State,
    persistent_state,
    restart,
    s1,
    s2,
    s3,
    step,
)
from raft_core.contact import is_quiet
from raft_core.server import restart as restart_of_figure_2
from raft_core.server import step as step_of_figure_2
from tests.raft_core.arbitrary import run, tapes
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
    requests_in,
    sent,
    vote,
    with_membership,
)

EVERYTHING: dict[str, bool | int] = dict.fromkeys(FEATURES, True)


def answering(**features: bool | int) -> State:
    """A leader of term 2 that executes commands."""
    return featured(leader_of(2), state_machine=True, **features)


@given(tapes(60))
def test_without_features_it_is_figure_2(tape: bytes) -> None:
    """Nothing is added to Figure 2's step where nothing is turned on."""
    for _, before, state, messages in run(tape, 3, 2):
        assert not state.configuration.is_extended
        assert state.extensions is before.extensions
        assert all(not isinstance(each, ClientResponse) or each.output is None for each in messages)


@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature_alone_turns_the_step_on(feature: str) -> None:
    """One field is enough."""
    assert featured(follower(1), **{feature: True}).configuration.is_extended
    assert not Configuration(servers=3).is_extended


def test_replication_is_figure_2s_with_features_too() -> None:
    """What no feature is about is left to Figure 2: here, entries for a follower."""
    plain = follower(2, (1,))
    event = append_entries(2, (1, 1), (2,))
    expected, answers = step_of_figure_2(plain, event)
    state, messages = step(featured(plain, check_quorum=True), event)
    assert messages == answers
    assert (state.log, state.leader) == (expected.log, expected.leader)


def test_no_op_begins_a_term() -> None:
    """Section 8: a new leader appends an entry that does nothing, which is its first word."""
    state, messages = step(featured(candidate(2, (1,)), no_op=True), vote(2))
    assert state.log.entry_at(2) == Entry(2, NoOp())
    assert [each.entries for each in requests_in(messages)] == [(Entry(2, NoOp()),)] * 2


def test_without_the_no_op_a_term_begins_with_heartbeats() -> None:
    """Figure 2's leader appends nothing by itself."""
    state, messages = step(featured(candidate(2, (1,)), pre_vote=True), vote(2))
    assert state.log.last_index == 1
    assert [each.entries for each in requests_in(messages)] == [(), ()]


def test_only_server_commits_its_no_op_at_once() -> None:
    """Alone it is its own majority."""
    state = after(featured(follower(0, servers=1), no_op=True), ElectionTimeout())
    assert (state.role, state.commit_index, state.last_applied) == (Role.LEADER, 1, 1)


def test_no_op_is_appended_once_a_term() -> None:
    """A late vote elects nobody a second time."""
    state = after(featured(candidate(2), no_op=True), vote(2))
    assert after(state, vote(2, source=s3)).log.last_index == 1


def test_committed_commands_are_executed_and_answered() -> None:
    """The leader that received a command answers with what the state machine said."""
    state = after(answering(), ClientRequest("set x 1"), ClientRequest("get x"))
    state, messages = step(state, acknowledgement(2, 2))
    assert state.extensions.machine == Machine((("x", "1"),))
    assert messages == (
        ClientResponse(s1, "set x 1", 1, output=""),
        ClientResponse(s1, "get x", 2, output="1"),
    )


def test_followers_execute_and_do_not_answer() -> None:
    """The client waits at the leader only."""
    entries = (Entry(2, "set x 1"),)
    event = evolve(append_entries(2, commit=1), entries=entries)
    state, messages = step(featured(follower(2), state_machine=True), event)
    assert state.extensions.machine == Machine((("x", "1"),))
    assert [type(each).__name__ for each in messages] == ["AppendEntriesResponse"]


def test_entries_of_older_terms_are_executed_and_not_answered() -> None:
    """Their client waits at another leader, or no more."""
    state = featured(leader_of(3, (1,)), state_machine=True)
    state, messages = step(after(state, ClientRequest("x")), acknowledgement(3, 2))
    assert (state.last_applied, messages) == (2, (ClientResponse(s1, "x", 2, output=""),))


def test_request_with_a_session_carries_its_number() -> None:
    """The entry names session and number, and so does the answer."""
    state = after(answering(sessions=True), ClientRequest("open", 4), acknowledgement(2, 1))
    assert state.log.entry_at(1).command == OpenSession(4)
    state = after(state, ClientRequest("append x a", 1, 1))
    assert state.log.entry_at(2).command == SessionCommand(1, 1, "append x a")
    answer = ClientResponse(s1, "append x a", 2, 1, 1, "a")
    assert sent(state, acknowledgement(2, 2)) == (answer,)


def test_opened_session_is_answered_with_its_name() -> None:
    """The client learns the name of its session by the name that it gave itself."""
    state = after(answering(sessions=True), ClientRequest("open", 4))
    assert sent(state, acknowledgement(2, 1)) == (
        ClientResponse(s1, "open", 1, session=4, output="1"),
    )


def test_protocol_entries_are_answered_to_nobody() -> None:
    """No client waits for a no-op or a configuration."""
    state = with_membership(answering(joint_consensus=True), Membership((s1, s2)))
    assert sent(state, acknowledgement(2, 1)) == ()


def test_limit_of_sessions_counts_only_with_the_feature() -> None:
    """Without sessions a number means nothing, and every copy takes effect."""
    for features, value in (({"sessions": True}, "a"), ({"sessions": False}, "aa")):
        state = after(answering(**features), ClientRequest("open", 4))
        state = after(state, ClientRequest("append x a", 1, 1), ClientRequest("append x a", 1, 1))
        assert after(state, acknowledgement(2, 3)).extensions.machine.value("x") == value


@pytest.mark.parametrize("state", [follower(2, leader=s3), candidate(2)])
def test_who_does_not_lead_names_the_leader(state: State) -> None:
    """Section 8, with features as without."""
    before = featured(state, state_machine=True)
    assert step(before, ClientRequest("x")) == (before, (NotLeader(s1, "x", state.leader),))


def test_disregarded_candidate_changes_nothing_at_all() -> None:
    """Not even what is due anyway is done: the message might as well have been lost."""
    before = featured(leader_of(2, (2,), match=(1, 1, 0)), leader_stickiness=True)
    assert step(before, request_vote(9)) == (before, ())


def test_leader_tells_the_next_configuration_before_it_answers_clients() -> None:
    """Messages to servers come before answers to clients."""
    state = with_membership(answering(joint_consensus=True), Membership((s1, s2), (), (s1, s3)))
    state = after(state, ClientRequest("x"), acknowledgement(2, 2))
    messages = sent(state, acknowledgement(2, 2, source=s3))
    names = [type(each).__name__ for each in messages]
    assert names == ["AppendEntries", "ClientResponse"]


def test_leases_keep_a_timer_from_running_out_early() -> None:
    """A server that promised not to vote does not stand either."""
    state = after(featured(follower(2), leases=True), append_entries(2))
    assert step(state, ElectionTimeout()) == (state, ())
    free = knowing(state, clock=10)
    assert after(free, ElectionTimeout()).role is Role.CANDIDATE


def test_removed_server_does_not_stand() -> None:
    """Its timer runs out in vain."""
    state = with_membership(featured(follower(2), joint_consensus=True), Membership((s2, s3)))
    state = evolve(state, commit_index=1, last_applied=1)
    assert step(state, ElectionTimeout()) == (state, ())


def test_restart_keeps_what_is_persistent_and_nothing_else() -> None:
    """Clock, machine, reads and everything that features keep begin anew."""
    state = featured(leader_of(2, (2,), commit=1), **{**EVERYTHING, "leases": False})
    state = after(state, HeartbeatTimeout(), ClientRequest("get x", 1, 1))
    again = restart(s1, state.configuration, persistent_state(state))
    assert again == restart_of_figure_2(s1, state.configuration, persistent_state(state))


def test_restart_begins_with_the_machine_of_the_snapshot() -> None:
    """Section 7: what the snapshot covers is not applied again."""
    state = featured(follower(2, leader=s2), snapshots=True)
    entries = (Entry(1, "append x a"), Entry(1, "append x b"))
    state = after(state, evolve(append_entries(2, commit=2), entries=entries), Compact(1))
    again = restart(s1, state.configuration, persistent_state(state))
    assert (again.last_applied, again.extensions.machine.value("x")) == (1, "a")
    again = after(again, append_entries(2, (2, 1), commit=2))
    assert again.extensions == evolve(again.extensions, machine=state.extensions.machine)


def test_restart_uses_the_configuration_of_log_or_snapshot() -> None:
    """Section 6: the latest in the log, committed or not."""
    membership = Membership((s1, s2))
    log = Log.of((Entry(1, membership), Entry(1, Membership((s1,)))))
    configuration = Configuration(servers=3, joint_consensus=True)
    assert restart(s1, configuration, PersistentState(log=log)).membership == Membership((s1,))
    stored = PersistentState(log=log.compacted(1, ()).truncated_from(2))
    assert restart(s1, configuration, stored).membership == membership


@pytest.mark.parametrize(
    ("leases", "term", "quiet"), [(True, 2, True), (True, 0, False), (False, 2, False)]
)
def test_restart_keeps_a_promise_that_it_may_have_given(
    leases: bool, term: int, quiet: bool
) -> None:
    """A lease relies on servers that answered not to vote, even after a crash."""
    configuration = Configuration(servers=3, leases=leases, pre_vote=True)
    assert is_quiet(restart(s1, configuration, PersistentState(current_term=term))) is quiet
