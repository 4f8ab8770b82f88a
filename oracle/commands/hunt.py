"""`raft-oracle hunt`: random schedules against a subject, until one breaks a property."""

import math
import re
import sys
from functools import partial
from pathlib import Path
from typing import Final

import click
from attrs import evolve

from model.subject import NetworkKind
from model.target import Directory, TargetRequest
from oracle.commands.hunt_explain import building, explain, print_recognised
from oracle.commands.hunt_known import replay_all
from oracle.commands.hunt_progress import progress, tell_found
from oracle.commands.hunt_report import print_coverage, print_finding, print_findings, print_passed
from oracle.commands.hunt_result import result_of
from oracle.commands.hunt_versions import (
    Followed,
    VersionSearch,
    asks_for_versions,
    hunt_versions,
)
from oracle.commands.names import (
    completed,
    property_names,
    subject_names,
)
from oracle.commands.options import (
    WithAdapter,
    check_seed,
    names_of_own,
    property_option,
    read_ignored,
    read_settings,
    read_workers,
)
from oracle.commands.results import ResultForms, deliver, result_options, text_beside
from oracle.commands.shared_options import (
    driver_option,
    mutant_option,
    network_option,
    processes_option,
    seed_option,
    settings_option,
)
from oracle.commands.trust import remember_named
from oracle.hunting.checked_properties import check_only
from oracle.hunting.hunt_on import Hunted, Past, hunt_on
from oracle.hunting.known_findings import (
    Replayed,
    files_in,
    known_by,
    known_of_bridge,
    plan_past_known,
)
from oracle.hunting.parallel_hunt import Budget
from oracle.hunting.plan import Driver, HuntPlan, Runs, make_plan
from oracle.hunting.swarm import swarm_of
from oracle.store.result_folder import Store
from oracle.subjects.naming import absolute_settings, read_subject
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import even_if_nobody_listens
from oracle.terminal.usage import UsageError, patience

DEFAULT_BUDGET = 60.0


HEADINGS: Final = {
    "The cluster": ("servers", "network", "settings", "mutant"),
    "How long, and which schedules": (
        *("budget_text", "steps", "seed", "driver", "runs", "is_plain", "workers"),
    ),
    "What counts": ("only", "ignore", "property_files", "past", "known_folder"),
    "What is written": ("out", "is_json", "junit"),
}


@click.command(name="hunt", cls=WithAdapter, headings=HEADINGS)
@click.argument("subject", default="reference", shell_complete=completed(subject_names, True))
@click.option(
    "--servers",
    type=int,
    help="Number of servers in the cluster (default: 3, or what the mutant needs, in the first "
    "block of runs; drawn for each later one, where the subject may have any number).",
)
@seed_option()
@click.option(
    "--budget",
    "budget_text",
    metavar="TIME",
    help="Time after which the hunt stops, such as 30s, 5m or 2h; shrinking what it passes takes "
    "up to half of it, the last finding is shrunk after it, and Ctrl-C ends that (default: 60s).",
)
@click.option(
    "--steps",
    type=int,
    help="Number of micro steps after which the hunt stops (default: it stops by --budget).",
)
@driver_option
@mutant_option("Known mistake to build into the reference or into a bridge (default: none).")
@network_option("the subject is made for")
@settings_option()
@click.option(
    "--ignore",
    multiple=True,
    metavar="PROPERTY",
    shell_complete=completed(property_names),
    help="Property whose violations the hunt goes past; can be given several times "
    "(default: none).",
)
@click.option(
    "--only",
    multiple=True,
    metavar="PROPERTY",
    shell_complete=completed(property_names),
    help="Property to check, and no other; can be given several times (default: all).",
)
@property_option
@click.option(
    "--stop-at-first",
    "past",
    flag_value="nothing",
    help="End the hunt at the first violation (default: yes, except for a directory).",
)
@click.option(
    "--hunt-on",
    "past",
    flag_value="untidy",
    help="Go on past what contradicts the letter of Raft and is not unsafe by itself (default: "
    "only for a directory, unless --only names what to check).",
)
@click.option(
    "--all",
    "past",
    flag_value="everything",
    help="Go on past every finding until the budget is spent, and end with a table of those that "
    "differ in what breaks and at what kind of step (default: end at a finding).",
)
@click.option(
    "--known",
    "known_folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder of saved schedules that are known to fail: they are replayed first, and the hunt "
    "goes on past them (default: raft-oracle-known, if that is there).",
)
@click.option(
    "--runs",
    type=click.Choice(["mixed", "rival-leaders"]),
    default="mixed",
    help="Kind of run that the walker makes: every kind, or only those in which rivals lead one "
    "after the other (default: mixed).",
)
@click.option(
    "--plain",
    "is_plain",
    is_flag=True,
    help="Draw nothing but schedules: every run has the servers and settings of the first "
    "(default: what is not given is drawn anew for each block of runs).",
)
@processes_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for the files of a finding (default: .raft-oracle/<time>).",
)
@result_options
@click.option(
    "--explain",
    "is_explained",
    is_flag=True,
    help="Print what a directory was recognised as and what can be checked with it, and hunt "
    "nothing (default: hunt).",
)
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
    property_files: tuple[str, ...],
    past: Past | None,
    known_folder: Path | None,
    runs: Runs,
    is_plain: bool,
    workers: int | None,
    out: Path | None,
    is_json: bool,
    junit: Path | None,
    is_explained: bool,
) -> None:
    """Hunt for violations in SUBJECT.

    SUBJECT is a name that `subjects` lists (default: reference), a file ADAPTER.py[:NAME], a
    directory with a Raft in Go that owns its threads and timers, or `-- COMMAND ...`, which starts
    an adapter that speaks the protocol.
    """
    budget, workers = read_budget(budget_text, steps), read_workers(workers)
    check_before(seed, driver, runs, ignore, only)
    named, given = read_subject(subject), read_settings(settings)
    if is_explained:
        sys.exit(explain(named, given))
    forms, store = ResultForms(is_json, junit), Store(out)
    request = TargetRequest(
        subject=named,
        servers=servers,
        network=network,
        settings=absolute_settings(named, given),
        ignore=read_ignored(ignore, only, names_of_own(property_files)),
        mutant=mutant,
    )
    plan_of = partial(plan_from_options, seed, driver, runs, property_files, is_plain)
    if asks_for_versions(request.settings, past, known_folder):
        what = Followed(ignore, only, property_files)
        search = VersionSearch(request, plan_of, what, seed, budget, workers, store, forms)
        sys.exit(hunt_versions(search))
    files = known_files(known_folder, only)  # refused, if need be, before minutes of building
    plan = plan_of(request)
    check_only(plan, only)
    with text_beside(forms):
        seen = replay_known(plan, files)
        known = known_by(seen) if only else (*known_of_bridge(subject, mutant), *known_by(seen))
        plan = plan_past_known(plan, (each.word for each in known))
        with progress(plan, budget) as report:
            past = past or usual_past(plan, only)
            hunted = hunt_on(plan, budget, workers, store, report, past, print_passed, tell_found)
    finish(plan, evolve(hunted, known=known, replayed=seen), forms)


def replay_known(plan: HuntPlan, files: tuple[Path, ...]) -> tuple[Replayed, ...]:
    """Say what a directory was recognised as, replay what is known, and say what became of it."""
    if plan.program is not None:
        print_recognised(plan.program, plan.remark)
    return replay_all(plan, files)


def plan_from_options(
    seed: int,
    driver: Driver,
    runs: Runs,
    property_files: tuple[str, ...],
    is_plain: bool,
    wanted: TargetRequest,
) -> HuntPlan:
    """The plan of the hunt, for which the subject is built and loaded."""
    remember_named(wanted.subject, wanted.settings)
    with building(wanted.subject):
        plan = make_plan(wanted, seed, driver, runs)
    plan = evolve(plan, property_files=property_files)
    if is_plain:
        return plan
    swarm = swarm_of(wanted, plan.target, plan.defaults, plan.is_variation)
    return evolve(plan, swarm=swarm)


def known_files(folder: Path | None, only: tuple[str, ...]) -> tuple[Path, ...]:
    """The known findings that are replayed first; none where only some properties are checked."""
    return () if only else files_in(folder)


def finish(plan: HuntPlan, hunted: Hunted, forms: ResultForms) -> None:
    """Say what came out, and exit accordingly, even if nobody listens.

    What is only untidy does not fail a hunt that goes past it: whoever wants to fail on that asks
    for it, and then the hunt ends there.
    """
    outcome = hunted.outcome
    plan = evolve(plan, observes=hunted.plan.observes)  # less, if a guess was wrong
    with text_beside(forms), even_if_nobody_listens():
        if outcome.artefacts is not None:
            print_finding(plan, outcome)
        else:
            print_coverage(plan, hunted)
        if hunted.passed:
            print_findings(hunted)
    sys.exit(deliver(result_of(plan, hunted, exit_code(hunted)), forms))


def exit_code(hunted: Hunted) -> Exit:
    """What a hunt's end means."""
    outcome = hunted.outcome
    if outcome.artefacts is not None or hunted.is_unsafe or hunted.changed:
        return Exit.VIOLATION
    # Without a leader, nothing was put to the test.
    tried = "leader elected" in outcome.tally.reached
    return Exit.NOTHING_FOUND if tried and not outcome.interrupted else Exit.INCONCLUSIVE


def read_budget(text: str | None, steps: int | None) -> Budget:
    """A budget from --budget or --steps."""
    if steps is not None:
        if text is not None:
            raise UsageError("budget: found both --budget and --steps, expected one of them")
        if not 1 <= steps < 2**63:
            raise UsageError(f"steps: found {steps}, expected at least 1, and less than 2^63")
        return Budget(steps=steps)
    if text is None:
        return Budget(seconds=DEFAULT_BUDGET)
    matched = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(s|m|h)", text)
    seconds = float(matched[1]) * {"s": 1, "m": 60, "h": 3600}[matched[2]] if matched else 0
    if seconds <= 0 or not math.isfinite(seconds):
        raise UsageError(f"budget: found {text!r}, expected a time such as 30s, 5m or 2h")
    return Budget(seconds=seconds)


def usual_past(plan: HuntPlan, only: tuple[str, ...]) -> Past:
    """What a hunt goes on past unless it is told: many labs have something untidy."""
    goes_on = isinstance(plan.target.subject, Directory) and not only
    return "untidy" if goes_on else "nothing"


def check_before(
    seed: int, driver: Driver, runs: Runs, ignore: tuple[str, ...], only: tuple[str, ...]
) -> None:
    """UsageError where the command line or the environment does not fit, before anything begins."""
    check_seed(seed)
    check_together(driver, runs, ignore, only)
    patience()


def check_together(
    driver: Driver, runs: Runs, ignore: tuple[str, ...], only: tuple[str, ...]
) -> None:
    """UsageError where options contradict each other."""
    if runs != "mixed" and driver != "walker":
        raise UsageError(f"runs: found {runs!r} with --driver {driver}, expected --driver walker")
    if both := sorted({*ignore} & {*only}):
        raise UsageError(f"only: found {both[0]!r}, which --ignore has too, expected one of them")
