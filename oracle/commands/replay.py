"""`raft-oracle replay`: run a saved schedule again."""

import sys
from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path
from typing import Final

import click
from attrs import evolve

from model.runs.render import text_of
from model.schedule import SavedSchedule
from oracle.commands.main import end_of
from oracle.commands.names import completed, scenario_names
from oracle.commands.options import names_of_own, property_option
from oracle.commands.replay_versions import replay_versions
from oracle.commands.replayed import replayed, what_it_breaks
from oracle.commands.trust import check_trust, trust_option
from oracle.formats.schedule_file import read_written
from oracle.formats.schedule_text import WrittenSchedule
from oracle.hunting.bisection import Probe, State
from oracle.hunting.investigate import Played
from oracle.hunting.plan import make_plan
from oracle.hunting.play_safely import play_safely
from oracle.pictures.story import unmet, with_stages
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens, width_of_terminal
from oracle.terminal.trace_output import print_trace
from oracle.terminal.usage import UsageError, patience
from oracle.terminal.wording import one_line
from properties.property import Violation


@click.command()
@click.argument(
    "schedule", shell_complete=completed(scenario_names, True), type=click.Path(path_type=Path)
)
@property_option
@trust_option
@click.option(
    "--bisect",
    "is_bisected",
    is_flag=True,
    help="Print a line, and exit as `git bisect run` wants it: 1 where it breaks what it is saved "
    "for, 0 where it does not, 125 where that cannot be said, as where nothing can be built, and "
    "128 or more where the bisection has to end (default: exit as other commands do).",
)
@click.option(
    "--versions",
    metavar="A..B",
    help="Play it on releases of the library from A to B, in a search by halves, and name the one "
    "that it broke, or was mended, in (default: play it once, on the version that it names).",
)
def replay(
    schedule: Path,
    property_files: tuple[str, ...],
    is_trusted: bool,
    is_bisected: bool,
    versions: str | None,
) -> None:
    """Run a saved SCHEDULE again and print its trace."""
    if is_bisected and versions is not None:
        raise UsageError("--bisect: found --versions too, expected one of them")
    if is_bisected:
        sys.exit(told_git(schedule, property_files, is_trusted))
    patience()
    if versions is not None:
        sys.exit(replay_versions(schedule, property_files, versions))
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
    """The trace of a replay, for lines of this width; without one (None), as in files."""
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
    execution = with_stages(result.execution, written.story)
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


class ForGit(IntEnum):
    """What `git bisect run` makes of an exit code."""

    GOOD = 0
    BAD = 1
    SKIP = 125
    END = 128


FOR_GIT: Final[Mapping[State, ForGit]] = {
    "broken": ForGit.BAD,
    "not found": ForGit.GOOD,
    "not tried": ForGit.SKIP,
}


def told_git(path: Path, files: tuple[str, ...], is_trusted: bool) -> ForGit:
    """Run a schedule on what is checked out now, and say in a line what that means for git."""
    try:
        patience()
        saved = read_written(path, names_of_own(files)).saved
        check_trust(saved.target, path, is_trusted)
        name = what_it_breaks(saved, path)
        seen = replayed(saved, name, files)
        code, line = FOR_GIT[seen.state], in_words(seen, name)
    except (Exception, KeyboardInterrupt) as error:  # whose usual exit code git takes for BAD
        code, line = ForGit.END, end_of(error)[1]
    with even_if_nobody_listens():
        echo(f"raft-oracle: {code.name.lower()}: {one_line(line)}")
    return code


def in_words(seen: Probe, name: str) -> str:
    """What was seen, as git's user reads it."""
    match seen.state:
        case "broken":
            return f"{name}: {seen.violation.detail if seen.violation else ''}"
        case "not found":
            return f"the schedule does not break {name}"
        case "not tried":
            return seen.how
