"""Tests of an execution: what a recorded run becomes, and what is cut off it."""

import pytest

from model.actions import (
    Action,
    ClientRequest,
    Crash,
    Deliver,
    Drop,
    Duplicate,
    ElectionTimeout,
    Heal,
    HeartbeatTimeout,
    Partition,
    Restart,
    Settle,
)
from model.drivers.walker import walk
from model.reference.cluster import ReferenceCluster
from model.runs.execution import Execution, Origin, states_by_step, until
from model.runs.recorded import execution_of
from model.runs.run import run
from raft_core import s1, s2, s3
from tests.model.fakes import setup_of

ELECTION = (ElectionTimeout(s1), Deliver(s1, s2), Deliver(s2, s1))


def executed(*schedule: Action, mutant: str = "double-vote") -> Execution:
    """What a schedule comes to on three servers of a mutant of the reference."""
    cluster = setup_of(mutant).cluster()
    assert isinstance(cluster.subject, ReferenceCluster)
    origin = Origin(subject="reference", subject_version="0", network="any")
    outcome = run(cluster, schedule)
    return execution_of(cluster.subject, outcome, 3, origin, cluster.subject.meaning)


def test_message_knows_where_it_was_sent_and_where_it_arrived() -> None:
    """An arrow of a picture has two ends, and a message its meaning."""
    execution = executed(*ELECTION)
    asked = next(each for each in execution.messages if each.arrived_in == (2,))
    assert (asked.source, asked.destination, asked.sent_in) == ("S1", "S2", 1)
    assert asked.kind == "request_vote"
    assert asked.fields["term"] == 1
    answered = execution.messages[execution.steps[2].message or 0]
    assert (answered.sent_in, answered.arrived_in) == (2, (3,))


def test_copies_arrive_twice_and_what_is_lost_never() -> None:
    """A duplicate leaves the message in flight; a drop ends its way."""
    execution = executed(
        ElectionTimeout(s1), Duplicate(s1, s2), Deliver(s1, s2), Drop(s1, s3), Drop(s2, s1)
    )
    to_second, to_third = execution.messages[:2]
    assert to_second.arrived_in == (2, 3)
    assert (to_third.arrived_in, to_third.lost_in) == ((), 4)


def test_message_to_a_server_that_is_down_is_lost_there() -> None:
    """It got to where nobody is."""
    execution = executed(ElectionTimeout(s1), Crash(s2), Deliver(s1, s2))
    assert execution.messages[0].lost_in == 3
    assert [step.states["S2"].is_up for step in execution.steps if "S2" in step.states] == [False]


def test_what_is_sent_into_a_partition_is_cut_off() -> None:
    """The steps say which links are cut, until they heal."""
    execution = executed(Partition((s1,)), ElectionTimeout(s1), Heal(), HeartbeatTimeout(s2))
    assert execution.steps[1].cut == (("S1", "S2"), ("S1", "S3"), ("S2", "S1"), ("S3", "S1"))
    assert execution.steps[2].cut == ()
    assert all(message.is_cut_off for message in execution.messages)


def test_states_are_those_after_each_step() -> None:
    """A log that did not change is left out of a step, and filled in by whoever asks."""
    execution = executed(*ELECTION, ClientRequest(s1, "x"), HeartbeatTimeout(s1))
    assert execution.steps[3].states["S1"].log == ((1, "x"),)
    *_, last = states_by_step(execution)
    assert (last["S1"].role, last["S1"].log) == ("leader", ((1, "x"),))
    assert last["S3"].log == ()


def test_restart_brings_a_server_up() -> None:
    """Its state is shown again, as its disk had it."""
    execution = executed(*ELECTION, Crash(s2), Restart(s2))
    states = [step.states["S2"] for step in execution.steps if "S2" in step.states]
    assert [each.is_up for each in states] == [True, False, True]
    assert states[-1].voted_for == "S1"


def test_election_is_a_group_and_a_heartbeat_without_effect_is_quiet() -> None:
    """What belongs together can be folded, and what is beside the point left out."""
    execution = executed(
        *ELECTION,
        HeartbeatTimeout(s1),
        Deliver(s1, s2, -1),
        Deliver(s2, s1),
        HeartbeatTimeout(s1),
        Deliver(s1, s2, -1),
        Deliver(s2, s1),
        ClientRequest(s1, "x"),
    )
    titles = [(group.title, group.first, group.last) for group in execution.groups]
    assert titles == [
        ("S1 is elected in term 1", 1, 3),
        ("S1's round of heartbeats", 4, 6),
        ("S1's round of heartbeats", 7, 9),
    ]
    assert [step.label for step in execution.steps if step.is_quiet] == [
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
    ]


def test_rounds_of_a_fair_schedule_are_shown_as_steps_of_one() -> None:
    """What was one opaque line can be unfolded: the rounds stand before it, numbered below it."""
    cluster = setup_of("hint-never-backs-up").cluster()
    violation, execution = None, None
    for number in range(2000):
        violation, schedule = walk(cluster, 1, number)
        if violation is not None and violation.property == "Progress":
            outcome = run(cluster, schedule)
            origin = Origin(subject="reference", subject_version="0", network="any")
            execution = execution_of(cluster.subject, outcome, cluster.network.servers, origin)
            break
    assert execution is not None
    rounds = [step for step in execution.steps if step.is_round]
    last = execution.steps[-1]
    assert rounds
    assert [each.label for each in rounds[:2]] == [f"{last.label}.1", f"{last.label}.2"]
    assert execution.groups[-1].last == len(execution.steps)
    assert isinstance(schedule[-1], Settle)


def test_broken_property_marks_what_it_rests_on() -> None:
    """The first of two elections, and the votes."""
    execution = executed(
        *ELECTION, ElectionTimeout(s2), ElectionTimeout(s3), Deliver(s3, s2), Deliver(s2, s3)
    )
    assert execution.verdict is None or execution.verdict.property == "ElectionSafety"
    two = executed(*ELECTION, ElectionTimeout(s3), Deliver(s3, s2), Deliver(s2, s3))
    assert two.verdict is not None
    assert two.verdict.property == "ElectionSafety"
    marked = [step.label for step in two.steps if "S1 leads term 1" in step.rests_on]
    assert marked == ["3"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_cut_execution_ends_where_it_was_cut(number: int) -> None:
    """What happened later is not in it: no verdict, and no arrival."""
    whole = executed(*ELECTION, ElectionTimeout(s3), Deliver(s3, s2), Deliver(s2, s3))
    cut = until(whole, number)
    assert len(cut.steps) == number
    assert cut.verdict is None
    assert all(place <= number for each in cut.messages for place in each.arrived_in)
    assert until(whole, 99) == whole
