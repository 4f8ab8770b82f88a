"""How the words that name a subject are read: `reference`, a library, a file, a directory."""

import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
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
from oracle.bridging.description import bridges, find_bridge
from oracle.bridging.own_source import SOURCE, name_of
from oracle.terminal.choices import not_found
from oracle.terminal.usage import UsageError

IN_PROCESS: Final = ("pysyncobj", "raftos")
"""The libraries that run in process, by name."""
GIT: Final = ".git"
"""What the topmost folder of a checkout has."""
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
    if is_python_file(text):
        return UserFile(*file_and_name(text))
    if os.path.exists(text):
        raise UsageError(f"subject: found the file {text}, expected {A_PATH}")
    if "/" in text or text in (os.curdir, os.pardir):
        raise UsageError(f"subject: found nothing at {text}, expected {A_PATH}")
    known = (Reference.text, *IN_PROCESS, *bridges())
    raise UsageError(f"subject: {not_found(text, known)}, expected {', '.join(known)}, {A_PATH}")


def is_python_file(text: str) -> bool:
    """Whether these words are FILE.py or FILE.py:NAME."""
    return text.endswith(".py") or ".py:" in text


def file_and_name(text: str) -> tuple[str, str]:
    """FILE.py and NAME of FILE.py:NAME; no name of other words, which are a path."""
    path, ends, name = ("", "", "") if text.endswith(".py") else text.rpartition(".py:")
    return (f"{path}.py", name) if ends else (text, "")


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


def portable(subject: NamedSubject, folder: Path) -> NamedSubject:
    """The same subject, named as it is found from a file in this folder, in any checkout.

    Where both lie in the checkout, its paths are relative to the folder, and begin with a dot.
    """
    return with_paths(subject, lambda path: portable_path(path, folder))


def portable_path(path: str, folder: Path) -> str:
    """A path relative to a folder, if both lie in the checkout in which this is typed."""
    here = Path.cwd()
    home, start = str(checkout_of(here) or here), os.path.abspath(folder)
    if not os.path.isabs(path) or os.path.commonpath((home, path, start)) != home:
        return path
    relative = os.path.relpath(path, start)
    return relative if relative.startswith(os.pardir) else os.path.join(os.curdir, relative)


def checkout_of(folder: Path) -> Path | None:
    """The topmost folder of the checkout that a folder is in; None where it is in none."""
    return next((each for each in (folder, *folder.parents) if (each / GIT).exists()), None)


def home_of(folder: Path) -> Path | None:
    """The checkout that a folder is in; in none, where the user stands, if it lies below."""
    here = Path.cwd()
    return checkout_of(folder) or (here if folder.is_relative_to(here) else None)


def reader_in(folder: Path) -> Callable[[str], NamedSubject]:
    """How a file in this folder names subjects: a path that begins with a dot is relative to it."""

    def read(text: str) -> NamedSubject:
        if text.startswith("--"):
            return with_paths(Command(words_of(text)), lambda word: found_path(word, folder))
        path, name = file_and_name(text)
        only_dots = {*path.split("/")} <= {os.curdir, os.pardir}
        named = found_folder(path, folder, holds_go) if only_dots else found_path(path, folder)
        return read_subject(f"{named}:{name}" if name else named)

    return read


def found_path(path: str, folder: Path) -> str:
    """A path that a file in this folder has; only one that begins with a dot is relative to it.

    The file may have been moved within its checkout: what is not there is looked for in the
    folders above.
    """
    if path.split("/")[0] not in (os.curdir, os.pardir):
        return path
    start = Path(os.path.abspath(folder))
    named = Path(os.path.normpath(start / path))
    home = home_of(start)
    above = [each for each in (start, *start.parents) if home and each.is_relative_to(home)]
    steps = path.split("/")
    below = os.path.join(*(each for each in steps if each not in (os.curdir, os.pardir)), "")
    moved = [each / below for each in above if below]
    return str(next((each for each in (named, *moved) if each.exists()), named))


def absolute_settings(subject: NamedSubject, settings: Mapping[str, str]) -> dict[str, str]:
    """The same settings, with the source of a bridge's library found from every directory."""
    return with_source(subject, settings, os.path.abspath)


def portable_settings(
    subject: NamedSubject, settings: Mapping[str, str], folder: Path
) -> dict[str, str]:
    """The same, as that source is found from a file in this folder, in any checkout."""
    return with_source(subject, settings, lambda path: portable_path(path, folder))


def found_settings(
    subject: NamedSubject, settings: Mapping[str, str], folder: Path
) -> dict[str, str]:
    """The settings that a file in this folder has, with that source where it is."""
    return with_source(subject, settings, lambda path: found_source(subject.text, path, folder))


def found_source(name: str, path: str, folder: Path) -> str:
    """Where the source of a bridge's library is that a file in this folder names."""
    library = find_bridge(name).library
    if library is None or path.split("/")[0] not in (os.curdir, os.pardir):
        return os.path.abspath(path)
    return found_folder(path, folder, lambda each: name_of(library, each) == library.name)


def found_folder(path: str, folder: Path, is_it: Callable[[Path], bool]) -> str:
    """The folder that a file in this one names by a path that begins with a dot.

    The file may have been moved within its checkout, as to the known findings: what it names is
    then no part of the checkout, or not what it was, and a folder above the file is.
    """
    named, start = (Path(os.path.abspath(each)) for each in (found_path(path, folder), folder))
    home = home_of(start)
    within = [each for each in (named, start, *start.parents) if home and each.is_relative_to(home)]
    return str(next((each for each in within if is_it(each)), named))


def holds_go(folder: Path) -> bool:
    """Whether a directory has Go sources, and not just the test of a finding."""
    return any(not each.name.endswith("_test.go") for each in folder.glob("*.go"))


def with_source(
    subject: NamedSubject, settings: Mapping[str, str], named: Callable[[str], str]
) -> dict[str, str]:
    """Settings with another name for the source of a bridge's library, if they have one."""
    given = dict(settings)
    if isinstance(subject, Bridge) and given.get(SOURCE):
        given[SOURCE] = named(given[SOURCE])
    return given


def with_paths(subject: NamedSubject, named: Callable[[str], str]) -> NamedSubject:
    """A subject with other names for its paths."""
    match subject:
        case UserFile(path, attribute):
            return UserFile(named(path), attribute)
        case Command(words):
            return Command(tuple(map(named, words)))
        case Directory(path):
            return Directory(named(path))
        case _:
            return subject
