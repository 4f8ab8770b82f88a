"""One version of a library, put to the test for a search over versions.

First by the schedules that have broken other versions, since that takes a moment; then by a hunt,
which begins with the same seed for each. From the first finding on, only the property that it
breaks is looked for.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

from attrs import define, evolve, field, frozen

from model.actions import Schedule
from model.failures import NotReproducedError
from model.schedule import SavedSchedule
from oracle.bridging.description import PINNED
from oracle.formats.trace_json import trace_json
from oracle.hunting.bisection import Probe
from oracle.hunting.findings import Artefacts
from oracle.hunting.hunt_on import hunt_on
from oracle.hunting.investigate import Played
from oracle.hunting.parallel_hunt import Budget, Report, Tell
from oracle.hunting.plan import HuntPlan
from oracle.hunting.play_safely import first_that_breaks
from oracle.pictures.report_page import REPORT, report_page
from oracle.processes.signals import SignalledError
from oracle.store.result_folder import Store
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import one_line, printable

Planned: TypeAlias = Callable[[str, str | None], HuntPlan]
"""The plan of a hunt of one version, for one property, or for all."""
Progress: TypeAlias = Callable[[HuntPlan, Budget], AbstractContextManager[Report]]


@frozen(kw_only=True)
class How:
    """What all hunts of a search over versions have in common."""

    obtain: Callable[[str], None]
    """Fetches and builds a version; ValueError where it cannot be had."""
    planned: Planned
    budget: Budget
    workers: int
    store: Store
    progress: Progress
    tell: Tell


@define
class Attempts:
    """Puts one version after the other to the test, and learns from each finding."""

    how: How
    followed: str | None = None
    """The property that the search follows, once something was found."""
    schedules: list[tuple[str, SavedSchedule]] = field(factory=list)
    """What has broken a version by a hunt, and which."""
    has_planned: bool = False

    def attempt(self, version: str) -> Probe:
        """What is seen of a version; UsageError where what is asked for fits none."""
        try:
            return self._tried(version)
        except (SignalledError, KeyboardInterrupt):
            return not_tried(version, "interrupted", is_interrupted=True)
        except NotReproducedError as error:
            return not_tried(version, f"it is not deterministic: {error}")

    def _tried(self, version: str) -> Probe:
        try:
            self.how.obtain(version)
        except ValueError as error:
            return not_tried(version, str(error))
        try:
            plan = self.how.planned(version, self.followed)
        except UsageError as error:
            if not self.has_planned:
                raise  # the first that can be had says whether the rest of the command fits
            return not_tried(version, str(error))
        self.has_planned = True
        return self._replayed(version, plan) or self._hunted(version, plan)

    def _replayed(self, version: str, plan: HuntPlan) -> Probe | None:
        """What becomes of what has broken another version; None where it breaks nothing here."""
        for other, saved in self.schedules:
            settings = {**saved.target.settings, PINNED: version}
            target = evolve(saved.target, settings=settings, ignore=plan.target.ignore)
            again = evolve(plan, target=target)
            schedules = (saved.actions, saved.macro, saved.found)
            breaks = first_that_breaks(again, schedules, saved.property or "")
            if breaks is not None:
                made = artefacts_of_replay(again, saved, *breaks)
                folder = self.how.store.write_made(made.files_in, version)
                return broken(version, made, f"by the schedule of {other}", folder)
        return None

    def _hunted(self, version: str, plan: HuntPlan) -> Probe:
        """What a hunt finds."""
        how = self.how
        with how.progress(plan, how.budget) as report:
            hunted = hunt_on(
                plan,
                how.budget,
                how.workers,
                how.store,
                report,
                "nothing",
                tell=how.tell,
                below=version,
            )
        outcome = hunted.outcome
        tally, made = outcome.tally, outcome.artefacts
        far = f"in {tally.extent}"
        if made is not None:
            self.followed = made.violation.property
            self.schedules.append((version, made.saved))
            words = f"by a hunt, {far}"
            return broken(version, made, words, outcome.folder, outcome.interrupted)
        if outcome.interrupted:
            return not_tried(version, f"interrupted {far}", is_interrupted=True)
        if "leader elected" not in tally.reached:
            return not_tried(version, f"nobody was elected {far}")
        return Probe(version=version, state="not found", how=f"not found {far}")


def broken(
    version: str, made: Artefacts, how: str, folder: Path | None, is_interrupted: bool = False
) -> Probe:
    """The probe of a version that breaks."""
    return Probe(
        version=version,
        state="broken",
        how=how,
        violation=made.violation,
        steps=made.micro,
        folder=folder,
        is_interrupted=is_interrupted,
    )


def not_tried(version: str, why: str, is_interrupted: bool = False) -> Probe:
    """The probe of a version that says nothing."""
    return Probe(
        version=version, state="not tried", how=one_line(why), is_interrupted=is_interrupted
    )


def artefacts_of_replay(
    plan: HuntPlan, saved: SavedSchedule, schedule: Schedule, played: Played
) -> Artefacts:
    """The files of a schedule that was found in another version and breaks this one."""
    execution, violation = played.execution, played.violation
    assert violation is not None
    files = {"trace.txt": printable(played.trace).encode()}
    if execution is not None:
        files |= {"trace.json": trace_json(execution), REPORT: report_page(execution)}
    again = evolve(
        saved,
        target=plan.target,
        subject_version=plan.version,
        property=violation.property,
        actions=schedule,
        macro=(),
        found=(),
    )
    return Artefacts(
        violation=violation,
        found=len(schedule),
        macro=len(schedule),
        micro=len(schedule) if execution is None else len(execution.steps),
        trace=played.trace,
        files=files,
        saved=again,
        property_files=plan.property_files,
    )
