"""Whether a program is one that `raft-oracle init` began, and in which language."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from model.target import Command, NamedSubject

PROTOCOL_FILES: Final[Mapping[str, str]] = {
    "c": "protocol.c",
    "go": "protocol.go",
    "java": "Protocol.java",
    "python": "protocol.py",
    "rust": "src/protocol.rs",
}
"""By language, the file of a scaffold in which there is nothing to change."""
MARK: Final = b"The adapter protocol, version 1"
"""What such a file begins with."""
BEGINNING: Final = 400
ABOVE: Final = 2
"""How far above a program its project may be: cargo builds into target/release."""


def scaffold_language(subject: NamedSubject) -> str | None:
    """The language of the scaffold that a subject's project began with; None where none is seen.

    A project is known by the file of the protocol that it has from there: in the folder of its
    program or of a file that it is given, somewhat above, or in the current one.
    """
    if not isinstance(subject, Command):
        return None
    for folder in folders_of(subject):
        for language, name in PROTOCOL_FILES.items():
            if begins_with_mark(folder / name):
                return language
    return None


def folders_of(subject: Command) -> Iterator[Path]:
    """Where the project of a command may be."""
    for place, word in enumerate(subject.words):
        if "/" in word if place == 0 else os.path.isfile(word):
            folder = Path(os.path.abspath(word)).parent
            yield from (folder, *folder.parents[:ABOVE])
    yield Path.cwd()


def begins_with_mark(path: Path) -> bool:
    """Whether a file is that of a scaffold's protocol."""
    if not path.is_file():  # such as a pipe, which nobody may write to
        return False
    try:
        with path.open("rb") as file:
            return MARK in file.read(BEGINNING)
    except OSError:
        return False
