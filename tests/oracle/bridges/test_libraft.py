"""libraft behind its bridge: it runs, and what is known of it comes up.

Debian packages the library, and gcc builds the bridge; without either these tests are skipped, and
say so.
"""

from pathlib import Path

import pytest

from model.target import Bridge
from oracle.bridging.description import BRIDGES, find_bridge
from oracle.subjects.registry import factory_of
from properties.view import KNOWN_OBSERVATIONS
from tests.oracle.command import raft_oracle
from tests.oracle.walks import first_violation
from tests.require import needs_bridge

BRIDGE = find_bridge("libraft")
SCAFFOLD = BRIDGES.parent / "scaffolds" / "c"

pytestmark = [pytest.mark.once, needs_bridge("libraft")]


def test_the_bridge_tells_who_it_is() -> None:
    """It is named as its description says, and shows all but client histories."""
    factory = factory_of(Bridge("libraft"))
    assert factory.name == "libraft"
    assert factory.version({}) == BRIDGE.library_version()
    assert factory.observes == KNOWN_OBSERVATIONS - {"client histories"}


def test_the_bridge_does_what_the_protocol_says(tmp_path: Path) -> None:
    """Every claim about an adapter holds."""
    done = raft_oracle(tmp_path, "check-adapter", "libraft")
    assert done.code == 0, done.out


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


@pytest.mark.parametrize(
    "settings", [{"barrier": "maybe"}, {"snapshot_trailing": "0"}, {"sticky": ""}]
)
def test_settings_that_do_not_fit_are_refused(tmp_path: Path, settings: dict[str, str]) -> None:
    """The command line names the setting, what was found, and what was expected."""
    (name, value) = next(iter(settings.items()))
    done = raft_oracle(tmp_path, "hunt", "libraft", "--set", f"{name}={value}")
    assert done.code == 64
    assert f"setting {name}: found" in done.err
