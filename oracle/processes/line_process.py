"""A process that answers each line with one line; here it is always an adapter's.

It leads a process group of its own, which ends with it. Its standard error is read all the time,
so that it never waits for a reader, and only the end of it is kept.
"""

import atexit
import os
import select
import shlex
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Final

from model.subject import SubjectError
from oracle.processes import process_groups as groups
from oracle.processes.last_words import cause_of_end
from oracle.processes.looking import Looks

LONGEST_REPLY: Final = 64 << 20
"""Bytes of one reply: an adapter that never ends its line must not fill the memory."""
KEPT: Final = 64 << 10
"""Bytes of standard error that are kept: the last ones."""
PIECE: Final = 1 << 16
ENDING_SECONDS: Final = 1.0
"""How long a process may take to end once it has closed its output."""
SHOWN: Final = 80
"""Characters of a line that is quoted because it is wrong."""


class UnansweredError(SubjectError):
    """There is no whole reply, and there will be none."""

    written: bytes = b""
    """The beginning of the reply."""
    how: str = ""
    """How that came, with the subject of the sentence left out: ended with exit code 2."""
    said: str = ""
    """The cause that the process gave for its end, if any."""


class ProcessDiedError(UnansweredError):
    """The adapter's process has ended."""

    cause = "died"


class NoProgramError(SubjectError):
    """The command of an adapter cannot be started."""


class ProcessHungError(UnansweredError):
    """The adapter did not reply in time."""

    cause = "hung"


class ProcessOutputError(SubjectError):
    """The adapter wrote more or less than one line for one command."""

    cause = "output"


class LineProcess:
    """A running adapter: `ask` sends it a line, and returns the line that it replies with."""

    def __init__(self, command: Sequence[str]) -> None:
        self.errors = b""
        self.slowest = 0.0
        """Seconds that the slowest reply took."""
        self._process = started(command)
        self._input = descriptor_of(self._process.stdin)
        self._output = descriptor_of(self._process.stdout)
        self._complaints = descriptor_of(self._process.stderr)
        for each in (self._input, self._output, self._complaints):
            os.set_blocking(each, False)
        self._left = b""
        """What is not written yet of the last command."""
        self._is_full = False
        """Whether the process has not yet read all that was written."""
        self._looks = Looks()
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN)
        self._poll.register(self._complaints, select.POLLIN)
        groups.note(self._process.pid)
        RUNNING.add(self)

    @property
    def is_running(self) -> bool:
        """Whether it can still be asked."""
        return self in RUNNING

    def ask(self, line: bytes, seconds: float) -> bytes:
        """Write a command, and wait so long for its reply, which is given without its end."""
        self.tell(line)
        return self.hear(seconds)

    def tell(self, line: bytes) -> None:
        """Write a command; its reply has to be heard before the next one."""
        for descriptor, _ in self._poll.poll(0):
            self._hear_unasked(descriptor)
        self._left = self._write(line + b"\n")

    def hear(self, seconds: float) -> bytes:
        """Wait so long for the reply to a command."""
        before = time.monotonic()
        waiting, reply = seconds, bytearray()
        came = self._looks.came(self._poll.poll)
        while waiting > 0:
            for descriptor, _ in came or self._poll.poll(waiting * 1000):
                if descriptor == self._output:
                    piece = self._read(reply)
                    if piece.endswith(b"\n"):
                        self.slowest = max(self.slowest, time.monotonic() - before)
                        return self._single(reply + piece if reply else piece)
                    reply += piece
                    self._check(reply, piece)
                elif descriptor == self._complaints:
                    self._hear_complaints()
                else:
                    self._left = self._write(self._left)
            came, waiting = (), before + seconds - time.monotonic()
        hung = ProcessHungError("no reply in time")
        raise self._failed(unanswered(hung, reply, "did not get done in time"))

    def ends_with_input(self, seconds: float) -> bool:
        """Whether the process ends by itself, in so long, when its input ends."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.stop()
        return True

    def stop(self) -> None:
        """End the process with all that it has started, and give back its pipes."""
        RUNNING.discard(self)
        groups.end(self._process.pid)
        self._process.kill()
        self._process.wait()
        with suppress(OSError):
            self._hear_last_complaints()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _write(self, line: bytes) -> bytes:
        """Write what the pipe takes; the rest waits until the process has read some of it."""
        try:
            left = line[os.write(self._input, line) :]
        except BlockingIOError:
            left = line
        except BrokenPipeError:
            left = b""  # its end is seen where it is read
        if left and not self._is_full:
            self._poll.register(self._input, select.POLLOUT)
        elif self._is_full and not left:
            self._poll.unregister(self._input)
        self._is_full = bool(left)
        return left

    def _read(self, before: bytes | bytearray = b"") -> bytes:
        """What has come on standard output; ProcessDiedError where that has ended."""
        piece = os.read(self._output, PIECE)
        if not piece:
            raise self._died(before)
        return piece

    def _single(self, reply: bytes | bytearray) -> bytes:
        """The one line of a reply."""
        if reply.find(b"\n") != len(reply) - 1:
            found = reply.count(b"\n")
            raise self._failed(ProcessOutputError(f"found {found} lines, expected one reply"))
        return bytes(reply[:-1])

    def _check(self, reply: bytearray, piece: bytes) -> None:
        """Part of a reply may come, but not without end, nor may more than one."""
        if b"\n" in piece:
            text = "found more after the end of the line, expected one reply"
            raise self._failed(ProcessOutputError(text))
        if len(reply) > LONGEST_REPLY:
            text = f"found more than {LONGEST_REPLY >> 20} MiB without an end of line"
            raise self._failed(ProcessOutputError(f"{text}, expected one reply"))

    def _hear_unasked(self, descriptor: int) -> None:
        """Before a command there is nothing to read, but for complaints."""
        if descriptor == self._output:
            piece = self._read()
            found = quoted(piece)
            text = f"found {found} before the command, expected one reply to the one before"
            raise self._failed(ProcessOutputError(text))
        self._hear_complaints()

    def _hear_complaints(self) -> None:
        """Keep the end of standard error; where it was closed, look there no more."""
        piece = os.read(self._complaints, PIECE)
        if piece:
            self.errors = (self.errors + piece)[-KEPT:]
        else:
            self._poll.unregister(self._complaints)

    def _hear_last_complaints(self) -> None:
        """What is left in the pipe, of which no more can come."""
        for _ in range(PIECE):
            piece = os.read(self._complaints, PIECE)
            if not piece:
                return
            self.errors = (self.errors + piece)[-KEPT:]

    def _failed(self, error: SubjectError) -> SubjectError:
        """An error, after which the process is of no use."""
        self.stop()
        return error

    def _died(self, half: bytes | bytearray) -> SubjectError:
        """How a process that has closed its output ended."""
        inside = f" within a reply, having written {quoted(half)}" if half else ""
        try:
            how = manner_of_end(self._process.wait(ENDING_SECONDS))
        except subprocess.TimeoutExpired:
            how = "closed its standard output"
        self.stop()  # which hears the last of its complaints
        cause = cause_of_end(self.errors)
        said = f": {cause}" if cause else ""
        died = ProcessDiedError(f"the adapter {how}{inside}{said}")
        return unanswered(died, half, how, cause)


def unanswered(
    error: UnansweredError, written: bytes | bytearray, how: str, said: str = ""
) -> UnansweredError:
    """The error, with the beginning of the reply, and what came of its process."""
    error.written, error.how, error.said = bytes(written), how, said
    return error


RUNNING: Final[set[LineProcess]] = set()


def end_all() -> None:
    """No adapter outlives this process."""
    for process in list(RUNNING):
        process.stop()


atexit.register(end_all)


def started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """The process of a command; NoProgramError says why there is none."""
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            process_group=0,
        )
    except FileNotFoundError:
        why = "it is not found"
    except PermissionError:
        why = "it is not executable"
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
    raise NoProgramError(f"cannot start {shlex.quote(command[0])}: {why}")


def descriptor_of(pipe: IO[bytes] | None) -> int:
    """The descriptor of a pipe to a process, which was asked for and so is there."""
    assert pipe is not None
    return pipe.fileno()


def manner_of_end(code: int) -> str:
    """How a process ended."""
    if code >= 0:
        return f"ended with exit code {code}"
    with suppress(ValueError):
        return f"was killed by {signal.Signals(-code).name}"
    return f"was killed by signal {-code}"


def quoted(line: bytes | bytearray) -> str:
    """The beginning of a line that is wrong."""
    text = line[: 4 * SHOWN].decode(errors="replace").strip()
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")
