"""Runs of given schedules: plain, recorded, or with messages named by what they say."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from attrs import frozen

from model.actions import Action
from model.failures import LongRunError, PropertyViolatedError
from model.subject import Sent
from model.world.macro_actions import Cluster
from model.world.records import Happening, StepRecord
from properties.property import Violation
from properties.view import View

MOST_STEPS: Final = 10_000
"""Five times as many as the longest run of a hunt has, with nine servers: they take a second."""
MOST_ENTRIES: Final = 500_000
"""Of the logs that its steps change, all of which pictures show: of 1,000 requests in a row."""
MOST_MESSAGES: Final = 40_000
"""That its steps send, be they ever received or not: pictures name each of them."""


@frozen
class Run:
    """What came of a schedule: every micro step, and the violation at the last of them, if any."""

    records: tuple[StepRecord, ...]
    violation: Violation | None
    start: tuple[View, ...] = ()
    """The servers as they began; empty where the run ended before."""
    ends: tuple[int, ...] = ()
    """How many steps there were after each of the schedule's actions, where that was counted."""
    in_flight: Sent = ()
    """What could still arrive at the end, link by link, the oldest first; not known everywhere."""

    @property
    def happenings(self) -> tuple[Happening, ...]:
        """The micro actions, resolved."""
        return tuple(record.happening for record in self.records)


def run(cluster: Cluster, schedule: Iterable[Action], is_bounded: bool = False) -> Run:
    """Apply actions from a fresh start, and record every micro step.

    LongRunError where the run is bounded, as that of a schedule from elsewhere is, and too long.
    """
    with recording(cluster, is_bounded) as records:
        start: tuple[View, ...] = ()
        ends: list[int] = []
        violation = None
        try:
            cluster.reset()
            start = tuple(cluster.views)
            for action in schedule:
                cluster.apply(action)
                ends.append(len(records))
        except PropertyViolatedError as violated:
            violation = violated.violation
    in_flight = tuple(cluster.network.packets())
    return Run(tuple(records), violation, start, tuple(ends), in_flight)


def violation_of(cluster: Cluster, schedule: Iterable[Action]) -> Violation | None:
    """Apply actions from a fresh start until one breaks a property."""
    try:
        cluster.reset()
        for action in schedule:
            cluster.apply(action)
    except PropertyViolatedError as violated:
        return violated.violation
    return None


def rerun(cluster: Cluster, happenings: Iterable[Happening]) -> Run:
    """Let recorded micro actions happen again; those that cannot are skipped."""
    start: tuple[View, ...] = ()
    with recording(cluster) as records:
        try:
            cluster.reset()
            start = tuple(cluster.views)
            for happening in happenings:
                cluster.replay(happening)
        except PropertyViolatedError as violated:
            return Run(tuple(records), violated.violation, start)
    return Run(tuple(records), None, start)


@contextmanager
def recording(cluster: Cluster, is_bounded: bool = False) -> Iterator[list[StepRecord]]:
    """Collect the micro steps that happen meanwhile."""
    records: list[StepRecord] = []
    cluster.recorder = BoundedRecorder(records).record if is_bounded else records.append
    try:
        yield records
    finally:
        cluster.recorder = None


def check_bounds(outcome: Run) -> None:
    """LongRunError where a run is longer than one of a schedule from elsewhere may be."""
    recorder = BoundedRecorder([])
    for record in outcome.records:
        recorder.record(record)


class BoundedRecorder:
    """Collects micro steps; LongRunError where they are more than anybody waits for."""

    def __init__(self, records: list[StepRecord]) -> None:
        self.records = records
        self._steps = self._entries = self._messages = 0

    def record(self, step: StepRecord) -> None:
        """Keep one more."""
        self.records.append(step)
        self._steps += 1 + len(step.rounds)
        self._messages += sum(map(sent_in, (*step.rounds, step)))
        if step.before and step.after and step.after.log is not step.before.log:
            self._entries += len(step.after.log.entries)
        for found, most, what in (
            (self._steps, MOST_STEPS, "steps"),
            (self._messages, MOST_MESSAGES, "messages"),
            (self._entries, MOST_ENTRIES, "entries in the logs of all steps"),
        ):
            if found > most:
                raise LongRunError(f"found more than {most:,} {what}, expected fewer")


def sent_in(step: StepRecord) -> int:
    """How many messages a step sent."""
    return len(step.sent) + len(step.aftermath.sent)
