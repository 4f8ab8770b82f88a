"""The options for results that programs read, which all commands that judge something have."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import msgspec
from attrs import frozen

from oracle.formats.result_json import Result, annotations, junit, printed
from oracle.store.result_folder import check_folder, check_name, write_named
from oracle.terminal.exit_codes import Exit
from oracle.terminal.output import echo, even_if_nobody_listens
from oracle.terminal.usage import UsageError

ON_GITHUB: Final = "GITHUB_ACTIONS"

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@frozen
class ResultForms:
    """In which forms a result is wanted, beside the text for people."""

    json: bool
    junit: Path | None


def result_options(command: Decorated) -> Decorated:
    """Adds --json and --junit to a command."""
    return json_option(junit_option(command))


def json_option(command: Decorated) -> Decorated:
    """Adds --json to a command."""
    as_json = click.option(
        "--json",
        "is_json",
        is_flag=True,
        help="Print one JSON object as `raft-oracle schema result` describes it; the text for "
        "people goes to standard error (default: the text alone).",
    )
    return as_json(command)


def junit_option(command: Decorated) -> Decorated:
    """Adds --junit to a command."""
    as_junit = click.option(
        "--junit",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        callback=read_junit,
        help="Also write the result to this file, as JUnit's XML (default: no file).",
    )
    return as_junit(command)


def read_junit(
    context: click.Context, parameter: click.Parameter, path: Path | None
) -> Path | None:
    """The file for JUnit's XML; UsageError, before anything begins, where none can be made."""
    if path is not None and not context.resilient_parsing:
        check_name(path, "junit")
        if not path.name:  # as that of an empty text is, which names the folder one stands in
            raise UsageError(f"junit: found {path}, which is a folder, expected a file to write")
        check_folder(path.parent, "junit")
    return path


@contextmanager
def text_beside(forms: ResultForms) -> Iterator[None]:
    """Let what is printed for people go to standard error where JSON is wanted."""
    if not forms.json:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def deliver(result: Result, forms: ResultForms) -> int:
    """Print, write and annotate a result as it is wanted; the exit code that is left."""
    left = write_junit(result, forms.junit)
    result = msgspec.structs.replace(result, exit_code=left)
    with even_if_nobody_listens():
        if os.environ.get(ON_GITHUB) == "true":
            click.echo(annotations(result), nl=False, err=True)  # which are to be obeyed
        if forms.json:
            echo(printed(result), newline=False)
    return left


def write_junit(result: Result, path: Path | None) -> int:
    """Write a result as JUnit's XML, if a file for it is named; the exit code that is left.

    A full disk takes nothing from what was found; where nothing was, whoever reads the file has to
    learn that it is not of this run.
    """
    if path is None:
        return result.exit_code
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_named(path, junit(result))
    except OSError as error:
        echo(f"raft-oracle: junit: cannot write to {path}: {error.strerror}", err=True)
        return result.exit_code or Exit.INCONCLUSIVE
    return result.exit_code
