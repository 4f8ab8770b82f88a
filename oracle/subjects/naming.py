"""How the words that name a subject are read: `reference`, a library, a file, a directory."""

import os
import shlex
from typing import Final

from model.target import (
    Bridge,
    Command,
    Directory,
    InProcess,
    NamedSubject,
    Reference,
    UserFile,
)
from oracle.bridging.description import bridges
from oracle.terminal.choices import not_found
from oracle.terminal.usage import UsageError

IN_PROCESS: Final = ("pysyncobj", "raftos")
"""The libraries that run in process, by name."""
A_PATH: Final = "a directory of Go sources, a file ADAPTER.py[:NAME], or -- COMMAND"
"""What else names a subject."""


def read_subject(text: str) -> NamedSubject:
    """The subject that these words name; UsageError if they name none.

    What the project knows by name comes first; `./reference` names a directory of that name.
    """
    if text == Reference.text:
        return Reference()
    if text in IN_PROCESS:
        return InProcess(text)
    if text in bridges():
        return Bridge(text)
    if text.startswith("--"):
        return Command(words_of(text))
    return read_path(text)


def read_path(text: str) -> NamedSubject:
    """The subject that this path names: a directory that is there, or a Python file."""
    if os.path.isdir(text):
        return Directory(text)
    if text.endswith(".py"):
        return UserFile(text)
    if ".py:" in text:
        path, _, attribute = text.rpartition(".py:")
        return UserFile(f"{path}.py", attribute)
    if os.path.exists(text):
        raise UsageError(f"subject: found the file {text}, expected {A_PATH}")
    if "/" in text or text in (os.curdir, os.pardir):
        raise UsageError(f"subject: found nothing at {text}, expected {A_PATH}")
    known = (Reference.text, *IN_PROCESS, *bridges())
    raise UsageError(f"subject: {not_found(text, known)}, expected {', '.join(known)}, {A_PATH}")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a command after two dashes, as a shell would split them."""
    try:
        words = shlex.split(text.removeprefix("--"))
    except ValueError as error:
        raise UsageError(f"subject: found {text!r}, expected a command: {error}") from None
    if not words:
        raise UsageError("subject: found no command after --, expected a program")
    return tuple(words)


def absolute(subject: NamedSubject) -> NamedSubject:
    """The same subject, named so that it is found from every directory."""
    return subject.absolute() if isinstance(subject, UserFile | Command | Directory) else subject
