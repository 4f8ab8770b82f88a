"""Where files go that nobody needs afterwards: into memory, and where the hunt will remove them."""

import os

MEMORY_DIRECTORY = "/dev/shm"
SCRATCH_VARIABLE = "RAFT_ORACLE_SCRATCH"
"""The variable of the environment that names the scratch directory of the hunt."""


def memory_directory() -> str | None:
    """A directory in memory, if the system has one; None is the usual one for such files."""
    return MEMORY_DIRECTORY if os.access(MEMORY_DIRECTORY, os.W_OK | os.X_OK) else None


def scratch_directory() -> str | None:
    """The scratch directory of the hunt, or one in memory; None is the usual one."""
    return os.environ.get(SCRATCH_VARIABLE) or memory_directory()
