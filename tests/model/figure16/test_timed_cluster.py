"""The virtual clock: timers, ways, writes and crashes."""

from random import Random
from typing import Any

import pytest
from attrs import evolve

from model.figure16.timed_cluster import AT_ONCE, NO_OP, Simulation, Span, Timing, restarts_timer
from raft_core import (
    SERVERS,
    AppendEntries,
    AppendEntriesResponse,
    Configuration,
    ElectionTimeout,
    Entry,
    Event,
    Log,
    PersistentState,
    RequestVote,
    RequestVoteResponse,
    Role,
    State,
    restart,
    s1,
    s2,
    s3,
    step,
)

TIMING = Timing(election_timeout=Span(150, 300), heartbeat_interval=75, latency=Span(1, 2))
NEVER = Span(1e9, 1e9)
CONFIGURATION = Configuration(servers=3)
FIRST = restart(s1, CONFIGURATION, PersistentState())


def followers(servers: int = 3) -> list[State]:
    """Servers that start for the first time."""
    configuration = Configuration(servers=servers)
    return [restart(server, configuration, PersistentState()) for server in SERVERS[:servers]]


def simulation(seed: int = 0, servers: int = 3, **changes: Any) -> Simulation:
    """A cluster that starts at time 0."""
    return Simulation(followers(servers), evolve(TIMING, **changes), Random(seed))


def has_leader(running: Simulation) -> bool:
    """Whether a server that is up leads."""
    return any(state.role is Role.LEADER for state in running.live_states)


def never(running: Simulation) -> bool:
    """No moment is the end."""
    return False


def restarted_by(state: State, event: Event) -> bool:
    """Whether the event restarts the timer of a server in this state."""
    after, sent = step(state, event)
    return restarts_timer(state, event, after, sent)


@pytest.mark.parametrize("seed", range(5))
def test_leader_is_elected_and_stays(seed: int) -> None:
    """One server times out first, wins, and its heartbeats keep all others from an election."""
    running = simulation(seed)
    assert running.run_until(has_leader, 1000)
    assert running.now >= 150
    leader = running.live_states
    running.run_until(never, running.now + 10_000)
    assert [state.current_term for state in running.live_states] == [
        max(state.current_term for state in leader)
    ] * 3


def test_same_seed_gives_the_same_run() -> None:
    """All draws come from the one source that is handed in."""
    runs = [simulation(seed) for seed in (1, 1, 2)]
    for running in runs:
        running.run_until(has_leader, 1000)
    assert runs[0].now == runs[1].now != runs[2].now
    assert runs[0].live_states == runs[1].live_states


def test_granted_vote_restarts_the_timer() -> None:
    """A server that grants a vote lets the candidate have its time. Section 5.2."""
    assert restarted_by(FIRST, RequestVote(s2, s1, 1, 0, 0))


def test_refused_candidate_does_not_restart_the_timer() -> None:
    """Neither one with a log that lacks entries, nor one that comes second, nor one of old."""
    longer = evolve(FIRST, current_term=1, log=Log.of([Entry(1, "v1")]))
    assert not restarted_by(longer, RequestVote(s2, s1, 2, 0, 0))
    voted = evolve(FIRST, current_term=1, voted_for=s3)
    assert not restarted_by(voted, RequestVote(s2, s1, 1, 0, 0))
    assert not restarted_by(evolve(FIRST, current_term=2), RequestVote(s2, s1, 1, 0, 0))


def test_election_restarts_the_timer() -> None:
    """Candidates 1: on starting an election, reset the election timer."""
    assert restarted_by(FIRST, ElectionTimeout())
    assert restarted_by(step(FIRST, ElectionTimeout())[0], ElectionTimeout())


def test_current_leader_restarts_the_timer_and_an_old_one_does_not() -> None:
    """Followers 2: AppendEntries from the current leader, be its entries accepted or not."""
    state = evolve(FIRST, current_term=2)
    assert restarted_by(state, AppendEntries(s2, s1, 2, 0, 0, (), 0))
    assert restarted_by(state, AppendEntries(s2, s1, 2, 5, 1, (), 0))
    assert not restarted_by(state, AppendEntries(s2, s1, 1, 0, 0, (), 0))


def test_leader_that_steps_down_gets_a_timer() -> None:
    """It had none as leader, and without one it would never stand again."""
    candidate, _ = step(FIRST, ElectionTimeout())
    leader, _ = step(candidate, RequestVoteResponse(s2, s1, 1, True))
    assert not restarted_by(leader, AppendEntriesResponse(s2, s1, 1, True))
    assert restarted_by(leader, AppendEntriesResponse(s2, s1, 5, False))


def test_timer_that_was_restarted_is_void() -> None:
    """A follower that hears from a leader in time starts no election at the time set before."""
    running = simulation(election_timeout=Span(100, 100), latency=Span(60, 60))
    running.send([AppendEntries(s1, s2, 1, 0, 0, (), 0)])
    running.crash(s1)
    running.crash(s3)
    running.run_until(never, 159)
    assert running.machines[s2].state.role is Role.FOLLOWER
    running.run_until(never, 161)
    assert running.machines[s2].state.role is Role.CANDIDATE


def test_crashed_server_gets_nothing() -> None:
    """Its state is that of its crash, and without a majority nobody is elected."""
    running = simulation()
    running.crash(s1)
    running.send([AppendEntries(s2, s1, 7, 0, 0, (), 0)])
    assert running.run_until(has_leader, 10_000)
    assert running.machines[s1].state == followers()[s1]
    running = simulation()
    running.crash(s1)
    running.crash(s2)
    assert not running.run_until(has_leader, 10_000)
    assert running.now == 10_000


def test_crashed_server_sends_nothing_that_it_still_writes() -> None:
    """Messages leave when what they say is durable; a crash before that is the end of them."""
    running = simulation(election_timeout=Span(100, 100), write=Span(10, 10))
    for other in (s2, s3):
        running.crash(other)
    running.run_until(never, 105)
    before = running.machines[s1].state
    assert before.role is Role.CANDIDATE
    running.machines[s2].is_up = True
    running.crash(s1)
    running.run_until(never, 150)
    assert running.machines[s2].state.current_term == 0


def test_messages_wait_for_the_disk() -> None:
    """A follower hears of a candidate one write and one way after its timeout, not before."""
    running = simulation(election_timeout=NEVER, latency=Span(1, 1), write=Span(10, 10))
    running.at(100, lambda: running._handle(running.machines[s1], ElectionTimeout()))
    running.run_until(never, 110.9)
    assert running.machines[s2].state.current_term == 0
    running.run_until(never, 111.1)
    assert running.machines[s2].state.voted_for == s1
    running.run_until(never, 121.9)
    assert not has_leader(running)
    running.run_until(never, 122.1)
    assert has_leader(running)


def test_server_that_writes_lets_the_rest_wait() -> None:
    """The second of two requests is met when the first is durable."""
    running = simulation(election_timeout=NEVER, latency=AT_ONCE, write=Span(10, 10))
    running.send([RequestVote(s1, s3, 1, 0, 0), AppendEntries(s2, s3, 2, 0, 0, (), 0)])
    running.run_until(never, 9)
    assert running.machines[s3].state.current_term == 1
    running.run_until(never, 11)
    assert running.machines[s3].state.leader == s2


def test_no_op_goes_with_the_first_heartbeat() -> None:
    """Followers first hear from a leader by its entry, after the leader's write. Section 8."""
    running = simulation(no_op=True, write=Span(5, 5))
    running.run_until(has_leader, 10_000)
    elected = running.now
    running.run_until(lambda each: all(state.leader is not None for state in each.live_states), 9e9)
    assert running.now - elected >= 5
    for state in running.live_states:
        assert state.log.entry_at(1).command == NO_OP


def test_client_gets_through_to_all_logs() -> None:
    """A request to the leader is replicated and applied by heartbeats."""
    running = simulation()
    running.run_until(has_leader, 10_000)
    leader = next(state.server for state in running.live_states if state.role is Role.LEADER)
    running.request(leader, "v1")
    assert running.run_until(
        lambda each: all(state.last_applied == 1 for state in each.live_states), running.now + 200
    )


def test_leader_at_the_start_sends_heartbeats() -> None:
    """A simulation may begin in any state: who leads then goes on leading."""
    running = simulation()
    running.run_until(has_leader, 10_000)
    states = [machine.state for machine in running.machines]
    again = Simulation(states, TIMING, Random(0))
    term = max(state.current_term for state in states)
    again.run_until(never, 5000)
    assert [state.current_term for state in again.live_states] == [term] * 3


def test_rounded_spans_give_whole_milliseconds() -> None:
    """150 to 151 are two values then, as they were in LogCabin."""
    random = Random(0)
    assert {Span(150, 151, True).draw(random) for _ in range(50)} == {150, 151}
    assert len({Span(150, 151).draw(random) for _ in range(50)}) == 50
