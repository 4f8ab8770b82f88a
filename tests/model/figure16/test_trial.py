"""The experiment of Figure 16: what each trial is, and that it does what the paper says."""

from random import Random
from statistics import median

import pytest
from attrs import evolve

from model.figure16.assumptions import ASSUMED
from model.figure16.published import BOTTOM, LINES, TOP, Line
from model.figure16.timed_cluster import Span
from model.figure16.trial import block, cluster_with_leader, trial
from raft_core import (
    Configuration,
    PersistentState,
    Role,
    restart,
    s1,
)

FEW = 40
FIRST = restart(s1, Configuration(servers=5), PersistentState())


def downtimes(line: Line, trials: int = FEW) -> list[float]:
    """A few trials of a line, none of which was given up."""
    times = block(line, 0, 0, trials)
    assert None not in times
    return [time for time in times if time is not None]


@pytest.mark.parametrize("line", LINES[1:], ids=lambda line: str(line.name))
def test_downtime_is_at_least_half_the_least_timeout(line: Line) -> None:
    """The crash comes at most half of it after the heartbeats that restart the timers."""
    assert min(downtimes(line)) >= line.low / 2


def test_downtime_counts_from_the_crash() -> None:
    """So it can be less than the least timeout, which runs from the heartbeats before it."""
    assert min(downtimes(BOTTOM[3])) < BOTTOM[3].low


@pytest.mark.parametrize("line", LINES[2:], ids=lambda line: str(line.name))
def test_median_is_near_the_published_one(line: Line) -> None:
    """Even of a few trials, on every line whose downtimes do not scatter widely."""
    assert 0.6 < median(downtimes(line)) / line.published.median < 1.6


def test_no_randomness_takes_longer_than_ten_seconds() -> None:
    """Candidates that stay in step split every vote."""
    assert min(downtimes(TOP[0], 3)) > 10_000


def test_more_randomness_needs_fewer_elections() -> None:
    """The order of the upper graph's first lines."""
    medians = [median(downtimes(line)) for line in TOP[1:4]]
    assert medians == sorted(medians, reverse=True)


def test_trial_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown as such, and not as a time."""
    monkeypatch.setattr("model.figure16.trial.LIMIT", 500.0)
    in_step = evolve(ASSUMED, lateness=Span(0, 0))
    assert trial(TOP[0], 0, 0, in_step) is None


def test_trials_are_named_by_line_seed_and_number() -> None:
    """The same name gives the same downtime, and any other name another one."""
    line = BOTTOM[0]
    assert trial(line, 3, 5) == trial(line, 3, 5)
    others = [trial(line, 3, 5), trial(line, 3, 6), trial(line, 4, 5), trial(BOTTOM[1], 3, 5)]
    assert len(set(others)) == 4


@pytest.mark.parametrize("seed", range(5))
def test_two_of_four_cannot_win(seed: int) -> None:
    """A server wins only with logs no longer than its own at two others that are up."""
    states, heartbeats = cluster_with_leader(Random(seed))
    assert states[s1].role is Role.LEADER
    assert sorted(each.destination for each in heartbeats) == [1, 2, 3, 4]
    lengths = [state.log.last_index for state in states[1:]]
    can_win = [sum(other <= length for other in lengths) >= 3 for length in lengths]
    assert sum(can_win) == 2


def test_each_trial_shuffles_the_logs() -> None:
    """The two servers that can win are not always the same."""
    clusters = [cluster_with_leader(Random(seed))[0] for seed in range(5)]
    lengths = {tuple(state.log.last_index for state in states) for states in clusters}
    assert len(lengths) > 1
    assert {first for first, *_ in lengths} == {5}
