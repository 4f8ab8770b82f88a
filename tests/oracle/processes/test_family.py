"""Tests of ends: nothing that a command has started is left, whatever it ignores."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oracle.processes.family import (
    FOR_CHILDREN,
    OWNER_VARIABLE,
    family,
    is_orphaned,
    mark_of,
    marked,
    unmarked,
)
from tests.oracle.command import command_line, environment, raft_oracle

pytestmark = pytest.mark.skipif(mark_of(os.getpid()) is None, reason="the system has no /proc")

SECONDS = 60
STUBBORN = """
import json, signal, subprocess, sys, time
deaf = "import signal, time\\nfor each in (1, 2, 15): signal.signal(each, 1)\\ntime.sleep(600)"
for each in (1, 2, 15):
    signal.signal(each, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", deaf, MARK], start_new_session=True)
print(json.dumps({"protocol": 1, "name": "deaf", "version": "1", "network": "any", "observes": []}))
sys.stdout.flush()
time.sleep(600)
"""
"""An adapter that hears nothing, and starts one like it in a session of its own."""


def left(mark: str) -> list[int]:
    """The processes whose command line has this mark."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def until(holds: Callable[[], object]) -> None:
    """Wait for something that other processes do."""
    ends = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)


@pytest.fixture
def _hearing() -> Iterator[None]:
    """These tests may have been started by `nohup`, whose deafness what they start would share."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("_hearing")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_after_an_end(number: signal.Signals, tmp_path: Path) -> None:
    """At once after a signal, at the next start after a kill."""
    mark = f"left-{tmp_path}"
    adapter = tmp_path / f"adapter-{mark.replace('/', '_')}.py"
    adapter.write_text(STUBBORN.replace("MARK", repr(mark)))
    process = subprocess.Popen(
        command_line("hunt", "--workers", "1", "--", sys.executable, str(adapter)),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: left(mark))
    process.send_signal(number)
    code = process.wait(SECONDS)
    if number == signal.SIGKILL:
        assert raft_oracle(tmp_path, "subjects").code == 0
    else:
        assert code == 2
    assert left(mark) == left(adapter.name) == []


def test_a_mark_tells_a_process_from_a_later_one_of_its_number() -> None:
    """Nobody is killed for having the number of somebody who is gone."""
    own = mark_of(os.getpid())
    assert own is not None
    number, started, space = own.split("/", 2)
    assert not is_orphaned(own)
    assert is_orphaned(f"{number}/{int(started) - 1}/{space}")
    assert is_orphaned(f"{2**22 + 1}/{started}/{space}")
    assert not is_orphaned(f"{'9' * 5000}/{started}/{space}")


@pytest.mark.parametrize("mark", ["", "x", "1", "1/2", "1/2/pid:[1]", "-1/2/3"])
def test_a_mark_of_another_namespace_or_of_nonsense_is_nobodys(mark: str) -> None:
    """Numbers of processes mean something within their namespace alone."""
    assert not is_orphaned(mark)


def test_a_browser_is_not_of_the_family(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is started without the mark stays."""
    monkeypatch.setenv(OWNER_VARIABLE, "mine")
    code = "import time; time.sleep(600)"
    with unmarked():
        stays = subprocess.Popen([sys.executable, "-c", code])
    goes = subprocess.Popen([sys.executable, "-c", code])
    try:
        until(lambda: (goes.pid, "mine") in list(marked()))
        assert stays.pid not in [process for process, _ in marked()]
    finally:
        for each in (stays, goes):
            each.kill()
            each.wait()


def test_what_our_processes_tell_each_other_is_not_taken_from_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A variable that says when a loop is endless, set by anybody, would make all of them so."""
    for name in FOR_CHILDREN:
        monkeypatch.setenv(name, "1")
    with family():
        assert not {*FOR_CHILDREN} & {*os.environ}
