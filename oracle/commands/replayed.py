"""Whether what runs now still does what a saved schedule was saved for."""

from pathlib import Path

from attrs import evolve

from model.schedule import SavedSchedule
from oracle.bridging.description import PINNED
from oracle.commands.options import read_ignored
from oracle.hunting.bisection import Probe
from oracle.hunting.plan import make_plan
from oracle.hunting.play_safely import first_that_breaks, play_safely
from oracle.subjects.registry import BROKEN_NAMES
from oracle.terminal.usage import UsageError


def what_it_breaks(saved: SavedSchedule, path: Path) -> str:
    """The property that a schedule is saved for; UsageError where it names none."""
    if saved.property is None:
        raise UsageError(
            f"schedule {path}: found nothing that it breaks, expected a property (in a text: "
            "breaks NAME)"
        )
    return saved.property


def replayed(saved: SavedSchedule, name: str, files: tuple[str, ...]) -> Probe:
    """Whether the schedule breaks a property; what else it breaks does not count.

    `files` have properties of the user's own.
    """
    target = saved.target
    version = target.settings.get(PINNED, "")
    ignore = target.ignore | read_ignored((), (name,) if name in BROKEN_NAMES else ())
    try:
        plan = evolve(make_plan(evolve(target, ignore=ignore)), property_files=files)
    except UsageError as error:
        return Probe(version=version, state="not tried", how=str(error))
    breaks = first_that_breaks(plan, (saved.actions, saved.macro, saved.found), name)
    if breaks is not None:
        schedule, played = breaks
        steps = len(schedule) if played.execution is None else len(played.execution.steps)
        return Probe(
            version=version,
            state="broken",
            how="by the schedule",
            violation=played.violation,
            steps=steps,
        )
    other = play_safely(plan, saved.actions).violation
    if other is not None:
        how = f"{other.property} comes first: {other.detail}"
        return Probe(version=version, state="not tried", how=how)
    return Probe(version=version, state="not found", how="not broken by the schedule")
