"""MicroRaft behind its bridge: it runs, and what is known of it comes up.

Maven builds it from its registry; without it these tests are skipped, and say so.
"""

import shutil

import pytest

from model.walker import walk
from oracle.bridges import find_bridge
from oracle.subjects import find_subject, make_setup
from properties.view import KNOWN_OBSERVATIONS

BRIDGE = find_bridge("microraft")
MOST_RUNS = 200

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(
        shutil.which(BRIDGE.toolchain[0]) is None, reason=f"not found: {BRIDGE.language}"
    ),
]


def test_the_bridge_tells_who_it_is() -> None:
    """It is named as its description says, and shows all but client histories."""
    factory = find_subject("microraft")
    assert factory.name == "microraft"
    assert factory.version({}) == BRIDGE.library_version()
    assert factory.observes == KNOWN_OBSERVATIONS - {"client histories", "message meanings"}


def test_an_installed_snapshot_leaves_a_conflicting_suffix() -> None:
    """MicroRaft 0.7 keeps entries behind a snapshot whose own entry the log had otherwise."""
    ignored = frozenset({"SubjectFailed", "Progress"})
    cluster = make_setup("microraft", 3, None, {"survive_errors": "on"}, ignored, None).cluster()
    for number in range(MOST_RUNS):
        violation, _ = walk(cluster, 0, number)
        if violation is not None:
            assert violation.property == "LogMatching"
            return
    pytest.fail(f"found nothing in {MOST_RUNS} runs, expected a violation of LogMatching")
