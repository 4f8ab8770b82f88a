"""What a hunt stores: a schedule, its trace as text and as JSON, and a regression test."""

from attrs import frozen

from model.actions import Schedule
from model.runs.render import render
from model.runs.shrink import Shrunk
from model.schedule import SavedSchedule, dump_schedule
from model.subject import Subject
from oracle.formats.program import program
from oracle.formats.pytest_file import regression_test
from oracle.formats.trace_json import trace_json
from oracle.hunting.plan import HuntPlan
from oracle.terminal.wording import printable
from properties.property import Violation


@frozen
class Artefacts:
    """A finding, ready to be stored: the files' contents by name."""

    violation: Violation
    found: int
    macro: int
    micro: int
    trace: str
    files: dict[str, bytes]


def artefacts_of(
    plan: HuntPlan,
    subject: Subject,
    shrunk: Shrunk,
    actions: Schedule,
    note: str = "",
    heading: str | None = None,
) -> Artefacts:
    """All files of a shrunk violation, to which `actions` lead; `note` adds to the heading."""
    heading = (heading or heading_of(plan, shrunk)) + note
    trace = render(subject, shrunk.run, heading)
    if shrunk.macro:
        trace += f"\nThe same in macro actions:\n{program(shrunk.macro, '  ')}\n"
    saved = saved_schedule(plan, shrunk.violation, actions, shrunk.macro, shrunk.found)
    return Artefacts(
        violation=shrunk.violation,
        found=len(shrunk.found),
        macro=len(shrunk.macro),
        micro=len(shrunk.micro),
        trace=trace,
        files={
            "schedule.json": dump_schedule(saved),
            "trace.txt": printable(trace).encode(),
            "trace.json": trace_json(subject, shrunk.run, saved),
            "test_regression.py": regression_test(saved, shrunk.violation).encode(),
        },
    )


def heading_of(plan: HuntPlan, shrunk: Shrunk) -> str:
    """Where this comes from."""
    return (
        f"{plan.world()}; {plan.driver}, seed {plan.seed};\n{plan.caveat()}"
        f"{counted(len(shrunk.found), 'action')} shrunk to {len(shrunk.macro)}, "
        f"which are {counted(len(shrunk.micro), 'step')}."
    )


def counted(number: int, noun: str) -> str:
    """So many of something."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def saved_schedule(
    plan: HuntPlan,
    violation: Violation | None,
    actions: Schedule,
    macro: Schedule = (),
    found: Schedule = (),
) -> SavedSchedule:
    """A schedule with its provenance."""
    return SavedSchedule(
        target=plan.target,
        subject_version=plan.version,
        driver=plan.driver,
        seed=plan.seed,
        property=violation.property if violation else None,
        actions=actions,
        macro=macro,
        found=found,
    )
