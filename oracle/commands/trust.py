"""Whose code a schedule may run: SECURITY.md has the rule."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from model.target import Command, Directory, NamedSubject, UserFile
from oracle.store.trusted import is_remembered, remember
from oracle.subjects.naming import absolute
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import one_line

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def trust_option(command: Decorated) -> Decorated:
    """Adds --trust to a command that runs what a schedule names."""
    return click.option(
        "--trust",
        "is_trusted",
        is_flag=True,
        help="Run the program, file or directory that the schedule names, whoever it comes from "
        "(default: only what this machine's command line has named before).",
    )(command)


def check_trust(subject: NamedSubject, path: Path, is_trusted: bool) -> None:
    """UsageError where a schedule would run code that the user has never named."""
    if is_trusted or not isinstance(subject, Command | UserFile | Directory):
        return
    if not is_remembered(where_it_runs(subject)):
        text = one_line(absolute(subject).text)
        raise UsageError(
            f"schedule {path}: it would run {text}, which was never named on this "
            "machine's command line; expected --trust, if you know where the schedule comes from"
        )


def named_by_user(subject: NamedSubject) -> NamedSubject:
    """The same subject; that the user has named it is remembered."""
    if isinstance(subject, Command | UserFile | Directory):
        remember(where_it_runs(subject))
    return subject


def where_it_runs(subject: Command | UserFile | Directory) -> str:
    """What tells a subject from others: `go run .` is another one in another folder."""
    named = absolute(subject)
    if isinstance(named, Command) and depends_on_folder(named.words):
        return f"{os.getcwd()}: {named.text}"
    return named.text


def depends_on_folder(words: tuple[str, ...]) -> bool:
    """Whether no word of a command says where the code is that it runs."""
    says_where = "/" in words[0] or any(os.path.isfile(word) for word in words[1:])
    return not says_where or "-m" in words
