"""Whose code a schedule may run: SECURITY.md has the rule."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from attrs import frozen

from model.target import (
    Bridge,
    Command,
    Directory,
    InProcess,
    NamedSubject,
    Target,
    UserFile,
)
from oracle.bridging.own_source import SOURCE
from oracle.store.trusted import is_remembered, remember
from oracle.subjects.naming import absolute, absolute_settings
from oracle.subjects.unlisted import unlisted_version
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import printable, unbroken
from properties.explanation import clipped

NEVER: Final = "which was never named on this machine's command line"
LONGEST_SHOWN: Final = 500
"""Characters of what a schedule would do, half of them from its end: the harm may stand there."""
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@frozen
class Asked:
    """Code that is not this project's, nor what it lists: a name for it, and what is done."""

    name: str
    words: str


def trust_option(command: Decorated) -> Decorated:
    """Adds --trust to a command that runs what a schedule names."""
    return click.option(
        "--trust",
        "is_trusted",
        is_flag=True,
        help="Run the program, file, directory or unlisted version of a library that the schedule "
        "names, whoever it comes from (default: only what this machine's command line has named "
        "before).",
    )(command)


def check_trust(target: Target, path: Path, is_trusted: bool) -> None:
    """UsageError where a schedule would run code that the user has never named."""
    found = what_it_asks_for(target.subject, target.settings)
    if is_trusted or is_allowed(found):
        return
    assert found is not None
    raise UsageError(
        f"schedule {path}: it would {in_short(found.words)}, {NEVER}; expected --trust, if you "
        "know where the schedule comes from"
    )


def check_known(target: Target, path: Path) -> None:
    """UsageError where a known finding would fetch what the user has never named.

    Of another subject than the one that is hunted it is not replayed, so that is all it could do.
    """
    found = what_it_asks_for(target.subject, target.settings)
    if isinstance(target.subject, Bridge | InProcess) and not is_allowed(found):
        assert found is not None
        raise UsageError(
            f"schedule {path}: it would {in_short(found.words)}, {NEVER}; expected a hunt of that "
            "version before"
        )


def in_short(words: str) -> str:
    """What would be done, in a line: of a long one both ends, and how much is not shown."""
    line = printable(unbroken(words))
    if len(line) <= LONGEST_SHOWN:
        return line
    return f"{clipped(line, LONGEST_SHOWN)} ({len(line):,} characters in all)"


def remember_named(subject: NamedSubject, settings: Mapping[str, str]) -> None:
    """Remember what the user has named on the command line."""
    found = what_it_asks_for(subject, settings)
    if found is not None:
        remember(found.name)


def is_allowed(asked: Asked | None) -> bool:
    """Whether code runs without a word: it is known here, or the user has named it before."""
    return asked is None or is_remembered(asked.name)


def what_it_asks_for(subject: NamedSubject, settings: Mapping[str, str]) -> Asked | None:
    """What a subject runs that only the user may ask for; None where it is known here."""
    if isinstance(subject, Command | UserFile | Directory):
        return Asked(where_it_runs(subject), f"run {absolute(subject).text}")
    if isinstance(subject, Bridge) and SOURCE in settings:
        folder = absolute_settings(subject, settings)[SOURCE]
        return Asked(f"{subject.text} {SOURCE}={folder}", f"build {subject.text} from {folder}")
    version = unlisted_version(subject, settings)
    if version is None:
        return None
    return Asked(f"{subject.text} {version}", f"fetch {subject.text} {version}")


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
