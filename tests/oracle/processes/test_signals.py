"""Tests of signals: work that is asked to end is ended if it does not, and none is dropped."""

import signal
import sys
import time

import pytest

from oracle.processes.signals import (
    PATIENT_SECONDS,
    Interruption,
    SecondChance,
    SignalledError,
    hear_dropped,
    interruptible,
)


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


class Collected:
    """An error is raised while it is collected."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __del__(self) -> None:
        raise self.error


def test_a_signal_whose_error_python_drops_comes_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is printed of it; of any other error that is dropped, all is."""
    monkeypatch.setattr(sys, "unraisablehook", None)
    before = signal.getsignal(signal.SIGTERM)
    hear_dropped()
    with interruptible() as interruption:
        Collected(KeyboardInterrupt())
        until = time.monotonic() + 10
        while not interruption.came and time.monotonic() < until:
            time.sleep(0.01)
        assert interruption.came
    assert signal.getsignal(signal.SIGTERM) is before
    assert capsys.readouterr().err == ""
    Collected(ValueError("odd"))
    assert "ValueError: odd" in capsys.readouterr().err
