"""Runs of given schedules: plain, recorded, or with messages named by what they say."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from attrs import frozen

from model.actions import Action
from model.failures import PropertyViolatedError
from model.subject import Sent
from model.world.macro_actions import Cluster
from model.world.records import Happening, StepRecord
from properties.property import Violation
from properties.view import View


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


def run(cluster: Cluster, schedule: Iterable[Action]) -> Run:
    """Apply actions from a fresh start, and record every micro step."""
    with recording(cluster) as records:
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
def recording(cluster: Cluster) -> Iterator[list[StepRecord]]:
    """Collect the micro steps that happen meanwhile."""
    records: list[StepRecord] = []
    cluster.recorder = records.append
    try:
        yield records
    finally:
        cluster.recorder = None
