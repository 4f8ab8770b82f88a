"""What a hunt prints at its end: the finding with its trace, or what was covered.

May import: click, textwrap, model, oracle.
"""

from textwrap import fill

import click

from model.cluster import PROGRESS, PROGRESS_NEEDS
from model.trace import WIDTH
from oracle.artefacts import STANDARD_ERROR
from oracle.child_failures import last_lines
from oracle.hunt import Outcome
from oracle.plan import Plan
from properties.checker import Checker, NotChecked
from properties.rules.conforms import CONFORMS, NEEDS


def print_finding(plan: Plan, outcome: Outcome) -> None:
    """The trace, and how to run it again."""
    artefacts = outcome.artefacts
    assert artefacts is not None
    click.echo(artefacts.trace)
    click.echo(last_lines(artefacts.files.get(STANDARD_ERROR, b"")), nl=False)
    tally = outcome.tally
    if outcome.interrupted:
        click.echo("Interrupted; what had been found is kept.")
    click.echo(f"Found after {tally.runs:,} runs, {tally.steps:,} steps, {tally.seconds:.1f} s.")
    folder = outcome.folder
    if folder is not None:
        click.echo(f"Replay:     raft-oracle replay {folder}/schedule.json")
        click.echo(f"Regression: pytest {folder}/test_regression.py")


def print_coverage(plan: Plan, outcome: Outcome) -> None:
    """What was done, what was reached, and what could not be checked."""
    tally = outcome.tally
    checker = plan.checker()
    verdict = "Interrupted: no violation found" if outcome.interrupted else "No violation found"
    click.echo(
        f"{verdict} in {tally.steps:,} steps of {tally.runs:,} runs, "
        f"{tally.seconds:.0f} s ({tally.rate:,.0f} steps/s)."
    )
    click.echo(f"{plan.world()}; {plan.driver}, seed {plan.seed}.\n{plan.caveat()}", nl=False)
    names, not_checked = judged(plan, checker)
    tell("Checked:", ", ".join(names) or "nothing")
    for missed in not_checked:
        tell("Not checked:", f"{missed.property} (not observed: {', '.join(missed.missing)})")
    if plan.ignore:
        tell("Ignored:", ", ".join(sorted(plan.ignore)))
    reached = [each.name for each in checker.reachable if each.name in tally.reached]
    unreached = [each.name for each in checker.reachable if each.name not in tally.reached]
    tell("Reached:", ", ".join(reached) or "nothing")
    if unreached:
        tell("Not reached:", f"{', '.join(unreached)}; this says little about what needs them")


def judged(plan: Plan, checker: Checker) -> tuple[list[str], list[NotChecked]]:
    """What was checked, and what could not be for want of something to see."""
    names = [each.name for each in checker.properties]
    not_checked = list(checker.not_checked)
    if plan.network == "any" and PROGRESS not in plan.ignore:
        missing = tuple(sorted(PROGRESS_NEEDS - checker.observes))
        if missing:
            not_checked.append(NotChecked(PROGRESS, missing))
        else:
            names.append(PROGRESS)
    if CONFORMS not in plan.ignore:
        missing = tuple(sorted(NEEDS - checker.observes))
        if missing:
            not_checked.append(NotChecked(CONFORMS, missing))
        else:
            names.append(CONFORMS)
    return names, not_checked


def tell(label: str, text: str) -> None:
    """A labelled paragraph."""
    click.echo(fill(f"{label:<13}{text}", WIDTH, subsequent_indent=" " * 13))
