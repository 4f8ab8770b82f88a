"""step as a whole: the newer-term rule, what a crash leaves, and that nothing makes it raise."""

import random

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from raft_core import (
    AppendEntries,
    ClientResponse,
    Configuration,
    ElectionTimeout,
    Log,
    Message,
    PersistentState,
    Role,
    State,
    TwoLeadersError,
    persistent_state,
    restart,
    s1,
    s2,
    s3,
    step,
)
from tests.raft_core.arbitrary import events, is_ascending, run, states, tapes
from tests.raft_core.build import (
    acknowledgement,
    after,
    append_entries,
    candidate,
    follower,
    leader_of,
    log_of,
    request_vote,
    vote,
)

IN_EVERY_ROLE = pytest.mark.parametrize(
    "state",
    [
        follower(3, (1, 3), voted_for=s3, leader=s3),
        candidate(3, (1, 3), votes=(s1,)),
        leader_of(3, (1, 3)),
    ],
    ids=["follower", "candidate", "leader"],
)
OF_EVERY_TYPE = pytest.mark.parametrize(
    "message",
    [
        request_vote(4, (0, 0)),
        vote(4),
        vote(4, granted=False),
        append_entries(4, (7, 3)),
        acknowledgement(4, 2),
    ],
    ids=["RequestVote", "vote", "refusal", "AppendEntries", "acknowledgement"],
)


@IN_EVERY_ROLE
@OF_EVERY_TYPE
def test_newer_term_makes_a_follower_of_anyone(state: State, message: Message) -> None:
    """Requests and replies of a newer term end every role, and the vote is free again."""
    behind = after(state, message)
    assert (behind.role, behind.current_term, behind.voted_for) == (Role.FOLLOWER, 4, None)
    assert (behind.votes_granted, behind.next_index, behind.match_index) == ((), (), ())
    assert behind.leader == (s2 if isinstance(message, AppendEntries) else None)
    assert behind.log == state.log


@IN_EVERY_ROLE
@pytest.mark.parametrize(
    "message",
    [request_vote(2, (9, 9)), vote(2), append_entries(2, (0, 0), (2,)), acknowledgement(2, 2)],
    ids=["RequestVote", "vote", "AppendEntries", "acknowledgement"],
)
def test_older_term_changes_nothing(state: State, message: Message) -> None:
    """Requests of an older term are refused and replies ignored, whatever the role."""
    assert after(state, message) == state


@IN_EVERY_ROLE
@pytest.mark.parametrize("message", [vote(2), acknowledgement(2, 2)])
def test_reply_of_an_older_term_is_not_answered(state: State, message: Message) -> None:
    """Nothing is sent because of a late reply."""
    assert step(state, message)[1] == ()


@IN_EVERY_ROLE
@pytest.mark.parametrize("message", [request_vote(3, (0, 0)), vote(3), acknowledgement(3, 1)])
def test_equal_term_deposes_nobody(state: State, message: Message) -> None:
    """A message of the own term frees no vote, and takes the lead from nobody."""
    behind = after(state, message)
    assert (behind.current_term, behind.voted_for) == (3, state.voted_for)
    assert (behind.role is Role.LEADER) >= (state.role is Role.LEADER)


@given(states())
def test_restart_keeps_the_persistent_state_and_nothing_else(state: State) -> None:
    """Term, vote, log and snapshot survive; the rest is as in a server that never ran."""
    again = restart(state.server, state.configuration, persistent_state(state))
    assert persistent_state(again) == persistent_state(state)
    assert again == State(
        server=state.server,
        configuration=state.configuration,
        current_term=state.current_term,
        voted_for=state.voted_for,
        log=state.log,
        commit_index=state.log.snapshot_index,
        last_applied=state.log.snapshot_index,
    )


@given(states())
def test_persistent_state_is_term_vote_and_log(state: State) -> None:
    """What goes to stable storage is a value of its own, without what a crash takes away."""
    stored = persistent_state(state)
    assert type(stored) is PersistentState
    assert stored.current_term == state.current_term
    assert stored.voted_for == state.voted_for
    assert stored.log == state.log


def test_restart_forgets_even_if_given_a_whole_state() -> None:
    """A leader's State serves as persistent state, and comes back as a follower."""
    state = leader_of(3, (3, 3), commit=2)
    again = restart(s1, state.configuration, state)
    assert again == follower(3, (3, 3), voted_for=s1)
    assert (again.commit_index, again.last_applied) == (0, 0)


def test_first_start_is_an_empty_follower() -> None:
    """A server starts in term 0, without a vote, a leader, or an entry."""
    state = restart(s2, Configuration(servers=3), PersistentState())
    assert state == follower(0, server=s2)
    assert (state.role, state.current_term, state.voted_for) == (Role.FOLLOWER, 0, None)
    assert (state.log, state.commit_index, state.last_applied) == (Log(), 0, 0)


def test_restarted_server_counts_no_vote_of_its_last_candidacy() -> None:
    """Votes that arrive after a crash elect nobody, and the server's own vote stays cast."""
    state = after(follower(0), ElectionTimeout())
    again = restart(s1, state.configuration, persistent_state(state))
    assert after(again, vote(1), vote(1, source=s3)) == again
    assert after(again, request_vote(1, (9, 1))).voted_for == s1


def test_restarted_server_applies_again_from_the_start() -> None:
    """The state machine is volatile: what is committed is applied anew after a crash."""
    state = follower(1, (1, 1), commit=2)
    again = restart(s1, state.configuration, persistent_state(state))
    assert after(again, append_entries(1, (2, 1), commit=2)).last_applied == 2


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_never_raises_whatever_the_state(data: st.DataObject) -> None:
    """Reachable or not, no state meets a message that it cannot take, but for a second leader's."""
    state = data.draw(states())
    event = data.draw(events(state))
    try:
        behind, _ = step(state, event)
    except TwoLeadersError:
        assert state.role is Role.LEADER
        assert isinstance(event, AppendEntries)
        assert event.term == state.current_term
        return
    assert behind.current_term >= state.current_term
    assert behind.commit_index >= state.commit_index
    assert behind.last_applied == max(behind.commit_index, state.last_applied)
    assert hash(behind) == hash(evolve(behind))


@settings(max_examples=60, deadline=None)
@given(tapes(), st.integers(1, 5), st.integers(1, 3))
def test_never_raises_in_any_history(tape: bytes, servers: int, max_entries: int) -> None:
    """Lost, late, repeated and reordered messages and restarts never make step raise."""
    for _, _, state, _ in run(tape, servers, max_entries):
        leads = state.role is Role.LEADER
        assert (len(state.next_index), len(state.match_index)) == (
            (servers, servers) if leads else (0, 0)
        )
        assert bool(state.votes_granted) is (state.role is Role.CANDIDATE)
        assert state.last_applied == state.commit_index <= state.log.last_index
        assert state.log.last_term <= state.current_term


@settings(max_examples=40, deadline=None)
@given(tapes(), st.integers(2, 5))
def test_messages_go_to_others_in_order(tape: bytes, servers: int) -> None:
    """Messages to servers ascend by destination, none to oneself; answers to clients come last."""
    for _, before, state, messages in run(tape, servers, 2):
        to_servers = [message for message in messages if isinstance(message, Message)]
        assert messages[: len(to_servers)] == tuple(to_servers)
        assert is_ascending([message.destination for message in to_servers])
        assert all(message.destination != before.server for message in to_servers)
        assert all(message.source == before.server for message in messages)
        assert all(message.term == state.current_term for message in to_servers)


def seeded_tapes(count: int) -> list[bytes]:
    """Long tapes that are the same in every run."""
    generator = random.Random(7)
    return [generator.randbytes(8000) for _ in range(count)]


@pytest.mark.parametrize("servers", [3, 5])
def test_long_histories_stay_safe_and_get_somewhere(servers: int) -> None:
    """In long bad histories one server leads a term, and all servers apply the same entries."""
    applied: dict[int, object] = {}
    leaders: dict[int, int] = {}
    answers = 0
    for tape in seeded_tapes(4):
        applied.clear()
        leaders.clear()
        for _, before, state, messages in run(tape, servers, 2):
            if state.role is Role.LEADER:
                assert leaders.setdefault(state.current_term, state.server) == state.server
            for index in range(before.last_applied + 1, state.last_applied + 1):
                entry = state.log.entry_at(index)
                assert applied.setdefault(index, entry) == entry
            answers += sum(isinstance(message, ClientResponse) for message in messages)
        assert len(leaders) > 3
        assert len(applied) > 3
    assert answers > 10


@settings(max_examples=40, deadline=None)
@given(tapes(100), st.integers(1, 5))
def test_same_history_twice_is_the_same(tape: bytes, servers: int) -> None:
    """Equal arguments give equal results, in every field and every message."""
    first = [(state, messages) for _, _, state, messages in run(tape, servers, 2)]
    second = [(state, messages) for _, _, state, messages in run(tape, servers, 2)]
    assert first == second
    assert repr(first) == repr(second)


def test_step_leaves_its_argument_alone() -> None:
    """The state before an event is the same value after it."""
    state = follower(2, (1, 1))
    step(state, append_entries(3, (1, 1), (3,), commit=2))
    assert state == follower(2, (1, 1))
    assert state.log == log_of(1, 1)
