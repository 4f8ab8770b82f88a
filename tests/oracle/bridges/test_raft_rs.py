"""raft-rs behind its bridge: hunted in all its settings it holds, and its mutants are caught.

Cargo builds the crate that its registry has; without it these tests are skipped, and say so.
"""

import shutil
from pathlib import Path

import pytest

from oracle.bridging.build import lay_out, library_source, make_writable, plant
from oracle.bridging.description import find_bridge
from oracle.bridging.own_source import SOURCE
from tests.oracle.walks import first_violation
from tests.require import needs_bridge

BRIDGE = find_bridge("raft-rs")
MUTANTS = (
    "double-vote",
    "minority-commits",
    "transfer-claimed-unasked",
    "pre-vote-answer-raises-term",
)
"""Those that are planted here: each has the crate compiled anew."""
SETTINGS: tuple[dict[str, str], ...] = (
    {},
    {"pre_vote": "on", "check_quorum": "on"},
    {"max_size_per_msg": "1000", "max_inflight_msgs": "1", "skip_bcast_commit": "on"},
)

pytestmark = [pytest.mark.once, needs_bridge("raft-rs")]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("servers", [3, 5])
def test_the_library_keeps_all_properties(servers: int, settings: dict[str, str]) -> None:
    """Some runs of every kind find nothing but what is known; of reads, see below."""
    ignore = frozenset({"Linearizable"})
    assert first_violation("raft-rs", 40, servers, settings, ignore=ignore) is None


def test_a_request_to_read_that_arrives_twice_is_found() -> None:
    """In the library as it is: docs/findings/raft-rs-repeated-read-believes-old-answers.md."""
    assert first_violation("raft-rs", 40, 3, wanted="Linearizable")


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


def test_a_mistake_in_a_checkout_is_caught(tmp_path: Path) -> None:
    """`--set source=DIR` builds what lies there, in place of the release that its registry has."""
    planted = BRIDGE.mutant("double-vote")
    assert BRIDGE.library is not None
    lay_out(BRIDGE, tmp_path / "bridge")
    checkout = tmp_path / "checkout"
    shutil.copytree(library_source(BRIDGE, BRIDGE.library, tmp_path / "bridge", None), checkout)
    make_writable(checkout)
    plant(planted, checkout)
    settings = {SOURCE: str(checkout)}
    assert first_violation("raft-rs", 500, settings=settings, wanted=planted.breaks)
