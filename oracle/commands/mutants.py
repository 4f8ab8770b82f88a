"""`raft-oracle mutants`: list the mistakes built into copies of the reference, or hunt them."""

import sys
from collections.abc import Sequence
from statistics import median
from typing import Any

import click

from model.mutants import MUTANTS, Mutant
from oracle.commands.options import check_seed, read_workers
from oracle.commands.shared_options import driver_option, processes_option, seed_option
from oracle.hunting.plan import Driver
from oracle.hunting.score import Score, score_mutant
from oracle.processes.process_pool import MOMENT, ProcessPool, completed
from oracle.processes.signals import interruptible
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens, print_item
from oracle.terminal.usage import UsageError


@click.command()
@click.option(
    "--score",
    "scored",
    is_flag=True,
    help="Hunt every mutant, and print how fast each is caught (default: list them).",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Mutant to list or to hunt, and no other; can be given several times (default: all).",
)
@seed_option("Number from which all schedules are drawn (default: 0).")
@processes_option
@driver_option
def mutants(
    scored: bool, only: tuple[str, ...], seed: int, workers: int | None, driver: Driver
) -> None:
    """List the mutants of the reference, or score how fast each is caught."""
    unknown = sorted(set(only) - {mutant.name for mutant in MUTANTS})
    if unknown:
        raise UsageError(f"only: found {unknown[0]!r}, expected a name that `mutants` lists")
    chosen = [mutant for mutant in MUTANTS if not only or mutant.name in only]
    check_seed(seed)
    if scored:
        survivors = score(chosen, seed, read_workers(workers), driver)
        sys.exit(Exit.VIOLATION if survivors else Exit.NOTHING_FOUND)
    with even_if_nobody_listens():
        for mutant in chosen:
            source = f" (seen in {mutant.seen_in})" if mutant.seen_in else ""
            print_item(f"{mutant.number:>3}  {mutant.name:<31} ", f"{mutant.rule}{source}")


def score(mutants: Sequence[Mutant], seed: int, workers: int, driver: Driver) -> int:
    """Hunt all these mutants, print a row for each, and return how many survived."""
    echo(
        f"  #  {'mutant':<31} {'caught by':<19} {'driver':<10} {'s':>6} {'steps':>9}"
        f" {'shrunk':>6} {'listed':>6}  needs"
    )
    firsts: list[Score] = []
    answers: dict[object, Any] = {}
    with interruptible() as interruption, ProcessPool(workers) as pool:
        for mutant in mutants:
            pool.submit(mutant.name, score_mutant, mutant.name, seed, driver)
        for mutant in mutants:
            while mutant.name not in answers:
                answers |= pool.wait(MOMENT)
                interruption.check()
            first, listed = completed(answers[mutant.name])
            firsts.append(first)
            echo(row(mutant, first, f"{mutant.number:>3}  {mutant.name:<31}"))
            if listed is not None:
                echo(row(mutant, listed, f"{'':>3}  {'  by the listed property alone':<31}"))
    survivors = sum(each.property is None for each in firsts)
    middle = median(each.seconds for each in firsts)
    echo(f"{len(firsts) - survivors} of {len(firsts)} caught, median {middle:.2f} s.")
    return survivors


def row(mutant: Mutant, result: Score, start: str) -> str:
    """One hunt in one line; the listed length stands where the listed property was hunted."""
    is_listed = result.property == mutant.listed_property
    listed = (mutant.listed_actions or "-") if is_listed else "-"
    return (
        f"{start} {result.property or 'SURVIVED':<19} {result.driver:<10} {result.seconds:>6.2f} "
        f"{result.steps:>9,} {result.micro or '-':>6} {listed:>6}  {result.conditions}".rstrip()
    )
