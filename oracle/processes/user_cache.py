"""The user's cache directory, where what took long to get is kept for the next time."""

import os
from pathlib import Path
from typing import Final

CACHE_VARIABLE: Final = "XDG_CACHE_HOME"


def cache_directory() -> Path:
    """Where installed libraries and built bridges are kept."""
    home = os.environ.get(CACHE_VARIABLE) or Path.home() / ".cache"
    return Path(home) / "raft-oracle"


def put_in_place(fresh: Path, place: Path) -> None:
    """Rename what is complete, unless another process has put the same there."""
    try:
        fresh.rename(place)
    except OSError:
        if not place.is_dir():
            raise
