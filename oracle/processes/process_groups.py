"""Process groups of adapters, which end with the process that started them.

A process that is killed cannot tidy up. So each group that it starts is noted as an empty file
in a directory that outlives it, and the process that kills it ends the groups that are noted there.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path

from oracle.processes.scratch import SCRATCH_VARIABLE

PREFIX = "group-"


def note(group: int) -> None:
    """A process group has been started."""
    with suppress(OSError):
        path(group).touch()


def end(group: int) -> None:
    """End a process group, if it is there still."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
    with suppress(OSError):
        path(group).unlink()


def end_noted(scratch: str) -> None:
    """End all groups that were noted in a directory."""
    for each in Path(scratch).glob(f"{PREFIX}*"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(int(each.name.removeprefix(PREFIX)), signal.SIGKILL)
        each.unlink(missing_ok=True)


def path(group: int) -> Path:
    """Where a group is noted, for which there has to be a directory."""
    return Path(os.environ.get(SCRATCH_VARIABLE) or os.devnull) / f"{PREFIX}{group}"
