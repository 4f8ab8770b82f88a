"""etcd's raft behind its bridge: it does what the protocol says, and its mutants are caught.

Go builds the library that its module proxy has; without it these tests are skipped, and say so.
"""

from pathlib import Path

import pytest

from model.actions import (
    Action,
    ChangeMembership,
    ClientRequest,
    Compact,
    CrashInside,
    Elect,
    ElectionTimeout,
    Partition,
    Restart,
    Settle,
    Sync,
)
from model.subject import SubjectFactory
from model.target import Bridge, TargetRequest
from oracle.bridging.description import find_bridge
from oracle.subjects.registry import factory_of, make_setup
from properties.view import KNOWN_OBSERVATIONS
from raft_core import s1, s2, s3
from tests.oracle.command import raft_oracle
from tests.oracle.walks import first_violation
from tests.require import needs_bridge

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

pytestmark = needs_bridge("etcd-raft")


@pytest.fixture(scope="module")
def etcd_raft() -> SubjectFactory:
    """The library as it is."""
    return factory_of(Bridge("etcd-raft"))


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
    assert first_violation("etcd-raft", 40, servers, settings) is None


@pytest.mark.parametrize(
    "schedule",
    [
        (Partition((s3,)), ElectionTimeout(s3), ElectionTimeout(s3), Elect(s1)),
        (
            Elect(s1),
            ChangeMembership(s1, (s1, s2)),
            Sync(s1, (s3,)),
            Compact(s1),
            ChangeMembership(s1, (s1, s2, s3)),
        ),
    ],
    ids=["a server of a newer term is not answered", "a snapshot knows who it is for"],
)
def test_clusters_come_to_themselves(schedule: tuple[Action, ...]) -> None:
    """Without PreVote and CheckQuorum, election timers and snapshots have to do it."""
    cluster = make_setup(TargetRequest(subject=Bridge("etcd-raft"))).cluster()
    cluster.reset()
    for action in (*schedule, Settle()):
        cluster.apply(action)
    terms = {view.current_term for view in cluster.views}
    assert len(terms) == 1


@pytest.mark.parametrize(("after", "last"), [(0, 1), (1, 2)])
def test_a_crash_inside_a_step_shows_the_disk(after: int, last: int) -> None:
    """An entry that was written before the crash is seen, though nobody has answered for it."""
    cluster = make_setup(TargetRequest(subject=Bridge("etcd-raft"))).cluster()
    cluster.reset()
    for action in (Elect(s1), CrashInside(s1, after), ClientRequest(s1, "v1")):
        cluster.apply(action)
    assert not cluster.running[s1]
    assert cluster.views[s1].log.last_index == last
    cluster.apply(Restart(s1))
    assert cluster.views[s1].log.last_index == last


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
    violation = first_violation("etcd-raft", MOST_RUNS, mutant=mutant)
    assert violation is not None
    assert violation.property == planted.breaks
