"""What a generated regression test calls."""

from collections.abc import Iterable, Mapping
from typing import Literal

from model.actions import Schedule
from model.failures import SUBJECT_FAILED, failure_of_subject
from model.subject import SubjectError
from model.target import Target
from oracle.hunting.forked_runs import manner_of_death, play_forked
from oracle.hunting.investigate import Played, play
from oracle.hunting.plan import HuntPlan, make_plan
from oracle.processes.process_pool import Died, ProcessPool
from oracle.processes.signals import interruptible
from oracle.subjects.naming import read_subject
from properties.property import Violation


def violation_of_schedule(
    schedule: Schedule,
    subject: str,
    servers: int,
    network: Literal["any", "fifo"],
    settings: Mapping[str, str],
    mutant: str | None = None,
    ignore: Iterable[str] = (),
) -> Violation | None:
    """The violation to which a schedule leads from a fresh start, or None."""
    target = Target(
        subject=read_subject(subject),
        servers=servers,
        network=network,
        settings=settings,
        ignore=frozenset(ignore),
        mutant=mutant,
    )
    return play_safely(make_plan(target), schedule).violation


def play_safely(plan: HuntPlan, schedule: Schedule) -> Played:
    """Run a schedule; a subject of the user's does so in another process, which it may end."""
    isolation = plan.target.subject.isolation
    if isolation == "none":
        return play(plan, schedule)
    task = play if isolation == "process" else play_forked
    with interruptible() as interruption, ProcessPool(1, quiet=False) as pool:
        answer = pool.run(interruption, task, plan, schedule)
    if isinstance(answer, Died):
        how = manner_of_death(answer.exit_code)
        error = SubjectError(f"the subject {how}", cause="died")
        violation = failure_of_subject(error)
        return Played(f"{SUBJECT_FAILED} violated: {violation.detail}\n", violation)
    played: Played = answer
    return played
