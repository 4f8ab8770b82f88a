"""Running a schedule that was saved, whatever its subject does meanwhile."""

from collections.abc import Iterable

from model.actions import Schedule
from model.failures import SUBJECT_FAILED, LongRunError
from oracle.hunting.forked_runs import death_of_subject, play_forked
from oracle.hunting.investigate import Played, play
from oracle.hunting.plan import HuntPlan
from oracle.processes.process_pool import Died, ProcessPool
from oracle.processes.signals import interruptible
from oracle.terminal.usage import UsageError


def first_that_breaks(
    plan: HuntPlan, schedules: Iterable[Schedule], name: str
) -> tuple[Schedule, Played] | None:
    """The first of these schedules that breaks a property, and what came of it; None if none does.

    A library in another version may send other messages, so that the same finding may come of its
    macro actions, or of the schedule as it was found, and not of the shortest one.
    """
    for schedule in schedules:
        played = play_safely(plan, schedule) if schedule else None
        if played and played.violation and played.violation.property == name:
            return schedule, played
    return None


def play_safely(plan: HuntPlan, schedule: Schedule) -> Played:
    """Run a schedule, whatever its subject does; UsageError where the run has no end in sight."""
    try:
        return play_apart(plan, schedule)
    except LongRunError as error:
        raise UsageError(f"schedule: {error}") from None


def play_apart(plan: HuntPlan, schedule: Schedule) -> Played:
    """Run a schedule; a subject of the user's does so in another process, which it may end."""
    isolation = plan.target.subject.isolation
    if isolation == "none":
        return play(plan, schedule)
    task = play if isolation == "process" else play_forked
    with interruptible() as interruption, ProcessPool(1, quiet=False) as pool:
        answer = pool.run(interruption, task, plan, schedule)
    if isinstance(answer, Died):
        violation = death_of_subject(answer.exit_code)
        return Played(f"{SUBJECT_FAILED} violated: {violation.detail}\n", violation)
    played: Played = answer
    return played
