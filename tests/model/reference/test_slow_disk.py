"""A disk that takes its time: what waits for it, what does not, and what a crash leaves."""

from model.actions import (
    ClientRequest,
    CompleteWrite,
    Crash,
    Deliver,
    Elect,
    ElectionTimeout,
    Restart,
    Settle,
    Sync,
)
from model.drivers.walker import walk
from model.world.macro_actions import Cluster
from raft_core import Role, s1, s2, s3
from tests.model.fakes import reference_cluster

ASYNC = {"async_writes": "on"}


def slow(servers: int = 3, **settings: str) -> Cluster:
    """A started cluster whose writes complete when the schedule says."""
    cluster = reference_cluster(servers, settings={**ASYNC, **settings})
    cluster.reset()
    return cluster


def writes(cluster: Cluster) -> list[int]:
    """How many writes are under way at each server."""
    return [cluster.writes_at(server) for server in cluster.members]


def test_candidate_asks_once_its_vote_is_written() -> None:
    """Before, nothing is in flight; after, a request to each of the others."""
    cluster = slow()
    cluster.apply(ElectionTimeout(s1))
    assert (len(list(cluster.network.packets())), writes(cluster)) == (0, [1, 0, 0])
    cluster.apply(CompleteWrite(s1))
    assert (len(list(cluster.network.packets())), writes(cluster)) == (2, [0, 0, 0])


def test_leader_sends_what_it_has_not_written() -> None:
    """Its followers may hold an entry, and it may commit that, before its own disk does."""
    cluster = slow()
    cluster.apply(Elect(s1))
    cluster.apply(ClientRequest(s1, "v1"))
    cluster.apply(Sync(s1, stalled=(s1,)))
    assert (cluster.views[s1].commit_index, writes(cluster)) == (1, [1, 0, 0])


def test_crash_loses_what_is_under_way_and_no_more() -> None:
    """Others hold the entry, which comes back to the leader from them."""
    cluster = slow()
    for action in (Elect(s1), ClientRequest(s1, "v1"), Sync(s1, stalled=(s1,)), Restart(s1)):
        cluster.apply(action)
    assert cluster.views[s1].log.last_index == 0
    cluster.apply(Elect(s2))
    cluster.apply(Sync(s2))
    assert cluster.views[s1].log.last_index >= 1


def test_follower_answers_each_request_when_its_own_write_is_done() -> None:
    """The second acknowledgement does not leave with the first one's write."""
    cluster = slow()
    cluster.apply(Elect(s1))
    for number in (1, 2):
        cluster.apply(ClientRequest(s1, f"v{number}"))
        cluster.apply(Deliver(s1, s2, -1))
    assert writes(cluster)[s2] == 2
    cluster.apply(CompleteWrite(s2))
    cluster.apply(Deliver(s2, s1, -1))
    assert cluster.views[s1].match_index[s2] == 1


def test_term_that_nobody_was_told_may_be_forgotten() -> None:
    """No property is broken where a candidate starts again in the term before."""
    cluster = slow()
    for action in (ElectionTimeout(s3), Crash(s3), Restart(s3)):
        cluster.apply(action)
    assert cluster.views[s3].current_term == 0
    assert cluster.views[s3].role is Role.FOLLOWER


def test_fair_schedule_completes_writes() -> None:
    """It would lead nowhere else, whatever is under way when it begins."""
    cluster = slow()
    for action in (ElectionTimeout(s1), ElectionTimeout(s2), Settle(), Settle(waits=True)):
        cluster.apply(action)
    assert writes(cluster) == [0, 0, 0]


def test_random_runs_break_nothing() -> None:
    """With every other feature and with none, judged by the rules as well."""
    for settings in ({}, {"features": "on"}):
        for servers in (3, 4, 5):
            cluster = slow(servers, meanings="on", **settings)
            assert [walk(cluster, 2, number)[0] for number in range(4)] == [None] * 4


def test_schedules_without_the_feature_are_written_as_before() -> None:
    """A macro action names stalled disks only where there are any."""
    assert repr(Elect(s1)) == "Elect(server=s1, unreachable=())"
    assert repr(Sync(s1, (), (s2,))) == "Sync(server=s1, unreachable=(), stalled=(s2,))"
