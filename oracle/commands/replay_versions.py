"""`raft-oracle replay SCHEDULE --versions A..B`: in which release a schedule begins to break a
library, or ends."""

from pathlib import Path

from attrs import evolve

from model.schedule import SavedSchedule
from oracle.bridging.description import PINNED
from oracle.bridging.own_source import SOURCE
from oracle.bridging.versions import read_range
from oracle.commands.hunt_versions import exit_code, tell_probe
from oracle.commands.options import names_of_own
from oracle.commands.replayed import replayed, what_it_breaks
from oracle.commands.trust import remember_named
from oracle.formats.schedule_file import read_written
from oracle.hunting.bisection import Probe, bisect
from oracle.hunting.findings import counted
from oracle.hunting.version_attempts import not_tried
from oracle.processes.signals import SignalledError
from oracle.subjects.released import obtain, released
from oracle.terminal.output import echo, even_if_nobody_listens, print_report
from oracle.terminal.usage import UsageError


def replay_versions(path: Path, files: tuple[str, ...], versions: str) -> int:
    """Play a schedule on the releases of a range, and say what came out; the exit code."""
    saved = read_written(path, names_of_own(files)).saved
    name, subject = what_it_breaks(saved, path), saved.target.subject
    wanted = read_range(versions)
    library = released(subject)
    within = library.within(wanted)
    with even_if_nobody_listens():
        print_report(
            f"{subject.text}: {counted(len(within), 'version')} from {wanted.oldest} to "
            f"{wanted.newest}, as {library.listed_by} them; {name} by {path}."
        )
    verdict = bisect(within, lambda version: attempt(saved, name, files, version), tell_probe)
    if not verdict.tried and not verdict.is_interrupted:
        raise UsageError(f"version: none of {wanted} can be played: {verdict.probed[0].how}")
    interrupted = "Interrupted. " if verdict.is_interrupted else ""
    with even_if_nobody_listens():
        echo("")
        print_report(f"{interrupted}{verdict.sentence()}")
        if any(each.state == "not found" for each in verdict.tried):
            print_report("A version that one schedule does not break may break in another way.")
    return exit_code(verdict)


def attempt(saved: SavedSchedule, name: str, files: tuple[str, ...], version: str) -> Probe:
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
