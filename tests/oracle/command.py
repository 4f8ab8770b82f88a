"""The command line as a user runs it: a process of its own, in a directory of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).resolve().parent.parent.parent
ADAPTERS = Path(__file__).resolve().parent / "adapters"
TOY = str(ADAPTERS / "toy_adapter.py")
BROKEN = str(ADAPTERS / "broken_adapter.py")
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


def raft_oracle(cwd: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> Done:
    """Run a command to its end."""
    done = subprocess.run(
        command_line(*arguments),
        cwd=cwd,
        env=environment(**(variables or {})),
        capture_output=True,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def is_refused(done: Done) -> bool:
    """Whether a command was refused as wrong usage: one line on standard error, nothing else."""
    is_one_line = done.err.count("\n") == 1 and done.err.startswith("raft-oracle: ")
    return done.code == 64 and is_one_line and done.out == "" and "Traceback" not in done.err


def flat(text: str) -> str:
    """Text in one line, where a trace has wrapped it."""
    return " ".join(text.split())
