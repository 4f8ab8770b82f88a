"""The user's cache directory, where what took long to get is kept for the next time."""

import os
import tempfile
from pathlib import Path
from typing import Final

CACHE_VARIABLE: Final = "XDG_CACHE_HOME"


def cache_directory() -> Path:
    """Where installed libraries, built bridges and other built subjects are kept."""
    home = os.environ.get(CACHE_VARIABLE) or Path.home() / ".cache"
    return Path(home) / "raft-oracle"


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
    link.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{link.name}-", dir=link.parent) as scratch:
        fresh = Path(scratch) / "link"
        fresh.symlink_to(target)
        fresh.replace(link)
