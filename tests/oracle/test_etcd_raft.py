"""etcd's raft behind its bridge: it does what the protocol says, and its mutants are caught.

Go builds the library that its module proxy has; without it these tests are skipped, and say so.
"""

import shutil
from pathlib import Path

import pytest

from model.subject import SubjectFactory
from model.walker import walk
from oracle.bridges import find_bridge
from oracle.subjects import find_subject, make_setup
from properties.property import Violation
from properties.view import KNOWN_OBSERVATIONS
from tests.oracle.command import raft_oracle

BRIDGE = find_bridge("etcd-raft")
NOT_OBSERVED = "client histories"
MOST_RUNS = 3_000
SLOW = frozenset({"hard-state-unsaved", "installs-stale-snapshot", "acknowledges-before-saved"})
"""Mutants that take some thousand runs."""
SETTINGS: tuple[dict[str, str], ...] = (
    {},
    {"async": "on"},
    {"pre_vote": "on", "check_quorum": "on"},
    {"max_size": "none", "max_inflight": "1", "forward": "off"},
)

pytestmark = pytest.mark.skipif(
    shutil.which(BRIDGE.toolchain[0]) is None, reason=f"not found: {BRIDGE.language}"
)


@pytest.fixture(scope="module")
def etcd_raft() -> SubjectFactory:
    """The library as it is."""
    return find_subject("etcd-raft")


def first_violation(
    servers: int, settings: dict[str, str], runs: int, mutant: str | None = None
) -> Violation | None:
    """What the first of so many runs finds that finds anything."""
    cluster = make_setup("etcd-raft", servers, None, settings, frozenset(), mutant).cluster()
    for number in range(runs):
        violation, _ = walk(cluster, 0, number)
        if violation is not None:
            return violation
    return None


def test_the_bridge_tells_who_it_is(etcd_raft: SubjectFactory) -> None:
    """It is named as its directory says, and shows all but client histories."""
    assert etcd_raft.name == "etcd-raft"
    assert etcd_raft.version({}) == BRIDGE.library_version()
    assert etcd_raft.observes == KNOWN_OBSERVATIONS - {NOT_OBSERVED}


def test_the_bridge_does_what_the_protocol_says(tmp_path: Path) -> None:
    """Every claim about an adapter holds."""
    done = raft_oracle(tmp_path, "check-adapter", "etcd-raft")
    assert done.code == 0, done.out
    assert "0 FAILED" in done.out


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("servers", [3, 5])
def test_the_library_keeps_all_properties(servers: int, settings: dict[str, str]) -> None:
    """Some runs of every kind find nothing."""
    assert first_violation(servers, settings, runs=40) is None


@pytest.mark.parametrize("settings", [{"async": "maybe"}, {"max_inflight": "0"}, {"max_size": "x"}])
def test_settings_that_do_not_fit_are_refused(tmp_path: Path, settings: dict[str, str]) -> None:
    """The command line names the setting, what was found, and what was expected."""
    (name, value) = next(iter(settings.items()))
    done = raft_oracle(tmp_path, "hunt", "etcd-raft", "--set", f"{name}={value}")
    assert done.code == 64
    assert f'{name}: found "{value}", expected' in done.err


@pytest.mark.once
@pytest.mark.parametrize("mutant", [each.name for each in BRIDGE.mutants if each.name not in SLOW])
def test_mutants_are_caught(mutant: str) -> None:
    """Every mistake built into the library breaks what its description says."""
    planted = BRIDGE.mutant(mutant)
    violation = first_violation(planted.servers or 3, dict(planted.settings), MOST_RUNS, mutant)
    assert violation is not None
    assert violation.property == planted.breaks
