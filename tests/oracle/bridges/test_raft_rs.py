"""raft-rs behind its bridge: hunted in all its settings it holds, and its mutants are caught.

Cargo builds the crate that its registry has; without it these tests are skipped, and say so.
"""

from pathlib import Path

import pytest

from model.subject import SubjectFactory
from model.target import Bridge
from oracle.bridging.description import find_bridge
from oracle.subjects.registry import factory_of
from properties.view import KNOWN_OBSERVATIONS
from tests.oracle.command import raft_oracle
from tests.oracle.walks import first_violation
from tests.require import needs_bridge

BRIDGE = find_bridge("raft-rs")
"""A late rejection sets next_index back to match_index: raft-rs 0.7.0, src/tracker/progress.rs."""
MUTANTS = ("double-vote", "minority-commits")
"""Those that are planted here: each has the crate compiled anew."""
SETTINGS: tuple[dict[str, str], ...] = (
    {},
    {"pre_vote": "on", "check_quorum": "on"},
    {"max_size_per_msg": "1000", "max_inflight_msgs": "1", "skip_bcast_commit": "on"},
)

pytestmark = [pytest.mark.once, needs_bridge("raft-rs")]


@pytest.fixture(scope="module")
def raft_rs() -> SubjectFactory:
    """The library as it is."""
    return factory_of(Bridge("raft-rs"))


def test_the_bridge_tells_who_it_is(raft_rs: SubjectFactory) -> None:
    """It is named as its description says, and shows all that there is."""
    assert raft_rs.name == "raft-rs"
    assert raft_rs.version({}) == BRIDGE.library_version()
    assert raft_rs.observes == KNOWN_OBSERVATIONS


def test_the_bridge_does_what_the_protocol_says(tmp_path: Path) -> None:
    """Every claim about an adapter holds."""
    done = raft_oracle(tmp_path, "check-adapter", "raft-rs")
    assert done.code == 0, done.out


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("servers", [3, 5])
def test_the_library_keeps_all_properties(servers: int, settings: dict[str, str]) -> None:
    """Some runs of every kind find nothing but what is known."""
    assert first_violation("raft-rs", 40, servers, settings) is None


@pytest.mark.parametrize(
    "settings", [{"pre_vote": "maybe"}, {"max_inflight_msgs": "0"}, {"voters": "4"}]
)
def test_settings_that_do_not_fit_are_refused(tmp_path: Path, settings: dict[str, str]) -> None:
    """The command line names the setting, what was found, and what was expected."""
    (name, value) = next(iter(settings.items()))
    done = raft_oracle(tmp_path, "hunt", "raft-rs", "--set", f"{name}={value}")
    assert done.code == 64
    assert f"setting {name}: found" in done.err


def test_a_removed_leader_panics_where_it_is_not_stopped() -> None:
    """Left to itself, raft-rs unwraps the progress that a removed leader has no more of itself."""
    settings, wanted = {"step_down_on_removal": "off"}, "SubjectFailed"
    violation = first_violation("raft-rs", 400, 3, settings, wanted=wanted)
    assert violation is not None
    assert "called `Option::unwrap()` on a `None` value" in violation.detail


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutants_are_caught(mutant: str) -> None:
    """A mistake planted in the crate breaks what its description says."""
    planted = BRIDGE.mutant(mutant)
    assert first_violation("raft-rs", 500, mutant=mutant, wanted=planted.breaks)
