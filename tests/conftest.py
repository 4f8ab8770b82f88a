"""Settings for every test: Hypothesis tries the same examples on every machine, without a clock.

A failure that only some runs show helps nobody; to look further, set RAFT_ORACLE_PROFILE to
nightly, which draws anew each time. What a test needs of the machine is asked before it begins.
"""

import os
import signal
from collections.abc import Generator
from math import ceil
from typing import Final

import pytest
from hypothesis import settings

from tests.require import require, require_bridge
from tests.thorough import leave_out

NUM_WORKERS: Final = "PYTEST_XDIST_AUTO_NUM_WORKERS"

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("searching", deadline=None, derandomize=False, database=None)
nightly = os.environ.get("RAFT_ORACLE_PROFILE") == "nightly"
settings.load_profile("searching" if nightly else "steady")


def pytest_configure() -> None:
    """Hear Ctrl-C where tests send it: a shell lets what it starts in its background ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """For two processors three workers: a third of the time, a test waits for what it has started.

    A number in PYTEST_XDIST_AUTO_NUM_WORKERS is taken as it is.
    """
    processors = yield
    return processors if NUM_WORKERS in os.environ else ceil(1.5 * processors)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave to CI what takes long and has a sibling that runs anyway."""
    leave_out(items)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or fail a test whose needs are not met (see tests/require.py)."""
    for mark in item.iter_markers("needs"):
        require(*mark.args)
    for mark in item.iter_markers("needs_bridge"):
        require_bridge(*mark.args)
