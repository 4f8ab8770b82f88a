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

MOST_STEPS: Final = 30_000
"""Hundreds of times as many as a run of a hunt has: they take seconds."""
MOST_ENTRIES: Final = 1_000_000
"""Of the logs that its steps change, all of which pictures show: of 1,400 requests in a row."""


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


class BoundedRecorder:
    """Collects micro steps; LongRunError where they are more than anybody waits for."""

    def __init__(self, records: list[StepRecord]) -> None:
        self.records = records
        self._steps = self._entries = 0

    def record(self, step: StepRecord) -> None:
        """Keep one more."""
        self.records.append(step)
        self._steps += 1 + len(step.rounds)
        if step.before and step.after and step.after.log is not step.before.log:
            self._entries += len(step.after.log.entries)
        if self._steps > MOST_STEPS:
            raise LongRunError(f"found more than {MOST_STEPS:,} steps, expected fewer")
        if self._entries > MOST_ENTRIES:
            what = f"found more than {MOST_ENTRIES:,} entries in the logs of all steps"
            raise LongRunError(f"{what}, expected fewer")
