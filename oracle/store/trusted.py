"""Subjects that this user's command line has named: their code runs by the user's own word.

A schedule names what it is run on, and may come from anybody. Where a hunt was told to run the same
program, file or directory before, replaying a schedule on it runs nothing new.
"""

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from oracle.processes.user_cache import home_of
from oracle.terminal.usage import UsageError

STATE_VARIABLE: Final = "XDG_STATE_HOME"
MOST_REMEMBERED: Final = 10_000


def remember(subject: str) -> None:
    """Note a subject that the command line names, by the absolute words that name it.

    Where nothing can be stored, nothing is remembered, and a replay asks for --trust.
    """
    if is_remembered(subject):
        return
    with suppress(OSError, UsageError):
        path = file_of_subjects()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "a", encoding="ascii") as file:
            file.write(f"{digest(subject)}\n")


def is_remembered(subject: str) -> bool:
    """Whether the command line has named this subject before."""
    return digest(subject) in remembered()[-MOST_REMEMBERED:]


def remembered() -> list[str]:
    """The digests of all subjects that were named, the latest last; none of a file of others."""
    try:
        descriptor = os.open(file_of_subjects(), os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
            status = os.fstat(file.fileno())
            is_ours_alone = status.st_uid == os.getuid() and not status.st_mode & 0o022
            return file.read().split() if is_ours_alone else []
    except (OSError, UsageError):
        return []


def digest(subject: str) -> str:
    """What is stored of a subject: its words are nobody else's business."""
    return sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()


def file_of_subjects() -> Path:
    """Where they are stored."""
    return home_of(STATE_VARIABLE, "~/.local/state") / "raft-oracle/subjects"
