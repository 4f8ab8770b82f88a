"""What the user typed: the error for what does not fit, and the patience with subjects.

A call of a subject may take 10 seconds, or as many as RAFT_ORACLE_PATIENCE says.
"""

import math
import os
from typing import Final

PROGRAM: Final = "raft-oracle"
ASKING: Final = "_RAFT_ORACLE_COMPLETE"
"""The variable that is set where a shell asks what may follow on the command line."""

PATIENCE = 10.0
"""Seconds that one call may take at least before it counts as hung."""
PATIENCE_VARIABLE = "RAFT_ORACLE_PATIENCE"
LOADING_SECONDS = 5.0
"""Seconds that a process may take to start, before the patience with its subject begins."""


class UsageError(ValueError):
    """Something that the user typed does not fit: what, and what was expected."""


def patience() -> float:
    """Seconds that one call may take; UsageError where the environment says nonsense."""
    text = os.environ.get(PATIENCE_VARIABLE, "")
    if not text:
        return PATIENCE
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.1 <= seconds <= 3600:
        raise UsageError(f"{PATIENCE_VARIABLE}: found {text!r}, expected seconds from 0.1 to 3600")
    return seconds
