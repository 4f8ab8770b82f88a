"""Traces: text that a person debugs with, the same bytes every time, and never too wide."""

import time

import pytest
from attrs import evolve
from hypothesis import given, settings
from msgspec.structs import replace

from model.actions import (
    ClientRequest,
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Elect,
    ElectionTimeout,
    Heal,
    HeartbeatTimeout,
    Partition,
    Restart,
    Schedule,
)
from model.drivers.walker import walk
from model.runs.execution import Group, Origin, Step
from model.runs.recorded import execution_of, state
from model.runs.render import (
    WIDTH,
    log_text,
    render,
    table_of_servers,
    table_of_steps,
    text_of,
)
from model.runs.run import run
from model.runs.told_entries import ToldEntries
from properties.facts import BLANK
from properties.view import ObservedView
from raft_core import Role, s1, s2, s3
from tests.model.arbitrary import schedules
from tests.model.fakes import noted, reference_cluster, setup_of
from tests.raft_core.build import compacted, follower, log_of

MANY = 30_000
SECONDS = 10
"""Of the processor: it takes one, and a minute where each step asks for its group."""
ORIGIN = Origin(subject="", subject_version="", network="any")
COMMIT_ON_A_MINORITY = (
    ElectionTimeout(s1),
    Deliver(s1, s3),
    Deliver(s3, s1),
    ClientRequest(s1, "v1"),
)
GOLDEN = """\
CommittedOnQuorum violated at step 4: S1 committed entry 1@1; it is committed, and on 1 of 3
servers.
sections 5.3 and 5.4: An entry once committed stays in the logs of a majority of servers.

A mutant.

     action                                                   change
     S1 is elected in term 1:
  1    S1 election timeout                                    S1 follower 0 -> candidate 1
  2    S1 -> S3 RequestVote t1 last 0@0                       S3 term 0 -> 1, votes S1
  3    S3 -> S1 RequestVoteResponse t1 granted                S1 candidate 1 -> leader 1
  4  client -> S1 v1                                          S1 log +1@1, commit 0 -> 1  <--
                                                                CommittedOnQuorum

     role       term  voted_for  log as index@term (| after commit_index)
S1   leader        1  S1         1@1 |
S3   follower      1  S1         |
"""

EVERYTHING: Schedule = (
    Elect(s1, (s3,)),
    ClientRequest(s1, "v1"),
    Duplicate(s1, s2, -1),
    Drop(s1, s3),
    Crash(s3),
    Deliver(s1, s3),
    Restart(s3),
    Cut(s1, s2),
    Partition((s1, s2)),
    Heal(),
    HeartbeatTimeout(s1),
)
TOLD = """\
No violation in 13 steps.

     action                                                   change
     S1 is elected in term 1:
  1    S1 election timeout                                    S1 follower 0 -> candidate 1
  2    S1 -> S2 RequestVote t1 last 0@0                       S2 term 0 -> 1, votes S1
  3    S2 -> S1 RequestVoteResponse t1 granted                S1 candidate 1 -> leader 1
  4  client -> S1 v1                                          S1 log +1@1
  5  S1 -> S2 AppendEntries t1 prev 0@0 entries 1@1 commit 0  S2 log +1@1
       (a copy stays in flight)
  6  S1 -> S3 lost: RequestVote t1 last 0@0
  7  S3 crashes
  8  S1 -> S3 AppendEntries t1 prev 0@0 commit 0 (down)
  9  S3 restarts from its disk
 10  S1 -/-> S2 cut
 11  partition: S1 S2 from the others
 12  all links heal
 13  S1 heartbeat timeout

     role       term  voted_for  log as index@term (| after commit_index)
S1   leader        1  S1         | 1@1
S2   follower      1  S1         | 1@1
S3   follower      0  -          |
"""


def trace_of(schedule: Schedule, mutant: str | None = None, heading: str = "") -> str:
    """The trace of a schedule in the reference, or in a mutant."""
    cluster = setup_of(mutant).cluster() if mutant else reference_cluster()
    return render(cluster.subject, run(cluster, schedule), heading)


def test_violation_is_told() -> None:
    """What broke, where that is written, and the step that is to blame, marked."""
    assert trace_of(COMMIT_ON_A_MINORITY, "floor-half-commits", "A mutant.") == GOLDEN


def test_every_kind_of_happening_is_told() -> None:
    """Faults stand in the trace like other actions."""
    assert trace_of(EVERYTHING) == TOLD


def test_stage_is_told_where_it_begins() -> None:
    """Its title stands once, and no heading else, also above steps of a fair schedule."""
    execution = execution_of(
        reference_cluster().subject, run(reference_cluster(), (Elect(s1), Crash(s2))), 3, ORIGIN
    )
    first, *others = execution.steps
    hidden = (replace(first, is_round=True), *others)
    stage = Group(title="All is well.", first=1, last=len(hidden), is_stage=True)
    lines = text_of(replace(execution, steps=hidden, groups=(stage,))).splitlines()
    begins = lines.index("     All is well.")
    assert lines[begins + 1].startswith("  2  S1 -> S2 RequestVote")
    assert "elected" not in "".join(lines)
    alone = replace(execution, steps=hidden, groups=(replace(stage, is_stage=False),))
    assert "All is well." not in text_of(alone)


def test_trace_is_the_same_every_time() -> None:
    """Two clusters give the same text, to the byte."""
    assert trace_of(EVERYTHING) == trace_of(EVERYTHING)


def test_places_in_code_are_told_where_they_are_known() -> None:
    """The handler at whose message a property broke is named, and below all that ran."""
    cluster = setup_of("vote-forgotten-with-leader").cluster()
    heard = (ElectionTimeout(s2), Deliver(s2, s3), Deliver(s3, s2), Deliver(s2, s3))
    plain = render(cluster.subject, run(cluster, heard))
    places = {
        "AppendEntries": "raft.go:88",
        "InstallSnapshot": "snap.go:5",
        "RequestVote": "a.go:1",
    }
    vars(cluster.subject)["handlers"] = places
    told = render(cluster.subject, run(cluster, heard))
    assert "VoteOnce violated at step 4: S3 voted" in plain
    assert "VoteOnce violated at step 4, in AppendEntries (raft.go:88): S3 voted" in told
    assert told.endswith("\nIn the code: AppendEntries raft.go:88, RequestVote a.go:1\n")
    by_reply = run(cluster, heard[:3])
    vars(cluster.subject)["handlers"] = {"RequestVoteResponse": "a.go:1"}
    assert "In the code: RequestVoteResponse a.go:1" in render(cluster.subject, by_reply)


def test_nothing_that_happened_is_told_as_such() -> None:
    """A run without steps has no servers to show."""
    assert trace_of(()).startswith("No violation in 0 steps.\n")


@settings(max_examples=40, deadline=None)
@given(schedules(5, max_size=30))
def test_trace_of_anything_fits_the_page(schedule: Schedule) -> None:
    """No line is wider than 100 columns or ends in a blank, whatever happened."""
    cluster = reference_cluster(5)
    lines = render(cluster.subject, run(cluster, schedule)).splitlines()
    assert all(len(line) <= 100 and line == line.rstrip() for line in lines)


@pytest.mark.parametrize("name", ["previous-entry-exists", "commits-older-term", "half-elects"])
def test_trace_of_a_long_run_is_narrow_ascii(name: str) -> None:
    """What the walker finds, before it is shrunk, can be pasted into any terminal."""
    cluster = setup_of(name).cluster()
    for number in range(10):
        _, schedule = walk(cluster, 3, number)
        text = render(cluster.subject, run(cluster, schedule))
        assert text.isascii()
        assert max(map(len, text.splitlines())) <= 100


def test_failure_of_a_subject_is_told_with_the_action() -> None:
    """The action at which the subject raised is the last row."""
    world = noted()
    world.subject.raises["client_request"] = ValueError("no room")
    outcome = run(world.cluster, (ElectionTimeout(s1), ClientRequest(s2, "v1")))
    lines = render(world.subject, outcome).splitlines()
    assert lines[0] == "SubjectFailed violated at step 2: ValueError: no room"
    row = next(line for line in lines if line.startswith("  2"))
    assert "client -> S2 v1" in row
    assert "<-- SubjectFailed" in row


def test_what_a_server_did_is_in_the_words_of_the_paper() -> None:
    """Actions without a message are described by server and event."""
    assert ClientRequest(s2, "put x").text() == "client -> S2 put x"
    assert Partition((s1, s3)).text() == "partition: S1 S3 from the others"
    assert Heal().text() == "all links heal"


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (BLANK, "|"),
        (follower(2, (1, 2), commit=1), "1@1 | 2@2"),
        (follower(2, (1, 2), commit=2), "1@1 2@2 |"),
        (
            ObservedView(
                role=Role.FOLLOWER,
                current_term=2,
                log=compacted(log_of(1, 1, 2), 2),
                commit_index=2,
                last_applied=2,
            ),
            "[snapshot to 2] | 3@2",
        ),
        (
            ObservedView(
                role=Role.FOLLOWER, current_term=2, log=log_of(1), commit_index=3, last_applied=0
            ),
            "1@1 ... | commit_index 3",
        ),
    ],
)
def test_log_has_a_bar_behind_what_is_committed(view: ObservedView, text: str) -> None:
    """Also where the log is empty, begins after a snapshot, or ends too early."""
    assert log_text(state(view, True, ToldEntries().of_log(view.log))) == text


def test_many_groups_are_told_in_time() -> None:
    """Twice as many elections take twice as long to tell, not four times."""
    steps = tuple(Step(label=str(place), action={}, text="") for place in range(MANY))
    groups = tuple(Group(title="", first=place, last=place) for place in range(1, MANY + 1))
    execution = execution_of(noted().subject, run(reference_cluster(), ()), 3, ORIGIN)
    before = time.process_time()
    table_of_steps(replace(execution, steps=steps, groups=groups), WIDTH)
    assert time.process_time() - before < SECONDS


def test_columns_stand_under_their_names_whatever_the_role() -> None:
    """A pre-candidate's role is longer than any of Figure 4's."""
    view = evolve(follower(3), role=Role.PRE_CANDIDATE)
    heading, first, second = table_of_servers(
        {"S1": state(view, True, ()), "S2": state(follower(12), True, ())}
    )
    for line, term in ((first, "3"), (second, "12")):
        assert line[: heading.index("term") + len("term")].endswith(f" {term}")
