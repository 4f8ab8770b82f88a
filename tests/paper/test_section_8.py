"""Section 8: client interaction."""

from raft_core import (
    ClientRequest,
    ClientResponse,
    ConfirmLeadership,
    ElectionTimeout,
    Entry,
    HeartbeatTimeout,
    NoOp,
    NotLeader,
    Role,
    s1,
    s2,
    s3,
    step,
)
from tests.paper.cluster import Servers, happen, restarted, settle, started
from tests.raft_core.build import acknowledgement, after, sent


def led(**features: bool | int) -> Servers:
    """Three servers with a state machine; S1 leads and has committed a no-op."""
    servers = started(state_machine=True, no_op=True, **features)
    return happen(servers, s1, ElectionTimeout())


def test_client_is_told_the_leader() -> None:
    """Section 8: a server that does not lead rejects the request and names the leader."""
    assert step(led()[s2], ClientRequest("x"))[1] == (NotLeader(s2, "x", s1),)


def test_leader_may_apply_a_command_and_crash_before_it_answers() -> None:
    """Section 8: so far described, Raft can execute a command multiple times."""
    servers = led()
    for _ in range(2):
        servers = happen(servers, s1, ClientRequest("append x a"))
    assert servers[s1].extensions.machine.value("x") == "aa"


def test_serial_numbers_make_repeated_commands_harmless() -> None:
    """Section 8: the state machine answers a number that it has executed, and does not again."""
    servers = happen(led(sessions=True), s1, ClientRequest("open", 1))
    command = ClientRequest("append x a", 2, 1)
    servers = happen(servers, s1, command)
    servers = happen(restarted(servers, s1), s2, ElectionTimeout())
    servers = happen(servers, s2, command)
    assert servers[s2].extensions.machine.value("x") == "a"
    state = after(servers[s2], command)
    index = state.log.last_index
    answer = ClientResponse(s2, "append x a", index, 2, 1, "a")
    assert answer in sent(state, acknowledgement(2, index, source=s3, destination=s2))


def test_leader_begins_its_term_with_a_no_op() -> None:
    """Section 8: to know which entries are committed, it commits a blank one at the start."""
    servers = led()
    assert servers[s1].log.entry_at(1) == Entry(1, NoOp())
    assert servers[s1].commit_index == 1


def test_new_leader_commits_what_it_inherits_with_its_no_op() -> None:
    """Section 8: a leader has all committed entries, and learns with its own which they are."""
    servers = happen(led(), s1, ClientRequest("set x 1"))
    assert [state.commit_index for state in servers] == [2, 1, 1]
    servers = happen(servers, s2, ElectionTimeout(), unreachable={s1})
    assert servers[s2].commit_index == 3
    assert servers[s2].extensions.machine.value("x") == "1"


def test_leader_exchanges_messages_with_a_majority_before_it_answers_a_read() -> None:
    """Section 8: it checks whether it has been deposed before it processes a read-only request."""
    servers = led(reads=True)
    state, messages = step(servers[s1], ClientRequest("get x", 1, 1))
    assert [type(message) for message in messages] == [ConfirmLeadership] * 2
    assert settle((state, *servers[1:]), messages)[s1].extensions.reads == ()


def test_deposed_leader_answers_no_read() -> None:
    """Section 8: its information may be stale, and no majority says that it still leads."""
    servers = happen(led(reads=True), s2, ElectionTimeout(), unreachable={s1})
    servers = happen(servers, s2, ClientRequest("set x 2"), unreachable={s1})
    state, messages = step(servers[s1], ClientRequest("get x", 1, 1))
    assert not any(isinstance(message, ClientResponse) for message in messages)
    servers = settle((state, *servers[1:]), messages)
    assert (servers[s1].role, servers[s1].extensions.reads) == (Role.FOLLOWER, ())


def test_reads_write_nothing_into_the_log() -> None:
    """Section 8: read-only operations can be handled without writing anything into the log."""
    servers = happen(led(reads=True), s1, ClientRequest("set x 1"))
    log = servers[s1].log
    servers = happen(servers, s1, ClientRequest("get x", 1, 1))
    assert happen(servers, s1, HeartbeatTimeout())[s1].log == log
