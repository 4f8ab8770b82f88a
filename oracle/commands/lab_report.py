"""What `raft-oracle lab` says of a lab: a table of its parts, and what was seen in each."""

from collections.abc import Iterator
from textwrap import fill
from typing import Final

from model.runs.render import WIDTH
from oracle.formats.lab_json import LabFinding, LabPart, LabReport
from oracle.terminal.wording import one_line

REFUSED: Final = "cannot be examined: "


def text_of(report: LabReport) -> str:
    """The report on one directory, for people."""
    lines = [one_line(report.directory)]
    if report.error is not None:
        return "\n".join([*lines, fill(f"{REFUSED}{report.error}", WIDTH)]) + "\n"
    lines += [f"  {one_line(each)}" for each in report.recognised]
    if not report.parts:
        return "\n".join([*lines, f"{report.outcome}."]) + "\n"
    lines += ["", f"{'part':<5} {'outcome':<13} {'found':<22} {'steps':<6} where"]
    for part in report.parts:
        lines += rows_of(part)
    for part in report.parts:
        lines += remarks_on(part)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def rows_of(part: LabPart) -> Iterator[str]:
    """The rows of one part: one for each finding, or one that says how much was covered."""
    start = f"{part.part:<5} {part.outcome:<13}"
    if not part.findings:
        covered = f"{part.steps:,} steps of {part.runs:,} runs" if part.runs else ""
        yield f"{start} {covered}"
    for finding in part.findings:
        yield f"{start} {finding.property:<22} {finding.steps:<6} {finding.folder or ''}"
        start = " " * 19


def remarks_on(part: LabPart) -> Iterator[str]:
    """What was seen in a part, what was reached, and why it is inconclusive."""
    if part.outcome == "not begun":
        return
    yield ""
    for finding in part.findings:
        yield labelled(part.part, in_words(finding))
    if part.note:
        yield labelled(part.part, f"{part.note}.")
    if part.outcome != "broken":
        missed = f"; not reached: {', '.join(part.not_reached)}" if part.not_reached else ""
        yield labelled(part.part, f"reached: {', '.join(part.reached) or 'nothing'}{missed}.")


def in_words(finding: LabFinding) -> str:
    """A finding in a sentence."""
    known = f" (as in {finding.seen_in})" if finding.seen_in else ""
    return f"{finding.property}, {finding.severity}{known}: {finding.detail}"


def labelled(label: str, text: str) -> str:
    """A paragraph under a label."""
    return fill(f"{label:<5} {text}", WIDTH, subsequent_indent=" " * 6)


def line_of(report: LabReport) -> str:
    """One lab of many in one line: what came of each part."""
    if report.error is not None:
        return f"{report.outcome:<13} {REFUSED}{report.error}"
    return f"{report.outcome:<13} " + "  ".join(
        f"{each.part} {each.outcome}{found_in(each)}" for each in report.parts
    )


def found_in(part: LabPart) -> str:
    """What was found in a part, by name."""
    names = [each.property for each in part.findings]
    return f" ({', '.join(names)})" if names else ""
