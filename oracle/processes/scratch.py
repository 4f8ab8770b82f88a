"""Where files go that nobody needs afterwards: into memory, and where the hunt will remove them.

Each such folder has a file that the process which made it keeps locked. A process that is killed
removes nothing; whoever starts next removes what nobody holds any more. What has to be made
elsewhere, beside the place that it will take, is noted in such a folder, and goes with it.
"""

import atexit
import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Final

from attrs import frozen

MEMORY_DIRECTORY = "/dev/shm"
SCRATCH_VARIABLE = "RAFT_ORACLE_SCRATCH"
"""The variable of the environment that names the scratch directory of the hunt."""
PREFIX: Final = ".raft-oracle-scratch-"
YOUNG_PREFIX: Final = ".raft-oracle-young-"
"""What a folder is called until its lock is held."""
LOCK: Final = "owner"
NOTE: Final = "half-made-"
"""How files begin that name what is half made elsewhere."""
YOUNG_SECONDS: Final = 60.0
"""After so long, a folder without a lock is of a process that was killed as it made it."""


@frozen
class Scratch:
    """A folder of this process, and the descriptor that keeps its lock."""

    path: str
    lock: int

    @classmethod
    def made(cls) -> "Scratch":
        """A new folder, in memory if the system has some."""
        young = Path(tempfile.mkdtemp(prefix=YOUNG_PREFIX, dir=memory_directory()))
        lock = os.open(young / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = young.rename(young.with_name(PREFIX + young.name.removeprefix(YOUNG_PREFIX)))
        return cls(str(path), lock)

    def remove(self) -> None:
        """Remove it with all that is in it, and what is noted there."""
        empty(Path(self.path))
        os.close(self.lock)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder that goes when the block ends."""
    scratch = Scratch.made()
    try:
        yield Path(scratch.path)
    finally:
        scratch.remove()


@contextmanager
def half_made(path: Path) -> Iterator[Path]:
    """What lies at this path meanwhile is of no use, and goes at the end of the block.

    So it does at the next start, if this process is killed before.
    """
    note = None
    with suppress(OSError):  # without memory for a note, it stays after a kill
        number, note = tempfile.mkstemp(prefix=NOTE, dir=scratch_directory())
        with os.fdopen(number, "wb") as file:
            file.write(os.fsencode(path.absolute()))
    try:
        yield path
    finally:
        remove(path)
        if note is not None:
            Path(note).unlink(missing_ok=True)


@contextmanager
def half_made_folder(parent: Path, name: str) -> Iterator[Path]:
    """A new folder that goes at the end of the block, beside what is made in it."""
    parent.mkdir(parents=True, exist_ok=True)
    with half_made(parent / f".{name}-{secrets.token_hex(8)}") as folder:
        folder.mkdir(mode=0o700)
        yield folder


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
    place = Path(memory_directory() or tempfile.gettempdir())
    for folder in (*place.glob(f"{PREFIX}*"), *place.glob(f"{YOUNG_PREFIX}*")):
        with suppress(OSError):  # somebody else's, or just removed by another process
            if folder.stat(follow_symlinks=False).st_uid == os.getuid():
                sweep_one(folder)


def sweep_one(folder: Path) -> None:
    """Remove a folder that nobody holds any more."""
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        if folder.name.startswith(PREFIX) or is_old(folder):
            folder.rmdir()  # its owner was killed before the lock was made, or after it was gone
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.name.startswith(PREFIX) or is_old(folder):
            empty(folder)
    finally:
        os.close(lock)


def is_old(folder: Path) -> bool:
    """Whether who makes a folder would have locked it by now."""
    return time.time() - folder.stat().st_mtime > YOUNG_SECONDS


def empty(folder: Path) -> None:
    """Remove a folder whose lock is held: the lock goes last, so that a kill leaves no other."""
    for note in folder.glob(f"{NOTE}*"):
        with suppress(OSError):
            remove(Path(os.fsdecode(note.read_bytes())))
    for each in folder.iterdir():
        if each.name != LOCK:
            remove(each)
    with suppress(OSError):
        (folder / LOCK).unlink()
        folder.rmdir()


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it, if it is there."""
    with suppress(OSError):
        if path.is_symlink() or not path.is_dir():
            path.unlink()
            return
        for folder, _, _ in os.walk(path):
            os.chmod(folder, 0o700)  # what is copied from Go's cache cannot be written to
        shutil.rmtree(path)
