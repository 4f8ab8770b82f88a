"""A lab, part by part: elections, replication, persistence and snapshots, as far as it has come.

In each part nothing of a later part happens, so that a student sees what is broken in the part that
has just been written. A later part is hunted even if an earlier one is broken.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final, Literal

from attrs import define, evolve, field, frozen

from model.failures import NotReproducedError
from model.target import Directory, TargetRequest
from oracle.formats.lab_json import LabFinding, LabOutcome, LabPart, LabReport
from oracle.hunting.checked_properties import judged
from oracle.hunting.hunt_on import Finding, Hunted, hunt_on
from oracle.hunting.parallel_hunt import Budget, Tally
from oracle.hunting.plan import HuntPlan, make_plan
from oracle.hunting.severity import Severity
from oracle.hunting.shrink_effort import OF_THREADS
from oracle.hunting.swarm import swarm_of
from oracle.store.result_folder import Store
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import one_line
from oracle.unmodified.part_names import LETTERS, number_of_lab

PART: Final = "part"
"""The setting that says how far a lab has come."""
WEIGHTS: Final = {"A": 1, "B": 2, "C": 3, "D": 4}
"""The shares of the budget: the later a part, the more can happen in it."""
SHORTEST: Final = 2.0
"""Seconds that a part is hunted at least, even if shrinking has used up the time."""
FIRST_PARTS: Final = {
    "entry committed": "B",
    "older term's entry committed": "B",
    "entry overwritten": "B",
    "server restarted": "C",
    "log compacted": "D",
    "snapshot installed": "D",
}
"""The first part in which something can be reached, where that is not the first part of all."""
COMMITTED: Final = "entry committed"
FEWEST_STEPS: Final = 500
"""Steps of a part without a finding, below which nothing can be said of it."""
EFFORT: Final = evolve(OF_THREADS, neighbours=10_000)
"""With four parts to do, less is done to find a shorter schedule than in a hunt of one."""


@frozen(kw_only=True)
class LabRequest:
    """What is to be done with a directory."""

    directory: str
    budget: Budget
    seed: int
    workers: int
    settings: dict[str, str]
    through: str | None
    """The letter of the last part to hunt; None for the last one that works."""


@frozen
class PartTally:
    """How far the hunt of a part is, to be reported."""

    part: str
    tally: Tally


Report = Callable[[PartTally], None]


def lab_report(request: LabRequest, store: Store, report: Report) -> LabReport:
    """Hunt all parts of a lab; UsageError where the directory cannot be hunted."""
    wanted = TargetRequest(subject=Directory(request.directory), settings=request.settings)
    plan = make_plan(wanted, request.seed)
    plan = evolve(plan, swarm=swarm_of(wanted, plan.target, plan.defaults))
    assert plan.program is not None
    if PART not in plan.defaults:
        raise UsageError(
            f"lab: {request.directory} has no parts: it is a program of its own, expected the "
            "Raft of a lab; `raft-oracle hunt` takes both"
        )
    number = number_of_lab(plan.program.folder)
    come_to = plan.defaults[PART][-1]
    last = request.through or come_to
    course = Course(evolve(plan, effort=EFFORT), request, store, report)
    parts = [course.hunted(f"{number}{each}", last) for each in LETTERS if each <= last]
    parts += [
        LabPart(part=f"{number}{each}", outcome="not begun")
        for each in LETTERS
        if each > max(last, come_to)
    ]
    return LabReport(
        directory=request.directory,
        outcome=outcome_of(parts),
        version=plan.version,
        recognised=(
            *(one_line(text) for _, text in plan.program.recognised),
            *([plan.remark] if plan.remark else []),
        ),
        parts=tuple(parts),
    )


@define
class Course:
    """The way through the parts, with what is kept from one to the next."""

    plan: HuntPlan
    """What is untidy in one part is not told again in the next."""
    request: LabRequest
    store: Store
    report: Report
    started: float = field(factory=time.monotonic)
    broken_in: dict[str, str] = field(factory=dict)
    """The part in which each property was first broken."""
    is_interrupted: bool = False

    def hunted(self, part: str, last: str) -> LabPart:
        """Hunt one part, with its share of what is left of the budget."""
        if self.is_interrupted:
            return LabPart(part=part, outcome="interrupted")
        target = self.plan.target
        plan = evolve(self.plan, target=evolve(target, settings={**target.settings, PART: part}))
        try:
            found = hunt_on(
                plan,
                self.share(part[-1], last),
                self.request.workers,
                self.store,
                lambda tally: self.report(PartTally(part, tally)),
                below=part,
            )
        except NotReproducedError as error:
            note = f"not deterministic: {one_line(str(error))}"
            return LabPart(part=part, outcome="inconclusive", note=note)
        self.plan = found.plan
        self.is_interrupted = found.outcome.interrupted
        return self.described(part, plan, found)

    def share(self, letter: str, last: str) -> Budget:
        """The budget of a part: by weight, of all steps, or of the seconds that are left."""
        budget, left = self.request.budget, [each for each in LETTERS if letter <= each <= last]
        if budget.steps is not None:
            whole = sum(WEIGHTS[each] for each in LETTERS if each <= last)
            return Budget(steps=max(1, budget.steps * WEIGHTS[letter] // whole))
        assert budget.seconds is not None
        seconds = budget.seconds - (time.monotonic() - self.started)
        part = seconds * WEIGHTS[letter] / sum(WEIGHTS[each] for each in left)
        return Budget(seconds=max(SHORTEST, part))

    def described(self, part: str, plan: HuntPlan, found: Hunted) -> LabPart:
        """What came of a part."""
        plan = evolve(plan, observes=found.plan.observes)  # less, if a guess was wrong
        checker, tally = plan.checker(), found.outcome.tally
        findings = tuple(self.finding(part, each) for each in found.findings)
        reachable = (each.name for each in checker.reachable)
        names = [each for each in reachable if FIRST_PARTS.get(each, "A") <= part[-1]]
        _, not_checked = judged(checker, plan.target.network)
        outcome, note = outcome_and_note(found, names)
        return LabPart(
            part=part,
            outcome=outcome,
            runs=tally.runs,
            steps=tally.steps,
            reached=tuple(each for each in names if each in tally.reached),
            not_reached=tuple(each for each in names if each not in tally.reached),
            not_checked=tuple(each.property for each in not_checked),
            findings=findings,
            note=note,
        )

    def finding(self, part: str, found: Finding) -> LabFinding:
        """A finding, and whether it is one of an earlier part."""
        violation = found.artefacts.violation
        first = self.broken_in.setdefault(violation.property, part)
        return LabFinding(
            property=violation.property,
            severity=severity_in_words(found.severity),
            detail=one_line(violation.detail),
            steps=found.artefacts.micro,
            folder=None if found.folder is None else str(found.folder),
            seen_in=first if first != part else None,
        )


def severity_in_words(severity: Severity) -> Literal["unsafe", "untidy"]:
    """A severity as the report has it."""
    return "unsafe" if severity is Severity.UNSAFE else "untidy"


def outcome_and_note(found: Hunted, expected: Sequence[str]) -> tuple[LabOutcome, str | None]:
    """What came of a part in a word, and why it is inconclusive.

    `expected` is what can be reached in the part.
    """
    severities = {each.severity for each in found.findings}
    if Severity.UNSAFE in severities:
        return "broken", None
    if found.outcome.interrupted:
        return "interrupted", None
    tally = found.outcome.tally
    if "leader elected" not in tally.reached:
        return "inconclusive", "no leader was elected, so nothing was put to the test"
    if COMMITTED in expected and COMMITTED not in tally.reached:
        return "inconclusive", "no entry was committed, so that was not put to the test"
    if tally.steps < FEWEST_STEPS:
        return "inconclusive", f"there was time for {tally.steps} steps only: more takes --budget"
    return ("untidy" if severities else "held"), None


def outcome_of(parts: list[LabPart]) -> LabOutcome:
    """What came of a lab: the worst of its parts."""
    found = {each.outcome for each in parts}
    worst: tuple[LabOutcome, ...] = ("broken", "interrupted", "inconclusive", "untidy")
    return next((each for each in worst if each in found), "held")
