"""`raft-oracle replay`: run a saved schedule again."""

import sys
from pathlib import Path

import click
from attrs import evolve

from model.runs.render import text_of
from model.schedule import SavedSchedule
from oracle.commands.names import completed, scenario_names
from oracle.commands.options import names_of_own, property_option
from oracle.commands.trust import check_trust, trust_option
from oracle.formats.schedule_file import read_written
from oracle.formats.schedule_text import WrittenSchedule
from oracle.hunting.investigate import Played
from oracle.hunting.plan import make_plan
from oracle.hunting.play_safely import play_safely
from oracle.pictures.story import told, unmet
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens, width_of_terminal
from oracle.terminal.trace_output import print_trace
from oracle.terminal.usage import UsageError, patience
from properties.property import Violation


@click.command()
@click.argument(
    "schedule", shell_complete=completed(scenario_names, True), type=click.Path(path_type=Path)
)
@property_option
@trust_option
def replay(schedule: Path, property_files: tuple[str, ...], is_trusted: bool) -> None:
    """Run a saved SCHEDULE again and print its trace."""
    patience()
    written = read_written(schedule, names_of_own(property_files))
    check_trust(written.saved.target, schedule, is_trusted)
    result = play_written(written, schedule, property_files)
    execution = result.execution
    with even_if_nobody_listens():
        print_trace(text_at(result, width_of_terminal()))
    missed = [] if execution is None else list(unmet(execution, written.story))
    with even_if_nobody_listens():
        for each in missed:
            echo(f"Not as expected: {each}.")
    code = compare(written.saved, result.violation)
    sys.exit(Exit.INCONCLUSIVE if missed and code == Exit.NOTHING_FOUND else code)


def text_at(result: Played, width: int | None) -> str:
    """The trace of a replay, for lines of this width; None where nobody looks at a terminal."""
    execution = result.execution
    if execution is None or width is None:
        return result.trace
    return text_of(execution, execution.origin.heading, width) + result.errors


def play_written(written: WrittenSchedule, path: Path, files: tuple[str, ...] = ()) -> Played:
    """Run a schedule, and tell its story along what came of it.

    `files` have properties of the user's own.
    """
    try:
        plan = evolve(make_plan(written.saved.target), property_files=files)
    except UsageError as error:
        raise UsageError(f"schedule {path}: {error}") from error
    result = play_safely(plan, written.saved.actions)
    if result.execution is None or not written.story.stages:
        return result
    execution = told(result.execution, written.story)
    return Played(text_of(execution, execution.origin.heading), result.violation, execution)


def compare(saved: SavedSchedule, violation: Violation | None) -> int:
    """Say whether the replay did what was saved; the exit code."""
    found = violation.property if violation else None
    if found == saved.property:
        return Exit.NOTHING_FOUND if found is None else Exit.VIOLATION
    with even_if_nobody_listens():
        echo(
            f"\nNot as saved: expected {saved.property or 'no violation'}, found {found or 'none'}."
        )
    return Exit.INCONCLUSIVE if found is None else Exit.VIOLATION
