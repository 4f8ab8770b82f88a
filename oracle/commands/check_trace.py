"""`check-trace`: whether a running cluster did only what Raft permits."""

import sys
from pathlib import Path
from typing import Final

import click

from oracle.commands.check_trace_report import report
from oracle.commands.names import completed, rule_names
from oracle.commands.results import Wanted, deliver, result_options, text_beside
from oracle.formats.result_json import Case, Result
from oracle.pictures.report_page import REPORT, report_page
from oracle.pictures.traced import execution_of_trace
from oracle.store.input_files import input_in_words
from oracle.store.result_folder import Store
from oracle.terminal.choices import not_one_of
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens, print_report
from oracle.terminal.progress import counted, reporting
from oracle.terminal.usage import UsageError
from oracle.traces.lines import TraceError, lines_of
from oracle.traces.verdict import AUTO, FORMATS, Kind, Verdict, check_trace, rules_by_name

EXIT_CODES: Final = {
    Kind.ACCEPTED: Exit.NOTHING_FOUND,
    Kind.REJECTED: Exit.VIOLATION,
    Kind.UNKNOWN: Exit.INCONCLUSIVE,
}


@click.command(name="check-trace")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "chosen",
    type=click.Choice(FORMATS),
    default=AUTO,
    help="Format of the events (default: auto, which recognises it by the first line).",
)
@click.option(
    "--partial",
    is_flag=True,
    help="Accept that events or servers are missing, and infer what they did (default: refuse).",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="RULE",
    shell_complete=completed(rule_names),
    help="Rule that servers may break without being rejected; can be given several times "
    "(default: none).",
)
@result_options
def check_trace_command(
    file: Path,
    chosen: str,
    partial: bool,
    ignore: tuple[str, ...],
    is_json: bool,
    junit: Path | None,
) -> None:
    """Judge every event in FILE (- for standard input) by the rules of Raft.

    Each line is an event in JSON: facts as docs/traces.md describes them, or what etcd's raft
    writes when it is built with the tag with_tla. A file may be compressed by gzip. Exit code 0:
    accepted; 1: rejected, with the first event that Raft does not permit; 2: unknown.
    """
    try:
        ignored = read_rules(ignore)
        with reporting("reading the trace", "judging: {:,} lines".format) as report_lines:
            lines = counted(lines_of(file), report_lines)
            verdict = check_trace(lines, chosen, partial, ignored)
    except TraceError as error:
        raise UsageError(f"{input_in_words('trace', file)}: {error}") from None
    asked, folder = Wanted(is_json, junit), None
    with text_beside(asked), even_if_nobody_listens():
        print_report(report(verdict))
        if verdict.kind is Kind.REJECTED and str(file) != "-":
            folder = draw(file, verdict)
    deliver(result_of(str(file), verdict, folder), asked)
    sys.exit(EXIT_CODES[verdict.kind])


def result_of(name: str, verdict: Verdict, folder: Path | None) -> Result:
    """The verdict for programs: every rule that applied, and the one that is broken."""
    cases = [
        Case(name=rule.name, outcome="held", source=rule.source)
        for rule in rules_by_name()
        if verdict.held[rule.name] and rule is not verdict.rule
    ]
    if verdict.rule is not None and verdict.broken is not None:
        detail = f"line {verdict.number}: {verdict.broken.found}; legal: {verdict.broken.legal}"
        where = None if folder is None else str(folder)
        cases.append(
            Case(
                name=verdict.rule.name,
                outcome="broken",
                detail=detail,
                source=verdict.rule.source,
                folder=where,
            )
        )
    if verdict.kind is Kind.UNKNOWN:
        missing = f"line {verdict.number}: the trace lacks {verdict.missing}"
        cases.append(Case(name="the whole trace", outcome="not checked", detail=missing))
    return Result(
        command="check-trace",
        subject=name,
        exit_code=EXIT_CODES[verdict.kind],
        sentence=report(verdict).splitlines()[0],
        cases=tuple(cases),
        steps=verdict.events,
    )


def draw(file: Path, verdict: Verdict) -> Path | None:
    """Store a page of the last lines, which are read again for that; its folder."""
    execution = execution_of_trace(file.name, lines_of(file), verdict)
    folder = Store(None).write_reports({REPORT: report_page(execution)})
    if folder is not None:
        echo(f"Page: {folder}/{REPORT}")
    return folder


def read_rules(names: tuple[str, ...]) -> frozenset[str]:
    """Names of rules that are to be ignored; UsageError where there is no such rule."""
    known = [rule.name for rule in rules_by_name()]
    for name in names:
        if name not in known:
            raise UsageError(f"ignore: {not_one_of(name, known)}")
    return frozenset(names)
