"""What a test needs of the machine, and what becomes of the test where that is missing.

Where a need is not met, the test is skipped, and the reason says what is missing. Where the
environment variable RAFT_ORACLE_REQUIRE names the need, the test fails instead: a run that was
meant to cover the bridges in Go must not be green because Go was not there. Its value is a list of
needs, separated by spaces, or `all`.
"""

import importlib.util
import os
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final, NoReturn

import pytest

from model.explorer.engines.kernel import why_not
from oracle.bridging.build import built_command
from oracle.bridging.description import BridgeError

VARIABLE: Final = "RAFT_ORACLE_REQUIRE"
OUT_OF_REACH: Final = (
    "apt-get to download",  # libraft's build.sh
    "dial tcp",  # Go
    "GOPROXY=off",
    "proxyconnect",
    "failed to get",  # Cargo
    "failed to download",
    "Could not transfer",  # Maven
    "Could not resolve",  # Cargo, and Maven
    "was not found in",  # Maven, from its second try on
    "offline mode",  # either
    "pip cannot install",
)
"""How build tools say that their registry cannot be reached, or does not have what they need."""


def without(*programs: str) -> Callable[[], str]:
    """A probe for programs on the PATH: it returns why one cannot be used, or nothing."""

    def probe() -> str:
        missing = [program for program in programs if shutil.which(program) is None]
        return f"{missing[0]} is not installed" if missing else ""

    return probe


def without_ruff() -> str:
    """Why sources cannot be linted, or nothing."""
    return "" if importlib.util.find_spec("ruff") else "the extra `dev` is not installed"


def without_dask() -> str:
    """Why no cluster of workers can be started, or nothing."""
    found = importlib.util.find_spec("distributed")
    return "" if found else "the extra `cluster` is not installed"


def without_chromium() -> str:
    """Why no page can be looked at, or nothing."""
    if importlib.util.find_spec("playwright") is None:
        return "the extra `dev` is not installed"
    return without("chromium")()


def without_pysyncobj() -> str:
    """Why PySyncObj cannot be a subject, or nothing."""
    found = importlib.util.find_spec("pysyncobj")
    return "" if found else "pysyncobj is not installed: pip install pysyncobj"


def without_kernel() -> str:
    """Why the explorer has no compiled kernel, or nothing."""
    reason = why_not()
    return f"no compiled kernel: {reason}" if reason else ""


def not_probed() -> str:
    """For needs that show only in use: a test calls `unmet` when it has met the obstacle."""
    return ""


NEEDS: Final[Mapping[str, Callable[[], str]]] = {
    "c": without("cc", "make"),
    "chromium": without_chromium,
    "clang-format": without("clang-format"),
    "dask": without_dask,
    "erlang": without("apt-get", "dpkg-deb"),
    "git": without("git"),
    "go": without("go", "gofmt"),
    "javascript": without("npx"),
    "java": without("javac", "jar", "java"),
    "kernel": without_kernel,
    "libraft": without("gcc"),
    "maven": without("mvn", "java"),
    "mount": not_probed,
    "pypi": not_probed,
    "pysyncobj": without_pysyncobj,
    "ruff": without_ruff,
    "rust": without("cargo"),
}
"""All that may be missing, each with how to find out."""
BRIDGE_NEEDS: Final[Mapping[str, str]] = {
    "dragonboat": "go",
    "etcd-raft": "go",
    "hashicorp-raft": "go",
    "libraft": "libraft",
    "microraft": "maven",
    "openraft": "rust",
    "ra": "erlang",
    "raft-rs": "rust",
}
"""What each bridge is built with."""


def required() -> frozenset[str]:
    """The needs that RAFT_ORACLE_REQUIRE names; ValueError where one of them is unknown."""
    named = frozenset(os.environ.get(VARIABLE, "").split())
    unknown = sorted(named - {"all"} - set(NEEDS))
    if unknown:
        raise ValueError(f"{VARIABLE}: found {unknown[0]!r}, expected {', '.join(NEEDS)} or all")
    return frozenset(NEEDS) if "all" in named else named


def unmet(need: str, reason: str) -> NoReturn:
    """End the test because a need is not met: as skipped, or as failed where it is required."""
    if need in required():
        pytest.fail(f"{VARIABLE} names {need}: {reason}", pytrace=False)
    pytest.skip(reason)


def require(*needs: str) -> None:
    """Go on only where all these needs are met."""
    for need in needs:
        if reason := NEEDS[need]():
            unmet(need, reason)


def require_bridge(name: str) -> None:
    """Go on only where the bridge is built, or can be.

    A bridge whose own sources do not compile is not skipped: the test goes on, and fails.
    """
    need = BRIDGE_NEEDS[name]
    require(need)
    reason = obstacle(name)
    if is_out_of_reach(reason):
        unmet(need, reason)


def is_out_of_reach(complaint: str) -> bool:
    """Whether a build tool complains that its registry cannot be reached."""
    return any(words in complaint for words in OUT_OF_REACH)


@cache
def obstacle(name: str) -> str:
    """Why the bridge of this name cannot be built, or nothing."""
    try:
        built_command(name)
    except BridgeError as error:
        return str(error)
    return ""


def needs(*names: str) -> pytest.MarkDecorator:
    """A mark for tests that have these needs; tests/conftest.py looks at it before each test."""
    assert set(names) <= set(NEEDS)
    return pytest.mark.needs(*names)


def needs_bridge(name: str) -> pytest.MarkDecorator:
    """A mark for tests that run the bridge of this name."""
    assert name in BRIDGE_NEEDS
    return pytest.mark.needs_bridge(name)
