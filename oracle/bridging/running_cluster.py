"""A cluster of a real library that runs by itself, as a process that writes a trace."""

import gzip
import os
import select
import subprocess
import time
from collections.abc import Generator, Sequence
from typing import IO, Final

from model.subject import SubjectError
from oracle.processes import process_groups as groups
from oracle.processes.line_process import manner_of_end
from oracle.store.input_files import LONGEST_LINE
from oracle.terminal.exit_codes import Exit
from oracle.terminal.usage import UsageError, patience

PIECE: Final = 1 << 16


KEPT: Final = 1 << 16
"""Bytes of standard error that are kept."""


class ClusterFailedError(SubjectError):
    """The program that runs a cluster hangs, or has failed."""


class Kept:
    """A file on a disk that may be full: then no more is kept, and what is judged is judged."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.failed: str | None = None
        """Why something is missing."""

    def write(self, data: bytes) -> int:
        """Keep all of it, or nothing from now on."""
        rest = memoryview(data)
        try:
            while rest and self.failed is None:  # an unbuffered file may take a part only
                rest = rest[self.file.write(rest) :]
        except OSError as error:
            self.failed = error.strerror
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""


class RunningCluster:
    """A process that writes a trace; the trace is kept, compressed, as it comes."""

    def __init__(
        self, command: Sequence[str], seconds: float, kept: IO[bytes], errors: IO[bytes]
    ) -> None:
        self.until = time.monotonic() + seconds + 2 * patience()
        self.kept, self.errors = Kept(kept), errors
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
                process_group=0,
            )
        except OSError as error:
            raise UsageError(f"cannot start {command[0]}: {error.strerror}") from None
        groups.note(self._process.pid)

    def lines(self) -> Generator[bytes, None, None]:
        """Whole lines, as they come; ClusterFailedError if the process fails."""
        compressed = gzip.GzipFile(fileobj=self.kept, mode="wb", compresslevel=1, mtime=0)
        rest = b""
        with compressed:
            while piece := self._piece():
                whole, end, rest = (rest + piece).rpartition(b"\n")
                compressed.write(whole + end)
                yield from whole.splitlines(keepends=True)
                if len(rest) > LONGEST_LINE:
                    raise ClusterFailedError(f"wrote a line of more than {LONGEST_LINE:,} bytes")
        self._end()

    def _piece(self) -> bytes:
        """What has come; nothing at the end."""
        assert self._process.stdout is not None
        waiting = self.until - time.monotonic()
        if waiting <= 0 or not select.select([self._process.stdout], [], [], waiting)[0]:
            raise ClusterFailedError("hangs: its time is over, and it does not end")
        return os.read(self._process.stdout.fileno(), PIECE)

    def _end(self) -> None:
        try:
            code = self._process.wait(patience())
        except subprocess.TimeoutExpired:
            raise ClusterFailedError("closed its standard output and does not end") from None
        if code == Exit.WRONG_USAGE:
            raise UsageError(self.complaint())
        if code:
            first = self.complaint()
            raise ClusterFailedError(manner_of_end(code) + (f": {first}" if first else ""))

    def complaint(self) -> str:
        """The first line of standard error."""
        lines = self.standard_error().decode(errors="replace").strip().splitlines()
        return lines[0] if lines else ""

    def standard_error(self) -> bytes:
        """What it wrote to standard error, or the beginning of it."""
        self.errors.seek(0)
        return self.errors.read(KEPT)

    def stop(self) -> None:
        """End the process with all that it has started."""
        groups.end(self._process.pid)
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
