"""Exported runs show what a crash inside a step left: on the disk, and on its way."""

from collections.abc import Iterator

import msgspec
import pytest
from attrs import evolve

from model import actions
from model.reference.cluster import ReferenceFactory
from model.runs.run import run
from model.setup import Setup
from model.world.records import StepRecord
from oracle.traces.events.export import encoded, exporter_of
from oracle.traces.verdict import Kind, check_trace
from raft_core import s1
from tests.oracle.traces.runs import ALL_FEATURES, traced

SETUP = Setup(factory=ReferenceFactory(), servers=3, network="any", settings={"disk_faults": "on"})


def told_of(*schedule: actions.Action) -> list[dict[str, object]]:
    """The events of the last micro steps, from the one on in which a server crashed."""
    exporter = exporter_of(SETUP.cluster())
    records = run(SETUP.cluster(), schedule).records
    crashed = next(place for place, record in enumerate(records) if record.crashed)
    lines = (encoded(line) for record in records[crashed:] for line in exporter.lines_of(record))
    return [msgspec.json.decode(line) for line in lines]


def names(events: list[dict[str, object]]) -> list[object]:
    """What kinds of events these are."""
    return [event["event"] for event in events]


def crash_after(operations: int, lost: int = 0) -> list[dict[str, object]]:
    """A first election timeout that ends after so many operations, and a restart."""
    fault = actions.CrashInside(s1, operations, lost)
    return told_of(fault, actions.ElectionTimeout(s1), actions.Restart(s1))


@pytest.mark.parametrize(("operations", "lost"), [(0, 0), (1, 1)])
def test_a_crash_before_the_disk_has_anything_leaves_nothing(operations: int, lost: int) -> None:
    """Before the first write, and with that write lost: the server starts in term 0."""
    events = crash_after(operations, lost)
    assert names(events) == ["crash", "crash", "start", "members"]
    assert events[2]["term"] == 0


def test_what_reached_the_disk_is_told_and_found_again() -> None:
    """Term and vote were written; no message had left."""
    events = crash_after(1)
    assert names(events) == ["term", "role", "crash", "crash", "start", "members"]
    assert (events[0]["term"], events[0]["voted_for"]) == (1, "S1")
    assert (events[4]["term"], events[4]["voted_for"]) == (1, "S1")


def test_messages_that_left_before_the_crash_are_sent() -> None:
    """After the write, the sync and the first of two messages."""
    events = crash_after(3)
    assert names(events)[:4] == ["term", "role", "send", "crash"]
    assert events[2]["to"] == "S2"


def test_a_refused_write_is_a_crash_that_leaves_nothing() -> None:
    """A server stops where its disk refuses."""
    fault = actions.FailWrite(s1, 0)
    events = told_of(fault, actions.ElectionTimeout(s1), actions.Restart(s1))
    assert names(events) == ["crash", "crash", "start", "members"]


def crashed_records() -> Iterator[StepRecord]:
    """The step that a crash ended."""
    schedule = (actions.CrashInside(s1, 1), actions.ElectionTimeout(s1))
    return (record for record in run(SETUP.cluster(), schedule).records if record.crashed)


def test_a_subject_that_does_not_tell_is_refused_in_one_line() -> None:
    """What a crash has left of a step cannot be guessed."""
    (record,) = crashed_records()
    with pytest.raises(ValueError, match="does not say how far that step had come") as refused:
        list(exporter_of(SETUP.cluster()).lines_of(evolve(record, reached=None)))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("settings", [{"disk_faults": "on"}, ALL_FEATURES])
@pytest.mark.parametrize("servers", [1, 3, 5])
def test_walks_with_crashes_inside_steps_are_accepted(
    servers: int, settings: dict[str, str]
) -> None:
    """The reference errs nowhere, whatever crashes in between; in one run nothing happens."""
    runs = [traced(number, servers, settings).lines for number in range(20)]
    kinds = [check_trace(lines).kind for lines in runs]
    assert Kind.REJECTED not in kinds
    assert kinds.count(Kind.ACCEPTED) >= 19
