"""Crashes and restarts as a lab tests them: what a server needs, it finds on its disk."""

from model.world.macro_actions import Cluster
from raft_core import State, persistent_state, s2, s3
from tests.scenarios import schedules
from tests.scenarios.cluster import (
    agreed_commands,
    commands_of,
    commit_indexes,
    leaders,
    play,
    terms,
)


def test_agreement_goes_on_after_all_servers_crash(cluster: Cluster) -> None:
    """Figure 2, State: after a crash of all, no entry is lost and the next ones follow them."""
    agree, crash, again, middle, last = schedules.restart_of_all(cluster.members)
    play(cluster, agree)
    assert agreed_commands(cluster) == ("a",)
    stored = disks(cluster)
    play(cluster, crash)
    assert (leaders(cluster), disks(cluster)) == ((), stored)
    assert set(commit_indexes(cluster)) == {0}
    play(cluster, again)
    assert leaders(cluster) == (s2,)
    assert agreed_commands(cluster) == ("a", "b")
    play(cluster, middle)
    assert [commands_of(cluster.views[one].log) for one in (s2, s3)] == [("a", "b", "c")] * 2
    play(cluster, last)
    assert leaders(cluster) == (s3,)
    assert agreed_commands(cluster) == ("a", "b", "c", "d")
    assert set(terms(cluster)) == {3}


def disks(cluster: Cluster) -> list[object]:
    """What every server has on its disk."""
    return [persistent_state(view) for view in cluster.views if isinstance(view, State)]


def test_acknowledged_entry_is_on_disk(cluster: Cluster) -> None:
    """Figure 2, State: an entry that was acknowledged and committed outlives everyone's crash."""
    arrival, answers, restart = schedules.crash_after_answer(cluster.members)
    play(cluster, arrival)
    play(cluster, answers)
    assert cluster.views[0].commit_index == 1
    play(cluster, restart)
    assert leaders(cluster) == (s2,)
    assert agreed_commands(cluster) == ("a", "b")
