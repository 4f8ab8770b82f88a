"""What a hunt prints at its end: the finding with its trace, or what was covered."""

from pathlib import Path

from oracle.bridging.description import known_findings
from oracle.hunting.checked_properties import judged, way_to_show
from oracle.hunting.parallel_hunt import Outcome
from oracle.hunting.plan import HuntPlan
from oracle.hunting.standard_error import last_lines
from oracle.store.result_folder import STANDARD_ERROR
from oracle.terminal.output import echo, print_labelled
from properties.rules.conforms import CONFORMS


def print_finding(plan: HuntPlan, outcome: Outcome) -> None:
    """The trace, and how to run it again."""
    artefacts = outcome.artefacts
    assert artefacts is not None
    echo(artefacts.trace)
    echo(last_lines(artefacts.files.get(STANDARD_ERROR, b"")), newline=False)
    tally = outcome.tally
    if outcome.interrupted:
        echo("Interrupted; what had been found is kept.")
    echo(f"Found after {tally.runs:,} runs, {tally.steps:,} steps, {tally.seconds:.1f} s.")
    print_how_to_repeat(outcome.folder)


def print_how_to_repeat(folder: Path | None) -> None:
    """The two commands for the files of a finding; nothing if they could not be written."""
    if folder is not None:
        echo(f"Replay:     raft-oracle replay {folder}/schedule.json")
        echo(f"Regression: pytest {folder}/test_regression.py")


def print_coverage(plan: HuntPlan, outcome: Outcome) -> None:
    """What was done, what was reached, and what could not be checked."""
    tally = outcome.tally
    checker = plan.checker()
    verdict = "Interrupted: no violation found" if outcome.interrupted else "No violation found"
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
        print_labelled("Ignored:", ", ".join(sorted(ignored)))
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
