"""Ongaro's thesis, sections 6.2 to 6.4: stepping down, sessions, reads and leases."""

from raft_core import (
    EXPIRED,
    ClientRequest,
    ClientResponse,
    Compact,
    ConfirmLeadership,
    ConfirmLeadershipResponse,
    ElectionTimeout,
    ExtendedEvent,
    HeartbeatTimeout,
    PreVote,
    RequestVote,
    RequestVoteResponse,
    Role,
    Server,
    Tick,
    TimeoutNow,
    TransferLeadership,
    s1,
    s2,
    s3,
    step,
)
from raft_core.reads import has_lease
from tests.paper.cluster import Servers, happen, restarted, started, time_passes
from tests.raft_core.build import Sent, acknowledgement, after, sent

GET = ClientRequest("get x", 1, 1)


def led(**features: bool | int) -> Servers:
    """Three servers with a state machine; S1 leads and has committed a no-op."""
    servers = started(state_machine=True, no_op=True, **features)
    return happen(servers, s1, ElectionTimeout())


def answers_in(messages: Sent) -> list[str | None]:
    """The answers that clients got."""
    return [each.output for each in messages if isinstance(each, ClientResponse)]


def answered(
    servers: Servers,
    event: ExtendedEvent,
    server: Server = s1,
    silent: frozenset[Server] = frozenset(),
) -> tuple[Servers, list[str | None]]:
    """The cluster after an event at one server, one round trip, and its answers to clients."""
    states = list(servers)
    states[server], messages = step(states[server], event)
    told = answers_in(messages)
    for message in messages:
        target = getattr(message, "destination", None)
        if target is None or target in silent or isinstance(message, ClientResponse):
            continue
        states[target], replies = step(states[target], message)  # type: ignore[arg-type]
        for reply in replies:
            states[server], more = step(states[server], reply)  # type: ignore[arg-type]
            told += answers_in(more)
    return tuple(states), told


def test_leader_steps_down_without_a_majority() -> None:
    """Thesis 6.2: if an election timeout passes without a majority's answer, it steps down."""
    servers = happen(led(check_quorum=True), s1, HeartbeatTimeout())
    servers = happen(servers, s1, ElectionTimeout())
    assert servers[s1].role is Role.LEADER
    servers = happen(servers, s1, HeartbeatTimeout(), unreachable={s2, s3})
    servers = happen(servers, s1, ElectionTimeout())
    assert (servers[s1].role, servers[s1].leader) == (Role.FOLLOWER, None)


def test_at_least_once_without_sessions() -> None:
    """Thesis 6.3: without additional mechanism a client's retry is executed again."""
    servers = led()
    for _ in range(2):
        servers = happen(servers, s1, ClientRequest("append x a", 2, 1))
    assert servers[s1].extensions.machine.value("x") == "aa"


def test_session_answers_retries_without_executing_them() -> None:
    """Thesis 6.3: of a serial number already executed, the state machine returns the response."""
    servers = happen(led(sessions=True), s1, ClientRequest("open", 1))
    told = []
    for _ in range(2):
        servers, outputs = answered(servers, ClientRequest("append x a", 2, 1))
        told += outputs
    assert told == ["a", "a"]


def test_session_expiry_is_deterministic() -> None:
    """Thesis 6.3: all servers expire the same session, since they decide it by the log alone."""
    servers = led(sessions=True, max_sessions=2)
    for client in (1, 2, 3):
        servers = happen(servers, s1, ClientRequest("open", client))
    servers, outputs = answered(servers, ClientRequest("append x a", 2, 1))
    assert outputs == [EXPIRED]
    servers = happen(servers, s1, HeartbeatTimeout())
    assert {state.extensions.machine for state in servers} == {servers[s1].extensions.machine}
    assert [each.name for each in servers[s3].extensions.machine.sessions] == [3, 4]


def test_snapshot_holds_the_sessions() -> None:
    """Thesis 5.1 and 6.3: what linearizability needs is a part of the state machine's content."""
    servers = happen(led(sessions=True, snapshots=True), s1, ClientRequest("open", 1))
    servers = happen(servers, s1, ClientRequest("append x a", 2, 1))
    servers = happen(happen(servers, s1, HeartbeatTimeout()), s2, Compact(3))
    servers = happen(restarted(servers, s2), s2, ElectionTimeout())
    servers, outputs = answered(servers, ClientRequest("append x a", 2, 1), s2)
    assert outputs == ["a"]


def test_read_bypasses_the_log() -> None:
    """Thesis 6.4: it is answered from the state machine, and nothing is appended."""
    servers = happen(led(reads=True), s1, ClientRequest("set x 1"))
    log = servers[s1].log
    servers, outputs = answered(servers, GET)
    assert (outputs, servers[s1].log) == (["1"], log)


def test_step_1_waits_for_an_entry_of_the_current_term() -> None:
    """Thesis 6.4, step 1: until then the leader's commit index may be behind."""
    servers = happen(started(state_machine=True, reads=True), s1, ElectionTimeout())
    servers = happen(servers, s1, ClientRequest("set x 1"))
    servers = happen(servers, s2, ElectionTimeout(), unreachable={s1})
    assert servers[s2].commit_index == 0
    servers, outputs = answered(servers, GET, s2)
    assert outputs == []
    servers = happen(servers, s2, ClientRequest("set y 2"), unreachable={s1})
    assert servers[s2].extensions.reads == (), "answered, once S2 knew what is committed"
    assert answered(servers, GET, s2)[1] == ["1"]


def test_step_2_read_index_is_the_commit_index() -> None:
    """Thesis 6.4, step 2: a lower bound on the version that the query operates against."""
    servers = happen(led(reads=True), s1, ClientRequest("set x 1"))
    (waiting,) = after(servers[s1], GET).extensions.reads
    assert waiting.read_index == servers[s1].commit_index == 2


def test_step_3_needs_a_majority_after_the_read() -> None:
    """Thesis 6.4, step 3: a new round of heartbeats, acknowledged by a majority of the cluster."""
    servers = happen(led(reads=True), s1, HeartbeatTimeout())
    servers, outputs = answered(servers, GET, silent=frozenset({s2, s3}))
    assert outputs == []
    late = ConfirmLeadershipResponse(s2, s1, 1, servers[s1].extensions.round - 1)
    assert answers_in(sent(servers[s1], late)) == []
    assert answers_in(sent(servers[s1], ConfirmLeadershipResponse(s2, s1, 1, 1))) == [""]


def test_stale_leader_answers_no_read() -> None:
    """Thesis 6.4: partitioned and replaced without its knowledge, it would return stale results."""
    servers = happen(led(reads=True), s1, ClientRequest("set x old"))
    servers = happen(servers, s2, ElectionTimeout(), unreachable={s1})
    servers = happen(servers, s2, ClientRequest("set x new"), unreachable={s1})
    _, outputs = answered(servers, GET)
    assert outputs == []
    _, outputs = answered(servers, GET, s2)
    assert outputs == ["new"]


def test_one_round_serves_all_reads_that_wait() -> None:
    """Thesis 6.4: the leader can use a single round for any number of queries it accumulated."""
    servers = started(state_machine=True, no_op=True, reads=True)
    servers = happen(servers, s1, ElectionTimeout(), unreachable={s2, s3})
    state = after(servers[s1], RequestVoteResponse(s2, s1, 1, vote_granted=True))
    state = after(state, GET, ClientRequest("get y", 2, 1))
    messages = sent(state, acknowledgement(1, 1))
    assert [type(each) for each in messages].count(ConfirmLeadership) == 2


def leased() -> Servers:
    """S1 leads, and its lease was renewed at clock 0."""
    return happen(led(leases=True, reads=True, leadership_transfer=True), s1, HeartbeatTimeout())


def test_lease_answers_reads_without_messages() -> None:
    """Thesis 6.4.1: after a round of heartbeats the leader assumes that nobody else is elected."""
    servers = leased()
    assert has_lease(servers[s1])
    messages = sent(servers[s1], GET)
    assert [type(each) for each in messages] == [ClientResponse]


def test_lease_is_over_before_anybody_else_can_be_elected() -> None:
    """Thesis 6.4.1: start + election timeout / clock drift bound, since no follower is faster."""
    servers = leased()
    for ticks in range(13):
        slow = after(servers[s1], Tick(ticks * 100 // 120))
        fast = tuple(after(servers[each], Tick(ticks)) for each in (s2, s3))
        elected = happen((slow, *fast), s2, ElectionTimeout(), unreachable={s1})[s2]
        assert not (has_lease(slow) and elected.role is Role.LEADER), ticks
    assert elected.role is Role.LEADER


def test_lease_outlasts_crashes_of_those_who_gave_it() -> None:
    """Thesis 6.4.1 with a crash: a server that starts again keeps quiet for a whole timeout."""
    servers = restarted(restarted(leased(), s2), s3)
    servers = happen(servers, s2, ElectionTimeout(), unreachable={s1})
    assert servers[s2].role is Role.FOLLOWER
    later = happen(time_passes(servers, 10), s2, ElectionTimeout(), unreachable={s1})
    assert later[s2].role is Role.LEADER


def test_lease_expires_before_leadership_is_transferred() -> None:
    """Thesis 6.4.1: a leader would need to expire its lease before transferring leadership."""
    servers = leased()
    state, messages = step(servers[s1], TransferLeadership(s2))
    assert messages == (TimeoutNow(s1, s2, 1),)
    state = after(state, ElectionTimeout())
    assert not has_lease(state), "the target may stand at any time from now on"
    servers = happen((state, *servers[1:]), s1, HeartbeatTimeout())
    assert not has_lease(servers[s1])
    assert [type(each) for each in sent(servers[s1], GET)] == [ConfirmLeadership] * 2


def test_transferred_leadership_has_leases_again() -> None:
    """Thesis 6.4.1: the next term is another leader's, and its lease another lease."""
    servers = happen(leased(), s1, TransferLeadership(s2))
    servers = happen(servers, s2, HeartbeatTimeout())
    assert (servers[s1].role, has_lease(servers[s2])) == (Role.FOLLOWER, True)


def test_new_leader_serves_no_read_under_an_old_lease() -> None:
    """Thesis 6.4.1: a lease is of one term."""
    servers = time_passes(leased(), 4)
    state = after(servers[s1], RequestVote(s2, s1, 2, 9, 9, by_transfer=True))
    assert state.current_term == 2
    servers = time_passes((state, *servers[1:]), 10)
    servers = happen(servers, s1, ElectionTimeout())
    assert servers[s1].role is Role.LEADER
    assert servers[s1].extensions.lease_until == 0


def test_pre_vote_is_refused_under_a_lease_too() -> None:
    """Thesis 6.4.1 with 9.6: a server that gave the lease helps no other candidate."""
    servers = leased()
    assert step(servers[s2], PreVote(s3, s2, 1, 9, 9)) == (servers[s2], ())


def test_read_after_a_write_sees_it() -> None:
    """Thesis 6.4: linearizable, by a round or under a lease."""
    for servers in (led(reads=True), leased()):
        servers, outputs = answered(servers, ClientRequest("set x 1"))
        assert outputs == [""]
        assert answered(servers, GET)[1] == ["1"]
