"""Runs: plain, recorded, and again by what messages say."""

from collections.abc import Iterator
from itertools import repeat

import pytest

from model.actions import (
    Action,
    ClientRequest,
    Deliver,
    Drop,
    Elect,
    ElectionTimeout,
    Heal,
    HeartbeatTimeout,
    Sync,
)
from model.failures import LongRunError
from model.runs.run import recording, rerun, run, violation_of
from raft_core import s1, s2, s3
from tests.model.fakes import noted, reference_cluster, setup_of

SCHEDULE = (Elect(s1, (s3,)), ClientRequest(s1, "v1"), Sync(s1))


def test_run_starts_fresh() -> None:
    """What happened to the cluster before does not matter."""
    cluster = reference_cluster()
    first = run(cluster, SCHEDULE)
    assert run(cluster, SCHEDULE) == first
    assert len(first.records) > len(SCHEDULE)


def test_run_without_record_gives_the_same_violation() -> None:
    """Recording changes nothing."""
    cluster = setup_of("floor-half-elects").cluster()
    schedule = (ElectionTimeout(s1), ElectionTimeout(s2), Heal())
    violation = violation_of(cluster, schedule)
    assert violation is not None
    assert run(cluster, schedule).violation == violation
    assert len(run(cluster, schedule).records) == 2


def test_happenings_happen_again() -> None:
    """A recorded run repeats by what its messages say, of equal ones the oldest."""
    cluster = reference_cluster()
    first = run(cluster, SCHEDULE)
    again = rerun(cluster, first.happenings)
    assert [each.packet for each in again.happenings] == [each.packet for each in first.happenings]
    assert [each.after for each in again.records] == [each.after for each in first.records]


def test_messages_are_found_where_they_now_are() -> None:
    """With an earlier message left in flight, the later one is found after it."""
    cluster = reference_cluster()
    first = run(
        cluster, (ElectionTimeout(s1), Deliver(s1, s2), ElectionTimeout(s1), Deliver(s1, s2))
    )
    happenings = first.happenings
    again = rerun(cluster, (happenings[0], happenings[2], happenings[3]))
    assert [each.action for each in again.happenings][-1] == Deliver(s1, s2, 1)
    assert again.happenings[-1].packet == happenings[3].packet


def test_messages_that_no_longer_exist_are_skipped() -> None:
    """Without the election nothing was sent."""
    cluster = reference_cluster()
    first = run(cluster, (ElectionTimeout(s1), Deliver(s1, s2), Drop(s1, s3)))
    assert rerun(cluster, first.happenings[1:]).records == ()


def test_recorder_is_taken_away() -> None:
    """After a recording nobody listens, even where it ended in an error."""
    world = noted()
    world.subject.raises["election_timeout"] = KeyboardInterrupt()
    try:
        run(world.cluster, (ElectionTimeout(s1),))
    except KeyboardInterrupt:
        assert world.cluster.recorder is None
    with recording(world.cluster) as records:
        world.cluster.apply(Heal())
    assert len(records) == 1
    assert world.cluster.recorder is None


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (Heal(), "more than 10,000 steps"),
        (HeartbeatTimeout(s1), "more than 40,000 messages"),
        (ClientRequest(s1, "v"), "more than 500,000 entries"),
    ],
    ids=["steps", "messages", "entries"],
)
def test_schedule_from_elsewhere_ends_where_nobody_waits_any_more(
    rest: Action, expected: str
) -> None:
    """Steps, and the logs that they show, are bounded while it runs: this one has no end."""
    with pytest.raises(LongRunError, match=expected):
        run(reference_cluster(servers=9), without_end(rest), is_bounded=True)


def without_end(rest: Action) -> Iterator[Action]:
    """An election, and then one action for ever."""
    yield Elect(s1)
    yield from repeat(rest)
