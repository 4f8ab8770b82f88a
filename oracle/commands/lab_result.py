"""The report on labs as test cases, for JUnit: one for each finding, and for each part without."""

from oracle.formats.lab_json import LabPart, LabReport, LabsReport
from oracle.formats.result_json import Case, Result


def result_of(report: LabsReport) -> Result:
    """The result; names begin with the directory where there are several."""
    directories = [each.directory for each in report.labs]
    return Result(
        command="lab",
        subject=", ".join(directories),
        exit_code=report.exit_code,
        sentence="; ".join(f"{each.directory}: {each.outcome}" for each in report.labs),
        cases=tuple(case for each in report.labs for case in cases_of(each, len(directories) > 1)),
        runs=sum(part.runs for each in report.labs for part in each.parts),
        steps=sum(part.steps for each in report.labs for part in each.parts),
        seed=report.seed,
    )


def cases_of(lab: LabReport, is_one_of_several: bool) -> list[Case]:
    """One lab's parts and findings; one that was refused is a case that was not checked."""
    start = f"{lab.directory} " if is_one_of_several else ""
    if not lab.parts:
        detail = lab.error or lab.outcome
        return [Case(name=f"{start}lab", outcome="not checked", detail=detail)]
    return [case for part in lab.parts for case in cases_of_part(part, start)]


def cases_of_part(part: LabPart, start: str) -> list[Case]:
    """The findings of a part; without one, whether it held or could not be judged."""
    name = f"{start}{part.part}"
    if part.findings:
        return [
            Case(
                name=f"{name} {each.property}",
                outcome="broken",
                detail=each.detail,
                severity=each.severity,
                steps=each.steps,
                folder=each.folder,
            )
            for each in part.findings
        ]
    if part.outcome == "held":
        return [Case(name=name, outcome="held")]
    detail = f"{part.outcome}: {part.note}" if part.note else part.outcome
    return [Case(name=name, outcome="not checked", detail=detail)]
