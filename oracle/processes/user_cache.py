"""The user's cache directory, where what took long to get is kept for the next time."""

import os
from pathlib import Path
from typing import Final

from oracle.processes.scratch import half_made_folder
from oracle.terminal.usage import UsageError

CACHE_VARIABLE: Final = "XDG_CACHE_HOME"


def cache_directory() -> Path:
    """Where installed libraries, built bridges and other built subjects are kept."""
    directory = home_of(CACHE_VARIABLE, "~/.cache") / "raft-oracle"
    keep_to_ourselves(directory)
    return directory


def home_of(variable: str, usual: str) -> Path:
    """The folder that a variable names, or else the usual one.

    A relative one is ignored, as the XDG specification says: what lies in the folder that one
    stands in is not ours. UsageError where the usual one would be relative, for want of a home.
    """
    named = os.environ.get(variable, "")
    place = Path(named if os.path.isabs(named) else os.path.expanduser(usual))
    if not place.is_absolute():
        home = os.environ.get("HOME")
        raise UsageError(f"HOME: found {home!r}, expected an absolute path, or {variable}")
    return place


def keep_to_ourselves(directory: Path) -> None:
    """What lies in it is run: UsageError where somebody else may have put it there."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = directory.stat()
        if status.st_uid == os.geteuid() and status.st_mode & 0o022:
            directory.chmod(0o700)
    except OSError:
        return  # whoever needs it says what is wrong with it
    if status.st_uid != os.geteuid():
        raise UsageError(
            f"cache: {directory} belongs to another user, expected a folder of your own; "
            f"{CACHE_VARIABLE} names another one"
        )


def put_in_place(fresh: Path, place: Path) -> None:
    """Rename what is complete, unless another process has put the same there."""
    try:
        fresh.rename(place)
    except OSError:
        if not place.is_dir():
            raise


def link_in_place(link: Path, target: Path) -> None:
    """Let a symbolic link lead to the target, whatever was there, and whoever does so as well."""
    if link.is_symlink() and link.readlink() == target:
        return
    with half_made_folder(link.parent, link.name) as scratch:
        fresh = scratch / "link"
        fresh.symlink_to(target)
        fresh.replace(link)
