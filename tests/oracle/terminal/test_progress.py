"""Tests of what is told while long work goes on."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from oracle.terminal import progress
from oracle.terminal.progress import counted, reporting
from tests.oracle.command import environment


def test_items_pass_and_their_number_is_reported() -> None:
    """Every so many; nothing is held back for it."""
    reported: list[int] = []
    items = counted("abcdefg", reported.append, 3)
    assert [next(items), next(items)] == ["a", "b"]
    assert reported == []
    assert list(items) == ["c", "d", "e", "f", "g"]
    assert reported == [3, 6]


def test_a_pipe_gets_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not for every report, and without what a terminal would obey."""
    with reporting("first", "{}\x1b[31m".format) as report:
        report("too early")
        monkeypatch.setattr(progress, "QUIET_SECONDS", 0.0)
        report("late enough")
    assert capsys.readouterr().err == "late enough?[31m\n"


def test_a_terminal_sees_how_far_a_trace_is_judged(tmp_path: Path) -> None:
    """The line moves at the end of the terminal; what is piped is the verdict alone."""
    code = (
        "from oracle.terminal.progress import counted, reporting\n"
        "with reporting('reading', 'judging: {:,} lines'.format) as report:\n"
        "    list(counted(range(40_000), report))\n"
    )
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(TERM="xterm"),
        stderr=theirs,
        stdout=subprocess.PIPE,
        check=True,
    )
    os.close(theirs)
    seen = os.read(ours, 100_000).decode()
    os.close(ours)
    assert "judging: 40,000 lines" in seen
    assert done.stdout == b""
