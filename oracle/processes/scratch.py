"""Where files go that nobody needs afterwards: into memory, and where the hunt will remove them.

Each such folder has a file that the process which made it keeps locked. A process that is killed
removes nothing; whoever starts next removes what nobody holds any more.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from attrs import frozen

MEMORY_DIRECTORY = "/dev/shm"
SCRATCH_VARIABLE = "RAFT_ORACLE_SCRATCH"
"""The variable of the environment that names the scratch directory of the hunt."""
PREFIX: Final = ".raft-oracle-scratch-"
LOCK: Final = "owner"
YOUNG_SECONDS: Final = 2.0
"""The owner of a folder that is younger may have made its lock, and not hold it yet."""


@frozen
class Scratch:
    """A folder of this process, and the descriptor that keeps its lock."""

    path: str
    lock: int

    @classmethod
    def made(cls) -> "Scratch":
        """A new folder, in memory if the system has some."""
        path = tempfile.mkdtemp(prefix=PREFIX, dir=memory_directory())
        lock = os.open(Path(path) / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return cls(path, lock)

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.lock)


def memory_directory() -> str | None:
    """A directory in memory, if the system has one; None is the usual one for such files."""
    return MEMORY_DIRECTORY if os.access(MEMORY_DIRECTORY, os.W_OK | os.X_OK) else None


def scratch_directory() -> str:
    """The scratch directory of the hunt, or one that goes with this process."""
    return os.environ.get(SCRATCH_VARIABLE) or own_directory()


@cache
def own_directory() -> str:
    """A folder that this process removes at its end."""
    scratch = Scratch.made()
    atexit.register(scratch.remove)
    return scratch.path


def sweep() -> None:
    """Remove the folders of processes that were killed."""
    for folder in Path(memory_directory() or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # somebody else's, or just removed by another process
            if folder.stat(follow_symlinks=False).st_uid == os.getuid() and is_left(folder):
                shutil.rmtree(folder, ignore_errors=True)


def is_left(folder: Path) -> bool:
    """Whether nobody holds the lock of a folder any more."""
    if time.time() - folder.stat().st_mtime < YOUNG_SECONDS:
        return False
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False  # it is none of ours, or not locked yet
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
