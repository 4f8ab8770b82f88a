"""What a hunt prints at its end: the finding with its trace, or what was covered."""

from pathlib import Path

from oracle.bridging.description import known_findings
from oracle.formats.trace_json import read_trace
from oracle.hunting.checked_properties import judged, way_to_show
from oracle.hunting.findings import Artefacts, counted, trace_of
from oracle.hunting.hunt_on import Finding, Hunted
from oracle.hunting.parallel_hunt import Outcome
from oracle.hunting.plan import HuntPlan
from oracle.hunting.severity import Severity, reason_of
from oracle.hunting.standard_error import last_lines
from oracle.store.result_folder import STANDARD_ERROR
from oracle.terminal.output import echo, even_if_nobody_listens, print_labelled, width_of_terminal
from oracle.terminal.trace_output import print_trace
from oracle.terminal.wording import counted_names
from properties.rules.conforms import CONFORMS


def print_finding(plan: HuntPlan, outcome: Outcome) -> None:
    """The trace, and how to run it again."""
    artefacts = outcome.artefacts
    assert artefacts is not None
    width = width_of_terminal()
    print_trace(artefacts.trace if width is None else trace_at(artefacts, width))
    echo("")
    echo(last_lines(artefacts.files.get(STANDARD_ERROR, b"")), newline=False)
    tally = outcome.tally
    if outcome.interrupted:
        echo("Interrupted; what had been found is kept.")
    echo(f"Found after {tally.runs:,} runs, {tally.steps:,} steps, {tally.seconds:.1f} s.")
    print_how_to_repeat(outcome.folder)


def trace_at(artefacts: Artefacts, width: int) -> str:
    """The trace of a finding, for lines of this width."""
    return trace_of(read_trace(artefacts.files["trace.json"]), width)


def print_how_to_repeat(folder: Path | None) -> None:
    """What to open and to type for a finding; nothing if its files could not be written."""
    if folder is not None:
        echo(f"Page:       {folder}/report.html")
        echo(f"Replay:     raft-oracle replay {folder}/schedule.json")
        echo(f"Regression: pytest {folder}/test_regression.py")


def print_coverage(plan: HuntPlan, outcome: Outcome, passed: int = 0) -> None:
    """What was done, what was reached, and what could not be checked.

    `passed` is how many findings the hunt has gone past.
    """
    tally = outcome.tally
    checker = plan.checker()
    nothing = "no further violation found" if passed else "no violation found"
    verdict = f"Interrupted: {nothing}" if outcome.interrupted else nothing.capitalize()
    echo(
        f"{verdict} in {tally.steps:,} steps of {tally.runs:,} runs, "
        f"{tally.seconds:.0f} s ({tally.rate:,.0f} steps/s)."
    )
    echo(f"{plan.world()}; {plan.driver}, seed {plan.seed}.\n{plan.caveat()}", newline=False)
    names, not_checked = judged(checker, plan.target.network)
    print_labelled("Checked:", ", ".join(names) or "nothing")
    for missed in not_checked:
        missing = ", ".join(missed.missing)
        way = way_to_show(plan, missed.missing) if missed.property == CONFORMS else ""
        takes = f"; it takes {way}" if way else ""
        print_labelled("Not checked:", f"{missed.property} (not observed: {missing}{takes})")
    known = known_findings(plan.target.subject.text, plan.target.mutant)
    ignored = plan.target.ignore - {each.breaks for each in known}
    if ignored:
        print_labelled("Ignored:", counted_names(sorted(ignored), "properties and rules"))
    for each in known:
        if each.breaks in plan.target.ignore:
            print_labelled(
                "Known:", f"{each.breaks}, ignored: {each.page}; --only {each.breaks} finds it"
            )
    reached = [each.name for each in checker.reachable if each.name in tally.reached]
    unreached = [each.name for each in checker.reachable if each.name not in tally.reached]
    print_labelled("Reached:", ", ".join(reached) or "nothing")
    if unreached:
        print_labelled(
            "Not reached:", f"{', '.join(unreached)}; this says little about what needs them"
        )


def print_passed(finding: Finding) -> None:
    """One line about a finding that the hunt goes past."""
    violation = finding.artefacts.violation
    steps = counted(finding.artefacts.micro, "step")
    where = "" if finding.folder is None else f" Its trace: {finding.folder}/trace.txt."
    with even_if_nobody_listens():
        echo(
            f"{violation.property} in {steps}, {finding.severity.value}: {violation.detail} "
            f"The hunt goes on.{where}"
        )


def print_findings(hunted: Hunted) -> None:
    """All that was found, what is unsafe first, and why the rest is not."""
    echo("\nAll findings:")
    for finding in hunted.findings:
        name, steps = finding.artefacts.violation.property, counted(finding.artefacts.micro, "step")
        echo(
            f"  {finding.severity.value:<7} {name:<20} {steps:<10} {finding.folder or ''}".rstrip()
        )
        if finding.severity is Severity.UNTIDY:
            print_labelled("", reason_of(finding.artefacts.violation) + ".")
    if hunted.outcome.artefacts is None:
        echo("Nothing of it is unsafe, so the exit code is that of a hunt that found nothing.")
