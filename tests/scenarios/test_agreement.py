"""Agreement as a lab tests it: who misses requests, who is missed, and who comes back."""

from model.world.macro_actions import Cluster
from raft_core import s1, s2, s3
from tests.scenarios import schedules
from tests.scenarios.cluster import (
    agreed_commands,
    commands_of,
    commit_indexes,
    committed_commands,
    leaders,
    play,
    settle,
)


def test_requests_commit_one_by_one_on_all_servers(cluster: Cluster) -> None:
    """Section 5.3: before a request nothing is committed; after its rounds it is, everywhere."""
    elect, *requests = schedules.basic_agreement(cluster.members)
    play(cluster, elect)
    assert agreed_commands(cluster) == ()
    for count, request in enumerate(requests, start=1):
        play(cluster, request)
        assert agreed_commands(cluster) == ("a", "b", "c")[:count]


def test_others_agree_while_a_follower_is_cut_off(cluster: Cluster) -> None:
    """Section 5.3: a majority commits without the slow server, which gets all on its return."""
    together, without, heal = schedules.follower_cut_off(cluster.members)
    play(cluster, together)
    assert agreed_commands(cluster) == ("a",)
    play(cluster, without)
    assert commit_indexes(cluster) == (*(4,) * (len(cluster.members) - 1), 1)
    assert committed_commands(cluster, s1) == ("a", "b", "c", "d")
    play(cluster, heal)
    assert agreed_commands(cluster) == ("a", "b", "c", "d", "e")


def test_follower_that_missed_a_request_disturbs_but_cannot_lead(cluster: Cluster) -> None:
    """Section 5.4.1: its terms are the newest and its log is not; what was agreed stays."""
    together, without, heal, again = schedules.impatient_follower(cluster.members)
    play(cluster, together)
    play(cluster, without)
    assert committed_commands(cluster, s1) == ("a", "b")
    play(cluster, heal)
    assert leaders(cluster) == ()
    play(cluster, again)
    assert leaders(cluster) == (s2,)
    assert agreed_commands(cluster) == ("a", "b", "c")


def test_nothing_is_agreed_without_a_majority(cluster: Cluster) -> None:
    """Section 5.3: a leader with a minority commits nothing, and all of it once they are back."""
    together, without, heal = schedules.no_majority(cluster.members)
    play(cluster, together)
    play(cluster, without)
    assert commands_of(cluster.views[s1].log) == ("a", "b", "c")
    assert agreed_commands(cluster) == ("a",)
    play(cluster, heal)
    assert agreed_commands(cluster) == ("a", "b", "c", "d")


def test_concurrent_requests_commit_each_once_in_order(cluster: Cluster) -> None:
    """Section 5.3: whatever of five requests arrives first, all stand where the leader put them."""
    requests, arrival, rounds = schedules.concurrent_requests(cluster.members)
    play(cluster, requests)
    assert commit_indexes(cluster) == (0,) * len(cluster.members)
    play(cluster, arrival)
    assert committed_commands(cluster, s1) == tuple("abcde")
    play(cluster, rounds)
    assert agreed_commands(cluster) == tuple("abcde")


def test_rejoining_leader_loses_what_it_could_not_commit(cluster: Cluster) -> None:
    """Section 5.3: entries of a leader that was cut off give way to those agreed without it."""
    together, apart, swapped, heal = schedules.rejoin(cluster.members)
    play(cluster, together)
    play(cluster, apart)
    assert commands_of(cluster.views[s1].log) == ("a", "lost 1", "lost 2", "lost 3")
    assert committed_commands(cluster, s1) == ("a",)
    assert committed_commands(cluster, s2) == ("a", "b")
    play(cluster, swapped)
    assert committed_commands(cluster, s1) == ("a", "b", "c")
    assert commands_of(cluster.views[s2].log) == ("a", "b", "lost 4")
    play(cluster, heal)
    assert leaders(cluster) == (s3,)
    assert agreed_commands(cluster) == ("a", "b", "c", "d")


def test_settling_keeps_the_newest_log(cluster: Cluster) -> None:
    """Section 5.4.1: when all are back, the most up-to-date server leads, and all logs are its."""
    together, apart, *_ = schedules.rejoin(cluster.members)
    play(cluster, (*together, *apart))
    assert settle(cluster) == s2
    assert {commands_of(view.log) for view in cluster.views} == {("a", "b")}
    assert agreed_commands(cluster) == ("a", "b")
