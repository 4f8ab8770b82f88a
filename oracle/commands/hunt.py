"""`raft-oracle hunt`: random schedules against a subject, until one breaks a property."""

import math
import re
import sys
from pathlib import Path

import click

from model.subject import NetworkKind
from model.target import TargetRequest
from oracle.bridging.description import known_findings
from oracle.commands.hunt_progress import progress
from oracle.commands.hunt_report import print_coverage, print_finding
from oracle.commands.options import WithAdapter, read_ignored, read_settings, read_workers
from oracle.hunting.judged import check_only
from oracle.hunting.plan import Driver, HuntPlan, Runs, make_plan
from oracle.hunting.search import Budget, Outcome, hunt
from oracle.store.folder import Store
from oracle.subjects.naming import read_subject
from oracle.terminal.output import even_if_nobody_listens
from oracle.terminal.usage import Exit, UsageError, patience

DEFAULT_BUDGET = 60.0


@click.command(name="hunt", cls=WithAdapter)
@click.argument("subject", default="reference")
@click.option("--servers", type=int, help="Servers in the cluster (3).")
@click.option("--seed", type=int, default=0, help="Names the schedules (0).")
@click.option("--budget", "budget_text", metavar="TIME", help="Stop after 30s, 5m, 2h (60s).")
@click.option("--steps", type=int, help="Stop after so many micro steps instead.")
@click.option("--driver", type=click.Choice(["walker", "hypothesis"]), default="walker")
@click.option("--mutant", metavar="NAME", help="Of the reference, or of a bridge.")
@click.option("--network", type=click.Choice(["fifo", "any"]), help="Else the subject's own.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A subject's setting.")
@click.option("--ignore", multiple=True, metavar="PROPERTY", help="Go on past its violations.")
@click.option("--only", multiple=True, metavar="PROPERTY", help="Check no other property.")
@click.option(
    "--runs",
    type=click.Choice(["mixed", "rival-leaders"]),
    default="mixed",
    help="Which runs the walker makes (default: mixed, which is every kind).",
)
@click.option("--workers", type=int, help="Processes; the result does not depend on it.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for what is found.")
def hunt_command(
    subject: str,
    servers: int | None,
    seed: int,
    budget_text: str | None,
    steps: int | None,
    driver: Driver,
    mutant: str | None,
    network: NetworkKind | None,
    settings: tuple[str, ...],
    ignore: tuple[str, ...],
    only: tuple[str, ...],
    runs: Runs,
    workers: int | None,
    out: Path | None,
) -> None:
    """Hunt for violations in SUBJECT.

    SUBJECT is a name that `subjects` lists, a file ADAPTER.py[:NAME], or `-- COMMAND ...`, which
    starts an adapter that speaks the protocol.
    """
    budget = read_budget(budget_text, steps)
    workers = read_workers(workers)
    check_seed(seed)
    patience()  # what the environment says is looked at before anything begins
    store = Store(out)
    known = () if only else known_findings(subject, mutant)
    wanted = TargetRequest(
        subject=read_subject(subject),
        servers=servers,
        network=network,
        settings=read_settings(settings),
        ignore=read_ignored(ignore, only) | {each.breaks for each in known},
        mutant=mutant,
    )
    plan = make_plan(wanted, seed, driver, runs)
    check_only(plan, only)
    with progress(plan, budget) as report:
        outcome = hunt(plan, budget, workers, store, report)
    finish(plan, outcome)


def finish(plan: HuntPlan, outcome: Outcome) -> None:
    """Say what came out, and exit accordingly, even if nobody listens."""
    if outcome.artefacts is not None:
        code, tell = Exit.VIOLATION, print_finding
    else:
        tried = "leader elected" in outcome.tally.reached  # else nothing was put to the test
        code = Exit.NOTHING_FOUND if tried and not outcome.interrupted else Exit.INCONCLUSIVE
        tell = print_coverage
    with even_if_nobody_listens():
        tell(plan, outcome)
    sys.exit(code)


def read_budget(text: str | None, steps: int | None) -> Budget:
    """A budget from --budget or --steps."""
    if steps is not None:
        if text is not None:
            raise UsageError("budget: found both --budget and --steps, expected one of them")
        if steps < 1:
            raise UsageError(f"steps: found {steps}, expected at least 1")
        return Budget(steps=steps)
    if text is None:
        return Budget(seconds=DEFAULT_BUDGET)
    matched = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(s|m|h)", text)
    seconds = float(matched[1]) * {"s": 1, "m": 60, "h": 3600}[matched[2]] if matched else 0
    if seconds <= 0 or not math.isfinite(seconds):
        raise UsageError(f"budget: found {text!r}, expected a time such as 30s, 5m or 2h")
    return Budget(seconds=seconds)


def check_seed(seed: int) -> None:
    """A seed fits into 64 bits, as it is written to files."""
    if not -(2**63) <= seed < 2**63:
        raise UsageError(f"seed: found {seed}, expected a whole number of 64 bits")
