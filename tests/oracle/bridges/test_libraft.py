"""libraft behind its bridge: it runs, and what is known of it comes up.

Debian packages the library, and gcc builds the bridge; without either these tests are skipped, and
say so.
"""

import pytest

from oracle.bridging.description import BRIDGES, find_bridge
from tests.oracle.walks import first_violation
from tests.require import needs_bridge

BRIDGE = find_bridge("libraft")
SCAFFOLD = BRIDGES.parent / "scaffolds" / "c"

pytestmark = [pytest.mark.once, needs_bridge("libraft")]


@pytest.mark.parametrize("name", ["json.c", "json.h"])
def test_json_is_read_as_in_the_scaffold(name: str) -> None:
    """The reader is the one of the scaffold in C, which has tests of its own."""
    assert (BRIDGE.folder / name).read_text() == (SCAFFOLD / name).read_text()


def test_a_false_acknowledgement_commits() -> None:
    """A follower that acknowledges what it was not sent makes a leader commit what no other has."""
    violation = first_violation("libraft", 60)
    assert violation is not None
    assert violation.property == "CommittedOnQuorum"


@pytest.mark.parametrize("settings", [{}, {"pre_vote": "on"}, {"sticky": "on"}], ids=str)
def test_with_true_acknowledgements_it_holds(settings: dict[str, str]) -> None:
    """Where followers acknowledge what they were sent, some runs find nothing."""
    mended = {"cap_acknowledgements": "on", **settings}
    assert first_violation("libraft", 40, settings=mended) is None
