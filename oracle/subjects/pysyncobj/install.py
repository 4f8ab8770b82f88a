"""Where a version of PySyncObj is: with this Python, or installed by pip into the cache."""

import importlib.metadata
import importlib.util
from pathlib import Path
from typing import Final

from oracle.processes.user_cache import cache_directory
from oracle.subjects.pip_install import VERSION_PATTERN, install

PACKAGE: Final = "pysyncobj"
HASHES: Final = Path(__file__).with_name("hashes.txt")
OLDEST: Final = "0.3.5"
NEWEST_TRIED: Final = "0.3.17"


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
        install(version, target, PACKAGE, HASHES)
    return checked(target / PACKAGE, version)


def checked(directory: Path, version: str) -> Path:
    """The directory, if the package in it accepts another transport."""
    if not (directory / "transport.py").is_file():
        raise ValueError(
            f"pysyncobj {version}: found no Transport class, expected {OLDEST} or newer"
        )
    return directory
