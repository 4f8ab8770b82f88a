"""Programs side by side: each has its own end, and none outlives it."""

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from oracle.processes import side_by_side as module
from oracle.processes.side_by_side import Ended, side_by_side
from oracle.processes.signals import Interruption

COMMANDS = {
    "says": ("sh", "-c", "echo hello; echo trouble >&2; exit 3"),
    "floods": ("sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x"),
    "hangs": ("sh", "-c", "trap '' INT; sleep 60 & echo $!; wait"),
    "killed": ("sh", "-c", "kill -9 $$"),
}


def run_all(
    commands: dict[str, Sequence[str]], scratch: Path, interruption: Interruption, seconds: float
) -> dict[str, Ended]:
    """Run commands, two at a time."""
    return side_by_side(
        commands, os.environ, 2, seconds, scratch, interruption, lambda done, running: None
    )


def test_each_has_its_own_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hangs is ended with what it has started; the others are as if it were not there."""
    monkeypatch.setattr(module, "TIDYING_SECONDS", 0.5)
    ended = run_all(dict(COMMANDS), tmp_path, Interruption(), 3.0)
    assert ended["says"] == Ended(3, b"hello\n", b"trouble\n")
    assert len(ended["floods"].out) == 3_000_000
    assert ended["killed"].code == -9
    assert ended["hangs"].overdue
    child = int(ended["hangs"].out)
    deadline = time.monotonic() + 20
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        assert (Path(f"/proc/{child}") / "stat").read_text().split()[2] in "RSDZX"
        time.sleep(0.1)
    assert not is_alive(child)


def is_alive(process: int) -> bool:
    """Whether a process is there; one that nobody has waited for yet is not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_signal_ends_what_runs_and_begins_nothing(tmp_path: Path) -> None:
    """Those that run may tidy up and say what they have; those that wait are not begun."""
    tidy = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(print('kept') or 2))\n"
        "time.sleep(60)"
    )
    interruption = Interruption()
    commands = {str(number): (sys.executable, "-c", tidy) for number in range(3)}
    started = time.monotonic()

    def report(done: int, running: Sequence[str]) -> None:
        if time.monotonic() - started > 5:
            interruption.note(signal.SIGINT, None)

    ended = side_by_side(commands, os.environ, 2, 100.0, tmp_path, interruption, report)
    assert ended == {each: Ended(2, b"kept\n", b"") for each in "01"}
