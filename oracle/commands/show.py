"""`raft-oracle show`: draw a saved schedule or a trace, in any of the forms that there are."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import click

from model.runs.execution import Execution, until
from model.runs.render import WIDTH, text_of
from oracle.commands.names import completed, scenario_names
from oracle.commands.replay import play_written
from oracle.commands.trust import check_trust, trust_option
from oracle.formats.schedule_file import read_written
from oracle.formats.trace_json import FORMAT_LINE, read_trace, trace_json
from oracle.pictures.itf import itf
from oracle.pictures.logs import logs
from oracle.pictures.markdown import markdown
from oracle.pictures.mermaid import mermaid
from oracle.pictures.report_page import report_page
from oracle.pictures.shiviz import shiviz
from oracle.pictures.svg import svg
from oracle.processes.browser import open_in_browser
from oracle.store.input_files import InputError, read_whole
from oracle.store.result_folder import write_named
from oracle.terminal.output import echo, even_if_nobody_listens, width_of_terminal
from oracle.terminal.trace_output import print_trace
from oracle.terminal.usage import UsageError, patience
from oracle.terminal.wording import printable

Draw = Callable[[Execution, bool], bytes]
FORMS: Final[Mapping[str, Draw]] = {
    "html": lambda execution, every: report_page(execution),
    "text": lambda execution, every: printable(
        text_of(execution, execution.origin.heading)
    ).encode(),
    "svg": lambda execution, every: svg(execution).encode(),
    "logs": lambda execution, every: logs(execution).encode(),
    "markdown": lambda execution, every: markdown(execution, every).encode(),
    "mermaid": lambda execution, every: mermaid(execution).encode(),
    "shiviz": lambda execution, every: shiviz(execution).encode(),
    "itf": lambda execution, every: itf(execution),
    "json": lambda execution, every: trace_json(execution),
}
"""Every form by its name; `every` asks for all servers after each step where there is a choice."""

BEGINNING: Final = 200
"""Bytes of a file by which a trace is told from a schedule."""


@click.command()
@click.argument(
    "source",
    metavar="SCHEDULE|TRACE|SCENARIO",
    shell_complete=completed(scenario_names, True),
    type=click.Path(path_type=Path),
)
@click.option(
    "--as",
    "form",
    type=click.Choice(tuple(FORMS)),
    default="text",
    help="Form to draw: a page to step through, the trace as text, a still picture, or what "
    "another tool reads (default: text).",
)
@click.option(
    "--until",
    "last",
    type=click.IntRange(0),
    help="Number of the last step that is drawn (default: that of the last one there is).",
)
@click.option(
    "--states",
    type=click.Choice(("every", "end")),
    default="end",
    help="Whether the servers are shown after every step or at the end, where the form leaves a "
    "choice (default: end).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write to (default: standard output).",
)
@click.option(
    "--open", "opens", is_flag=True, help="Open what was written in a browser, which takes --out."
)
@trust_option
def show(
    source: Path,
    form: str,
    last: int | None,
    states: str,
    out: Path | None,
    opens: bool,
    is_trusted: bool,
) -> None:
    """Draw a saved schedule or a trace: as a page, a picture, or for other tools.

    A SCHEDULE or SCENARIO is run for that, a TRACE (trace.json) is only read; `raft-oracle
    scenarios` lists the scenarios.
    """
    if opens and out is None:
        raise UsageError("open: found no file, expected --out FILE with it")
    execution = read_execution(source, is_trusted)
    execution = execution if last is None else until(execution, last)
    if form == "text" and out is None:
        width = width_of_terminal() or WIDTH
        with even_if_nobody_listens():
            print_trace(text_of(execution, execution.origin.heading, width))
        return
    drawn = FORMS[form](execution, states == "every")
    if out is None:
        with even_if_nobody_listens():
            sys.stdout.flush()
            sys.stdout.buffer.write(drawn)
        return
    try:
        write_named(out, drawn)
    except OSError as error:
        raise UsageError(f"out: cannot write to {out}: {error.strerror}") from None
    echo(f"written to {out}", err=True)
    if opens:
        open_in_browser(out.absolute().as_uri())


def content_of(path: Path) -> bytes | None:
    """What a file holds; None where there is none, whose name may be that of a scenario."""
    try:
        return read_whole(path) if path.exists() else None
    except (InputError, OSError) as error:
        why = str(error) if isinstance(error, InputError) else error.strerror
        raise UsageError(f"schedule or trace {path}: {why}") from None


def read_execution(path: Path, is_trusted: bool) -> Execution:
    """The execution of a trace, or that of a schedule, which is run."""
    content = content_of(path)
    if content is not None and FORMAT_LINE in content[:BEGINNING]:
        try:
            return read_trace(content)
        except ValueError as error:
            raise UsageError(f"trace {path}: {error}") from None
    patience()
    written = read_written(path, content=content)
    check_trust(written.saved.target, path, is_trusted)
    played = play_written(written, path)
    if played.execution is None:
        raise UsageError(f"schedule {path}: {played.trace.strip()}")
    return played.execution
