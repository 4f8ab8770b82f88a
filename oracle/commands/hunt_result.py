"""A hunt's end for programs: every property that was checked, and what was found."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from oracle.commands.hunt_known import replayed_in_words
from oracle.formats.result_json import Case, CaseOutcome, Result
from oracle.hunting.checked_properties import coverage_of
from oracle.hunting.findings import Artefacts, counted
from oracle.hunting.hunt_on import Hunted
from oracle.hunting.known_findings import Replayed
from oracle.hunting.plan import HuntPlan
from properties.checker import NotChecked


def result_of(plan: HuntPlan, hunted: Hunted, exit_code: int) -> Result:
    """The result; the plan is that of the hunt's beginning."""
    tally = hunted.outcome.tally
    coverage = coverage_of(plan, tally.blocks)
    broken = {each.artefacts.violation.property for each in hunted.findings}
    cases = [case_of(each.artefacts, each.folder, each.severity.value) for each in hunted.findings]
    cases += [case_of_known(each) for each in hunted.replayed if each.became != "elsewhere"]
    cases += [Case(name=name, outcome="held") for name in coverage.names if name not in broken]
    cases += cases_not_checked(coverage.not_checked, "observed")
    reachable = coverage.reachable
    return Result(
        command="hunt",
        subject=plan.world(),
        exit_code=exit_code,
        sentence=sentence_of(hunted),
        cases=tuple(cases),
        runs=tally.runs,
        steps=tally.steps,
        seed=plan.seed,
        reached=tuple(name for name in reachable if name in tally.reached),
        not_reached=tuple(name for name in reachable if name not in tally.reached),
        drawn=dict(coverage.drawn),
    )


def sentence_of(hunted: Hunted) -> str:
    """The verdict."""
    tally, artefacts = hunted.outcome.tally, hunted.outcome.artefacts
    if artefacts is not None:
        return f"{artefacts.violation.property} violated: {artefacts.violation.detail}"
    if hunted.is_unsafe:
        names = dict.fromkeys(each.artefacts.violation.property for each in hunted.findings)
        return f"{counted(len(hunted.findings), 'violation')} found: {', '.join(names)}."
    verdict = "Interrupted: no" if hunted.outcome.interrupted else "No"
    return f"{verdict} violation found in {tally.extent}."


def case_of_known(replayed: Replayed) -> Case:
    """A finding that was known before: it fails nobody's build as long as it is the same."""
    name = f"{replayed.property} as in {replayed.file}"
    if replayed.became == "mended":
        return Case(name=name, outcome="held")
    outcome: CaseOutcome = "broken" if replayed.became == "changed" else "not checked"
    return Case(name=name, outcome=outcome, detail=replayed_in_words(replayed))


def case_of(
    artefacts: Artefacts, folder: Path | None, severity: Literal["unsafe", "untidy"] | None = None
) -> Case:
    """A violation, with the shortest schedule that was found."""
    violation = artefacts.violation
    return Case(
        name=violation.property,
        outcome="broken",
        detail=violation.detail,
        source=violation.source,
        severity=severity,
        steps=artefacts.micro,
        folder=None if folder is None else str(folder),
    )


def cases_not_checked(not_checked: Iterable[NotChecked], how: str) -> list[Case]:
    """What could not be looked at, for want of what was not observed, or not explored."""
    return [
        Case(
            name=each.property,
            outcome="not checked",
            detail=f"not {how}: {', '.join(each.missing)}",
        )
        for each in not_checked
    ]
