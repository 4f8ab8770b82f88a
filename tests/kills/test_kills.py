"""Whatever process of a command is killed, and whenever: nothing that was told is lost, or left.

RAFT_ORACLE_KILLS is how many kills there are, in which the commands take turns, and
RAFT_ORACLE_KILLS_SEED another series of them; the same number is the same command, signal and
moment. A signal is answered within seconds. What is killed outright may leave something, which the
next command that starts removes.
"""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final

import pytest

from oracle.processes.family import mark_of
from oracle.processes.scratch import LOCK, PREFIX, memory_directory
from tests.kills.victims import CHECKPOINT, VICTIMS, Killed, state
from tests.oracle.command import ROOT, Done, command_line, environment, raft_oracle

KILLS: Final = int(os.environ.get("RAFT_ORACLE_KILLS", "2"))
SEED: Final = os.environ.get("RAFT_ORACLE_KILLS_SEED", "0")
NAMES: Final = tuple(VICTIMS)
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
MARK: Final = "RAFT_ORACLE_TEST"
GONE_SECONDS: Final = 5.0
LOOKS: Final = 5
ENDING_SECONDS: Final = 60.0
"""A command that was asked to end first makes all files of what it has found."""
STARVED_SECONDS: Final = 600.0
"""The same where the machine gives it next to nothing of its processors."""
ENDING_WORK: Final = 10.0
"""Seconds of a processor that the end of a command needs at most."""

pytestmark = pytest.mark.skipif(mark_of(os.getpid()) is None, reason="the system has no /proc")


@pytest.fixture(autouse=True)
def _hearing() -> Iterator[None]:
    """Who is started by `nohup`, or by a script in the background, is deaf, and so are its own."""
    deaf = [each for each in SIGNALS[:3] if signal.getsignal(each) is signal.SIG_IGN]
    for each in deaf:
        signal.signal(each, signal.SIG_DFL)
    yield
    for each in deaf:
        signal.signal(each, signal.SIG_IGN)


def processes_of(folder: Path) -> list[int]:
    """All processes of the command that runs in a folder."""
    mark, found = f"{MARK}={folder}".encode(), []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (each / "environ").read_bytes().split(b"\0"):
                found.append(int(each.name))
        except OSError:
            continue
    return found


def worked(folder: Path) -> float:
    """Seconds of a processor that the processes of a command, which are still there, have had."""
    ticks = 0
    for each in processes_of(folder):
        with suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def ends(process: subprocess.Popen[bytes], folder: Path) -> int:
    """The exit code of a command that was asked to end; TimeoutError where it goes on instead."""
    before, asked = worked(folder), time.monotonic()
    while process.poll() is None:
        waited = time.monotonic() - asked
        is_late = waited > ENDING_SECONDS and worked(folder) - before > ENDING_WORK
        if is_late or waited > STARVED_SECONDS:
            told = (folder / "err").read_text("utf-8", "replace")
            raise TimeoutError(f"did not end within {waited:.0f} s, and wrote: {told}")
        time.sleep(0.05)
    return process.returncode


def scratch_that_is_left() -> set[Path]:
    """Folders in memory that nobody holds."""
    found = set()
    for folder in Path(memory_directory() or "/tmp").glob(f"{PREFIX}*"):
        try:
            with (folder / LOCK).open() as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        found.add(folder)
    return found


def half_made(folder: Path) -> list[Path]:
    """Files of a command that are not what it was to make."""
    hidden = [each for each in folder.rglob(".*") if each.name not in (".raft-oracle", ".lock")]
    return [*hidden, *(folder / "tmp").iterdir()]


def until(holds: Callable[[], object], seconds: float, looks: int = 1) -> bool:
    """Wait for something that other processes do; whether it came.

    It is looked for so often at least: on a busy machine one look may take all of the time.
    """
    ends, looked = time.monotonic() + seconds, 0
    while not holds():
        looked += 1
        if time.monotonic() > ends and looked >= looks:
            return False
        time.sleep(0.05)
    return True


def ended_at_start(done: Done) -> bool:
    """Whether Python was interrupted while it started, before anything of ours: it says how."""
    is_ours = any(f'File "{ROOT / each}' in done.err for each in ("oracle", "model", "properties"))
    return done.err.rstrip().endswith("KeyboardInterrupt") and not is_ours and not done.out


def killed(name: str, folder: Path, draw: Random) -> Killed:
    """Start a command, and kill it or one of its processes at some moment."""
    victim = VICTIMS[name]
    (folder / "tmp").mkdir()
    variables = {MARK: str(folder), "TMPDIR": str(folder / "tmp"), **state(folder)}
    with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
        process = subprocess.Popen(
            command_line(*victim.words(folder)),
            cwd=folder,
            env=environment(**variables, **victim.variables(folder)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
    moment, is_part, number = draw.uniform(0, victim.seconds), draw.random() < 0.3, draw.random()
    until(lambda: process.poll() is not None, moment)
    had_checkpoint = (folder / CHECKPOINT / "current").is_dir()
    others = sorted({*processes_of(folder)} - {process.pid})
    if is_part and others:
        os.kill(others[int(number * len(others))], draw.choice((signal.SIGKILL, signal.SIGTERM)))
        until(lambda: process.poll() is not None, 2.0)
        process.send_signal(signal.SIGINT)
    else:
        process.send_signal(SIGNALS[int(number * len(SIGNALS))])
    code = ends(process, folder)
    texts = [(folder / each).read_text("utf-8", "replace") for each in ("out", "err")]
    return Killed(folder, Done(code, *texts), had_checkpoint, is_part)


@pytest.mark.parametrize(
    "number", range(KILLS), ids=lambda number: f"{number}-{NAMES[number % len(NAMES)]}"
)
def test_nothing_is_lost_or_left_after_a_kill(number: int, tmp_path: Path) -> None:
    """One command, one of its processes, one moment."""
    name = NAMES[number % len(NAMES)]
    VICTIMS[name].ready()
    before = scratch_that_is_left()
    ended = killed(name, tmp_path, Random(f"{SEED} {number}"))
    code = ended.done.code
    cannot_begin = code == 64 and ended.is_by_kill  # a tool or the subject was killed at the start
    assert code in (0, 1, 2, *(-each for each in SIGNALS)) or cannot_begin, ended
    if code != -signal.SIGINT and not ended_at_start(ended.done):
        assert "Traceback" not in ended.done.err, ended.done.err
    if code < 0:
        assert raft_oracle(tmp_path, "subjects").code == 0

    def is_tidy() -> bool:
        others = scratch_that_is_left() - before  # of what was killed meanwhile, here or elsewhere
        if others:
            raft_oracle(tmp_path, "subjects")
        return not processes_of(tmp_path) and not half_made(tmp_path) and not others

    if not until(is_tidy, GONE_SECONDS, LOOKS):
        left = processes_of(tmp_path), half_made(tmp_path), scratch_that_is_left() - before
        pytest.fail(f"{ended} left {left}")
    VICTIMS[name].holds(ended)
