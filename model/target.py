"""What is run, described once: a subject by its name, and the conditions under which it runs.

A subject's name is parsed once from its words into one of six classes, and each class knows how
its subject is isolated. Everything that describes a run holds a `Target`: a hunt's plan, a saved
schedule, an exploration.
"""

import os
import shlex
from collections.abc import Mapping
from typing import ClassVar, Literal, TypeAlias

from attrs import field, frozen

from model.subject import NetworkKind

Isolation: TypeAlias = Literal["none", "fork", "process"]
"""Where a subject may hang or die without taking anybody along.

`none`: it runs in the process that drives it, and is trusted. `fork`: it is a user's Python code,
loaded in a worker only, and forked for each run once it has hung or died. `process`: it runs
behind pipes in a process of its own.
"""


@frozen
class Reference:
    """The reference, or one of its mutants."""

    isolation: ClassVar[Isolation] = "none"
    text: ClassVar[str] = "reference"


@frozen
class InProcess:
    """A Python library that runs in process, such as PySyncObj."""

    text: str
    isolation: ClassVar[Isolation] = "none"


@frozen
class UserFile:
    """A user's Python file, and the name of the SubjectFactory in it; empty for FACTORY."""

    path: str
    attribute: str = ""
    isolation: ClassVar[Isolation] = "fork"

    @property
    def text(self) -> str:
        """The words that name it: ADAPTER.py, or ADAPTER.py:NAME."""
        return f"{self.path}:{self.attribute}" if self.attribute else self.path

    def absolute(self) -> "UserFile":
        """The same, so that it is found from every directory."""
        return UserFile(os.path.abspath(self.path), self.attribute)


@frozen
class Command:
    """A program that speaks the adapter protocol, by the words that start it."""

    words: tuple[str, ...]
    isolation: ClassVar[Isolation] = "process"

    @property
    def text(self) -> str:
        """The words that name it: two dashes, and how a shell would start it."""
        return f"-- {shlex.join(self.words)}"

    def absolute(self) -> "Command":
        """The same, with the program and every word that names a file found from anywhere."""
        words = enumerate(self.words)
        return Command(tuple(absolute_word(word, place == 0) for place, word in words))


@frozen
class Bridge:
    """A bridge to an implementation in another language."""

    text: str
    isolation: ClassVar[Isolation] = "process"


@frozen
class Directory:
    """A directory with the sources of a Raft that owns its threads and timers, run as it is."""

    path: str
    isolation: ClassVar[Isolation] = "process"

    @property
    def text(self) -> str:
        """The words that name it: its path."""
        return self.path

    def absolute(self) -> "Directory":
        """The same, so that it is found from every directory."""
        return Directory(os.path.abspath(self.path))


NamedSubject: TypeAlias = Reference | InProcess | UserFile | Command | Bridge | Directory


def absolute_word(word: str, is_program: bool) -> str:
    """A word of a command; if it names a file, then so that it is found from every directory."""
    is_path = "/" in word if is_program else os.path.isfile(word) and not word.startswith("-")
    return os.path.abspath(word) if is_path else word


@frozen(kw_only=True)
class Conditions:
    """Under which conditions a subject runs, and what is not held against it.

    `mutant` names the mistake that is planted in the subject; None for the subject as it is.
    """

    servers: int
    network: NetworkKind
    settings: Mapping[str, str] = field(factory=dict)
    ignore: frozenset[str] = frozenset()
    mutant: str | None = None


@frozen(kw_only=True)
class Target(Conditions):
    """A subject by its name, and the conditions under which it runs."""

    subject: NamedSubject

    def in_one_line(self, version: str) -> str:
        """What runs, and under which conditions, for people."""
        return (
            f"{self.subject.text} {version}{self.mutant_in_words()}, {self.servers} servers, "
            f"{self.network} network{self.settings_in_words()}"
        )

    def mutant_in_words(self) -> str:
        """The mutant, to follow the subject's name; nothing where there is none."""
        return f", mutant {self.mutant}" if self.mutant else ""

    def settings_in_words(self) -> str:
        """The settings in alphabetical order, to end a line; nothing where there are none."""
        return "".join(f", {name}={value}" for name, value in sorted(self.settings.items()))


@frozen(kw_only=True)
class TargetRequest:
    """What a user asks for: a target, in which None leaves the choice to the subject."""

    subject: NamedSubject
    servers: int | None = None
    network: NetworkKind | None = None
    settings: Mapping[str, str] = field(factory=dict)
    ignore: frozenset[str] = frozenset()
    mutant: str | None = None
