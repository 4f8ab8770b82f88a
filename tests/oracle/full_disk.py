"""A disk on which nothing has room, where one may be mounted."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.require import unmet


@contextmanager
def full_disk(folder: Path) -> Iterator[Path]:
    """A filesystem in memory below a folder, of four kilobytes that are taken."""
    full = folder / "full"
    full.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(full)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        unmet("mount", "may not mount a small filesystem here")
    try:
        (full / "filler").write_bytes(b"x" * 4096)
        yield full
    finally:
        subprocess.run(["umount", str(full)], check=False)
