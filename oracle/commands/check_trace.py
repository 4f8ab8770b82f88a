"""`check-trace`: whether a running cluster did only what Raft permits."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from model.runs.execution import Execution
from oracle.commands.check_trace_report import commit_progress, report, where_is
from oracle.commands.results import ResultForms, deliver, result_options, text_beside
from oracle.commands.shared_options import ignored_rules_option
from oracle.formats.result_json import Case, Result
from oracle.formats.trace_json import trace_json
from oracle.pictures.report_page import REPORT, report_page
from oracle.pictures.traced import Drawing
from oracle.store.input_files import can_be_read_again, input_in_words
from oracle.store.result_folder import Store
from oracle.terminal.choices import not_one_of
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens, print_report
from oracle.terminal.progress import counted_together, reporting
from oracle.terminal.usage import UsageError
from oracle.traces.evidence import Evidence, Spot, evidence_of
from oracle.traces.formats import AUTO, FORMATS
from oracle.traces.lines import TraceError, lines_of
from oracle.traces.verdict import Kind, Options, Verdict, check_files, rules_by_name
from properties.rules.vocabulary import Broken

TRACE: Final = "trace.json"
EXIT_CODES: Final = {
    Kind.ACCEPTED: Exit.NOTHING_FOUND,
    Kind.REJECTED: Exit.VIOLATION,
    Kind.UNKNOWN: Exit.INCONCLUSIVE,
}


@click.command(name="check-trace")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
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
@ignored_rules_option
@click.option(
    "--strip",
    is_flag=True,
    help="Take away what stands before the JSON of a line, such as a logger's prefix (default: "
    "refuse).",
)
@click.option(
    "--skip",
    is_flag=True,
    help="Pass over lines that are no events, such as other lines of a log (default: refuse).",
)
@result_options
def check_trace_command(
    files: tuple[Path, ...],
    chosen: str,
    partial: bool,
    ignore: tuple[str, ...],
    strip: bool,
    skip: bool,
    is_json: bool,
    junit: Path | None,
) -> None:
    """Judge every event in each FILE (- for standard input) by the rules of Raft.

    Each line is an event in JSON: facts as docs/traces.md describes them, or what etcd's raft
    writes when it is built with the tag with_tla. A file may be compressed by gzip or zstd. Several
    files, such as one of each server, are merged by cause: a message is sent before it is received.
    Exit code 0: accepted; 1: rejected, with the first event that Raft does not permit; 2: unknown.
    """
    expect_each_once(files)
    options = Options(chosen, partial, read_rules(ignore), strip, skip)
    name = ", ".join(map(str, files))
    judging = reporting("reading the trace", "judging: {:,} lines".format)
    with wrong_input(files), judging as report_lines:
        lines = counted_together(map(lines_of, files), report_lines)
        verdict = check_files(dict(zip(map(str, files), lines, strict=True)), options)
    forms, folder, evidence = ResultForms(is_json, junit), None, None
    if verdict.kind is Kind.REJECTED and all(map(can_be_read_again, files)):
        drawing = Drawing(verdict)
        evidence = evidence_of(read_again(files), options, verdict, drawing.look)
        folder = store(drawing.execution(", ".join(each.name for each in files)))
    with text_beside(forms), even_if_nobody_listens():
        print_report(report(verdict, files, evidence))
        if folder is not None:
            echo(f"Page: {folder}/{REPORT}")
    sys.exit(deliver(result_of(name, verdict, folder, files, evidence), forms))


@contextmanager
def wrong_input(files: Sequence[Path]) -> Iterator[None]:
    """What is wrong with a trace is told in one line, with the file's name."""
    try:
        yield
    except TraceError as error:
        name = input_in_words("trace", files[0]) if len(files) == 1 else "traces"
        raise UsageError(f"{name}: {error}") from None


def expect_each_once(files: Sequence[Path]) -> None:
    """UsageError where a file is named twice."""
    for file in files:
        if files.count(file) > 1:
            raise UsageError(f"trace {file}: found twice, expected each file once")


def read_again(files: Sequence[Path]) -> dict[str, Iterable[bytes]]:
    """The lines of files, read once more."""
    return {str(each): lines_of(each) for each in files}


def result_of(
    name: str,
    verdict: Verdict,
    folder: Path | None,
    files: Sequence[Path] = (),
    evidence: Evidence | None = None,
) -> Result:
    """The verdict for programs: every rule that applied, and the one that is broken."""
    cases = [
        Case(name=rule.name, outcome="held", source=rule.source)
        for rule in rules_by_name()
        if verdict.held[rule.name] and rule is not verdict.rule
    ]
    if verdict.rule is not None and verdict.broken is not None:
        detail = detail_of(verdict, verdict.broken, files, evidence)
        where = None if folder is None else str(folder)
        rule, source = verdict.rule.name, verdict.rule.source
        cases.append(Case(name=rule, outcome="broken", detail=detail, source=source, folder=where))
    if verdict.kind is Kind.UNKNOWN:
        place = where_is(Spot(verdict.file, verdict.number), files)
        missing = f"{place}: the trace lacks {verdict.missing}"
        cases.append(Case(name="the whole trace", outcome="not checked", detail=missing))
    for sentence in commit_progress(verdict, files):
        cases.append(Case(name="last commit", outcome="held", detail=sentence))
    return Result(
        command="check-trace",
        subject=name,
        exit_code=EXIT_CODES[verdict.kind],
        sentence=report(verdict).splitlines()[0],
        cases=tuple(cases),
        steps=verdict.events,
    )


def detail_of(
    verdict: Verdict, broken: Broken, files: Sequence[Path], evidence: Evidence | None
) -> str:
    """Where a rule is broken, what was found, what would be legal, and what it contradicts."""
    spot = None if evidence is None else evidence.earlier
    against = "" if spot is None else f"; it contradicts {where_is(spot, files)}"
    place = where_is(Spot(verdict.file, verdict.number), files)
    return f"{place}: {broken.found}; legal: {broken.legal}{against}"


def store(execution: Execution) -> Path | None:
    """Store the last lines as a page and for `show`; where."""
    pictures = {REPORT: report_page(execution), TRACE: trace_json(execution)}
    return Store(None, verdict_first=True).write_reports(pictures)


def read_rules(names: tuple[str, ...]) -> frozenset[str]:
    """Names of rules that are to be ignored; UsageError where there is no such rule."""
    known = [rule.name for rule in rules_by_name()]
    for name in names:
        if name not in known:
            raise UsageError(f"ignore: {not_one_of(name, known)}")
    return frozenset(names)
