"""`raft-oracle replay SCHEDULE --versions A..B`: in which release a schedule begins to break a
library, or ends."""

from pathlib import Path

from attrs import evolve

from model.schedule import SavedSchedule
from oracle.bridging.description import PINNED
from oracle.bridging.own_source import SOURCE
from oracle.bridging.versions import read_range
from oracle.commands.hunt_versions import exit_code, print_sentence, search_range
from oracle.commands.options import names_of_own
from oracle.commands.replayed import replayed, what_it_breaks
from oracle.commands.trust import remember_named
from oracle.formats.schedule_file import read_written
from oracle.hunting.bisection import Probe
from oracle.hunting.version_attempts import not_tried
from oracle.processes.signals import SignalledError
from oracle.subjects.released import obtain, released
from oracle.terminal.output import even_if_nobody_listens


def replay_versions(path: Path, files: tuple[str, ...], versions: str) -> int:
    """Play a schedule on the releases of a range, and say what came out; the exit code."""
    saved = read_written(path, names_of_own(files)).saved
    name, subject = what_it_breaks(saved, path), saved.target.subject
    wanted = read_range(versions)

    def attempt(version: str) -> Probe:
        return played_on(saved, name, files, version)

    what = f"{name} by {path}"
    verdict = search_range(subject, released(subject), wanted, attempt, what, "played")
    with even_if_nobody_listens():
        print_sentence(
            verdict, "A version that one schedule does not break may break in another way."
        )
    return exit_code(verdict)


def played_on(saved: SavedSchedule, name: str, files: tuple[str, ...], version: str) -> Probe:
    """What a schedule does in a version, which the command line has named by its range.

    It takes the place of a folder of source that the schedule may name.
    """
    target = saved.target
    kept = {key: value for key, value in target.settings.items() if key != SOURCE}
    settings = {**kept, PINNED: version}
    try:
        remember_named(target.subject, settings)
        obtain(target.subject, version, target.mutant)
        return replayed(evolve(saved, target=evolve(target, settings=settings)), name, files)
    except (SignalledError, KeyboardInterrupt):
        return not_tried(version, "interrupted", is_interrupted=True)
    except ValueError as error:
        return not_tried(version, str(error))
