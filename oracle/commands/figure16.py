"""`raft-oracle figure16`: run Figure 16 of the paper again, and set the result beside it."""

import math
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import fill
from typing import Any, Final

import click
from attrs import frozen

from model.figure16.assumptions import statements
from model.figure16.published import LINES, Line, Published
from model.figure16.timed_cluster import Milliseconds
from model.figure16.trial import block
from model.runs.render import WIDTH
from oracle.commands.options import check_seed, read_workers
from oracle.commands.shared_options import processes_option, seed_option
from oracle.pictures.figure16 import GRAPHS, Results, quantile, svg, text_plot
from oracle.processes.process_pool import MOMENT, ProcessPool, completed
from oracle.processes.signals import Interruption, SignalledError, interruptible
from oracle.store.result_folder import (
    HOME,
    check_folder,
    check_home,
    check_name,
    write_safely,
)
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens
from oracle.terminal.progress import reporting
from oracle.terminal.usage import UsageError

FILE_NAME: Final = "figure16.svg"
BLOCK: Final = 100
"""Trials that a process does at a time, of a line that takes a thousand."""
LONG: Final = 10_000.0
CLOSE, NEAR = 1.25, 2.0
"""The ratios that count as reproduced: of a median or a mean, and of a worst case."""


@frozen
class Done:
    """How many trials are done, and how many there are."""

    trials: int
    total: int


Report = Callable[[Done], None]
Call = tuple[int, int, int]
"""A line by its number, its first trial, and the one after its last."""


@frozen
class Claim:
    """A number that the paper's text states of a line."""

    low: int
    high: int
    statistic: str
    published: Milliseconds

    @property
    def allowed(self) -> float:
        """The ratio, either way, up to which it is reproduced."""
        return NEAR if self.statistic == "worst" else CLOSE


CLAIMS: Final = (
    Claim(150, 155, "median", 287),
    Claim(150, 200, "worst", 513),
    Claim(12, 24, "mean", 35),
    Claim(12, 24, "worst", 152),
)
"""Section 9.3; the text's only other number is that 150-150 ms took longer than LONG."""


@click.command(name="figure16")
@click.option(
    "--trials",
    type=click.IntRange(1, 1_000_000),
    default=1000,
    help="Number of trials for each line of the figure (default: 1000).",
)
@seed_option(
    "Number from which all trials are drawn; the same one gives the same files (default: 0)."
)
@processes_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to draw the figure into, or the folder for it (default: .raft-oracle/figure16.svg).",
)
def figure16_command(trials: int, seed: int, workers: int | None, out: Path | None) -> None:
    """Time the replacement of crashed leaders: Figure 16 of the paper, beside its numbers."""
    check_seed(seed)
    path, workers = read_out(out), read_workers(workers)
    with reporting("figure16: starting", line_of) as report:
        results, is_whole = run(trials, seed, workers, report)
    if not results:
        raise SignalledError
    written = write_plot(path, results)
    with even_if_nobody_listens():
        echo(text_of(results, trials, seed))
        if written:
            echo(f"Plot: {path}")
    if not is_whole:
        raise SignalledError
    if not written:
        sys.exit(Exit.INCONCLUSIVE)


def read_out(out: Path | None) -> Path:
    """The file to write to: the one named, or one in the folder named."""
    if out is None:
        check_home()
    if out is None or out.suffix != ".svg":
        folder = HOME if out is None else out
        path = folder / FILE_NAME
    else:
        folder, path = out.parent, out
    check_name(path, "out")
    check_folder(folder)
    if path.is_dir():
        raise UsageError(f"out: found {path}, which is a folder, expected a file to write")
    return path


def write_plot(path: Path, results: Results) -> bool:
    """Write the plot; where that fails, say so, for the numbers are still to come."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_safely(path, svg(results).encode())
    except OSError as error:
        echo(f"cannot write to {path}: {error.strerror}", err=True)
        return False
    return True


def line_of(done: Done) -> str:
    """How many trials are done, in one line."""
    return f"figure16: {done.trials:,} of {done.total:,} trials"


def run(trials: int, seed: int, workers: int, report: Report) -> tuple[Results, bool]:
    """All trials, or those that were done when a signal came; whether it is all."""
    calls = [
        (number, start, min(start + size, line.trials(trials)))
        for number, line in enumerate(LINES)
        for size in (max(BLOCK * line.trials(trials) // trials, 1),)
        for start in range(0, line.trials(trials), size)
    ]
    answers: dict[Any, Any] = {}
    is_whole = True
    with interruptible() as interruption, ProcessPool(workers) as pool:
        for call in calls:
            number, start, stop = call
            pool.submit(call, block, LINES[number], seed, start, stop)
        try:
            collect(pool, interruption, calls, answers, report)
        except SignalledError:
            is_whole = False
    results: dict[Line, list[Milliseconds]] = {}
    for call in calls:
        if call in answers:
            times = results.setdefault(LINES[call[0]], [])
            times += [math.inf if time is None else time for time in answers[call]]
    return {line: sorted(times) for line, times in results.items()}, is_whole


def collect(
    pool: ProcessPool,
    interruption: Interruption,
    calls: list[Call],
    answers: dict[Any, Any],
    report: Report,
) -> None:
    """Wait for all answers, and note each as it comes."""
    total = sum(stop - start for _, start, stop in calls)
    while len(answers) < len(calls):
        for call, answer in pool.wait(MOMENT).items():
            answers[call] = completed(answer)
        report(Done(sum(len(answer) for answer in answers.values()), total))
        interruption.check()


def text_of(results: Results, trials: int, seed: int) -> str:
    """All that is printed: the tables, the assumptions, the graphs."""
    assumed = "\n".join(
        fill(f"- {each}", WIDTH, subsequent_indent="  ", break_on_hyphens=False)
        for each in statements()
    )
    plots = "\n".join(text_plot(graph, results) for graph in GRAPHS)
    heading = (
        f"Figure 16 of the extended Raft paper, simulated: {trials:,} trials a line, seed {seed}."
    )
    return (
        f"{heading}\n\n{table(results)}\n\n{claims(results)}\n\n"
        f"Assumptions, the same for every line:\n{assumed}\n\n{plots}"
    )


def table(results: Results) -> str:
    """Each line of the figure: measured, published, and the ratio of the two."""
    rows = [
        "Time without leader in ms, from its crash until all have heard from the next. Thesis: as"
        "\nread off its vector graphic of the same measurement, to about 1%.\n",
        f"{'timeouts':<12} {'trials':>6} {'':<7}"
        + "".join(f"{name:>11}" for name in ("min", "median", "mean", "99%", "worst")),
    ]
    for line, times in results.items():
        ours, theirs = columns(summary(times)), columns(line.published)
        ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
        rows.append(f"{line.name:<12} {len(times):>6,} {'ours':<7}{cells(ours)}")
        rows.append(f"{'':<12} {'':>6} {'thesis':<7}{cells(theirs)}")
        rows.append(f"{'':<12} {'':>6} {'ratio':<7}{''.join(f'{each:>11.2f}' for each in ratios)}")
    return "\n".join(rows)


def summary(times: list[Milliseconds]) -> Published:
    """The numbers of a measured line: those that the thesis publishes of its lines."""
    return Published(
        minimum=times[0],
        median=quantile(times, 50),
        mean=math.fsum(times) / len(times),
        last_percent=quantile(times, 99),
        worst=times[-1],
    )


def columns(line: Published) -> tuple[Milliseconds, ...]:
    """A line's numbers in the order of the table."""
    return line.minimum, line.median, line.mean, line.last_percent, line.worst


def cells(times: tuple[Milliseconds, ...]) -> str:
    """Times in the columns of the table."""
    return "".join(f"{number_text(time):>11}" for time in times)


def number_text(time: Milliseconds) -> str:
    """A time in ms, with no more digits than it deserves."""
    if math.isinf(time):
        return "given up"
    return f"{time:,.0f}" if time >= 1000 else f"{time:.1f}"


def claims(results: Results) -> str:
    """What the paper's text states, and whether that is so here."""
    by_range = {(line.low, line.high): times for line, times in results.items()}
    rows = ["In the text of section 9.3                 paper       ours      ratio"]
    if (150, 150) in by_range:
        rows.append(long_claim(by_range[150, 150]))
    for claim in CLAIMS:
        if (claim.low, claim.high) in by_range:
            rows.append(claim_row(claim, by_range[claim.low, claim.high]))
    return "\n".join(rows)


def long_claim(times: list[Milliseconds]) -> str:
    """Without randomness elections "consistently took longer than 10 seconds"."""
    longer = sum(time > LONG for time in times)
    name = "150-150 ms, longer than 10 s"
    return f"{name:<36} {'always':>11}   {longer:,} of {len(times):,} trials"


def claim_row(claim: Claim, times: list[Milliseconds]) -> str:
    """One number of the text, the measured one beside it, and how far it is off."""
    ours: Milliseconds = getattr(summary(times), claim.statistic)
    ratio = ours / claim.published
    is_met = 1 / claim.allowed <= ratio <= claim.allowed
    within = f"a factor of {claim.allowed:g}" if claim.allowed == NEAR else f"{CLOSE - 1:.0%}"
    verdict = f"within {within}" if is_met else f"NOT within {within}"
    name = f"{claim.low}-{claim.high} ms, {claim.statistic} in ms"
    return f"{name:<36} {claim.published:>11g} {number_text(ours):>10} {ratio:>10.2f}  {verdict}"
