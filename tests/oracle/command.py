"""The command line as a user runs it: a process of its own, in a directory of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Timer
from typing import IO

from attrs import frozen

ROOT = Path(__file__).resolve().parent.parent.parent
ADAPTERS = Path(__file__).resolve().parent / "adapters"
TOY = str(ADAPTERS / "toy_adapter.py")
BROKEN = str(ADAPTERS / "broken_adapter.py")
PREPARED = Path(__file__).resolve().with_name("prepared.py")
SECONDS = 120
LEFT_TO_ITSELF = ("RAFT_ORACLE_PATIENCE", "RAFT_ORACLE_SCRATCH", "PYTHONHASHSEED")


@frozen
class Done:
    """What a command did."""

    code: int
    out: str
    err: str


def environment(**variables: str) -> dict[str, str]:
    """The environment of a command: this one, with these variables."""
    kept = {name: text for name, text in os.environ.items() if name not in LEFT_TO_ITSELF}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", **variables}


def command_line(*arguments: str) -> list[str]:
    """`raft-oracle` with these arguments, run by this Python."""
    return [sys.executable, "-m", "oracle", *arguments]


def raft_oracle(
    cwd: Path,
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
) -> Done:
    """Run a command to its end."""
    chosen = environment(**(variables or {}))
    if any(name.startswith("PYTHON") for name in variables or ()) or sys.platform != "linux":
        return started(cwd, arguments, chosen, seconds)
    return forked(cwd, arguments, chosen, seconds)


def started(
    cwd: Path, arguments: tuple[str, ...], chosen: Mapping[str, str], seconds: float
) -> Done:
    """Run a command in a Python that is started for it, as what these variables say wants it."""
    done = subprocess.run(
        command_line(*arguments),
        cwd=cwd,
        env=chosen,
        capture_output=True,
        timeout=seconds,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@cache
def prepared() -> tuple[socket.socket, IO[bytes]]:
    """A process that forks for commands (tests/oracle/prepared.py): where to ask, and its answers.

    It ends when this process does, as nobody has the other end of its socket then.
    """
    near, far = socket.socketpair()
    with far:
        subprocess.Popen(
            [sys.executable, str(PREPARED), str(far.fileno())],
            cwd=ROOT,
            env=environment(),
            pass_fds=(far.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    return near, near.makefile("rb")


def forked(
    cwd: Path, arguments: tuple[str, ...], chosen: Mapping[str, str], seconds: float
) -> Done:
    """Run a command in a fork of the process that has imported it already."""
    channel, answers = prepared()
    request = {"folder": str(cwd), "words": arguments, "environment": chosen}
    pipes = [os.pipe(), os.pipe()]
    nothing = os.open(os.devnull, os.O_RDONLY)
    given = [nothing, *(writing for _, writing in pipes)]
    socket.send_fds(channel, [b" "], given)
    channel.sendall(json.dumps(request).encode() + b"\n")
    for each in given:
        os.close(each)
    limit = Timer(seconds, os.kill, (int(answers.readline()), signal.SIGKILL))
    limit.start()
    with ThreadPoolExecutor(len(pipes)) as pool:  # who writes to one must not wait for the other
        out, err = pool.map(all_of, (reading for reading, _ in pipes))
    code = int(answers.readline())
    limit.cancel()
    return Done(code, out.decode(), err.decode())


def all_of(pipe: int) -> bytes:
    """What is written to a pipe, until nobody can write to it any more."""
    with open(pipe, "rb") as stream:
        return stream.read()


def is_refused(done: Done) -> bool:
    """Whether a command was refused as wrong usage: one line on standard error, nothing else."""
    is_one_line = done.err.count("\n") == 1 and done.err.startswith("raft-oracle: ")
    return done.code == 64 and is_one_line and done.out == "" and "Traceback" not in done.err


def flat(text: str) -> str:
    """Text in one line, where a trace has wrapped it."""
    return " ".join(text.split())
