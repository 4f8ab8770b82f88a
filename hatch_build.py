"""Compiles model/explorer/engines/kernel.c at installation, where there is a C compiler.

The library is optional: without a compiler, with one that fails, or if RAFT_ORACLE_NO_KERNEL=1
says so, the project is installed without it, and one line gives the reason. An editable install
has it beside its source, a wheel of this platform inside.
"""

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

SOURCE = "model/explorer/engines/kernel.c"
LIBRARY = "model/explorer/engines/_kernel.so"
COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-O3", "-shared", "-fPIC", "-fno-plt")
SECONDS = 120
"""A compiler that takes longer hangs."""


class NotCompiledError(Exception):
    """Why there is no library."""


def compiler() -> list[str]:
    """The command that $CC names, or else the first compiler that is there."""
    named = shlex.split(os.environ.get("CC", ""))
    if named:
        return named
    for name in COMPILERS:
        if shutil.which(name):
            return [name]
    raise NotCompiledError("no C compiler was found")


def compile_library(source: Path, library: Path) -> None:
    """Compile the source to the library; NotCompiledError says why that was not possible."""
    if os.environ.get("RAFT_ORACLE_NO_KERNEL") == "1":
        raise NotCompiledError("RAFT_ORACLE_NO_KERNEL=1")
    command = [*compiler(), *FLAGS, "-o", str(library), str(source)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotCompiledError(str(error)) from None
    if done.returncode or not library.is_file():
        said = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[0]
        raise NotCompiledError(f"{command[0]}: {said}")


def platform_tag() -> str:
    """The tag of a wheel that holds a library, but needs no particular Python."""
    platforms = (each.platform for each in sys_tags())
    plain = (each for each in platforms if not each.startswith(("manylinux", "musllinux")))
    return f"py3-none-{next(plain)}"


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # of any builder
    """What hatchling calls around a build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before a wheel, which an editable install is too, is put together."""
        if self.target_name != "wheel":
            return
        self._folder = TemporaryDirectory()
        root, built = Path(self.root), Path(self._folder.name) / "_kernel.so"
        in_place = root / LIBRARY
        if version == "editable":
            in_place.unlink(missing_ok=True)
        try:
            compile_library(root / SOURCE, built)
        except NotCompiledError as reason:
            self.app.display_warning(f"explorer: no compiled kernel ({reason})")
            return
        if version == "editable":
            shutil.move(built, in_place)
            return
        build_data["pure_python"] = False
        build_data["tag"] = platform_tag()
        build_data["force_include"][str(built)] = LIBRARY

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """After the wheel is written."""
        if self.target_name == "wheel":
            self._folder.cleanup()
