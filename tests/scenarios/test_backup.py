"""Backing up over many wrong entries: the hint at section 5.3's end makes it a matter of terms."""

import pytest

from model.reference.variant import with_replaced
from model.subject import NetworkKind
from model.world.macro_actions import Cluster
from raft_core import AppendEntriesResponse, Index, State
from tests.scenarios import schedules
from tests.scenarios.cluster import (
    NETWORKS,
    agreed_commands,
    commands_of,
    log_terms,
    new_cluster,
    play,
    play_counting,
)
from tests.scenarios.schedules import EACH, TERMS

WRONG = TERMS * EACH
SIZES = [
    pytest.param(servers, network, max_entries, id=f"{servers}-{network}-{max_entries}")
    for servers in (3, 5)
    for network in NETWORKS
    for max_entries in (1, 64)
]


@pytest.mark.parametrize(("servers", "network", "max_entries"), SIZES)
def test_backing_up_costs_a_refusal_for_each_wrong_term(
    servers: int, network: NetworkKind, max_entries: int
) -> None:
    """Section 5.3: many wrong entries of few terms are passed in as many refusals as terms."""
    back_up(new_cluster(servers, network, max_entries=max_entries), max_entries)


def back_up(cluster: Cluster, max_entries: int = 64) -> None:
    """A server with wrong entries of several terms returns, and its log is replaced."""
    last = cluster.members[-1]
    wrong, right, back = schedules.wrong_logs(cluster.members)
    play(cluster, wrong)
    assert log_terms(cluster)[last] == tuple(
        term for term in range(1, TERMS + 1) for _ in range(EACH)
    )
    play(cluster, right)
    assert commands_of(cluster.views[1].log) == tuple(f"good {number}" for number in range(WRONG))
    traffic = play_counting(cluster, back, last)
    assert traffic.refusals == TERMS
    assert len(agreed_commands(cluster)) == WRONG + 1
    assert cluster.views[last].log == cluster.views[1].log
    if max_entries > WRONG:
        assert traffic.requests <= TERMS + len(back)


def one_step_back(state: State, response: AppendEntriesResponse) -> Index:
    """Figure 2's rule without the hint: one entry back for each refusal."""
    current = state.next_index[response.source]
    return max(current - 1, state.match_index[response.source] + 1)


@pytest.mark.parametrize("network", NETWORKS)
def test_without_the_hint_each_wrong_entry_costs_a_refusal(network: NetworkKind) -> None:
    """Section 5.3: what the hint saves; the plain rule comes to the same logs, only later."""
    protocol = with_replaced("raft_core.replication.back_up", one_step_back)
    cluster = new_cluster(3, network, protocol=protocol)
    wrong, right, back = schedules.wrong_logs(cluster.members)
    play(cluster, (*wrong, *right))
    traffic = play_counting(cluster, back, cluster.members[-1])
    assert traffic.refusals >= WRONG
    assert len(agreed_commands(cluster)) == WRONG + 1
