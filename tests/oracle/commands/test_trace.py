"""Clusters that run by themselves: programs that hang, die or babble end in one verdict."""

import errno
import io
import sys
import tempfile
import time
from pathlib import Path

import pytest

from oracle.bridging.running_cluster import RunningCluster
from oracle.commands.trace import TRACE, judge
from oracle.store.result_folder import STANDARD_ERROR, Store
from oracle.terminal.usage import PATIENCE_VARIABLE, UsageError

START = '{"event":"start","server":1,"term":1,"voters":[1]}'
WRONG = '{"event":"term","server":1,"term":0}'


def outcome(directory: Path, script: str) -> int:
    """The exit code of a cluster that a Python script runs."""
    command = (sys.executable, "-c", f"import os, sys, time\n{script}")
    with tempfile.TemporaryFile() as kept, tempfile.TemporaryFile() as errors:
        cluster = RunningCluster(command, 1.0, kept, errors)
        return judge(cluster, frozenset(), Store(directory / "kept"), "A cluster\n")


@pytest.mark.parametrize(
    ("script", "code", "expected"),
    [
        (f"print('{START}'); print('{WRONG}')", 1, "Rejected at line 2: TermRises."),
        (f"print('{START}'); sys.exit(3)", 1, "Failed: the cluster ended with exit code 3."),
        (f"print('{START}'); sys.exit('why')", 1, "ended with exit code 1: why."),
        (f"print('{START}', flush=True); os.kill(os.getpid(), 9)", 1, "killed by SIGKILL"),
        (f"print('{START}', flush=True); time.sleep(60)", 1, "hangs: its time is over"),
        (f"print('{START}', flush=True); os.close(1); time.sleep(60)", 1, "does not end"),
        ("print('nonsense')", 1, "trace: line 1: not JSON: found 'nonsense'"),
        ("pass", 1, "found no event, expected a trace"),
    ],
)
def test_every_end_has_a_verdict(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    script: str,
    code: int,
    expected: str,
) -> None:
    """Soon, with its reason, and with the trace kept."""
    monkeypatch.setenv(PATIENCE_VARIABLE, "0.5")
    before = time.monotonic()
    assert outcome(tmp_path, script) == code
    assert time.monotonic() - before < 20
    assert expected in capsys.readouterr().out
    assert (tmp_path / "kept" / TRACE).is_file()


def test_a_rejected_cluster_is_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its process does not go on, and what it complained of is kept."""
    script = f"print('busy', file=sys.stderr, flush=True)\nprint('{START}')\n"
    script += f"print('{WRONG}', flush=True)\ntime.sleep(600)"
    before = time.monotonic()
    assert outcome(tmp_path, script) == 1
    assert time.monotonic() - before < 20
    assert (tmp_path / "kept" / STANDARD_ERROR).read_text() == "busy\n"


def test_wrong_settings_are_the_users(tmp_path: Path) -> None:
    """A program that refuses its settings says so in one line."""
    with pytest.raises(UsageError, match=r"^rate: found x$"):
        outcome(tmp_path, "print('rate: found x', file=sys.stderr); sys.exit(64)")
    assert not (tmp_path / "kept").exists()


def test_a_program_that_is_not_there_is_named() -> None:
    """It cannot be started."""
    with (
        tempfile.TemporaryFile() as errors,
        pytest.raises(UsageError, match=r"cannot start /no/such/program: No such file"),
    ):
        RunningCluster(("/no/such/program",), 1.0, io.BytesIO(), errors)


class FullDisk(io.BytesIO):
    """A file for which there is no room."""

    def write(self, data: object) -> int:
        """Nothing goes in."""
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_takes_the_trace_and_not_the_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was seen of the cluster is told, and that its trace is not kept."""
    script = f"print('{START}')\nprint('{WRONG}', flush=True)"
    command = (sys.executable, "-c", script)
    with tempfile.TemporaryFile() as errors:
        cluster = RunningCluster(command, 1.0, FullDisk(), errors)
        code = judge(cluster, frozenset(), Store(tmp_path / "kept"), "A cluster\n")
    said = capsys.readouterr()
    assert code == 1
    assert "Rejected at line 2: TermRises." in said.out
    assert said.err == "the trace could not be kept: No space left on device\n"
    assert not (tmp_path / "kept" / TRACE).exists()
