"""Crash points: every write and send of a server of PySyncObj, so that a kill can fall before it.

The operating system's view is counted, in its order: a store into the journal's
mapping (an added entry is two: its record, then the header that counts it), a write of a file's
buffer (dump, arriving snapshot, meta), a rename, and a message handed to the transport. What
Python still holds in a buffer is lost with the process. Once dead, nothing of a server counts
any more: the library's bare `except:` clauses, which would go on after a kill, do no harm.

It is the kill of a process: what the system has got stays. With `power_failures` it is the
machine that stops: the system writes a mapping back when it likes, and a file's buffer soon
after its rename, so that a server may find an older journal beside its newest meta file and dump.
"""

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from attrs import define, field


class KilledError(BaseException):
    """The process ends here; no handler for what a library may raise should catch it."""


@define(eq=False)
class Process:
    """A server's process, from a start to a crash."""

    left: int | None = None
    """How many more writes and sends it lives for; None is forever."""
    is_dead: bool = False

    def act(self) -> None:
        """A write or a send is next: KilledError where the process does not live to see it."""
        if self.left is not None and not self.is_dead:
            self.is_dead = self.left == 0
            self.left -= 1
        if self.is_dead:
            raise KilledError


@define(eq=False)
class Running:
    """The server process whose code runs at the moment; each call of a server sets it first."""

    process: Process = field(factory=Process)

    def counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, as one of the writes that are counted."""

        def act_and_call(*arguments: Any) -> Any:
            self.process.act()
            return call(*arguments)

        return act_and_call

    def opened(self, path: str) -> io.BufferedWriter:
        """A new file for writing, whose buffer is lost with the process that opened it."""
        return io.BufferedWriter(CountedFile(path, self.process))

    def count_writes(self, journal: Any, serializer: Any) -> None:
        """Replace the functions by which these two modules write with ones that count."""
        journal.ResizableFile.write = self.counted(journal.ResizableFile.write)
        if hasattr(journal, "shutil"):  # the oldest versions keep no meta file
            journal.shutil = SimpleNamespace(move=self.counted(journal.shutil.move))
        serializer.atomicReplace = self.counted(serializer.atomicReplace)


class CountedFile(io.FileIO):
    """What lies below a buffered file: each write of its own is one of its process."""

    def __init__(self, path: str, process: Process) -> None:
        super().__init__(path, "wb")
        self._process = process

    def write(self, data: Any) -> int:
        """Write, unless the process is dead: then what was still in the buffer is gone."""
        if not self._process.is_dead:
            self._process.act()
            return super().write(data)
        return memoryview(data).nbytes


class WrittenBack:
    """What a power failure leaves of a server's journal: its content at the start of the process
    or at its last compaction, whichever is later."""

    def __init__(self, path: Path, journal: Any) -> None:
        self._path = path
        self._library_delete_to = journal.deleteEntriesTo
        journal.deleteEntriesTo = self._delete_to
        self._content = path.read_bytes()

    def restore(self) -> None:
        """Take what was stored since, once nobody has the file open."""
        self._path.write_bytes(self._content)

    def _delete_to(self, position: int) -> None:
        self._library_delete_to(position)
        self._content = self._path.read_bytes()


def release_files(machine: Any) -> None:
    """Close a dead server's files as the kernel does after a kill: nothing more is written."""
    journal = machine._SyncObj__raftLog
    resizable = getattr(journal, "_FileJournal__journalFile", None)
    if resizable is not None:
        resizable._ResizableFile__mm.close()
        resizable._ResizableFile__f.close()
    serializer = machine._SyncObj__serializer
    for transmission in serializer._Serializer__transmissions.values():
        if "file" in transmission:
            transmission["file"].close()
    incoming = serializer._Serializer__incomingTransmissionFile
    if incoming is not None and hasattr(incoming, "close"):
        incoming.close()  # what Python still holds back goes nowhere
