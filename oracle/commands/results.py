"""The options for results that programs read, which all commands that judge something have."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from attrs import frozen

from oracle.formats.result_json import Result, annotations, junit, printed
from oracle.store.result_folder import write_safely
from oracle.terminal.output import echo, even_if_nobody_listens
from oracle.terminal.usage import UsageError

ON_GITHUB: Final = "GITHUB_ACTIONS"

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@frozen
class Wanted:
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
        help="Also write the result to this file, as JUnit's XML (default: no file).",
    )
    return as_junit(command)


@contextmanager
def text_beside(wanted: Wanted) -> Iterator[None]:
    """Let what is printed for people go to standard error where JSON is wanted."""
    if not wanted.json:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def deliver(result: Result, wanted: Wanted) -> None:
    """Print, write and annotate a result as it is wanted."""
    write_junit(result, wanted.junit)
    with even_if_nobody_listens():
        if os.environ.get(ON_GITHUB) == "true":
            echo(annotations(result), newline=False, err=True)
        if wanted.json:
            echo(printed(result), newline=False)


def write_junit(result: Result, path: Path | None) -> None:
    """Write a result as JUnit's XML, if a file for it is named."""
    if path is None:
        return
    try:
        write_safely(path, junit(result))
    except OSError as error:
        raise UsageError(f"junit: cannot write to {path}: {error.strerror}") from None
