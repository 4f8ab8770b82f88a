"""How a subject is named: one of ours, a Python file, a command, or a bridge."""

import os
import shlex
from collections.abc import Sequence

from oracle.bridging.description import bridges
from oracle.subjects.user_file import split
from oracle.terminal.usage import UsageError

IN_PROCESS = ("reference", "pysyncobj", "raftos")
"""The subjects that run in this process."""


def is_file(subject: str) -> bool:
    """Whether a subject is named by a Python file."""
    is_python = subject.endswith(".py") or ".py:" in subject
    return is_python and subject not in IN_PROCESS and not is_command(subject)


def is_command(subject: str) -> bool:
    """Whether a subject is named by a command: two dashes, and how a shell would start it."""
    return subject.startswith("--")


def is_bridge(subject: str) -> bool:
    """Whether a subject is a bridge of ours to an implementation in another language."""
    return subject in bridges()


def is_child(subject: str) -> bool:
    """Whether a subject runs in a process of its own."""
    return is_command(subject) or is_bridge(subject)


def is_foreign(subject: str) -> bool:
    """Whether nobody knows what a subject does: the user's own, and programs of others."""
    return is_file(subject) or is_child(subject)


def command_of(subject: str) -> tuple[str, ...]:
    """The words of a command that names a subject."""
    try:
        words = shlex.split(subject.removeprefix("--"))
    except ValueError as error:
        raise UsageError(f"subject: found {subject!r}, expected a command: {error}") from None
    if not words:
        raise UsageError("subject: found no command behind --, expected a program")
    return tuple(words)


def named_by(command: Sequence[str]) -> str:
    """The subject of a command."""
    return f"-- {shlex.join(command)}"


def absolute_word(word: str, is_program: bool) -> str:
    """A word of a command; where it names a file, so that this is found from every directory."""
    is_path = "/" in word if is_program else os.path.isfile(word) and not word.startswith("-")
    return os.path.abspath(word) if is_path else word


def absolute(subject: str) -> str:
    """The same subject, named so that it is found from every directory."""
    if is_command(subject):
        words = enumerate(command_of(subject))
        return named_by([absolute_word(word, place == 0) for place, word in words])
    if not is_file(subject):
        return subject
    path, attribute = split(subject)
    return f"{os.path.abspath(path)}:{attribute}" if attribute else os.path.abspath(path)
