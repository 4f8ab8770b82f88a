"""The lab's random tests: Figure 8, unreliable networks and churn, each with a fixed seed."""

import pytest

from model.subject import NetworkKind
from model.world.macro_actions import Cluster
from tests.scenarios.cluster import NETWORKS, new_cluster
from tests.scenarios.random_runs import elect_many_times, run_at_random

SEEDS = range(5)
on_each_network = pytest.mark.parametrize("network", NETWORKS)
with_each_seed = pytest.mark.parametrize("seed", SEEDS)


@on_each_network
@with_each_seed
def test_leaders_that_crash_in_the_midst_of_replicating_lose_nothing(
    seed: int, network: NetworkKind
) -> None:
    """Section 5.4.2, Figure 8: five servers, leaders that reach some of them and crash."""
    ended = run_at_random(new_cluster(5, network), "figure 8", seed, rounds=200)
    assert ended.committed >= 5
    assert ended.terms >= 80


@with_each_seed
def test_the_same_on_an_unreliable_network(seed: int) -> None:
    """Section 5.4.2, Figure 8: as before, while messages are lost, repeated and reordered."""
    ended = run_at_random(new_cluster(5, "any"), "figure 8, unreliable", seed, rounds=200)
    assert ended.committed >= 5
    assert ended.terms >= 80


@pytest.mark.parametrize("servers", [3, 5])
@with_each_seed
def test_unreliable_network_delays_agreement_and_does_not_prevent_it(
    seed: int, servers: int
) -> None:
    """Sections 5.3 and 5.5: lost, repeated and late messages change nothing that is agreed."""
    ended = run_at_random(new_cluster(servers, "any"), "unreliable agreement", seed, rounds=100)
    assert ended.committed >= 30


@with_each_seed
def test_churn_ends_in_agreement(seed: int, cluster: Cluster) -> None:
    """Sections 5.2 to 5.4: after partitions, crashes and many leaders all requests commit."""
    ended = run_at_random(cluster, "churn", seed, rounds=150)
    assert ended.committed >= 5
    assert ended.terms >= 10


@on_each_network
@with_each_seed
def test_seven_servers_elect_a_leader_whichever_three_are_missing(
    seed: int, network: NetworkKind
) -> None:
    """Section 5.2: any majority elects one leader, whom all others follow after the heal."""
    assert elect_many_times(new_cluster(7, network), seed, rounds=20) >= 3
