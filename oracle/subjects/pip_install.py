"""Versions of Python libraries, installed by pip into the cache of this project."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NoReturn

from oracle.processes.user_cache import put_in_place

VERSION_PATTERN: Final = re.compile(r"\d+(\.\d+)+")
INSTALL_SECONDS: Final = 300


def install(version: str, target: Path, package: str, *needed: str) -> None:
    """Install a version, and what it needs, into `target`, which appears complete or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="installing-") as directory:
            fresh = Path(directory) / "package"
            run_pip(version, fresh, package, *needed)
            put_in_place(fresh, target)
    except OSError as error:
        refuse(version, f"{error.strerror}: {error.filename}", package)


def run_pip(version: str, directory: Path, package: str, *needed: str) -> None:
    """Have pip install a version and what is named, and nothing else, into a directory."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--no-input", "--target", str(directory)]
    command += [f"{package}=={version}", *needed]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        refuse(version, f"it took longer than {INSTALL_SECONDS} seconds", package)
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR: ")] or lines
        said = errors[-1].removeprefix("ERROR: ") if errors else "pip said nothing"
        refuse(version, said, package)


def refuse(version: str, reason: str, package: str) -> NoReturn:
    """Say in one line that a version cannot be had."""
    raise ValueError(f"setting version: pip cannot install {package} {version}: {reason}") from None
