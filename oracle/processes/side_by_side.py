"""Several programs at once, each in a process group of its own, of which none can spoil another."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import define, frozen

from oracle.processes.process_pool import MOMENT
from oracle.processes.signals import Interruption

MOST_OUTPUT: Final = 16 << 20
"""Bytes of output that are read of each."""
TIDYING_SECONDS: Final = 20.0
"""How long a program may take to end once it was asked to."""


@frozen
class Ended:
    """How a program ended."""

    code: int
    out: bytes
    errors: bytes
    overdue: bool = False
    """Whether it was given up because it took too long."""


@define
class Running:
    """A program that runs, with the files that take what it prints."""

    process: subprocess.Popen[bytes]
    files: tuple[Path, Path]
    until: float
    asked: float | None = None
    """When it was asked to end."""

    def has_ended(self, interrupted: bool) -> bool:
        """Whether it has ended; one that takes too long is asked to, and then made to."""
        if self.process.poll() is not None:
            return True
        now = time.monotonic()
        if self.asked is None and (interrupted or now > self.until):
            self.asked = now
            self.process.send_signal(signal.SIGINT)
        if self.asked is not None and now > self.asked + TIDYING_SECONDS:
            self.kill()
        return False

    def kill(self) -> None:
        """End it with its group, at once."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def ended(self, interrupted: bool) -> Ended:
        """How it ended, when nothing of its group is left."""
        self.kill()
        self.process.wait()
        out, errors = (each.open("rb").read(MOST_OUTPUT) for each in self.files)
        overdue = self.asked is not None and not interrupted
        return Ended(self.process.returncode, out, errors, overdue)


def side_by_side(
    commands: Mapping[str, Sequence[str]],
    environment: Mapping[str, str],
    at_once: int,
    seconds: float,
    scratch: Path,
    interruption: Interruption,
    report: Callable[[int, Sequence[str]], None],
) -> dict[str, Ended]:
    """Run all commands, so many at once, each for so long at most; how each ended, by its name.

    After a signal, those that run are asked to end, and no other is begun. `report` is told how
    many have ended, and which ones run.
    """
    waiting, running, ended = list(commands), dict[str, Running](), dict[str, Ended]()
    try:
        while running or (waiting and not interruption.came):
            while waiting and len(running) < at_once and not interruption.came:
                name = waiting.pop(0)
                running[name] = started(commands[name], environment, scratch / name, seconds)
            for name, each in list(running.items()):
                if each.has_ended(interruption.came):
                    ended[name] = each.ended(interruption.came)
                    del running[name]
            report(len(ended), list(running))
            time.sleep(MOMENT)
    finally:
        for each in running.values():
            each.kill()
    return ended


def started(
    command: Sequence[str], environment: Mapping[str, str], stem: Path, seconds: float
) -> Running:
    """Start a command, whose output goes into files."""
    files = stem.with_name(f"{stem.name}.out"), stem.with_name(f"{stem.name}.err")
    with files[0].open("wb") as out, files[1].open("wb") as errors:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            process_group=0,
        )
    return Running(process, files, time.monotonic() + seconds)
