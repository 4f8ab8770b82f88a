"""Figure 6 as a schedule: the logs of five servers, seven entries of which are committed.

The figure names no servers; here S1 leads, and S2 to S5 are its followers from top to bottom.
"""

from typing import Final

import pytest

from model.actions import ClientRequest, Crash, Elect, Restart, Schedule, Sync
from model.failures import PropertyViolatedError
from model.mutants import MUTANT_BY_NAME
from model.subject import NetworkKind
from model.world.macro_actions import Cluster
from raft_core import Index, Role, Server, Term, s1, s2, s3, s4, s5
from tests.scenarios.cluster import (
    NETWORKS,
    commit_indexes,
    leaders,
    log_terms,
    new_cluster,
    play,
)

LOGS: Final[tuple[tuple[Term, ...], ...]] = (
    (1, 1, 1, 2, 3, 3, 3, 3),
    (1, 1, 1, 2, 3),
    (1, 1, 1, 2, 3, 3, 3, 3),
    (1, 1),
    (1, 1, 1, 2, 3, 3, 3),
)
COMMITTED: Final[Index] = 7
TO_THE_FIGURE: Final[Schedule] = (
    Elect(s1),
    ClientRequest(s1, "x=3"),
    ClientRequest(s1, "y=1"),
    Sync(s1),
    ClientRequest(s1, "y=9"),
    Sync(s1, (s4,)),
    Elect(s3, (s4,)),
    ClientRequest(s3, "x=2"),
    Sync(s3, (s4,)),
    Elect(s1, (s4,)),
    ClientRequest(s1, "x=0"),
    Sync(s1, (s4,)),
    ClientRequest(s1, "y=7"),
    ClientRequest(s1, "x=5"),
    Sync(s1, (s2, s4)),
    ClientRequest(s1, "x=4"),
    Sync(s1, (s2, s4, s5)),
)
on_each_network = pytest.mark.parametrize("network", NETWORKS)


def figure(network: NetworkKind) -> Cluster:
    """The reference cluster as the figure shows it."""
    cluster = new_cluster(5, network)
    play(cluster, TO_THE_FIGURE)
    return cluster


@on_each_network
def test_logs_are_the_figures(network: NetworkKind) -> None:
    """Figure 6: one leader, of term 3, and followers that miss some or none of its entries."""
    cluster = figure(network)
    assert log_terms(cluster) == LOGS
    assert leaders(cluster) == (s1,)
    assert cluster.views[s1].current_term == 3


@on_each_network
def test_entries_on_a_majority_are_committed_and_no_others(network: NetworkKind) -> None:
    """Figure 6: entry 7 is on three of five servers and committed, entry 8 on two and not."""
    cluster = figure(network)
    holders = [sum(view.log.last_index >= index for view in cluster.views) for index in (7, 8)]
    assert holders == [3, 2]
    assert cluster.views[s1].commit_index == COMMITTED
    assert max(commit_indexes(cluster)) == COMMITTED


@on_each_network
def test_leader_keeps_its_entry_whoever_lacks_it(network: NetworkKind) -> None:
    """Section 5.3: a follower holds a beginning of the leader's log, entry for entry."""
    cluster = figure(network)
    log = cluster.views[s1].log
    lengths = [log.common_last_index(view.log) for view in cluster.views]
    assert lengths == [8, 5, 8, 2, 7]


@on_each_network
def test_followers_catch_up_with_the_leader(network: NetworkKind) -> None:
    """Section 5.3: the leader retries until every follower stores every entry."""
    cluster = figure(network)
    play(cluster, (Sync(s1), Sync(s1)))
    assert log_terms(cluster) == (LOGS[0],) * 5
    assert commit_indexes(cluster) == (8,) * 5


@on_each_network
def test_follower_that_restarts_catches_up_too(network: NetworkKind) -> None:
    """Section 5.3: a crashed follower gets what it lacks when it is back."""
    cluster = figure(network)
    play(cluster, (Crash(s4), Sync(s1), Restart(s4)))
    assert log_terms(cluster)[s4] == (1, 1)
    play(cluster, (Sync(s1), Sync(s1)))
    assert log_terms(cluster)[s4] == LOGS[0]


@on_each_network
@pytest.mark.parametrize(("server", "wins"), [(s2, False), (s3, True), (s4, False), (s5, True)])
def test_only_holders_of_all_committed_entries_can_lead_next(
    server: Server, wins: bool, network: NetworkKind
) -> None:
    """Section 5.4.1: without the leader, a follower needs entry 7 to win a majority of votes."""
    cluster = figure(network)
    play(cluster, (Crash(s1), Elect(server, (s1,))))
    assert (cluster.views[server].role is Role.LEADER) is wins


@on_each_network
def test_uncommitted_entry_may_be_lost_and_committed_ones_not(network: NetworkKind) -> None:
    """Section 5.3: S5 leads with the votes of S2 and S4; entry 8 goes, the first seven stay."""
    cluster = figure(network)
    play(cluster, (Crash(s1), Elect(s5, (s1, s3)), ClientRequest(s5, "z=1"), Restart(s1)))
    play(cluster, (Sync(s5), Sync(s5)))
    assert log_terms(cluster) == ((*LOGS[4], 4),) * 5
    assert commit_indexes(cluster) == (8,) * 5


@on_each_network
def test_committing_on_less_than_a_majority_is_noticed(network: NetworkKind) -> None:
    """Figure 6: a leader content with two copies of five commits entry 8, and that shows."""
    protocol = MUTANT_BY_NAME["floor-half-commits"].protocol()
    with pytest.raises(PropertyViolatedError, match="CommittedOnQuorum"):
        play(new_cluster(5, network, protocol=protocol), TO_THE_FIGURE)
    unseen = new_cluster(5, network, protocol=protocol, ignore=["CommittedOnQuorum"])
    play(unseen, TO_THE_FIGURE)
    assert unseen.views[s1].commit_index == COMMITTED + 1
