"""Ctrl-C and SIGTERM end a hunt at once; what was found stays, nothing else does."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model.schedule import load_schedule
from oracle.store.result_folder import NAMES
from oracle.subjects.naming import read_subject
from tests.oracle.command import ADAPTERS, BROKEN, Done, command_line, environment, raft_oracle
from tests.require import require

QUICKLY = 20.0
"""Seconds: far less than the patience and the budgets here, far more than a busy machine takes."""
WAITING = 60.0
HUNT_AND_TWO_WORKERS = 4
"""And the one that keeps track of what Python's processes share."""
PLACES = tuple({Path(tempfile.gettempdir()), Path("/dev/shm")})


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[str]:
    """A word in the environment of the command and of all that it starts."""
    yield f"RAFT_ORACLE_TEST={tmp_path}"
    assert processes_with(f"RAFT_ORACLE_TEST={tmp_path}") == []


def processes_with(mark: str) -> list[int]:
    """Processes that have this in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def scratch_of(processes: list[int]) -> set[Path]:
    """The temporary directories that a hunt's processes name in their files and directories."""
    return {
        folder
        for place in PLACES
        if place.is_dir()
        for folder in place.glob("raft-oracle-*")
        if any(str(folder) in arguments_of(process) for process in processes)
    }


def arguments_of(process: int) -> str:
    """Where a process keeps its open files."""
    try:
        links = [os.readlink(each) for each in Path(f"/proc/{process}/fd").iterdir()]
    except OSError:
        return ""
    return " ".join(links)


def interrupted(
    cwd: Path, number: int, mark: str, until: Callable[[], bool], *arguments: str
) -> tuple[Done, float]:
    """Start a command, wait for a moment, signal it, and take the time until it has ended."""
    name, _, text = mark.partition("=")
    variables = {name: text, "TMPDIR": str(cwd / "tmp"), "RAFT_ORACLE_PATIENCE": "30"}
    (cwd / "tmp").mkdir()
    process = subprocess.Popen(
        command_line(*arguments),
        cwd=cwd,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    give_up = time.monotonic() + WAITING
    while not until() and time.monotonic() < give_up:
        time.sleep(0.05)
    scratch = scratch_of(processes_with(mark))
    started = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=WAITING)
    seconds = time.monotonic() - started
    assert [folder for folder in scratch if folder.exists()] == []
    assert list((cwd / "tmp").iterdir()) == []
    return Done(process.returncode, out.decode(), err.decode()), seconds


@pytest.mark.parametrize(
    ("number", "subject"),
    [
        (signal.SIGINT, [BROKEN, "--set", "how=slow"]),
        (signal.SIGTERM, ["pysyncobj"]),
        (signal.SIGINT, ["reference", "--driver", "hypothesis"]),
    ],
    ids=["slow", "pysyncobj", "hypothesis"],
)
def test_hunt_ends_quickly_with_a_summary(
    subject: list[str], number: int, tmp_path: Path, mark: str
) -> None:
    """Nothing found: exit code 2, a summary, no process and no file left."""
    if subject == ["pysyncobj"]:
        require("pysyncobj")
    words = ("hunt", *subject, "--budget", "60s", "--workers", "2")

    def hunts() -> bool:
        return len(processes_with(mark)) >= HUNT_AND_TWO_WORKERS

    done, seconds = interrupted(tmp_path, number, mark, hunts, *words)
    assert seconds < QUICKLY
    assert done.code == 2, done
    assert "Interrupted: no violation found" in done.out
    assert "Traceback" not in done.err


SILENT = ("--", sys.executable, str(ADAPTERS / "faulty_child.py"), "silent", "heartbeat_timeout")
"""An adapter that never replies to a heartbeat timeout, nor ends by itself."""


def is_silent(mark: str) -> bool:
    """Whether all workers of a hunt have a silent adapter."""
    return len(processes_with(mark)) >= HUNT_AND_TWO_WORKERS + 2


def test_no_adapter_outlives_a_hunt_that_is_interrupted(tmp_path: Path, mark: str) -> None:
    """Adapters lead process groups of their own; they end with the hunt all the same."""
    words = ("hunt", "--budget", "60s", "--workers", "2", *SILENT)
    done, seconds = interrupted(tmp_path, signal.SIGTERM, mark, lambda: is_silent(mark), *words)
    assert seconds < QUICKLY
    assert done.code == 2, done
    assert "Traceback" not in done.err


def test_figure16_ends_quickly(tmp_path: Path, mark: str) -> None:
    """Exit code 2, the word for it, no process and no file left."""
    words = ("figure16", "--trials", "100000", "--workers", "2")

    def runs() -> bool:
        return len(processes_with(mark)) >= HUNT_AND_TWO_WORKERS

    done, seconds = interrupted(tmp_path, signal.SIGINT, mark, runs, *words)
    assert seconds < QUICKLY
    assert done.code == 2, done
    assert done.err == "raft-oracle: interrupted\n"


@pytest.mark.parametrize(
    ("numbers", "says", "names"),
    [
        ((signal.SIGINT,), b"Shrinking was ended before it was done", NAMES),
        ((signal.SIGINT, signal.SIGTERM), b"Not shrunk", ("schedule.json", "test_regression.py")),
    ],
    ids=["once", "twice"],
)
def test_finding_that_is_being_shrunk_is_kept(
    numbers: tuple[int, ...], says: bytes, names: tuple[str, ...], tmp_path: Path, mark: str
) -> None:
    """Exit code 1, what is shortest so far has all its files; a second signal ends all at once."""
    words = ("hunt", BROKEN, "--set", "how=sleeps", "--workers", "1", "--out", "found")
    path = tmp_path / "found/schedule.json"
    variables = {"RAFT_ORACLE_PATIENCE": "0.5"}
    name, _, text = mark.partition("=")
    process = subprocess.Popen(
        command_line(*words),
        cwd=tmp_path,
        env=environment(**variables, **{name: text}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not path.exists() and process.poll() is None:
        time.sleep(0.01)
    for number in numbers:
        process.send_signal(number)
    out, err = process.communicate(timeout=WAITING)
    assert process.returncode == 1, err
    assert says in out
    assert b"Found SubjectFailed after" in err
    assert all((tmp_path / "found" / name).is_file() for name in names)
    assert load_schedule(path.read_bytes(), read_subject).property == "SubjectFailed"
    again = raft_oracle(tmp_path, "replay", str(path), variables=variables)
    assert again.code == 1


def test_finding_whose_turn_has_not_come_is_kept(tmp_path: Path, mark: str) -> None:
    """While the first block still runs, a later one has failed: that is saved on Ctrl-C."""
    (tmp_path / "late.py").write_text(
        f"import importlib.util, os, time\n"
        f"spec = importlib.util.spec_from_file_location('broken_copy', {BROKEN!r})\n"
        f"broken = importlib.util.module_from_spec(spec); spec.loader.exec_module(broken)\n"
        "class Late(broken.Broken):\n"
        "    def misbehave(self):\n"
        "        try:\n"
        "            os.close(os.open('first', os.O_CREAT | os.O_EXCL))\n"
        "        except FileExistsError:\n"
        "            open('second', 'w').close()\n"
        "            raise RuntimeError('late')\n"
        "        time.sleep(1000)\n"
        "class F(broken.BrokenFactory):\n"
        "    def create(self, servers, settings):\n"
        "        return Late(servers, settings)\n"
        "FACTORY = F()\n"
    )
    second = tmp_path / "second"
    words = ("hunt", "late.py", "--workers", "2", "--out", "found")
    since: list[float] = []

    def has_come() -> bool:
        if second.exists():
            since.append(time.monotonic())
        return bool(since) and time.monotonic() - since[0] > 1.0

    done, seconds = interrupted(tmp_path, signal.SIGINT, mark, has_come, *words)
    assert seconds < QUICKLY
    if done.code == 2:
        pytest.skip("the failing block was the first in turn, which hung")
    assert done.code == 1, done
    assert load_schedule((tmp_path / "found/schedule.json").read_bytes(), read_subject).actions


@pytest.mark.parametrize(
    "subject", [(BROKEN, "--set", "how=slow"), SILENT], ids=["file", "command"]
)
def test_no_process_outlives_a_hunt_that_is_killed(
    subject: tuple[str, ...], tmp_path: Path, mark: str
) -> None:
    """Workers notice that the hunt has gone, even if it had no time to end them."""
    name, _, text = mark.partition("=")
    process = subprocess.Popen(
        command_line("hunt", "--workers", "2", *subject),
        cwd=tmp_path,
        env=environment(**{name: text, "RAFT_ORACLE_PATIENCE": "30"}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + WAITING
    wanted = HUNT_AND_TWO_WORKERS + 2 * (subject == SILENT)
    while len(processes_with(mark)) < wanted and time.monotonic() < until:
        time.sleep(0.05)
    process.kill()
    process.wait()
    until = time.monotonic() + WAITING
    while processes_with(mark) and time.monotonic() < until:
        time.sleep(0.05)
