"""Tests of schedules as text: what is read, what is refused, and that both forms say the same."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.actions import ClientRequest, Deliver, Elect, Exchange, Partition
from model.drivers.walker import walk
from model.reference.cluster import ReferenceFactory
from model.schedule import SavedSchedule, ScheduleError
from model.setup import Setup
from model.target import Reference, Target
from oracle.formats.schedule_text import (
    Stage,
    WrittenSchedule,
    action_text,
    clauses,
    read_schedule_text,
    schedule_text,
)
from oracle.subjects.naming import read_subject
from oracle.terminal.usage import UsageError
from raft_core import s1, s2, s3


def read(text: str) -> WrittenSchedule:
    """What a text says."""
    return read_schedule_text(text, read_subject)


def test_text_says_what_runs_and_what_happens() -> None:
    """Comments and empty lines are nothing; names are taken in any spelling."""
    written = read(
        """
        # about nothing
        servers 5
        network fifo
        set pre_vote=on max_entries=2
        mutant double-vote   # a mistake
        ignore Progress VoteOnce
        breaks ElectionSafety
        Elect s1 unreachable=S4,s5; client_request S1 'put x'
        DELIVER S1 -> S2 age=-1
        exchange S1 S3 newest_first=yes
        partition S1,S2
        """
    )
    saved = written.saved
    assert saved.target == Target(
        subject=Reference(),
        servers=5,
        network="fifo",
        settings={"pre_vote": "on", "max_entries": "2"},
        mutant="double-vote",
        ignore=frozenset({"Progress", "VoteOnce"}),
    )
    assert saved.property == "ElectionSafety"
    assert saved.actions[1:] == (
        ClientRequest(s1, "put x"),
        Deliver(s1, s2, -1),
        Exchange(s1, s3, newest_first=True),
        Partition((s1, s2)),
    )
    assert isinstance(saved.actions[0], Elect)


def test_stages_and_expectations_stand_between_actions() -> None:
    """Each remembers how many actions came before it."""
    story = read("stage Begin; it's #1.\nelect S1\nexpect S1 leader term=1\nstage End.").story
    assert story.stages == (Stage(0, "Begin; it's #1."), Stage(1, "End."))
    assert [(each.after, each.name, each.value) for each in story.expectations] == [
        (1, "role", "leader"),
        (1, "term", "1"),
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("elekt S1", "found 'elekt' (did you mean 'Elect'?), expected one of "),
        ("elect", "Elect: found no server, expected server unreachable"),
        ("elect S4", "found s4 in a cluster of 3"),
        ("elect X", "found 'X', expected a server from S1"),
        ("crash S1 S2", "found 'S2', expected no more after server"),
        ("deliver S1 S2 age=x", "age: found 'x', expected a whole number"),
        ("deliver S1 S1", "both ends are s1"),
        ("exchange S1 S2 newest_first=maybe", "expected yes or no"),
        ("client_request S1 'x", "no closing quotation"),
        ("servers 0", "servers: found '0', expected a whole number from 1 to"),
        ("servers 9999999999999999", "expected a whole number from 1 to"),
        ("network tcp", "network: found 'tcp', expected any or fifo"),
        ("set pre_vote", "set: found 'pre_vote', expected NAME=VALUE"),
        ("mutant", "mutant: found nothing"),
        ("expect S1", "expect: found nothing to expect"),
        ("expect S1 king", "expect: found 'king', expected a role or role, term"),
        ("expect S7 leader", "found 'S7' in a cluster of 3"),
        ("crash S1; servers 3", "found 'servers' after an action"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(line: str, complaint: str) -> None:
    """What, where, and what was expected, in one line."""
    with pytest.raises(ScheduleError) as caught:
        read(f"# a comment\n{line}\n")
    assert str(caught.value).startswith("line 2: ")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing that somebody sends around raises anything else."""
    with suppress(ScheduleError, UsageError):  # the second is about a subject that is not known
        read(text)


@pytest.mark.parametrize("number", range(6))
def test_drawn_schedule_is_read_as_it_was_written(number: int) -> None:
    """Of every kind of action that a walk with all features makes."""
    settings = {"features": "on"}
    cluster = Setup(
        factory=ReferenceFactory(), servers=4, network="any", settings=settings
    ).cluster()
    _, actions = walk(cluster, 5, number)
    saved = SavedSchedule(
        target=Target(subject=Reference(), servers=4, network="any", settings=settings),
        subject_version="",
        driver="written",
        seed=0,
        property=None,
        actions=actions,
    )
    assert read(schedule_text(saved)).saved == saved


def test_action_is_a_line_without_what_goes_without_saying() -> None:
    """Fields that are as usual are left out, commands are quoted."""
    assert action_text(Deliver(s1, s2)) == "deliver S1 S2"
    assert action_text(ClientRequest(s3, "it's; #x")) == "client_request S3 'it'\"'\"'s; #x'"


def test_a_line_of_many_actions_is_read_in_proportion_to_its_length() -> None:
    """Each word once."""
    before = time.process_time()
    assert len(list(clauses(";;heal; ; " * 20_000))) == 20_000
    assert list(clauses("elect S1 ;; heal;")) == [["elect", "S1"], ["heal"]]
    assert time.process_time() - before < 5
