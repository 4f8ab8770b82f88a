"""What a hunt stores: a schedule, its trace as text, JSON and a page, and a regression test."""

from pathlib import Path
from typing import Final, cast

from attrs import evolve, frozen

from model.actions import Schedule
from model.failures import LongRunError
from model.runs.execution import Execution, Origin
from model.runs.recorded import execution_of
from model.runs.render import WIDTH, text_of
from model.runs.run import Run, check_bounds
from model.runs.shrink import Shrunk
from model.schedule import SavedSchedule, dump_schedule
from model.subject import Subject, SubjectWithMeanings
from model.target import Reference
from oracle.formats.adapter_tests.languages import adapter_test
from oracle.formats.adapter_tests.rows import rows_of
from oracle.formats.pytest_file import regression_test
from oracle.formats.trace_json import trace_json
from oracle.hunting.plan import HuntPlan
from oracle.pictures.report_page import REPORT, report_page
from oracle.store.result_folder import ADAPTER_TESTS
from oracle.subjects.naming import absolute, portable, portable_path, portable_settings
from oracle.subjects.scaffold import scaffold_language
from oracle.terminal.wording import printable
from properties.property import Violation
from properties.view import MEANINGS

COMMANDS: Final = ("raft-oracle replay schedule.json", "pytest test_regression.py")
"""What sees a finding again, in its folder."""


@frozen
class Artefacts:
    """A finding, ready to be stored: files by name, and the schedule for those that run it."""

    violation: Violation
    found: int
    macro: int
    micro: int
    trace: str
    files: dict[str, bytes]
    saved: SavedSchedule
    property_files: tuple[str, ...] = ()

    def files_in(self, folder: Path) -> dict[str, bytes]:
        """All files, as they are stored in this folder: those that run name their subject there."""
        target = self.saved.target
        subject = portable(target.subject, folder)
        settings = portable_settings(target.subject, target.settings, folder)
        properties = tuple(portable_path(each, folder) for each in self.property_files)
        target = evolve(target, subject=subject, settings=settings)
        saved = evolve(self.saved, target=target)
        return {
            "schedule.json": dump_schedule(saved),
            "test_regression.py": regression_test(saved, self.violation, properties).encode(),
            **self.files,
        }


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
    try:
        check_bounds(shrunk.run)
        execution = recorded(plan, subject, shrunk.run, heading, shrunk.macro, COMMANDS, True)
    except LongRunError as error:
        trace, files = untold(shrunk, heading, str(error)), dict[str, bytes]()
    else:
        trace = trace_of(execution)
        files = {
            "trace.json": trace_json(execution),
            REPORT: report_page(execution),
            **in_its_language(plan, shrunk.violation, execution),
        }
    return Artefacts(
        violation=shrunk.violation,
        found=len(shrunk.found),
        macro=len(shrunk.macro),
        micro=len(shrunk.micro),
        trace=trace,
        files={"trace.txt": printable(trace).encode(), **files},
        saved=saved_schedule(plan, shrunk.violation, actions, shrunk.macro, shrunk.found),
        property_files=plan.property_files,
    )


def untold(shrunk: Shrunk, heading: str, why: str) -> str:
    """What is told of a run that shows more than anybody can look at, as `replay` says too."""
    return (
        f"{shrunk.violation.property} violated: {shrunk.violation.detail}\n{heading}\n"
        f"No trace, and none by `raft-oracle replay`: {why}. "
        "The actions are in schedule.json, and test_regression.py runs them.\n"
    )


def in_its_language(plan: HuntPlan, violation: Violation, execution: Execution) -> dict[str, bytes]:
    """The test of a finding in the language of its adapter, where `init` began that; else none."""
    language = scaffold_language(plan.target.subject)
    if language is None or violation.cause == "hung":
        return {}
    rows = rows_of(execution, violation.cause is not None)
    if not rows:
        return {}
    provenance = f"in {plan.version} ({plan.driver}, seed {plan.seed})"
    text = adapter_test(
        language,
        rows,
        execution.servers,
        plan.target.settings,
        violation.property,
        violation.detail,
        provenance,
    )
    return {ADAPTER_TESTS[language]: text.encode()}


def trace_of(execution: Execution, width: int = WIDTH) -> str:
    """The text of a finding: its steps, and the schedule in macro actions, if there is one."""
    trace = text_of(execution, execution.origin.heading, width)
    if execution.macro:
        lines = "\n".join(f"  {line}," for line in execution.macro)
        trace += f"\nThe same in macro actions:\n{lines}\n"
    return trace


def recorded(
    plan: HuntPlan,
    subject: Subject,
    outcome: Run,
    heading: str,
    macro: Schedule = (),
    commands: tuple[str, ...] = (),
    is_bounded: bool = False,
) -> Execution:
    """A run of a plan's cluster, with all that pictures show of it.

    LongRunError where that is bounded, and too much.
    """
    target = plan.target
    origin = Origin(
        subject=target.subject.text,
        subject_version=plan.version,
        network=target.network,
        settings=dict(sorted(target.settings.items())),
        mutant=target.mutant,
        ignore=tuple(sorted(target.ignore)),
        driver=plan.driver,
        seed=plan.seed,
        heading=heading,
        commands=commands,
    )
    speaks = MEANINGS in plan.observes or isinstance(target.subject, Reference)
    meaning = cast(SubjectWithMeanings, subject).meaning if speaks else None
    lines = tuple(repr(action) for action in macro)
    return execution_of(subject, outcome, target.servers, origin, meaning, lines, is_bounded)


def heading_of(plan: HuntPlan, shrunk: Shrunk) -> str:
    """Where this comes from."""
    return (
        f"{plan.world()}; {plan.driver}, seed {plan.seed};\n{plan.caveat()}"
        f"{counted(len(shrunk.found), 'action')}{' of a later run' * shrunk.is_later} "
        f"shrunk to {len(shrunk.macro)}, "
        f"which are {counted(len(shrunk.micro), 'step')}."
    )


def counted(number: int, noun: str) -> str:
    """So many of something: 1 run, 2 runs, 1,000 runs."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def saved_schedule(
    plan: HuntPlan,
    violation: Violation | None,
    actions: Schedule,
    macro: Schedule = (),
    found: Schedule = (),
) -> SavedSchedule:
    """A schedule with its provenance, and its subject named so that it is found from anywhere."""
    return SavedSchedule(
        target=evolve(plan.target, subject=absolute(plan.target.subject)),
        subject_version=plan.version,
        driver=plan.driver,
        seed=plan.seed,
        property=violation.property if violation else None,
        actions=actions,
        macro=macro,
        found=found,
    )
