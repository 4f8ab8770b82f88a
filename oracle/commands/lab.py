"""`raft-oracle lab`: the parts of a lab's Raft in turn, for one student or for a whole course."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from model.target import Directory
from oracle.commands.hunt import read_budget
from oracle.commands.lab_course import examined
from oracle.commands.lab_report import line_of, text_of
from oracle.commands.lab_result import result_of
from oracle.commands.options import check_seed, read_settings, read_workers
from oracle.commands.results import junit_option, write_junit
from oracle.commands.shared_options import seed_option
from oracle.commands.trust import remember_named
from oracle.formats.lab_json import LabReport, LabsReport, printed
from oracle.hunting.lab_parts import LabRequest, PartTally, lab_report
from oracle.processes.signals import SignalledError
from oracle.store.result_folder import Store
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens
from oracle.terminal.progress import reporting
from oracle.terminal.usage import UsageError, patience
from oracle.terminal.wording import one_line, printable
from oracle.unmodified.part_names import LETTERS

DEFAULT_BUDGET: Final = "2m"
REPORT: Final = "report"
"""The name of the report's files: report.txt, and report.json."""


@click.command(name="lab")
@click.argument("directories", nargs=-1, required=True, metavar="DIRECTORY...")
@click.option(
    "--budget",
    metavar="TIME",
    help="Time to hunt all parts of one directory, such as 30s or 5m; building comes before it "
    "(default: 2m).",
)
@click.option(
    "--steps",
    type=int,
    help="Number of micro steps to hunt all parts of one directory; the same number gives the "
    "same report (default: it stops by --budget).",
)
@seed_option()
@click.option(
    "--through",
    metavar="PART",
    help="Last part to hunt, such as 3C (default: the last one that works in a scripted run).",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Setting of the lab, such as fields=log=rf.entries; can be given several times "
    "(default: none).",
)
@click.option(
    "--workers",
    type=int,
    help="Number of processes that hunt; of several directories, so many are examined at once "
    "(default: one for each core).",
)
@click.option(
    "--json",
    "is_json",
    is_flag=True,
    help="Print one JSON object for a program, see `raft-oracle schema lab` (default: a table).",
)
@junit_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for reports and for the files of findings (default: .raft-oracle/<time>).",
)
def lab_command(
    directories: tuple[str, ...],
    budget: str | None,
    steps: int | None,
    seed: int,
    through: str | None,
    settings: tuple[str, ...],
    workers: int | None,
    is_json: bool,
    junit: Path | None,
    out: Path | None,
) -> None:
    """Hunt the parts of a lab's Raft in turn, or those of a whole course.

    The parts of the lab in each DIRECTORY are elections, replication, persistence and snapshots.
    A part that has not been begun is left out. The exit code is 1 if something unsafe was found, 2
    if a part or a directory could not be judged, 64 if the only directory holds no lab that can
    be built, and 0 otherwise.
    """
    chosen = read_budget(budget if steps is not None else budget or DEFAULT_BUDGET, steps)
    check_seed(seed)
    patience()
    workers = read_workers(workers)
    requests = [
        LabRequest(
            directory=each,
            budget=chosen,
            seed=seed,
            workers=workers,
            settings=read_settings(settings),
            through=read_part(through),
        )
        for each in directories
    ]
    for each in directories:
        remember_named(Directory(each), {})
    store = Store(out)
    reports = reports_of(requests, store, workers)
    document = LabsReport(seed=seed, exit_code=exit_code(reports), labs=tuple(reports))
    is_refused = document.exit_code == Exit.WRONG_USAGE
    asked_for = not is_refused or out is not None  # of a refusal, one line says all
    folder = store.write_reports(files_of(document)) if asked_for else None
    if is_json or not is_refused:
        print_reports(document, folder, is_json)
    left = write_junit(result_of(document), junit)
    if is_refused:
        raise UsageError(reports[0].error or "")
    sys.exit(left)


def reports_of(requests: list[LabRequest], store: Store, workers: int) -> list[LabReport]:
    """The reports on all directories; one alone is examined by this process and its workers."""
    if len(requests) > 1:
        return examined(requests, store.begin(), workers)
    return [report_of(requests[0], store)]


def files_of(document: LabsReport) -> dict[str, bytes]:
    """The report for people, and the one for programs."""
    text = "\n".join(text_of(each) for each in document.labs)
    return {f"{REPORT}.txt": printable(text).encode(), f"{REPORT}.json": printed(document).encode()}


def print_reports(document: LabsReport, folder: Path | None, is_json: bool) -> None:
    """Print the reports: as JSON, in full, or many as a table; and where they are stored."""
    with even_if_nobody_listens():
        if is_json:
            click.echo(printed(document), nl=False)
            return
        labs = document.labs
        echo(summary(labs) if len(labs) > 1 else text_of(labs[0]), newline=False)
        if folder is not None:
            echo(f"\nReport: {folder}/{REPORT}.txt")


def report_of(request: LabRequest, store: Store) -> LabReport:
    """The report on one directory."""
    name = one_line(request.directory)

    def line(said: PartTally) -> str:
        tally = said.tally
        if tally.shrinking is not None:
            return f"{name}: part {said.part}: found a violation, shrinking ({tally.seconds:.0f} s)"
        return (
            f"{name}: part {said.part}: {tally.seconds:.0f} s, {tally.runs:,} runs, "
            f"{tally.steps:,} steps ({tally.rate:,.0f}/s)"
        )

    with reporting(f"{name}: building", line) as report:
        try:
            return lab_report(request, store, report)
        except UsageError as error:
            return LabReport(directory=request.directory, outcome="refused", error=str(error))
        except (SignalledError, KeyboardInterrupt):  # while it was built, or between two parts
            return LabReport(directory=request.directory, outcome="interrupted")


def exit_code(reports: Sequence[LabReport]) -> int:
    """What to exit with: a lab that is broken counts more than one that could not be judged."""
    found = {each.outcome for each in reports}
    if "broken" in found:
        return Exit.VIOLATION
    if found == {"refused"} and len(reports) == 1:
        return Exit.WRONG_USAGE
    if found & {"refused", "inconclusive", "interrupted"}:
        return Exit.INCONCLUSIVE
    return Exit.NOTHING_FOUND


def summary(reports: Sequence[LabReport]) -> str:
    """A table of many labs: one line for each."""
    width = max(len(one_line(each.directory)) for each in reports)
    lines = (f"{one_line(each.directory):<{width}}  {line_of(each)}" for each in reports)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def read_part(text: str | None) -> str | None:
    """The letter of a part such as 3C."""
    if text is None:
        return None
    if len(text) != 2 or text[0] not in "23" or text[1] not in LETTERS:
        raise UsageError(f"through: found {text!r}, expected 3A, 3B, 3C or 3D")
    return text[1]
