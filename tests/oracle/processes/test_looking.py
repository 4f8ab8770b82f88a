"""Looking for replies: only with a core to spare, and seldom where other programs want it."""

import os
import select
from collections.abc import Iterator

import pytest

from oracle.processes import looking
from oracle.processes.looking import INTERRUPTED, LONGEST, MOMENT, SHORTEST, Came, Looks, cores

READY = ((3, select.POLLIN),)


@pytest.fixture(autouse=True)
def core_to_spare(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has a core besides its subject's."""
    monkeypatch.setattr(Looks, "has_core_to_spare", True)


class Clock:
    """A clock that each look moves on by so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds, self.looks = 0.0, seconds, 0

    def monotonic(self) -> float:
        """As of the module `time`."""
        return self.now

    def poll(self, wait: float) -> Came:
        """Nothing comes, however long one looks."""
        assert wait == 0
        self.now += self.seconds
        self.looks += 1
        return ()


def looked(looks: Looks, seconds: float, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many times one look polls in vain, if each takes so long."""
    clock = Clock(seconds)
    monkeypatch.setattr(looking, "time", clock)
    assert looks.came(clock.poll) == ()
    return clock.looks


def test_what_comes_while_one_looks_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is what `poll` gave; no time passes meanwhile, however busy this machine is."""
    monkeypatch.setattr(looking, "time", Clock(0))
    replies: Iterator[Came] = iter([(), (), READY])
    assert Looks().came(lambda _: next(replies)) == READY


def test_a_look_in_vain_ends_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the next reply is looked for again."""
    looks = Looks()
    assert looked(looks, MOMENT / 4, monkeypatch) == 4
    assert looked(looks, MOMENT / 4, monkeypatch) == 4


def test_interrupted_looks_are_followed_by_ever_longer_rests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They double, up to the longest."""
    looks, rests = Looks(), []
    for _ in range(8):
        assert looked(looks, INTERRUPTED, monkeypatch) == 1
        rests.append(looks.rests_left)
        looks.rests_left = 1
        assert looked(looks, MOMENT, monkeypatch) == 0
    assert rests == [SHORTEST << min(number, 6) for number in range(8)]
    assert rests[-1] == LONGEST


def test_rests_grow_shorter_while_nobody_interrupts(monkeypatch: pytest.MonkeyPatch) -> None:
    """By one for each look that was not interrupted."""
    looks = Looks(next_rest=SHORTEST + 2)
    for _ in range(4):
        looked(looks, MOMENT, monkeypatch)
    assert looks.next_rest == SHORTEST


def test_nobody_looks_without_a_core_to_spare(monkeypatch: pytest.MonkeyPatch) -> None:
    """With as many processes as cores, each look would keep a subject from running."""
    Looks.work_beside(cores())
    assert looked(Looks(), MOMENT, monkeypatch) == 0
    monkeypatch.setattr(looking, "cores", lambda: 4)
    for processes, spare in ((1, True), (2, True), (3, False)):
        Looks.work_beside(processes)
        assert Looks.has_core_to_spare is spare


def test_macos_knows_only_how_many_cores_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """One, if it does not even know that."""
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert cores() == 8
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1
