"""`raft-oracle check-adapter -- COMMAND`: whether an adapter does what the protocol says."""

import os
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from textwrap import fill
from typing import get_args

import click

from model.actions import OPTIONAL
from model.subject import NetworkKind, SubjectError
from oracle.adapter.claims import Claim, Examination, Verdict
from oracle.adapter.factory import AdapterFactory, adapter_factory
from oracle.bridging.build import adapter_command
from oracle.bridging.description import bridges
from oracle.commands.names import bridge_names, completed
from oracle.commands.options import WithAdapter, read_settings
from oracle.commands.results import ResultForms, deliver, result_options, text_beside
from oracle.commands.shared_options import network_option, seed_option, settings_option
from oracle.formats.result_json import Case, CaseOutcome, Result
from oracle.hunting.checked_properties import judged
from oracle.processes.line_process import NoProgramError
from oracle.processes.process_pool import ProcessPool
from oracle.processes.signals import interruptible
from oracle.subjects.naming import words_of
from oracle.subjects.registry import check_settings
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens, width_to_fill
from oracle.terminal.usage import UsageError, patience
from oracle.unmodified.build import built_directory
from properties.checker import Checker
from raft_core import MAX_SERVERS

MOST_STEPS = 100_000
GREETING = "says hello"


@click.command(name="check-adapter", cls=WithAdapter)
@click.argument(
    "subject",
    shell_complete=completed(bridge_names, True),
    metavar="[BRIDGE | DIRECTORY | -- COMMAND ...]",
)
@click.option(
    "--servers",
    type=click.IntRange(1, MAX_SERVERS),
    default=3,
    help="Number of servers in each cluster that is tried (default: 3).",
)
@seed_option("Number from which the random steps are drawn (default: 0).")
@click.option(
    "--steps",
    type=click.IntRange(1, MOST_STEPS),
    default=300,
    help="Number of random steps that are tried (default: 300).",
)
@network_option("that the adapter asks for")
@settings_option(
    "Setting that every reset passes to the adapter; can be given several times (default: none)."
)
@result_options
def check_adapter(
    subject: str,
    servers: int,
    seed: int,
    steps: int,
    network: NetworkKind | None,
    settings: tuple[str, ...],
    is_json: bool,
    junit: Path | None,
) -> None:
    """Check that an adapter does what the protocol says, before it is hunted.

    Exit codes: 0 all claims hold, 1 some do not, 64 wrong usage.
    """
    command = command_of(subject)
    wanted = (command, servers, seed, steps, network, read_settings(settings))
    patience()
    with interruptible() as interruption, ProcessPool(1) as pool:
        claims, notes = pool.run(interruption, examined, *wanted)
    forms = ResultForms(is_json, junit)
    with text_beside(forms), even_if_nobody_listens():
        print_claims(claims, notes)
    result = result_of(subject, claims)
    sys.exit(deliver(result, forms))


def result_of(subject: str, claims: tuple[Claim, ...]) -> Result:
    """The claims for programs."""
    outcomes: dict[str, CaseOutcome] = {"ok": "held", "FAILED": "broken"}
    cases = tuple(
        Case(
            name=claim.text,
            outcome=outcomes.get(claim.verdict, "not checked"),
            detail=claim.reason or "",
        )
        for claim in claims
    )
    failed = any(case.outcome == "broken" for case in cases)
    return Result(
        command="check-adapter",
        subject=subject,
        exit_code=Exit.VIOLATION if failed else Exit.NOTHING_FOUND,
        sentence=counts_of(claims),
        cases=cases,
    )


def command_of(text: str) -> tuple[str, ...]:
    """The command of the adapter that these words name; UsageError if they name none."""
    if text in bridges():
        return adapter_command(text)
    if text.startswith("--"):
        return words_of(text)
    if os.path.isdir(text):
        return built_directory(text).command
    raise UsageError(
        f"subject: found {text!r}, expected -- and a command, a directory of Go sources, "
        f"or {', '.join(bridges())}"
    )


def examined(
    command: tuple[str, ...],
    servers: int,
    seed: int,
    steps: int,
    network: NetworkKind | None,
    settings: Mapping[str, str],
) -> tuple[tuple[Claim, ...], tuple[str, ...]]:
    """All claims about an adapter, and what it does not show or offer."""
    try:
        factory = adapter_factory(command, patience())
    except NoProgramError as error:
        raise UsageError(str(error)) from None
    except SubjectError as error:
        return (Claim(GREETING, "FAILED", str(error)),), ()
    check_settings(factory, dict(settings))
    examination = Examination(
        adapter=factory.adapter,
        servers=servers,
        network=network or factory.network,
        settings=settings,
        seed=seed,
        steps=steps,
    )
    if settings and (refusal := examination.refusal()):
        raise UsageError(f"subject {factory.name}: cannot start: reset: error: {refusal}")
    greeting = Claim(f"{GREETING}: {factory.version(settings)}, {factory.network} network", "ok")
    return (greeting, *examination.claims()), notes_on(
        factory, servers, examination.network, settings
    )


def notes_on(
    factory: AdapterFactory, servers: int, network: NetworkKind, settings: Mapping[str, str]
) -> tuple[str, ...]:
    """What a hunt would check, and what not, since the adapter does not show or offer it."""
    observes = factory.observes_with(settings)
    checked, not_checked = judged(Checker(servers, observes), network)
    notes = [f"Checked in a hunt: {', '.join(checked)}"]
    notes += [
        f"Not checked: {missed.property} (not observed: {', '.join(missed.missing)})"
        for missed in not_checked
    ]
    missing = sorted(OPTIONAL - set(factory.adapter.hello.offers))
    if missing:
        notes.append(f"Not offered: {', '.join(missing)}")
    return tuple(notes)


def print_claims(claims: tuple[Claim, ...], notes: tuple[str, ...]) -> None:
    """Every claim in a line, or more where it has a reason."""
    width = width_to_fill()
    for claim in claims:
        reason = f": {claim.reason}" if claim.reason else ""
        line = f"{claim.verdict:<8} {claim.text}{reason}"
        echo(fill(line, width, subsequent_indent=" " * 9))
    for note in notes:
        echo(fill(note, width, subsequent_indent=" " * 13))
    echo(counts_of(claims))


def counts_of(claims: tuple[Claim, ...]) -> str:
    """How many claims hold, fail and could not be tried."""
    counts = Counter(claim.verdict for claim in claims)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in get_args(Verdict))
