"""The reference as a subject with features: what it offers, performs, answers, and loses."""

from collections.abc import Iterable

import pytest

from model.actions import (
    OPTIONAL,
    ChangeMembership,
    Compact,
    CrashInside,
    FailWrite,
    Invoke,
    PassTime,
    TransferLeadership,
)
from model.mutants import MUTANT_BY_NAME
from model.reference.cluster import ReferenceCluster, ReferenceFactory
from model.subject import Answer, Packet, ServerCrashedError
from raft_core import Role, Server, TimeoutNow, s1, s2, s3
from raft_core.membership import Membership

ALL = {"features": "on"}
CLIENTS = {"state_machine": "on"}
SESSIONS = {"state_machine": "on", "sessions": "on"}
FAULTY = {"disk_faults": "on"}


def cluster(settings: dict[str, str], servers: int = 3) -> ReferenceCluster:
    """A fresh cluster."""
    return ReferenceFactory().create(servers, settings)


def deliver(subject: ReferenceCluster, packets: Iterable[Packet], *without: Server) -> None:
    """Let packets arrive, and what they provoke, but for those to and from some servers."""
    waiting = list(packets)
    while waiting:
        packet = waiting.pop(0)
        if packet.source not in without and packet.destination not in without:
            waiting += subject.receive(packet)


def led_by(server: Server, settings: dict[str, str], servers: int = 3) -> ReferenceCluster:
    """A cluster in which this server leads, and all that was sent has arrived."""
    subject = cluster(settings, servers)
    deliver(subject, subject.election_timeout(server))
    assert subject.view(server).role is Role.LEADER
    return subject


def invoke(subject: ReferenceCluster, client: int, number: int, command: str) -> tuple[Answer, ...]:
    """A client's request at s1, with all messages; what clients are answered."""
    deliver(subject, subject.perform(Invoke(s1, client, number, command)))
    return subject.answers()


# Offers


@pytest.mark.parametrize(
    ("setting", "offered"),
    [
        ("snapshots", {"Compact"}),
        ("joint_consensus", {"ChangeMembership"}),
        ("single_server_changes", {"ChangeMembership"}),
        ("leadership_transfer", {"TransferLeadership"}),
        ("pre_vote", {"PassTime"}),
        ("leader_stickiness", {"PassTime"}),
        ("leases", {"PassTime"}),
        ("check_quorum", set()),
        ("no_op", set()),
        ("state_machine", {"Invoke"}),
        ("disk_faults", {"CrashInside", "FailWrite"}),
        ("async_writes", {"CompleteWrite"}),
        ("features", set(OPTIONAL) - {"CompleteWrite"}),
    ],
)
def test_feature_offers_the_actions_that_make_sense_with_it(
    setting: str, offered: set[str]
) -> None:
    """And no others; without any feature there are none."""
    assert cluster({setting: "on"}).offers == offered
    assert cluster({}).offers == frozenset()


def test_sessions_let_clients_try_again() -> None:
    """Only where a command that comes twice takes effect once."""
    assert cluster(SESSIONS).offers == {"Invoke", "Retry"}


# What is performed


def test_compaction_keeps_what_it_is_told_to() -> None:
    """The last so many applied entries stay; more than there are is no error."""
    subject = led_by(s1, {"snapshots": "on", "state_machine": "on"})
    for number in range(4):
        invoke(subject, 1, number, f"set x {number}")
    last = subject.view(s1).last_applied
    for keep, index in ((99, 0), (2, last - 2), (0, last)):
        assert subject.perform(Compact(s1, keep)) == ()
        assert subject.view(s1).log.snapshot_index == index
    assert subject.view(s2).log.snapshot_index == 0


def test_membership_changes_as_the_administrator_says() -> None:
    """Voters and learners both."""
    subject = led_by(s1, {"single_server_changes": "on", "no_op": "on"})
    deliver(subject, subject.perform(ChangeMembership(s1, (s1, s2), (s3,))))
    assert [state.membership for state in subject.states] == [Membership((s1, s2), (s3,))] * 3


def test_leadership_is_handed_to_the_target() -> None:
    """It is asked to stand, and leads then."""
    subject = led_by(s1, {"leadership_transfer": "on"})
    sent = subject.perform(TransferLeadership(s1, s3))
    assert [type(packet.content) for packet in sent] == [TimeoutNow]
    deliver(subject, sent)
    assert [state.role for state in subject.states] == [Role.FOLLOWER, Role.FOLLOWER, Role.LEADER]


def test_cluster_may_begin_with_some_of_its_servers() -> None:
    """The others are no members until they are added; as many as there are is all."""
    subject = cluster({**ALL, "initial_voters": "2"})
    assert {state.membership for state in subject.states} == {Membership((s1, s2))}
    assert {state.membership for state in cluster(ALL).states} == {Membership((s1, s2, s3))}


# Clients


def test_client_is_answered_once_its_entry_is_applied() -> None:
    """By its name and the number of its operation, with what the store says."""
    subject = led_by(s1, CLIENTS)
    assert invoke(subject, 1, 0, "set x a") == (Answer(1, 0, ""),)
    assert invoke(subject, 2, 0, "append x b") == (Answer(2, 0, "ab"),)
    assert invoke(subject, 1, 1, "get x") == (Answer(1, 1, "ab"),)
    assert subject.answers() == ()


def test_client_waits_where_nothing_is_committed() -> None:
    """A leader without a quorum answers nobody."""
    subject = led_by(s1, CLIENTS)
    deliver(subject, subject.perform(Invoke(s1, 1, 0, "set x a")), s2, s3)
    assert subject.answers() == ()


def test_client_of_a_server_that_does_not_lead_hears_nothing() -> None:
    """The client learns which server leads, which is no answer to its operation."""
    subject = led_by(s1, CLIENTS)
    assert subject.perform(Invoke(s2, 1, 0, "set x a")) == ()
    assert subject.answers() == ()


def test_request_without_a_client_is_answered_to_nobody() -> None:
    """Nobody waits for what has no name."""
    subject = led_by(s1, CLIENTS)
    deliver(subject, subject.client_request(s1, "set x a"))
    assert (subject.answers(), subject.states[s1].commit_index) == ((), 1)


def test_clients_read_past_the_log() -> None:
    """A read is answered as other operations are, and leaves no entry."""
    subject = led_by(s1, {**CLIENTS, "reads": "on", "no_op": "on"})
    invoke(subject, 1, 0, "set x a")
    last = subject.view(s1).log.last_index
    assert invoke(subject, 2, 0, "get x") == (Answer(2, 0, "a"),)
    assert subject.view(s1).log.last_index == last


def test_client_without_a_session_has_to_wait_for_one() -> None:
    """Its commands go nowhere until `open` is answered."""
    subject = led_by(s1, SESSIONS)
    assert invoke(subject, 1, 1, "set x a") == ()
    assert subject.view(s1).log.last_index == 0
    assert invoke(subject, 1, 0, "open") == (Answer(1, 0, "1"),)
    assert invoke(subject, 1, 1, "set x a") == (Answer(1, 1, ""),)


def test_command_that_comes_twice_takes_effect_once() -> None:
    """With a session the second gets the answer of the first; without, it happens again."""
    subject = led_by(s1, SESSIONS)
    invoke(subject, 1, 0, "open")
    twice = [invoke(subject, 1, 1, "append x a") for _ in range(2)]
    assert twice == [(Answer(1, 1, "a"),)] * 2
    without = led_by(s1, CLIENTS)
    assert [invoke(without, 1, 1, "append x a")[0].output for _ in range(2)] == ["a", "aa"]


def test_answer_goes_to_the_client_whose_session_it_is() -> None:
    """Sessions are named by entries, clients by themselves: the two never coincide here."""
    subject = led_by(s1, {**SESSIONS, "no_op": "on"})
    for client in (3, 2, 1):
        assert [each.client for each in invoke(subject, client, 0, "open")] == [client]
    for client in (1, 2, 3):
        assert invoke(subject, client, 1, f"append x {client}")[0].client == client


def test_client_whose_session_expired_cannot_know() -> None:
    """It is answered, with nothing: what became of its operation is not known any more."""
    subject = led_by(s1, {**SESSIONS, "max_sessions": "1"})
    invoke(subject, 1, 0, "open")
    invoke(subject, 2, 0, "open")
    assert invoke(subject, 1, 1, "set x a") == (Answer(1, 1, None),)
    assert invoke(subject, 2, 1, "get x") == (Answer(2, 1, ""),)


def test_new_run_has_no_sessions_and_owes_no_answers() -> None:
    """A cluster that was used is as good as a new one."""
    subject = led_by(s1, SESSIONS)
    deliver(subject, subject.perform(Invoke(s1, 1, 0, "open")))
    subject.perform(PassTime(5))
    subject.reset()
    assert subject.answers() == ()
    deliver(subject, subject.election_timeout(s1))
    assert invoke(subject, 1, 1, "set x a") == ()


# Disks


@pytest.mark.parametrize(
    ("after", "lost", "term", "sent"),
    [(0, 0, 0, 0), (1, 0, 1, 0), (1, 1, 0, 0), (2, 0, 1, 0), (2, 1, 1, 0), (3, 1, 1, 1)],
)
def test_crash_inside_a_step_leaves_what_was_written(
    after: int, lost: int, term: int, sent: int
) -> None:
    """A candidate writes its term and vote, syncs, and asks two servers: one after the other."""
    subject = cluster(FAULTY)
    assert subject.perform(CrashInside(s1, after, lost)) == ()
    with pytest.raises(ServerCrashedError) as crash:
        subject.election_timeout(s1)
    assert len(crash.value.sent) == sent
    subject.restart(s1)
    state = subject.view(s1)
    assert (state.current_term, state.voted_for) == (term, s1 if term else None)
    assert state.role is Role.FOLLOWER


@pytest.mark.parametrize(
    ("after", "lost", "last_index"), [(0, 0, 0), (1, 1, 0), (1, 0, 1), (2, 9, 1)]
)
def test_crash_inside_a_step_shows_the_log_on_the_disk(
    after: int, lost: int, last_index: int
) -> None:
    """A leader's entry may be there, and on its way, before the server starts again."""
    subject = led_by(s1, FAULTY)
    subject.perform(CrashInside(s1, after, lost))
    with pytest.raises(ServerCrashedError) as crash:
        subject.client_request(s1, "x")
    assert crash.value.view is not None
    assert crash.value.view.log.last_index == last_index
    subject.restart(s1)
    assert subject.view(s1).log == crash.value.view.log


def test_crash_is_of_the_next_step_only() -> None:
    """A step with fewer operations goes by unharmed, and the one after it too."""
    subject = cluster(FAULTY)
    subject.perform(CrashInside(s1, 9))
    assert len(subject.election_timeout(s1)) == 2
    assert len(subject.election_timeout(s1)) == 2


@pytest.mark.parametrize("fault", [CrashInside(s1), FailWrite(s1)])
def test_fault_does_not_outlive_its_server(fault: CrashInside | FailWrite) -> None:
    """A server that crashes before its next step starts without it."""
    subject = cluster(FAULTY)
    subject.perform(fault)
    subject.crash(s1)
    subject.restart(s1)
    assert len(subject.election_timeout(s1)) == 2


def test_fault_is_at_one_server() -> None:
    """The others' next steps are none of its business."""
    subject = cluster(FAULTY)
    subject.perform(CrashInside(s1))
    assert len(subject.election_timeout(s2)) == 2


def test_server_stops_at_a_write_that_its_disk_refuses() -> None:
    """It says nothing, and starts without what was refused."""
    subject = cluster(FAULTY)
    subject.perform(FailWrite(s1))
    with pytest.raises(ServerCrashedError) as crash:
        subject.election_timeout(s1)
    assert crash.value.sent == ()
    subject.restart(s1)
    assert (subject.view(s1).current_term, subject.view(s1).voted_for) == (0, None)


def test_write_that_does_not_come_is_not_refused() -> None:
    """A heartbeat writes nothing."""
    subject = led_by(s1, FAULTY)
    subject.perform(FailWrite(s1))
    assert len(subject.heartbeat_timeout(s1)) == 2


def test_answer_that_left_before_the_crash_was_given() -> None:
    """A server alone writes its entry, syncs, and answers: after that a crash takes nothing."""
    for after, answered in ((2, ()), (9, (Answer(1, 0, ""),))):
        subject = led_by(s1, {**CLIENTS, **FAULTY}, servers=1)
        subject.perform(CrashInside(s1, after))
        if answered:
            subject.perform(Invoke(s1, 1, 0, "set x a"))
        else:
            with pytest.raises(ServerCrashedError):
                subject.perform(Invoke(s1, 1, 0, "set x a"))
        assert subject.answers() == answered
        subject.crash(s1)
        subject.restart(s1)
        assert subject.view(s1).log.last_index == 1


def test_mutant_that_never_syncs_loses_what_is_not_synced() -> None:
    """Where the contract is broken, an ordinary crash is enough to show it."""
    subject = ReferenceFactory(MUTANT_BY_NAME["requests-votes-before-durable"].protocol()).create(
        3, FAULTY
    )
    assert len(subject.election_timeout(s1)) == 2
    assert subject.view(s1).voted_for == s1
    subject.crash(s1)
    subject.restart(s1)
    assert (subject.view(s1).current_term, subject.view(s1).voted_for) == (0, None)
