"""Folders for what was found, and files that are whole or not there.

A file is written beside its name and then renamed, so that there is never half of one. What
cannot be written, for example because the disk is full, is printed instead.
"""

import errno
import os
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from oracle.processes.scratch import half_made
from oracle.terminal.output import echo
from oracle.terminal.usage import UsageError
from oracle.terminal.wording import printable_json

HOME = Path(".raft-oracle")


STANDARD_ERROR: Final = "stderr.txt"
"""The standard error of an adapter that failed, if it wrote any."""


ADAPTER_TESTS: Final[Mapping[str, str]] = {
    "c": "regression.c",
    "go": "regression_test.go",
    "java": "Regression.java",
    "python": "regression.py",
    "rust": "regression.rs",
}
"""By language, what the test of a finding is called that needs nothing but the adapter."""


NAMES: Final = ("schedule.json", "trace.txt", "trace.json", "report.html", "test_regression.py")


LATEST: Final = "latest"
MOST_FOLDERS = 1000
"""Hunts that may begin within one second."""


class Store:
    """A folder for one hunt's files, and `latest`, which leads to it."""

    def __init__(self, folder: Path | None, verdict_first: bool = False) -> None:
        """UsageError where there cannot be such a folder, unless what is stored is told anyway."""
        self.latest = folder is None
        self.folder = folder
        if folder is not None:
            check_folder(folder)
        elif not verdict_first:
            check_home()

    def begin(self) -> Path:
        """The folder, made if it is not there, for programs that write below it by themselves."""
        self.folder = self.folder or new_folder()
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder

    def write_reports(self, files: dict[str, bytes]) -> Path | None:
        """Store what sums up the folder; None, and a line, where that fails."""
        try:
            folder = self.begin()
            for name, content in files.items():
                write_safely(folder / name, content)
        except OSError as error:
            echo(f"cannot write to {self.folder or HOME}: {error.strerror}", err=True)
            return None
        return HOME / LATEST if self.latest and point_latest(folder) else folder

    def write(self, files: Mapping[str, bytes], below: str = "") -> Path | None:
        """Store files that are the same in every folder."""
        return self.write_made(lambda _: files, below)

    def write_made(
        self, files_in: Callable[[Path], Mapping[str, bytes]], below: str = ""
    ) -> Path | None:
        """Store files; where that fails, print the schedule, so that it is not lost.

        They go into the folder, or into one `below` it, and may depend on which that is. Files of
        the same names there that are not among them are of an older finding, and go.
        """
        files = files_in(Path())
        try:
            home = self.folder = self.folder or new_folder()
            folder = folder_below(home, below)
            files = files_in(folder)
            for name, content in files.items():
                write_safely(folder / name, content)
            for name in {*NAMES, STANDARD_ERROR, *ADAPTER_TESTS.values()} - set(files):
                (folder / name).unlink(missing_ok=True)
        except OSError as error:
            where = self.folder or HOME
            schedule = files.get("schedule.json")
            also = "" if schedule is None else "; the schedule:"
            echo(f"cannot write to {where}: {error.strerror}{also}", err=True)
            if schedule is not None:
                echo(printable_json(schedule.decode()), err=True)
            return None
        return HOME / LATEST / below if self.latest and point_latest(home) else folder


def check_home() -> None:
    """UsageError where what hunts are kept in is there, and is no folder: a link leads elsewhere.

    Whoever sent the folder that one stands in may have made it, with what it leads to.
    """
    if HOME.is_symlink() or (HOME.exists() and not HOME.is_dir()):
        kind = "a symbolic link" if HOME.is_symlink() else "no folder"
        raise UsageError(f"out: found {HOME}, which is {kind}, expected a folder, or --out DIR")


def folder_below(home: Path, below: str) -> Path:
    """A folder below another one, made if it is not there; OSError where a link leads elsewhere."""
    home.mkdir(parents=True, exist_ok=True)
    folder = home
    for part in Path(below).parts:
        folder = folder / part
        folder.mkdir(exist_ok=True)
        no_link(folder)
    return folder


def made_below(home: Path, below: str) -> Path:
    """The same; UsageError where it cannot be made."""
    try:
        return folder_below(home, below)
    except OSError as error:
        raise UsageError(f"out: cannot write to {home}: {error.strerror}") from None


def no_link(folder: Path) -> None:
    """OSError where a folder of ours is a link: what is written goes where it says it goes."""
    if folder.is_symlink():
        found = f"found {folder}, which is a symbolic link, expected a folder"
        raise OSError(errno.ELOOP, found, str(folder))


def check_folder(folder: Path, option: str = "out") -> None:
    """A folder that is there, or could be made; UsageError where that cannot be."""
    check_name(folder, option)
    chain = (folder, *folder.absolute().parents)
    there = next(each for each in chain if each.exists() or each.is_symlink())
    if not there.is_dir():
        found = f"found {there}, which is no folder"
        raise UsageError(f"{option}: {found}, expected a folder to write to")
    try:  # the rights alone do not show it: nobody makes files in /proc
        TemporaryFile(dir=there).close()
    except OSError as error:
        if error.errno != errno.ENOSPC:  # a full disk may have room when it is needed
            expected = "expected a folder to write to"
            raise UsageError(f"{option}: cannot write to {there}, {expected}") from None


def check_name(path: Path, option: str) -> None:
    """UsageError where a system has no such names, as one that is too long."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise UsageError(
            f"{option}: found {path}: {error.strerror}, expected another name"
        ) from None


def new_folder() -> Path:
    """A new folder for this moment."""
    HOME.mkdir(exist_ok=True)
    no_link(HOME)
    moment = time.strftime("%Y-%m-%dT%H-%M-%S")
    for number in range(1, MOST_FOLDERS):
        folder = HOME / (moment if number == 1 else f"{moment}-{number}")
        with suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise FileExistsError(errno.EEXIST, "too many hunts at this moment", str(HOME))


def write_safely(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with half_made(beside(path)) as half:
        with half.open("xb") as file:  # never through a link that somebody has put there
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)


def write_named(path: Path, content: bytes) -> None:
    """Write to what the command line names: a file whole or not at all, or a pipe or terminal.

    Nobody waits for whoever is to read a pipe.
    """
    if is_stream(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        os.set_blocking(descriptor, True)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    elif path.is_symlink() or path.is_file() or not path.exists():
        write_safely(path, content)
    else:
        raise OSError(errno.EINVAL, "found neither a file nor a pipe", str(path))


def is_stream(path: Path) -> bool:
    """Whether a path is a pipe, a terminal or the like, of which /dev alone has links to follow."""
    is_itself = not path.is_symlink() or path.absolute().is_relative_to("/dev")
    return is_itself and (path.is_fifo() or path.is_char_device())


def point_latest(folder: Path) -> bool:
    """Let `latest` lead to this folder, as a link that is replaced in one go; whether it does."""
    latest = folder.parent / LATEST
    try:
        with half_made(beside(latest)) as link:
            link.symlink_to(folder.name)
            link.replace(latest)
    except OSError:
        return False
    return True


def beside(path: Path) -> Path:
    """A name beside a file, which nobody can guess."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")
