"""openraft behind its bridge: hunted in all its settings it holds, and its mutants are caught.

Cargo builds the crate that its registry has; without it these tests are skipped, and say so.
"""

from collections.abc import Sequence

import pytest

from model.actions import (
    Action,
    ChangeMembership,
    ClientRequest,
    Compact,
    Crash,
    CrashInside,
    Elect,
    ElectionTimeout,
    Exchange,
    HeartbeatTimeout,
    Invoke,
    Restart,
    Settle,
    Sync,
)
from model.target import Bridge, TargetRequest
from model.world.macro_actions import Cluster
from oracle.bridging.description import find_bridge
from raft_core import Role, s1, s2, s3
from tests.oracle.walks import cluster_after, first_violation
from tests.require import needs_bridge

BRIDGE = find_bridge("openraft")
MUTANTS = ("no-up-to-date-check",)
"""Those that are planted here: each has the crate, and the bridge on it, compiled anew."""
SETTINGS: tuple[dict[str, str], ...] = (
    {},
    {"snapshot_chunk": "40"},
)

pytestmark = [pytest.mark.once, needs_bridge("openraft")]


def after(*schedule: Action, **settings: str) -> Cluster:
    """A new cluster to which this has happened."""
    request = TargetRequest(subject=Bridge("openraft"), settings=settings)
    return cluster_after(request, schedule)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("servers", [3, 5])
def test_the_library_keeps_all_properties(servers: int, settings: dict[str, str]) -> None:
    """Some runs of every kind find nothing but what is known."""
    assert first_violation("openraft", 40, servers, settings) is None


def test_a_read_is_answered_when_a_majority_confirms_its_leader() -> None:
    """Not before, and with what was written."""
    began: Sequence[Action] = (Elect(s1), Sync(s1), Invoke(s1, 1, 0, "set x a"), Sync(s1))
    cluster = after(*began, Invoke(s1, 1, 1, "get x"))
    assert (1, 0) in cluster.answered
    assert (1, 1) not in cluster.answered
    cluster.apply(Exchange(s1, s2, newest_first=False))
    assert (1, 1) in cluster.answered


def test_a_restarted_leader_leads_on_and_a_lagging_server_gets_its_snapshot() -> None:
    """In its old term; its log begins after what the snapshot covers, and so does the other's."""
    cluster = after(
        Elect(s1, unreachable=(s3,)),
        ClientRequest(s1, "v1"),
        Sync(s1, unreachable=(s3,)),
        Sync(s1, unreachable=(s3,)),
        Compact(s1, 0),
        HeartbeatTimeout(s1),  # entries that are under way are not discarded
        HeartbeatTimeout(s1),
        Restart(s1),
        snapshot_chunk="9",
    )
    assert cluster.views[s1].role is Role.LEADER
    assert cluster.views[s1].current_term == 1
    cluster.apply(Settle())
    leader, lagging = cluster.views[s1], cluster.views[s3]
    assert lagging.log.snapshot_index == leader.log.snapshot_index > 0
    assert lagging.last_applied == leader.last_applied


def test_a_configuration_survives_a_restart() -> None:
    """Two vote, and the third one learns."""
    change = ChangeMembership(s1, (s1, s2), (s3,))
    began: Sequence[Action] = (Elect(s1), Sync(s1), change, Sync(s1), Sync(s1))
    before = after(*began).views[s2]
    again = after(*began, Crash(s2), Restart(s2)).views[s2]
    assert before.log.membership is not None
    assert before.log.membership.learners == (s3,)
    assert again.log == before.log


@pytest.mark.parametrize(("passes", "term"), [(0, 0), (1, 0), (2, 1)])
def test_a_crash_inside_a_step_loses_what_is_not_synced(passes: int, term: int) -> None:
    """A vote is written and then synced: before that it is lost."""
    cluster = after(CrashInside(s1, passes, lost=1), ElectionTimeout(s1))
    assert not cluster.running[s1]
    cluster.apply(Restart(s1))
    assert cluster.views[s1].current_term == term


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutants_are_caught(mutant: str) -> None:
    """A mistake planted in the crate breaks what its description says."""
    planted = BRIDGE.mutant(mutant)
    assert first_violation("openraft", 500, planted.servers, mutant=mutant, wanted=planted.breaks)
