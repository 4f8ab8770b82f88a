"""`check-history`: whether what clients saw is linearizable."""

import sys
from pathlib import Path
from typing import Final

import click

from oracle.commands.results import ResultForms, deliver, result_options, text_beside
from oracle.formats.result_json import Case, CaseOutcome, Result
from oracle.histories.operations import LONGEST_QUOTE
from oracle.histories.reading import read_history
from oracle.pictures.history_page import history_page
from oracle.pictures.report_page import REPORT
from oracle.store.input_files import input_in_words, lines_in, opened
from oracle.store.result_folder import Store
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens
from oracle.terminal.progress import counted, reporting
from oracle.terminal.usage import UsageError
from properties.explanation import clipped, explain
from properties.linearizability import DEFAULT_ATTEMPTS, Counterexample, Judgement, Verdict, check

EXIT_CODES: Final = {
    Verdict.LINEARIZABLE: Exit.NOTHING_FOUND,
    Verdict.NOT_LINEARIZABLE: Exit.VIOLATION,
    Verdict.UNKNOWN: Exit.INCONCLUSIVE,
}


@click.command(name="check-history")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--attempts",
    type=int,
    default=DEFAULT_ATTEMPTS,
    help="Number of operations to try for each key before it is left undecided "
    f"(default: {DEFAULT_ATTEMPTS:,}).",
)
@click.option(
    "--initial",
    metavar="VALUE",
    help="What each key holds at first (default: nothing, which is nil in a history of Jepsen).",
)
@result_options
def check_history(
    file: Path, attempts: int, initial: str | None, is_json: bool, junit: Path | None
) -> None:
    """Judge whether the operations in FILE (- for standard input) are linearizable.

    Each line is an operation in JSON, such as {"client": 1, "command": "set x 1", "invoked": 3,
    "responded": 7, "output": ""}; a file may be compressed by gzip. "invoked" and "responded" are
    places in one order of events; "responded" is null where no answer came, "output" where it is
    not known. Commands are get KEY, set KEY VALUE, append KEY VALUE (gives the new value) and
    cas KEY OLD NEW (gives ok or fail). Or it is a history of Jepsen, in EDN or as its log has it.
    """
    if attempts < 1:
        raise UsageError(f"attempts: found {attempts}, expected at least 1")
    try:
        with opened(file) as stream, reporting("reading", "reading: {:,} lines".format) as say:
            history = read_history(counted(lines_in(stream), say), initial)
    except ValueError as error:
        raise UsageError(f"{input_in_words('history', file)}: {error}") from None
    with reporting("judging", "judging: {0[0]:,} of {0[1]:,} keys are done".format) as say_keys:
        judgement = check(
            history.operations, history.specification, attempts, lambda *done: say_keys(done)
        )
    forms, folder = ResultForms(is_json, junit), None
    with text_beside(forms), even_if_nobody_listens():
        if judgement.counterexample is not None:
            folder = store(judgement.counterexample)
        echo(report(judgement), newline=False)
        if folder is not None:
            echo(f"\nPage: {folder}/{REPORT}")
    sys.exit(deliver(result_of(str(file), judgement, folder), forms))


def result_of(name: str, judgement: Judgement, folder: Path | None) -> Result:
    """The verdict for programs."""
    sentence = report(judgement).splitlines()[0]
    outcomes: dict[Verdict, CaseOutcome] = {
        Verdict.LINEARIZABLE: "held",
        Verdict.NOT_LINEARIZABLE: "broken",
        Verdict.UNKNOWN: "not checked",
    }
    outcome = outcomes[judgement.verdict]
    case = Case(
        name="Linearizable",
        outcome=outcome,
        detail="" if outcome == "held" else sentence,
        source="section 8",
        folder=None if folder is None else str(folder),
    )
    return Result(
        command="check-history",
        subject=name,
        exit_code=EXIT_CODES[judgement.verdict],
        sentence=sentence,
        cases=(case,),
        steps=judgement.operations,
    )


def store(counterexample: Counterexample) -> Path | None:
    """Store a page of the operations that no order explains; its folder."""
    return Store(None, verdict_first=True).write_reports({REPORT: history_page(counterexample)})


def report(judgement: Judgement) -> str:
    """The verdict, what it is about, and the reasons for it."""
    counts = (
        f"{judgement.operations:,} operations, {judgement.unanswered:,} of them never answered; "
        f"keys: {judgement.keys:,}"
    )
    if judgement.counterexample is not None:
        return f"Not linearizable: {counts}.\n\n{explain(judgement.counterexample)}"
    if judgement.undecided:
        first = clipped(ascii(judgement.undecided[0]), LONGEST_QUOTE)
        return (
            f"Unknown: {counts}.\n"
            f"The attempts did not suffice for {len(judgement.undecided):,} of the keys; "
            f"the first is\n{first}. More --attempts may decide.\n"
        )
    return f"Linearizable: {counts}.\n"
