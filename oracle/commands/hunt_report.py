"""What a hunt prints at its end: the finding with its trace, or what was covered."""

import shlex
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from oracle.formats.trace_json import read_trace
from oracle.hunting.checked_properties import Coverage, coverage_of, way_to_show
from oracle.hunting.findings import Artefacts, counted, trace_of
from oracle.hunting.hunt_on import Finding, Hunted
from oracle.hunting.known_findings import KnownShape
from oracle.hunting.parallel_hunt import Outcome, Tally
from oracle.hunting.plan import HuntPlan
from oracle.hunting.severity import Severity, reason_of
from oracle.hunting.standard_error import last_lines
from oracle.pictures.report_page import REPORT
from oracle.store.result_folder import ADAPTER_TESTS, STANDARD_ERROR
from oracle.terminal.output import (
    echo,
    even_if_nobody_listens,
    print_labelled,
    print_report,
    width_of_terminal,
)
from oracle.terminal.progress import aside
from oracle.terminal.trace_output import print_trace
from oracle.terminal.wording import MOST_NAMES
from properties.rules.conforms import CONFORMS


def print_finding(plan: HuntPlan, outcome: Outcome) -> None:
    """The trace, and how to run it again."""
    artefacts = outcome.artefacts
    assert artefacts is not None
    width = width_of_terminal()
    print_trace(artefacts.trace if width is None else trace_at(artefacts, width))
    echo("")
    called = plan.program.called if plan.program else ""
    echo(last_lines(artefacts.files.get(STANDARD_ERROR, b""), called), newline=False)
    tally = outcome.tally
    if outcome.interrupted:
        echo("Interrupted; what had been found is kept.")
    runs, steps = counted(tally.runs, "run"), counted(tally.steps, "step")
    echo(f"Found after {runs}, {steps}, {tally.elapsed:.1f} s.")
    print_how_to_repeat(outcome.folder, plan.property_files)


def trace_at(artefacts: Artefacts, width: int) -> str:
    """The trace of a finding, for lines of this width; what there is to say where it has none."""
    document = artefacts.files.get("trace.json")
    return artefacts.trace if document is None else trace_of(read_trace(document), width)


def print_how_to_repeat(folder: Path | None, files: tuple[str, ...] = ()) -> None:
    """What to open and to type for a finding; nothing if its files could not be written.

    `files` have properties of the user's own.
    """
    if folder is not None:
        also = "".join(f" --property {shlex.quote(each)}" for each in files)
        if (folder / REPORT).exists():  # as of all that was shrunk
            echo(f"Page:       {folder}/{REPORT}")
        echo(f"Replay:     raft-oracle replay {folder}/schedule.json{also}")
        echo(f"Regression: pytest {folder}/test_regression.py")
        for name in ADAPTER_TESTS.values():
            if (folder / name).exists():
                echo(f"            {folder}/{name}, which needs the adapter alone")


def print_coverage(plan: HuntPlan, hunted: Hunted) -> None:
    """What was done, what was reached, and what could not be checked."""
    coverage = coverage_of(plan, hunted.outcome.tally.blocks)
    print_extent(plan, hunted)
    if coverage.drawn:
        drawn = ", ".join(f"{what} in {runs:,}" for what, runs in coverage.drawn)
        print_labelled("Drawn:", f"{drawn} runs")
    print_checked(plan, coverage)
    print_ignored(plan, hunted.known)
    print_reached(coverage, hunted.outcome.tally)


def print_extent(plan: HuntPlan, hunted: Hunted) -> None:
    """That nothing was found, in how many steps of which cluster."""
    outcome, tally = hunted.outcome, hunted.outcome.tally
    is_first = not hunted.passed and not hunted.replayed
    nothing = "no violation found" if is_first else "no further violation found"
    also = f", and {tally.shrunk:.0f} s of shrinking" if tally.shrunk >= 1 else ""
    verdict = f"Interrupted: {nothing}" if outcome.interrupted else nothing.capitalize()
    print_report(
        f"{verdict} in {tally.extent}, "
        f"{tally.seconds:.0f} s ({tally.rate:,.0f} steps/s){also}.\n"
        f"{plan.world()}; {plan.driver}, seed {plan.seed}.\n{plan.caveat()}"
    )


def print_checked(plan: HuntPlan, coverage: Coverage) -> None:
    """Which properties were checked, and what the others lack."""
    print_labelled("Checked:", ", ".join(coverage.names) or "nothing")
    for missed in coverage.not_checked:
        missing = ", ".join(missed.missing)
        way = way_to_show(plan, missed.missing) if missed.property == CONFORMS else ""
        takes = f"; it takes {way}" if way else ""
        print_labelled("Not checked:", f"{missed.property} (not observed: {missing}{takes})")
    for name, ways in plan.not_in_use.items():
        way = " or ".join(f"--set {each}=on" for each in ways)
        print_labelled("Not in use:", f"{name}, whose feature is off; it takes {way}")


def print_ignored(plan: HuntPlan, known: Sequence[KnownShape]) -> None:
    """What the hunt went past because it was told to, or because it was known."""
    ignored = plan.target.ignore - {each.word for each in known}
    if ignored:
        print_labelled("Ignored:", ignored_in_words(ignored))
    if known:
        told = ", ".join(f"{each.word} ({each.where})" for each in known)
        print_labelled("Known:", f"{told}, ignored; --only NAME finds it again")


def print_reached(coverage: Coverage, tally: Tally) -> None:
    """What came about in the runs, and what did not."""
    reached = [each for each in coverage.reachable if each in tally.reached]
    unreached = [each for each in coverage.reachable if each not in tally.reached]
    print_labelled("Reached:", ", ".join(reached) or "nothing")
    if unreached:
        print_labelled(
            "Not reached:", f"{', '.join(unreached)}; this says little about what needs them"
        )


def ignored_in_words(names: AbstractSet[str]) -> str:
    """What is ignored by name, or, as with --only, how much."""
    if len(names) > MOST_NAMES:
        return f"{len(names)} other properties and rules"
    return ", ".join(sorted(names))


def print_passed(finding: Finding) -> None:
    """One line about a finding that the hunt goes past."""
    violation = finding.artefacts.violation
    where = "" if finding.folder is None else f" Its trace: {finding.folder}/trace.txt."
    steps = counted(finding.artefacts.micro, "step")
    with aside(), even_if_nobody_listens():
        print_report(
            f"{violation.property} in {steps}, {finding.severity.value}: {violation.detail} "
            f"The hunt goes on.{where}"
        )


def row_of(finding: Finding) -> tuple[str, ...]:
    """A finding as a row: what it breaks, in how many steps, at what kind of step, and where."""
    violation, steps = finding.artefacts.violation, counted(finding.artefacts.micro, "step")
    at = f"at {violation.at}" if violation.at else ""
    return finding.severity.value, violation.property, steps, at, str(finding.folder or "")


def print_findings(hunted: Hunted) -> None:
    """All that was found, what is unsafe first, and why the rest is not."""
    echo("\nAll findings:")
    rows = [row_of(each) for each in hunted.findings]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for finding, row in zip(hunted.findings, rows, strict=True):
        *words, folder = ["", *map(str.ljust, row, widths)]
        line = "  ".join([*words, folder]).rstrip()
        if len(line) > (width_of_terminal() or len(line)):
            line = f"{'  '.join(words).rstrip()}\n    {folder}".rstrip()
        echo(line)
        if finding.severity is Severity.UNTIDY:
            print_labelled("", reason_of(finding.artefacts.violation) + ".")
    if not hunted.is_unsafe:
        echo("Nothing of it is unsafe, so the exit code is that of a hunt that found nothing.")
