"""All processes that a command has started, whoever started them and whatever they ignore.

A command marks its environment, and what it starts inherits the mark: adapters, workers, and what
those start in sessions of their own. At its end a command kills what has its mark still; at its
start, what has the mark of a command that was itself killed, and it removes the files that such a
one has left. A system that does not show the environments of processes, such as macOS, has their
groups alone (process_groups.py).
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from oracle.processes.scratch import SCRATCH_VARIABLE, sweep

OWNER_VARIABLE: Final = "RAFT_ORACLE_OWNER"
ENDLESS_VARIABLE: Final = "RAFT_ORACLE_ENDLESS"
"""After how many milliseconds a loop counts as endless."""
FOR_CHILDREN: Final = (
    SCRATCH_VARIABLE,
    *(ENDLESS_VARIABLE, "RAFT_ORACLE_MEMORY"),
    *("RAFT_ORACLE_IN", "RAFT_ORACLE_OUT", "RAFT_ORACLE_RESET"),
)
"""Variables that our processes set for each other. One that comes from outside would make each loop
an endless one, or let an adapter begin in the middle of a run."""
PROCESSES: Final = Path("/proc")
STARTED_FIELD: Final = 19
"""Of /proc/PID/stat after the name in brackets: when the process started, in ticks."""
MOST_DIGITS: Final = 18
"""Of the number of a process: anybody may set a variable, and root sees those of all users."""
ROUNDS: Final = 20
"""So often the processes are looked through: a process may start another while it is killed."""


@contextmanager
def family() -> Iterator[None]:
    """What this process starts meanwhile does not outlive the end of this."""
    for name in FOR_CHILDREN:
        os.environ.pop(name, None)
    own = mark_of(os.getpid())
    if own is None:
        yield
        return
    before = os.environ.get(OWNER_VARIABLE)
    os.environ[OWNER_VARIABLE] = own
    kill_marked(None)
    sweep()
    try:
        yield
    finally:
        os.environ.pop(OWNER_VARIABLE)
        if before is not None:
            os.environ[OWNER_VARIABLE] = before
        kill_marked(own)


@contextmanager
def unmarked() -> Iterator[None]:
    """What is started meanwhile, such as a browser, stays when this process ends."""
    own = os.environ.pop(OWNER_VARIABLE, None)
    try:
        yield
    finally:
        if own is not None:
            os.environ[OWNER_VARIABLE] = own


def kill_marked(own: str | None) -> None:
    """Kill all that has this mark, or the mark of a process that is gone."""
    for _ in range(ROUNDS):
        found = [each for each, mark in marked() if mark == own or is_orphaned(mark)]
        if not found:
            return
        for each in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)
        time.sleep(0.01)


def marked() -> Iterator[tuple[int, str]]:
    """Every other process of this user's that has a mark."""
    for folder in PROCESSES.glob("[0-9]*"):
        with suppress(OSError, ValueError):  # it has ended meanwhile, or is somebody else's
            for each in (folder / "environ").read_bytes().split(b"\0"):
                name, _, mark = each.decode("ascii", "replace").partition("=")
                if name == OWNER_VARIABLE and int(folder.name) != os.getpid():
                    yield int(folder.name), mark


def mark_of(process: int) -> str | None:
    """What tells a process from all others, also from a later one of its number.

    Its number, when it started, and the namespace that this number belongs to; None where the
    system does not say.
    """
    try:
        status = (PROCESSES / str(process) / "stat").read_text("ascii", "replace")
        space = os.readlink(PROCESSES / "self/ns/pid")
    except OSError:
        return None
    return f"{process}/{status.rpartition(')')[2].split()[STARTED_FIELD]}/{space}"


def is_orphaned(mark: str) -> bool:
    """Whether the process of a mark is gone; of one in another namespace nobody here knows."""
    process, _, rest = mark.partition("/")
    own = mark_of(os.getpid())
    is_number = process.isdecimal() and len(process) <= MOST_DIGITS
    if own is None or not is_number or rest.partition("/")[2] != own.split("/", 2)[2]:
        return False
    return mark_of(int(process)) != mark
