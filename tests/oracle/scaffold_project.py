"""A scaffold's project, changed and run by its own language's tools, as its author would."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.require import is_out_of_reach, unmet

CACHE = Path.home() / ".cache" / "raft-oracle"
TARGET = "scaffold-target"
"""What Cargo builds for all tests, so that it builds the crates only once."""


def run_in_project(
    language: str,
    command: str,
    folder: Path,
    seconds: float,
    target: str = TARGET,
    variables: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command of a project in a shell; the test is not run where crates cannot be had."""
    environment = {**os.environ, **(variables or {}), "CARGO_TARGET_DIR": str(CACHE / target)}
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if language == "rust" and is_out_of_reach(done.stderr):
        unmet("rust", "crates.io is out of reach")
    return done


def replace_once(source: Path, old: str, new: str) -> None:
    """Put another text in place of one that stands in a file just once."""
    text = source.read_text(encoding="utf-8")
    assert text.count(old) == 1
    source.write_text(text.replace(old, new), encoding="utf-8")
