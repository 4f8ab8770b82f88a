"""Figure 7 as a schedule: how seven servers come to these logs, and how they become equal.

S1 is the leader on top of the figure, S2 to S7 are its followers (a) to (f).
"""

from typing import Final

import pytest

from model.actions import ClientRequest, Crash, Elect, Restart, Schedule, Sync
from model.mutants import MUTANT_BY_NAME
from model.subject import NetworkKind
from properties.checker import BY_NAME
from raft_core import Server, s1, s2, s3, s4, s5, s6, s7
from tests.paper.test_figure_7 import FOLLOWERS, LEADER
from tests.scenarios.cluster import NETWORKS, leaders, log_terms, new_cluster, play, terms

on_each_network = pytest.mark.parametrize("network", NETWORKS)


def requests(leader: Server, *commands: str) -> Schedule:
    """Requests that no message about has arrived yet."""
    return tuple(ClientRequest(leader, command) for command in commands)


TERM_1: Final[Schedule] = (Elect(s1), *requests(s1, "1", "2", "3"), Sync(s1))
TERMS_2_AND_3: Final[Schedule] = (
    Elect(s7),
    *requests(s7, "4 of f", "5 of f", "6 of f"),
    Restart(s7),
    Elect(s7),
    *requests(s7, "7 of f", "8 of f", "9 of f", "10 of f", "11 of f"),
    Crash(s7),
)
TERM_4: Final[Schedule] = (
    Elect(s6, (s7,)),
    *requests(s6, "4"),
    Sync(s6, (s7,)),
    *requests(s6, "5"),
    Sync(s6, (s7, s3)),
    *requests(s6, "6 of e", "7 of e"),
    Crash(s6),
)
TERM_5: Final[Schedule] = (
    Elect(s1, (s3, s6, s7)),
    *requests(s1, "6", "7"),
    Sync(s1, (s3, s6, s7)),
)
TERM_6: Final[Schedule] = (
    Elect(s4, (s3, s6, s7)),
    *requests(s4, "8", "9"),
    Sync(s4, (s3, s6, s7)),
    *requests(s4, "10"),
    Sync(s4, (s2, s3, s6, s7)),
    *requests(s4, "11 of c"),
    Crash(s4),
)
TERM_7: Final[Schedule] = (
    Elect(s5, (s4, s6, s7)),
    *requests(s5, "11 of d", "12 of d"),
    Crash(s5),
)
TERM_8: Final[Schedule] = (Restart(s6), Restart(s7), Elect(s1, (s4, s5)))
TO_THE_FIGURE: Final[Schedule] = (
    *TERM_1,
    *TERMS_2_AND_3,
    *TERM_4,
    *TERM_5,
    *TERM_6,
    *TERM_7,
    *TERM_8,
)


@on_each_network
def test_figure_is_reached_by_lawful_steps(network: NetworkKind) -> None:
    """Figure 7: crashes at bad moments are enough for every one of these logs."""
    cluster = new_cluster(7, network)
    play(cluster, TO_THE_FIGURE)
    assert log_terms(cluster) == (LEADER, *(FOLLOWERS[name] for name in "abcdef"))
    assert (leaders(cluster), terms(cluster)[s1]) == ((s1,), 8)


@on_each_network
@pytest.mark.parametrize("max_entries", [1, 64])
def test_all_logs_become_the_leaders(max_entries: int, network: NetworkKind) -> None:
    """Section 5.3: the leader's first own entry makes every follower's log equal to its own."""
    cluster = new_cluster(7, network, max_entries=max_entries)
    play(cluster, (*TO_THE_FIGURE, Restart(s4), Restart(s5), ClientRequest(s1, "11")))
    play(cluster, (Sync(s1),) * (1 if max_entries == 64 else 4))
    assert log_terms(cluster) == ((*LEADER, 8),) * 7
    assert cluster.views[s1].commit_index == 11


@on_each_network
@pytest.mark.parametrize("mistake", ["keeps-conflicting-entry", "previous-entry-exists"])
def test_careless_follower_is_noticed(mistake: str, network: NetworkKind) -> None:
    """Section 5.3: without a look at the terms, followers' logs do not become the leader's."""
    cluster = new_cluster(7, network, protocol=MUTANT_BY_NAME[mistake].protocol(), ignore=BY_NAME)
    play(cluster, (*TO_THE_FIGURE, Restart(s4), Restart(s5), ClientRequest(s1, "11")))
    play(cluster, (Sync(s1), Sync(s1)))
    assert len(set(log_terms(cluster))) > 1
