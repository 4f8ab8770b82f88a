"""A tool that builds something: run to its end, and what it complains of in one line."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from oracle.processes.line_process import manner_of_end
from oracle.processes.scratch import half_made_folder

TEMPORARY: Final = "raft-oracle-tool"
"""How the folder for a tool's temporary files begins; one that is killed does not remove them."""
TEMPORARY_VARIABLE: Final = "TMPDIR"
PATH_VARIABLE: Final = "PATH"
SECONDS: Final = 1800
"""A tool that takes longer hangs."""
LINES_SHOWN: Final = 6
"""Of what a tool says is wrong: at most so many."""
ESCAPE: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
"""A code that colours a terminal; Maven writes some even where there is none."""
MAVEN_ERROR: Final = "[ERROR]"
MAVEN_HELP: Final = "-> [Help 1]"


class ToolError(Exception):
    """A tool cannot be run, or failed: in one line."""


def on_path(program: str) -> str | None:
    """Where a tool lies; a PATH that names the folder one stands in lends none from there."""
    return shutil.which(program, path=absolute_path())


def absolute_path() -> str:
    """The PATH without the folders that depend on where one stands."""
    entries = os.environ.get(PATH_VARIABLE, os.defpath).split(os.pathsep)
    return os.pathsep.join(filter(os.path.isabs, entries))


@contextmanager
def tools_from_elsewhere() -> Iterator[None]:
    """What libraries start meanwhile by its name is no program of the folder one stands in."""
    before = os.environ.get(PATH_VARIABLE)
    os.environ[PATH_VARIABLE] = absolute_path() or os.defpath  # an empty one names that folder
    try:
        yield
    finally:
        os.environ.pop(PATH_VARIABLE)
        if before is not None:
            os.environ[PATH_VARIABLE] = before


def complaint(output: str) -> str:
    """What a failed tool says is wrong, in one line; empty where it says nothing.

    Compilers end with what is wrong. Maven begins with it, in lines marked as errors, and goes on
    with advice from the line that points to its help.
    """
    lines = lines_of(output)
    errors = [line.removeprefix(MAVEN_ERROR).strip() for line in lines if MAVEN_ERROR in line]
    if not errors:
        return "; ".join(lines[-LINES_SHOWN:])
    last = next((at for at, line in enumerate(errors) if MAVEN_HELP in line), LINES_SHOWN)
    return "; ".join(errors[: min(last + 1, LINES_SHOWN)]).removesuffix(MAVEN_HELP).strip()


def lines_of(output: str) -> list[str]:
    """The lines of a tool's output that are not empty, without colours."""
    return [line for line in (each.strip() for each in ESCAPE.sub("", output).splitlines()) if line]


def output_of(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    worded: Callable[[str], str] = complaint,
    seconds: float = SECONDS,
) -> str:
    """What a tool prints; ToolError has what it complains of, put into words by `worded`."""
    environment = os.environ if environment is None else environment
    try:
        with half_made_folder(Path(tempfile.gettempdir()), TEMPORARY) as temporary:
            done = subprocess.run(
                command,
                cwd=folder,
                env={**environment, TEMPORARY_VARIABLE: str(temporary)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
            )
    except subprocess.TimeoutExpired:
        raise ToolError(f"{command[0]} took over {seconds:g} s") from None
    except OSError as error:
        raise ToolError(f"{command[0]}: {error.strerror}") from None
    if done.returncode:
        said = worded(done.stderr) or worded(done.stdout)
        name = " ".join((Path(command[0]).name, *command[1:2]))
        how = f"failed: {said}" if said else manner_of_end(done.returncode)
        raise ToolError(f"{name} {how}")
    return done.stdout
