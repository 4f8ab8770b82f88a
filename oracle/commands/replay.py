"""`raft-oracle replay`: run a saved schedule again."""

import sys
from pathlib import Path

import click

from model.schedule import SavedSchedule, ScheduleError, load_schedule
from oracle.hunting.plan import make_plan
from oracle.regression import play_safely
from oracle.subjects.naming import read_subject
from oracle.subjects.registry import BROKEN_NAMES
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens
from oracle.terminal.usage import UsageError, patience
from properties.property import Violation


@click.command()
@click.argument("schedule", type=click.Path(path_type=Path))
def replay(schedule: Path) -> None:
    """Run a saved SCHEDULE again and print its trace."""
    patience()
    saved = read_schedule(schedule)
    try:
        plan = make_plan(saved.target)
    except UsageError as error:
        raise UsageError(f"schedule {schedule}: {error}") from error
    result = play_safely(plan, saved.actions)
    with even_if_nobody_listens():
        echo(result.trace, newline=False)
    sys.exit(compare(saved, result.violation))


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


def read_schedule(path: Path) -> SavedSchedule:
    """A saved schedule from a file."""
    try:
        saved = load_schedule(path.read_bytes(), read_subject)
    except OSError as error:
        raise UsageError(f"schedule {path}: {error.strerror}") from None
    except (ScheduleError, UsageError) as error:
        raise UsageError(f"schedule {path}: {error}") from None
    except RecursionError:
        raise UsageError(f"schedule {path}: nested too deeply, expected a schedule") from None
    if saved.property not in (None, *BROKEN_NAMES):
        expected = ", ".join(BROKEN_NAMES)
        raise UsageError(
            f"schedule {path}: property: found {saved.property!r}, expected one of {expected}, null"
        )
    return saved
