"""etcd's raft behind its bridge: it keeps all properties, and its mutants are caught.

Go builds the library that its module proxy has; without it these tests are skipped, and say so.
"""

import pytest
from attrs import evolve

from model.actions import (
    Action,
    ChangeMembership,
    ClientRequest,
    Compact,
    CompleteWrite,
    CrashInside,
    Deliver,
    Elect,
    ElectionTimeout,
    Exchange,
    HeartbeatTimeout,
    Invoke,
    Partition,
    Restart,
    Settle,
    Sync,
    TransferLeadership,
)
from model.failures import PropertyViolatedError
from model.target import Bridge, TargetRequest
from oracle.bridging.description import find_bridge
from oracle.subjects.registry import make_setup
from raft_core import Membership, Role, s1, s2, s3, s4
from tests.oracle.walks import cluster_after, first_violation
from tests.require import needs_bridge

BRIDGE = find_bridge("etcd-raft")
MOST_RUNS = 3_000
SLOW = frozenset(
    {
        "hard-state-unsaved",
        "installs-stale-snapshot",
        "acknowledges-before-saved",
        "completion-of-overwritten-entry",
        "joint-never-left",
        "read-before-own-commit",
        "read-confirmed-by-any-answer",
        "read-confirmed-by-earlier-round",
        "vote-sent-before-saved",
    }
)
"""Mutants that take some thousand runs of three servers."""
SUPERSEDED = (
    Elect(s2, (s1,)),
    Invoke(s2, 2, 0, "set x b0"),
    Sync(s2, (s1,)),
    Invoke(s1, 1, 1, "get x"),
    Deliver(s3, s1, -1),
)
"""S2 takes over without S1's knowing, a client's write is answered, and another reads at S1."""
SHORTEST: dict[str, tuple[Action, ...]] = {
    "completion-of-overwritten-entry": (
        *(Elect(s1), Sync(s1), ClientRequest(s1, "v1")),
        *(Elect(s2, (s1,)), Sync(s2, (s1,)), Exchange(s2, s1)),
        CompleteWrite(s1),
    ),
    "joint-never-left": (
        Elect(s1),
        ChangeMembership(s1, (s3,)),
        TransferLeadership(s1, s2),
        Settle(),
    ),
    "read-before-own-commit": (
        Elect(s1),
        Invoke(s1, 2, 0, "set x b0"),
        *(Deliver(s1, s3, -1), Deliver(s3, s1, -1)),
        ElectionTimeout(s3),
        *(Deliver(s3, s2, -1), Deliver(s2, s3, -1)),
        Invoke(s3, 1, 1, "get x"),
        *(Deliver(s3, s2, -1), Deliver(s2, s3, -1)),
    ),
    "read-confirmed-by-any-answer": (
        Elect(s1),
        HeartbeatTimeout(s1),
        Deliver(s1, s3, -1),
        *SUPERSEDED,
    ),
    "read-confirmed-by-earlier-round": (
        Elect(s1),
        Invoke(s1, 1, 0, "get y"),
        Deliver(s1, s3, -1),
        *SUPERSEDED,
    ),
    "vote-sent-before-saved": (
        ElectionTimeout(s1),
        Deliver(s1, s2),
        CrashInside(s2, 0, 2),
        ElectionTimeout(s2),
        Restart(s2),
    ),
}
"""Schedules that show some of these."""
SETTINGS: tuple[dict[str, str], ...] = (
    {},
    {"async": "on"},
    {"async": "late"},
    {"pre_vote": "on", "check_quorum": "on"},
    {"max_size": "none", "max_inflight": "1", "forward": "off"},
)

pytestmark = needs_bridge("etcd-raft")


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
    """Without PreVote and CheckQuorum, election timers and snapshots have to do it.

    The server that the fair schedule has removed hears of no term that begins after that.
    """
    cluster = make_setup(TargetRequest(subject=Bridge("etcd-raft"))).cluster()
    cluster.reset()
    for action in (*schedule, Settle()):
        cluster.apply(action)
    (leader,) = [view for view in cluster.views if view.role is Role.LEADER]
    assert leader.log.membership is not None
    members = leader.log.membership.servers
    assert {cluster.views[each].current_term for each in members} == {leader.current_term}


def test_a_leader_applies_two_changes_of_its_predecessor_at_once() -> None:
    """S2 has both, and forgets in a crash that the first was committed; each is one voter less."""
    change = (ChangeMembership(s1, (s1, s2, s3)), Exchange(s1, s2), Exchange(s1, s3))
    next_change = (ChangeMembership(s1, (s1, s2)), CrashInside(s2, 1), Deliver(s1, s2, -1))
    commits = (Elect(s2, (s1,)), Exchange(s2, s3), Exchange(s2, s4))
    schedule = (Elect(s1), Sync(s1), *change, *next_change, Restart(s2), *commits)
    view = cluster_after(TargetRequest(subject=Bridge("etcd-raft"), servers=4), schedule).views[s2]
    assert view.log.membership == Membership((s1, s2))
    assert [index for index, _ in view.log.memberships][-2:] == [2, 3]


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


@pytest.mark.parametrize("settings", [{}, {"async": "on"}], ids=str)
def test_a_term_that_was_heard_is_kept(settings: dict[str, str]) -> None:
    """A heartbeat of a newer term is answered after the term is safe on the disk."""
    heard = (Elect(s1, (s2,)), HeartbeatTimeout(s1), Deliver(s1, s2, -1))
    request = TargetRequest(subject=Bridge("etcd-raft"), settings=settings)
    cluster_after(request, (*heard, CrashInside(s2, 0, 2), ElectionTimeout(s2), Restart(s2)))


@pytest.mark.once
@pytest.mark.parametrize("mutant", [each.name for each in BRIDGE.mutants if each.name not in SLOW])
def test_mutants_are_caught(mutant: str) -> None:
    """Every mistake built into the library breaks what its description says."""
    planted = BRIDGE.mutant(mutant)
    assert first_violation("etcd-raft", MOST_RUNS, mutant=mutant, wanted=planted.breaks)


@pytest.mark.once
@pytest.mark.parametrize("mutant", SHORTEST)
def test_mutants_are_caught_on_their_shortest_way(mutant: str) -> None:
    """What takes a hunt a while breaks what its description says in a few actions."""
    planted = BRIDGE.mutant(mutant)
    subject = Bridge("etcd-raft")
    request = TargetRequest(subject=subject, settings=planted.settings, mutant=mutant)
    with pytest.raises(PropertyViolatedError) as caught:
        cluster_after(request, SHORTEST[mutant])
    assert caught.value.violation.property == planted.breaks
    cluster_after(evolve(request, mutant=None), SHORTEST[mutant])


def test_a_candidate_asks_for_votes_once_its_own_is_written() -> None:
    """Unless the library sends as it likes: then others elect who forgets that term in a crash."""
    schedule = (Elect(s1, stalled=(s1,)), Restart(s1))
    held = {"async": "late"}
    cluster = cluster_after(TargetRequest(subject=Bridge("etcd-raft"), settings=held), schedule)
    assert cluster.views[s2].current_term == 0
    early = {**held, "early_vote_requests": "on"}
    with pytest.raises(PropertyViolatedError, match="S1 led term 1, and starts again in term 0"):
        cluster_after(TargetRequest(subject=Bridge("etcd-raft"), settings=early), schedule)
