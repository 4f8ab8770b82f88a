"""Where a version of PySyncObj is: with this Python, or installed by pip into a cache.

Other libraries from PyPI are installed into that cache too.
"""

import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NoReturn

from oracle.processes.user_cache import cache_directory, put_in_place

PACKAGE: Final = "pysyncobj"
OLDEST: Final = "0.3.5"
NEWEST_TRIED: Final = "0.3.17"
VERSION_PATTERN: Final = re.compile(r"\d+(\.\d+)+")
INSTALL_SECONDS: Final = 300


def installed_directory() -> Path:
    """Where this Python finds the package."""
    try:
        spec = importlib.util.find_spec(PACKAGE)
    except ImportError:
        spec = None
    if spec is None or spec.origin is None:
        raise ValueError(
            f"pysyncobj is not installed; pip install pysyncobj, or --set version={NEWEST_TRIED}"
        )
    return checked(Path(spec.origin).parent, "as installed")


def installed_version() -> str | None:
    """The version that this Python has, if it has one."""
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return None


def directory_of(version: str) -> Path:
    """Where a version of the package is, having installed it if it was not there."""
    if not VERSION_PATTERN.fullmatch(version):
        raise ValueError(
            f"setting version: found {version!r}, expected a version such as {NEWEST_TRIED}"
        )
    if version == installed_version():
        return installed_directory()  # once is enough: nodes of two copies are not alike
    target = cache_directory() / f"{PACKAGE}-{version}"
    if not target.is_dir():
        install(version, target)
    return checked(target / PACKAGE, version)


def checked(directory: Path, version: str) -> Path:
    """The directory, if the package in it accepts another transport."""
    if not (directory / "transport.py").is_file():
        raise ValueError(
            f"pysyncobj {version}: found no Transport class, expected {OLDEST} or newer"
        )
    return directory


def install(version: str, target: Path, package: str = PACKAGE, *needed: str) -> None:
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
