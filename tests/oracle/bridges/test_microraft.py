"""MicroRaft behind its bridge: it runs, and what is known of it comes up.

Maven builds it from its registry; without it these tests are skipped, and say so.
"""

import pytest

from tests.oracle.walks import first_violation
from tests.require import needs_bridge

MOST_RUNS = 1_500

pytestmark = [pytest.mark.once, needs_bridge("microraft")]


def test_an_installed_snapshot_leaves_a_conflicting_suffix() -> None:
    """MicroRaft 0.7 keeps entries after a snapshot whose own entry the log had otherwise."""
    ignored = frozenset({"SubjectFailed", "Progress", "AppendIsRefused"})
    settings = {"survive_errors": "on"}
    violation = first_violation("microraft", MOST_RUNS, settings=settings, ignore=ignored)
    assert violation is not None
    assert violation.property == "LogMatching"
