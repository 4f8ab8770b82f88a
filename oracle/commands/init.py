"""`init`: a directory with an adapter that runs at once, for the user to put an own Raft into.

What is copied lies in oracle/scaffolds/<language>; it has a README of its own. For a Raft that owns
its threads or tasks and its timers there are others. `logger` prints the file that a lab's Raft
calls instead.
"""

import shlex
import shutil
from pathlib import Path
from typing import Final

import click
from attrs import frozen

from oracle.terminal.output import echo, even_if_nobody_listens
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import said_by_system

SCAFFOLDS: Final = Path(__file__).resolve().parent.parent / "scaffolds"
PACKAGE: Final = SCAFFOLDS.parent / "packages" / "raftoracle"
"""What programs in Rust have in common: a crate, which is put beside what needs it."""
NOT_COPIED: Final = shutil.ignore_patterns("__pycache__", "target", "classes", "*.jar")
"""Files that running a scaffold in its place makes."""


@frozen
class Language:
    """How the scaffold of a language is built and started, from inside its directory."""

    build: str
    command: str


LANGUAGES: Final = {
    "c": Language("make", "./adapter"),
    "go": Language("go build -o adapter .", "./adapter"),
    "java": Language(
        "javac -d classes *.java && jar cfe adapter.jar Adapter -C classes .",
        "java -jar adapter.jar",
    ),
    "python": Language("python3 -m compileall -q .", "python3 adapter.py"),
    "rust": Language("cargo build --release", "target/release/adapter"),
}


WITH_THREADS: Final = {"go": "go-threads"}
"""By language: the folder of the scaffold for a Raft that owns its threads and timers."""
WITH_TASKS: Final = {"rust": "rust-async"}
"""By language: the folder of the scaffold for a Raft that consists of tasks."""
HERE: Final = "."
"""How such a scaffold is named in its directory: raft-oracle builds it."""


@click.command(name="init")
@click.option(
    "--lang",
    "language",
    required=True,
    type=click.Choice(sorted(LANGUAGES)),
    help="Language that the adapter is written in (no default).",
)
@click.option(
    "--threads",
    "has_threads",
    is_flag=True,
    help="For a Raft that owns its goroutines, timers and locks, and keeps them; in Go "
    "(default: off, for one that can be called step by step).",
)
@click.option(
    "--async",
    "has_tasks",
    is_flag=True,
    help="For a Raft whose tasks and timers are tokio's, and which keeps them; in Rust "
    "(default: off, for one that can be called step by step).",
)
@click.argument("directory", type=click.Path(path_type=Path))
def init(language: str, has_threads: bool, has_tasks: bool, directory: Path) -> None:
    """Write an adapter with a toy Raft into DIRECTORY, to be replaced by yours."""
    chosen = language
    for is_given, option, folders in (
        (has_threads, "--threads", WITH_THREADS),
        (has_tasks, "--async", WITH_TASKS),
    ):
        if is_given and language not in folders:
            expected = ", ".join(folders)
            raise UsageError(f"init {option}: found --lang {language}, expected {expected}")
        chosen = folders[language] if is_given else chosen
    write_scaffold(chosen, directory)
    with even_if_nobody_listens():
        echo(f"cd {shlex.quote(str(directory))}")
        for command in commands(language, has_threads):
            echo(command)


def commands(language: str, has_threads: bool) -> tuple[str, ...]:
    """What to do with a scaffold, in its directory."""
    if has_threads:
        return (f"raft-oracle check-adapter {HERE}", f"raft-oracle hunt {HERE}")
    chosen = LANGUAGES[language]
    return (
        chosen.build,
        f"raft-oracle check-adapter -- {chosen.command}",
        f"raft-oracle hunt -- {chosen.command}",
    )


@click.command(name="logger")
def logger_command() -> None:
    """Print the logger for a lab's Raft in Go, to be put beside raft.go."""
    with even_if_nobody_listens():
        echo((SCAFFOLDS / "logger" / "raftlog.go").read_text(encoding="utf-8"), newline=False)


def write_scaffold(name: str, directory: Path) -> None:
    """Copy the scaffold of this name into a directory that is empty, or not there yet."""
    try:
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            found = "files in it" if directory.is_dir() else "a file"
            raise UsageError(f"init {directory}: found {found}, expected an empty directory")
        shutil.copytree(SCAFFOLDS / name, directory, ignore=NOT_COPIED, dirs_exist_ok=True)
        if name in WITH_TASKS.values():
            shutil.copytree(PACKAGE, directory / PACKAGE.name, ignore=NOT_COPIED)
    except OSError as error:
        raise UsageError(f"init {directory}: {said_by_system(error)}") from None
