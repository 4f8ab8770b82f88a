"""`raft-oracle hunt DIRECTORY --explain`: what was recognised, and what can be checked with it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from model.target import Directory, NamedSubject
from oracle.processes.last_words import cause_of_end
from oracle.processes.tool import ToolError, complaint, output_of
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens
from oracle.terminal.progress import reporting
from oracle.terminal.usage import LOADING_SECONDS, UsageError, patience
from oracle.unmodified.build import ODD, Program, built_directory

OPTION: Final = "--explain"
"""Asks the program of a directory for the fields that it found."""
FAILED: Final = "failed: "
"""What stands before the words of a program that failed."""
CALLS: Final = 20
"""So many times the patience with one call is what it may take: it tries a cluster."""


def explain(subject: NamedSubject, settings: Mapping[str, str]) -> Exit:
    """Print what a directory was recognised as, and what its program found in it; the exit code.

    What the settings correct is shown as they say.
    """
    if not isinstance(subject, Directory):
        raise UsageError(
            f"explain: found the subject {subject.text}, expected a directory of Go sources"
        )
    with building(subject):
        program = built_directory(subject.path)
    seconds = LOADING_SECONDS + CALLS * patience()
    try:
        given = (f"{name}={value}" for name, value in settings.items())
        command = (*program.command, OPTION, *given)
        found = output_of(command, Path.cwd(), worded=cause_or_complaint, seconds=seconds)
    except ToolError as error:
        how = str(error).removeprefix(f"{Path(program.command[0]).name} {OPTION} ")
        said = how.removeprefix(FAILED)
        why = said if said != how else f"{program.called} {how}"
        raise UsageError(f"subject: {subject.text}: cannot be explained: {why}") from None
    with even_if_nobody_listens():
        for label, text in program.recognised:
            echo(f"{label:<13}{text}")  # not wrapped: paths stay whole
        echo(found, newline=False)
    return Exit.NOTHING_FOUND


def cause_or_complaint(errors: str) -> str:
    """Why a program that was asked to explain ended: what Go wrote of a panic, or its own words."""
    return cause_of_end(errors.encode()) or complaint(errors)


@contextmanager
def building(subject: NamedSubject) -> Iterator[None]:
    """Tell whoever watches a terminal for what they wait while a directory is built."""
    if not isinstance(subject, Directory):
        yield
        return
    with reporting(f"{subject.text}: building, which takes longest the first time", str):
        yield


def print_recognised(program: Program, remark: str = "") -> None:
    """Say what is hunted, and what is odd about it, to whoever waits for the hunt."""
    (_, what), *others = program.recognised
    odd = [text for label, text in others if label == ODD]
    for text in (what, *odd, *([remark] if remark else [])):
        echo(f"raft-oracle: {text}", err=True)
