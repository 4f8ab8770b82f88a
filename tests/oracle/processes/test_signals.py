"""Tests of signals: work that is asked to end is ended if it does not."""

import time

import pytest

from oracle.processes.signals import PATIENT_SECONDS, Interruption, SecondChance, SignalledError


@pytest.mark.parametrize("is_second", [True, False])
def test_work_is_asked_to_end_and_then_ended(
    is_second: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the second signal, or after a while by the first one alone, as the machine may be busy."""
    now, asked, interruption = 100.0, list[float](), Interruption()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    chance = SecondChance(interruption, lambda: asked.append(now))
    now += 2 * PATIENT_SECONDS
    chance.check()
    assert asked == []  # only who is asked to end is pressed
    interruption.note(15, None)
    chance.check()
    now += PATIENT_SECONDS
    chance.check()
    assert len(asked) == 2
    if is_second:
        interruption.note(15, None)
    else:
        now += 1
    with pytest.raises(SignalledError):
        chance.check()
