"""The world: calls of subjects with features, crashes inside a step, clients, and clocks."""

from collections.abc import Mapping

import pytest
from attrs import evolve

from model import actions
from model.actions import (
    Action,
    ChangeMembership,
    ClientRequest,
    Compact,
    Crash,
    CrashInside,
    Deliver,
    ElectionTimeout,
    FailWrite,
    Invoke,
    OptionalAction,
    PassTime,
    Restart,
    TransferLeadership,
)
from model.failures import SUBJECT_FAILED, PropertyViolatedError
from model.runs.run import violation_of
from model.subject import Answer, NetworkKind, Packet, Sent, ServerCrashedError
from model.world.macro_actions import Cluster
from model.world.records import StepRecord
from properties.checker import Checker
from properties.facts import BLANK, Invoked, Responded
from properties.property import shape_of
from properties.view import View
from raft_core import Role, Server, State, s1, s2, s3
from tests.model.fakes import (
    Call,
    Noted,
    NotingSubject,
    apply_all,
    noted,
    packet,
    reference_cluster,
    setup_of,
)

in_every_kind = pytest.mark.parametrize("kind", ["any", "fifo"])
EXAMPLES: tuple[OptionalAction, ...] = (
    Compact(s1, 1),
    ChangeMembership(s1, (s1, s2)),
    TransferLeadership(s1, s2),
    PassTime(3, (s2,)),
    Invoke(s1, 1, 1, "get x"),
    CrashInside(s1, 2, 1),
    FailWrite(s1, 1),
)
ELECTION: tuple[Action, ...] = (ElectionTimeout(s1), Deliver(s1, s3), Deliver(s3, s1))
of_every_kind = pytest.mark.parametrize("action", EXAMPLES, ids=lambda each: type(each).__name__)


class OfferingSubject(NotingSubject):
    """A subject that notes calls, offers optional actions, and answers as a test has set."""

    def __init__(self, offers: frozenset[str], sends: Mapping[Call, Sent] | None = None) -> None:
        super().__init__(sends)
        self.offers = offers
        self.to_answer: list[Answer] = []
        self.looks: list[Server] = []

    def view(self, server: Server) -> View:
        """Note who is looked at."""
        self.looks.append(server)
        return BLANK

    def perform(self, action: OptionalAction) -> Sent:
        """Note it."""
        return self._noted("perform", action)

    def answers(self) -> tuple[Answer, ...]:
        """The answers that a test has set, once."""
        answers, self.to_answer = tuple(self.to_answer), []
        return answers


def offering(
    *offers: str, kind: NetworkKind = "any", sends: Mapping[Call, Sent] | None = None
) -> tuple[Noted, OfferingSubject]:
    """A fresh cluster of a subject that offers these actions, and the subject."""
    subject = OfferingSubject(frozenset(offers), sends)
    cluster = Cluster(subject, 3, kind, Checker(3, frozenset()))
    cluster.reset()
    records: list[StepRecord] = []
    cluster.recorder = records.append
    return Noted(subject, cluster, records), subject


def crash_in_step(subject: NotingSubject, call: str, *sent: Packet) -> None:
    """Let the server crash inside every call of this name, after it has sent something."""
    subject.raises[call] = ServerCrashedError(sent)


# Optional actions


@of_every_kind
def test_action_is_handed_to_a_subject_that_offers_it(action: OptionalAction) -> None:
    """As it is, once; what the subject sends is in flight, and it is one micro step."""
    name = type(action).__name__
    world, _ = offering(name, sends={("perform", action): (packet(s1, s2, "sent"),)})
    assert world.apply(action) == [("perform", action)]
    assert world.in_flight() == ["sent"]
    assert [record.happening.action for record in world.records] == [action]


@of_every_kind
def test_action_is_kept_from_a_subject_that_does_not_offer_it(action: OptionalAction) -> None:
    """Though it offers all others: it does nothing, and takes no step."""
    world, _ = offering(*(actions.OPTIONAL - {type(action).__name__}))
    assert world.apply(action) == []
    assert (world.records, world.cluster.micro_steps) == ([], 0)


@of_every_kind
def test_subject_without_offers_is_asked_for_nothing(action: OptionalAction) -> None:
    """It need not even have the methods."""
    world = noted()
    assert not hasattr(world.subject, "perform")
    assert world.apply(action) == []
    assert world.cluster.micro_steps == 0
    assert world.apply(ClientRequest(s1, "v1"), Restart(s2)) != []


@pytest.mark.parametrize("action", [each for each in EXAMPLES if not isinstance(each, PassTime)])
def test_server_that_is_down_performs_nothing(action: OptionalAction) -> None:
    """An action at one server needs that server."""
    world, _ = offering(*actions.OPTIONAL)
    world.apply(Crash(s1))
    assert world.apply(action) == []


@of_every_kind
def test_failure_to_perform_is_a_finding(action: OptionalAction) -> None:
    """Like any other call that raises."""
    world, subject = offering(*actions.OPTIONAL)
    subject.raises["perform"] = ValueError("broken")
    with pytest.raises(PropertyViolatedError) as violated:
        world.apply(action)
    assert violated.value.violation.property == SUBJECT_FAILED
    assert world.records[-1].happening.action == action


# Crashes inside a step


@in_every_kind
def test_server_that_crashes_inside_a_step_is_down(kind: NetworkKind) -> None:
    """Nothing happens at it any more, nobody looks at it, and the record says so."""
    world, subject = offering("CrashInside", kind=kind)
    crash_in_step(subject, "election_timeout")
    subject.looks.clear()
    world.apply(ElectionTimeout(s1))
    assert not world.cluster.running[s1]
    assert subject.looks == []
    assert world.records[-1].crashed
    assert world.apply(ElectionTimeout(s1), ClientRequest(s1, "v1"), Crash(s1)) == []


@in_every_kind
def test_what_left_before_the_crash_still_arrives(kind: NetworkKind) -> None:
    """The crash takes the server, not the network."""
    world, subject = offering("CrashInside", kind=kind)
    crash_in_step(subject, "election_timeout", packet(s1, s2, "first"), packet(s1, s3, "second"))
    world.apply(ElectionTimeout(s1))
    assert world.in_flight() == ["first", "second"]
    assert world.apply(Deliver(s1, s2)) == [("receive", s2, "first")]
    assert world.cluster.running == [False, True, True]


@in_every_kind
def test_message_to_a_server_that_crashed_inside_a_step_is_lost(kind: NetworkKind) -> None:
    """As to any server that is down."""
    world, subject = offering("CrashInside", kind=kind)
    crash_in_step(subject, "election_timeout")
    world.apply(ElectionTimeout(s1))
    world.put(packet(s2, s1))
    assert world.apply(Deliver(s2, s1)) == []
    assert world.in_flight() == []


@in_every_kind
def test_server_may_crash_while_it_receives(kind: NetworkKind) -> None:
    """The message is used up; what it provoked before the crash is in flight."""
    world, subject = offering("CrashInside", kind=kind)
    world.put(packet(s2, s1, "request"))
    crash_in_step(subject, "receive", packet(s1, s2, "answer"))
    world.apply(Deliver(s2, s1))
    assert world.in_flight() == ["answer"]
    assert world.cluster.running == [False, True, True]


def test_server_that_crashed_inside_a_step_starts_again() -> None:
    """It is not crashed once more; it is looked at then, and takes part."""
    world, subject = offering("CrashInside")
    crash_in_step(subject, "election_timeout")
    world.apply(ElectionTimeout(s1))
    subject.raises.clear()
    assert world.apply(Restart(s1)) == [("restart", s1)]
    assert subject.looks[-1] == s1
    assert world.apply(ElectionTimeout(s1)) == [("election_timeout", s1)]


def test_connections_of_a_server_that_crashed_inside_a_step_break_when_it_starts() -> None:
    """Its peers hear of it then at the latest; what was in flight between them is lost."""
    world, subject = offering("CrashInside", kind="fifo")
    crash_in_step(subject, "election_timeout", packet(s1, s2))
    world.apply(ElectionTimeout(s1))
    calls = world.apply(Restart(s1))
    assert calls[:2] == [("disconnect", s2, s1), ("disconnect", s3, s1)]
    assert calls[2] == ("restart", s1)
    assert {("connect", s1, s2), ("connect", s2, s1)} <= set(calls)
    assert world.in_flight() == []


@pytest.mark.parametrize("call", ["restart", "crash", "reset"])
def test_crash_outside_a_step_is_a_failure(call: str) -> None:
    """Only a step can be interrupted: elsewhere the exception is one like any other."""
    world, subject = offering("CrashInside")
    crash_in_step(subject, call)
    with pytest.raises(PropertyViolatedError) as violated:
        world.cluster.reset() if call == "reset" else world.apply(Restart(s1))
    assert violated.value.violation.property == SUBJECT_FAILED


def test_what_the_crash_took_is_judged_when_the_server_starts() -> None:
    """A vote that was synced before the crash is seen then, and one that was not is not there."""
    cluster = reference_cluster(settings={"disk_faults": "on"})
    for after, vote in ((0, None), (2, s2)):
        cluster.reset()
        apply_all(cluster, (CrashInside(s2, after), ElectionTimeout(s2)))
        assert (cluster.running[s2], cluster.views[s2].voted_for) == (False, None)
        apply_all(cluster, (Restart(s2),))
        assert cluster.views[s2].voted_for == vote


# Kinds of steps


@pytest.mark.parametrize(
    ("mutant", "schedule", "at"),
    [
        ("double-vote", (ElectionTimeout(s1), Restart(s2), Deliver(s1, s2)), ""),
        ("vote-not-persisted", (ElectionTimeout(s1), Deliver(s1, s2), Restart(s2)), "Restart"),
        (
            "double-vote",
            (*ELECTION, ElectionTimeout(s2), Deliver(s2, s3), Deliver(s3, s2)),
            "RequestVoteResponse",
        ),
    ],
)
@in_every_kind
def test_violation_names_the_kind_of_its_step(
    mutant: str, schedule: tuple[Action, ...], at: str, kind: NetworkKind
) -> None:
    """A message by its first word; a restart even where connections broke with it.

    What is known in this shape is passed, and all others are not.
    """
    setup = evolve(setup_of(mutant), network=kind)
    violation = violation_of(setup.cluster(), schedule)
    assert (violation.at if violation else "") == at
    if violation is not None:
        known = evolve(setup, ignore=frozenset({shape_of(violation)}))
        assert violation_of(known.cluster(), schedule) is None
        other = evolve(setup, ignore=frozenset({f"{violation.property}@Crash"}))
        assert violation_of(other.cluster(), schedule) == violation


# Clients


def facts_of(world: Noted) -> list[object]:
    """What the clients did and what they were answered, in order."""
    kinds = (Invoked, Responded)
    return [fact for record in world.records for fact in record.facts if isinstance(fact, kinds)]


def test_operation_is_invoked_once_however_often_it_is_tried() -> None:
    """Again and elsewhere it is a retry: handed on, and no new fact."""
    world, _ = offering("Invoke", "Retry")
    again = (Invoke(s1, 1, 1, "set x a"), Invoke(s1, 1, 1, "set x a"), Invoke(s2, 1, 1, "set x a"))
    assert world.apply(*again) == [("perform", each) for each in again]
    assert facts_of(world) == [Invoked(1, 1, "set x a")]


def test_operations_are_told_apart_by_client_and_number() -> None:
    """Each is invoked."""
    world, _ = offering("Invoke")
    world.apply(Invoke(s1, 1, 1, "get x"), Invoke(s1, 1, 2, "get x"), Invoke(s1, 2, 1, "get x"))
    assert facts_of(world) == [Invoked(*name, "get x") for name in ((1, 1), (1, 2), (2, 1))]


def test_operation_at_a_server_that_is_down_is_not_invoked() -> None:
    """Nobody heard of it, so it may be invoked later."""
    world, _ = offering("Invoke")
    world.apply(Crash(s1), Invoke(s1, 1, 1, "get x"))
    assert facts_of(world) == []
    world.apply(Invoke(s2, 1, 1, "get x"))
    assert facts_of(world) == [Invoked(1, 1, "get x")]


def test_answers_become_facts_in_the_step_that_brings_them() -> None:
    """Whatever step it is; from then on the client does not wait."""
    world, subject = offering("Invoke")
    world.apply(Invoke(s1, 1, 1, "get x"))
    assert world.cluster.answered == set()
    world.put(packet(s2, s1))
    subject.to_answer = [Answer(1, 1, "a"), Answer(2, 7, None)]
    world.apply(Deliver(s2, s1))
    assert world.records[-1].facts == [Responded(1, 1, "a"), Responded(2, 7, None)]
    assert world.cluster.answered == {(1, 1), (2, 7)}


def test_answer_to_a_new_operation_comes_behind_its_invocation() -> None:
    """Even where one step is enough for both."""
    world, subject = offering("Invoke")
    subject.to_answer = [Answer(1, 1, "a")]
    world.apply(Invoke(s1, 1, 1, "get x"))
    assert facts_of(world) == [Invoked(1, 1, "get x"), Responded(1, 1, "a")]


def test_answer_that_left_before_a_crash_counts() -> None:
    """The client was answered, so the operation has to have happened."""
    world, subject = offering("Invoke", "CrashInside")
    crash_in_step(subject, "perform")
    subject.to_answer = [Answer(1, 1, "a")]
    world.apply(Invoke(s1, 1, 1, "get x"))
    assert facts_of(world) == [Invoked(1, 1, "get x"), Responded(1, 1, "a")]


def test_new_run_knows_no_operation() -> None:
    """What was invoked and answered before is forgotten."""
    world, subject = offering("Invoke")
    subject.to_answer = [Answer(1, 1, "a")]
    world.apply(Invoke(s1, 1, 1, "get x"))
    world.records.clear()
    world.cluster.reset()
    assert world.cluster.answered == set()
    world.apply(Invoke(s1, 1, 1, "get x"))
    assert facts_of(world) == [Invoked(1, 1, "get x")]


# Clocks


def clocks(cluster: Cluster) -> list[int]:
    """What the clocks of the reference's servers read."""
    states = [view for view in cluster.views if isinstance(view, State)]
    return [state.extensions.clock for state in states]


def test_time_passes_at_running_servers_only() -> None:
    """A clock that is down stands still, and begins again with its server."""
    cluster = reference_cluster(settings={"pre_vote": "on"})
    apply_all(cluster, (PassTime(10), Crash(s2), PassTime(5)))
    assert clocks(cluster) == [15, 10, 15]
    apply_all(cluster, (Restart(s2), PassTime(1)))
    assert clocks(cluster) == [16, 1, 16]


def test_clock_of_a_server_that_crashed_inside_a_step_stands_still() -> None:
    """It is as down as any other."""
    cluster = reference_cluster(settings={"pre_vote": "on", "disk_faults": "on"})
    apply_all(cluster, (CrashInside(s2), ElectionTimeout(s2), PassTime(5)))
    assert clocks(cluster) == [5, 0, 5]


def test_fast_clocks_run_ahead_as_far_as_they_may() -> None:
    """By the drift bound and not more; time moves no other part of a server."""
    cluster = reference_cluster(settings={"pre_vote": "on", "clock_drift": "50"})
    apply_all(cluster, (PassTime(10, (s3,)),))
    assert clocks(cluster) == [10, 10, 15]
    assert {view.role for view in cluster.views} == {Role.FOLLOWER}


def test_passing_time_is_one_step_at_no_server() -> None:
    """All running servers are looked at after it, and no other."""
    world, subject = offering("PassTime")
    world.apply(Crash(s1))
    subject.looks.clear()
    world.apply(PassTime(3))
    assert subject.looks == [s2, s3]
    assert (world.records[-1].server, world.cluster.micro_steps) == (None, 2)


def test_what_does_nothing_in_a_cluster_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab that saves nothing yet is not crashed; one that takes no commands gets none."""
    cluster = reference_cluster(3, "any")
    nothing = frozenset({"Crash", "Restart", "ClientRequest", "Compact"})
    monkeypatch.setattr(type(cluster.subject), "without", nothing, raising=False)
    cluster.reset()
    apply_all(cluster, [actions.Elect(s1), Crash(s2), Restart(s1), ClientRequest(s1, "v1")])
    assert cluster.running == [True] * 3
    assert cluster.views[s1].role is Role.LEADER
    assert cluster.views[s1].log.last_index == 0


def test_a_cluster_without_commands_settles_once_all_follow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where clients have nothing to ask, a leader that all follow is all the progress there is."""
    cluster = reference_cluster(3, "any")
    cluster.reset()
    monkeypatch.setattr(cluster, "without", frozenset({"ClientRequest"}))
    apply_all(cluster, [actions.Settle()])
    assert [view.log.last_index for view in cluster.views] == [0, 0, 0]
