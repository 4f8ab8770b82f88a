"""Versions of Python libraries, installed by pip into the cache of this project."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from oracle.processes.scratch import half_made_folder
from oracle.processes.user_cache import put_in_place

VERSION_PATTERN: Final = re.compile(r"\d+(\.\d+)+")
INSTALL_SECONDS: Final = 300
HASH: Final = "--hash="
BUILDS_WITH: Final = "setuptools==84.2.1"
"""What builds packages that are listed; pip would fetch whatever is newest, and run that."""
PATH_VARIABLE: Final = "PYTHONPATH"
"""Where the processes that build find it: pip itself runs isolated."""


def install(version: str, target: Path, package: str, hashes: Path, *needed: str) -> None:
    """Install a version, and what it needs, into `target`, which appears complete or not at all.

    `hashes` is a file of requirements: what it lists must have the content that it had then. A
    version that it does not list, such as one of tomorrow, is installed as the user's word.
    """
    try:
        with half_made_folder(target.parent, target.name) as directory:
            fresh = directory / "package"
            lines = pinned([f"{package}=={version}", *needed], hashes)
            listed = [line for line in lines if HASH in line]
            unlisted = [line.strip() for line in lines if HASH not in line]
            if listed:
                tools, builds = directory / "tools", directory / "builds.txt"
                builds.write_text("".join(pinned([BUILDS_WITH], hashes)))
                run_pip(version, tools, package, ("--requirement", str(builds)))
                requirements = directory / "requirements.txt"
                requirements.write_text("".join(listed))
                built = ("--no-build-isolation", "--use-pep517")
                run_pip(
                    version, fresh, package, (*built, "--requirement", str(requirements)), tools
                )
            if unlisted:
                run_pip(version, fresh, package, unlisted)
            put_in_place(fresh, target)
    except OSError as error:
        refuse(version, f"{error.strerror}: {error.filename}", package)


def pinned(wanted: Sequence[str], hashes: Path) -> list[str]:
    """Each of these requirements with the hashes that are known of it."""
    joined = hashes.read_text("utf-8").replace("\\\n", "")
    known = {line.split()[0]: line for line in joined.splitlines() if "==" in line}
    return [known.get(each, each) + "\n" for each in wanted]


def is_listed(package: str, version: str, hashes: Path) -> bool:
    """Whether the hash of a version is known here."""
    return HASH in pinned([f"{package}=={version}"], hashes)[0]


def run_pip(
    version: str, directory: Path, package: str, wanted: Sequence[str], tools: Path | None = None
) -> None:
    """Have pip install a file of requirements or what is named, and nothing else.

    Python runs isolated: `pip` in the folder that the user stands in is not the one that is meant.
    """
    command = [sys.executable, "-I", "-m", "pip", "install", "--quiet", "--no-deps"]
    command += ["--disable-pip-version-check", "--no-input", "--target", str(directory), *wanted]
    if "--requirement" in wanted:
        command.append("--require-hashes")
    environment = {**os.environ, "TMPDIR": str(directory.parent)}
    if tools is not None:
        environment[PATH_VARIABLE] = str(tools)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
            cwd=directory.parent,
            env=environment,
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
