"""Figure 8 as schedules: why a leader does not commit older terms' entries by counting copies.

Each stage continues the one before; (d) and (e) are the two ways on from (c).
"""

from typing import Final

import pytest
from attrs import frozen

from model.actions import ClientRequest, Crash, Elect, HeartbeatTimeout, Restart, Schedule, Sync
from model.failures import PropertyViolatedError
from model.mutants import MUTANT_BY_NAME
from model.subject import NetworkKind
from model.world.macro_actions import Cluster
from raft_core import Role, Server, Term, s1, s2, s3, s4, s5
from tests.scenarios.cluster import (
    NETWORKS,
    commit_indexes,
    leaders,
    log_terms,
    new_cluster,
    play,
    running,
    terms,
)

COMMON: Final[Schedule] = (Elect(s2), ClientRequest(s2, "one"), Sync(s2), Sync(s2))
TO_A: Final[Schedule] = (
    *COMMON,
    Elect(s1),
    Sync(s1),
    ClientRequest(s1, "two"),
    Sync(s1, (s3, s4, s5)),
)
TO_B: Final[Schedule] = (Crash(s1), Elect(s5, (s1, s2)), ClientRequest(s5, "three"))
TO_C: Final[Schedule] = (
    Crash(s5),
    Restart(s1),
    Elect(s1, (s4, s5)),  # term 3, in which S3 has voted for S5
    Elect(s1, (s4, s5)),
    Sync(s1, (s4, s5)),
    ClientRequest(s1, "four"),
)
S5_STANDS_AGAIN: Final[Schedule] = (
    Crash(s1),
    Restart(s5),
    Elect(s5, (s1,)),  # term 4, in which S2 and S3 have voted for S1
    Elect(s5, (s1,)),
)
TO_D: Final[Schedule] = (*S5_STANDS_AGAIN, Restart(s1), Sync(s5), Sync(s5))
TO_E: Final[Schedule] = (Sync(s1, (s4, s5)),)


@frozen
class Picture:
    """What the figure shows of a stage: S1 to S5's logs, who leads, and who is down."""

    logs: tuple[tuple[Term, ...], ...]
    leader: Server
    term: Term
    down: tuple[Server, ...] = ()


PICTURES: Final[dict[str, Picture]] = {
    "a": Picture(((1, 2), (1, 2), (1,), (1,), (1,)), s1, 2),
    "b": Picture(((1, 2), (1, 2), (1,), (1,), (1, 3)), s5, 3, (s1,)),
    "c": Picture(((1, 2, 4), (1, 2), (1, 2), (1,), (1, 3)), s1, 4, (s5,)),
    "d": Picture(((1, 3),) * 5, s5, 5),
    "e": Picture(((1, 2, 4), (1, 2, 4), (1, 2, 4), (1,), (1, 3)), s1, 4, (s5,)),
}
WAYS: Final[dict[str, Schedule]] = {
    "a": TO_A,
    "b": (*TO_A, *TO_B),
    "c": (*TO_A, *TO_B, *TO_C),
    "d": (*TO_A, *TO_B, *TO_C, *TO_D),
    "e": (*TO_A, *TO_B, *TO_C, *TO_E),
}
MUTANT: Final = MUTANT_BY_NAME["commits-older-term"]
on_each_network = pytest.mark.parametrize("network", NETWORKS)


def at_stage(stage: str, network: NetworkKind) -> Cluster:
    """The reference cluster in one of the figure's stages."""
    cluster = new_cluster(5, network)
    play(cluster, WAYS[stage])
    return cluster


@on_each_network
@pytest.mark.parametrize("stage", sorted(PICTURES))
def test_stage_is_the_figures(stage: str, network: NetworkKind) -> None:
    """Figure 8: logs, leader, and who is down are those of the figure, stage by stage."""
    cluster = at_stage(stage, network)
    picture = PICTURES[stage]
    assert log_terms(cluster) == picture.logs
    assert leaders(cluster) == (picture.leader,)
    assert terms(cluster)[picture.leader] == picture.term
    assert set(cluster.members) - set(running(cluster)) == set(picture.down)
    assert [view.role for view in cluster.views if view.role is Role.CANDIDATE] == []


@on_each_network
def test_each_leader_has_the_votes_that_the_figure_gives_it(network: NetworkKind) -> None:
    """Figure 8(b), (c): S3 and S4 elect S5 in term 3, S2 and S3 elect S1 in term 4."""
    voted = [view.voted_for for view in at_stage("b", network).views]
    assert voted == [s1, s1, s5, s5, s5]
    voted = [view.voted_for for view in at_stage("c", network).views]
    assert voted == [s1, s1, s1, s5, s5]


@on_each_network
def test_entry_of_an_older_term_on_a_majority_is_not_committed(network: NetworkKind) -> None:
    """Figure 8(c): S1 knows that three of five hold entry 2 of term 2, and leaves it open."""
    cluster = at_stage("c", network)
    assert cluster.views[s1].match_index[:3] == (3, 2, 2)
    assert max(commit_indexes(cluster)) == 1


@on_each_network
def test_another_heartbeat_does_not_commit_it_either(network: NetworkKind) -> None:
    """Section 5.4.2: until an own entry is on a majority, counting again changes nothing."""
    cluster = new_cluster(5, network)
    play(cluster, (*WAYS["b"], *TO_C[:-1], Sync(s1, (s4, s5)), HeartbeatTimeout(s1)))
    assert cluster.views[s1].match_index[:3] == (2, 2, 2)
    assert max(commit_indexes(cluster)) == 1


@on_each_network
def test_open_entry_is_overwritten_without_breaking_anything(network: NetworkKind) -> None:
    """Figure 8(d): S5 wins with the votes of S2, S3 and S4, and its entry replaces the other."""
    cluster = at_stage("c", network)
    play(cluster, S5_STANDS_AGAIN)
    assert (leaders(cluster), terms(cluster)[s5]) == ((s5,), 5)
    assert [cluster.views[server].voted_for for server in (s2, s3, s4)] == [s5, s5, s5]
    assert log_terms(cluster)[1:3] == ((1, 2), (1, 2))
    play(cluster, (Restart(s1), Sync(s5), Sync(s5)))
    assert {view.log.entry_at(2).command for view in cluster.views} == {"three"}
    assert max(commit_indexes(cluster)) == 1


@on_each_network
def test_entry_of_the_next_leader_commits_what_it_brought_back(network: NetworkKind) -> None:
    """Section 5.4.2: in (d) entry 3 is as open as entry 2 was, until S5 has an own one after."""
    cluster = at_stage("d", network)
    play(cluster, (ClientRequest(s5, "five"), Sync(s5), Sync(s5)))
    assert log_terms(cluster) == ((1, 3, 5),) * 5
    assert commit_indexes(cluster) == (3,) * 5


@on_each_network
def test_own_entry_commits_the_older_one_before_it(network: NetworkKind) -> None:
    """Figure 8(e): with entry 4 on a majority, entry 2 is committed along with it."""
    cluster = at_stage("e", network)
    assert cluster.views[s1].commit_index == 3


@on_each_network
def test_s5_cannot_win_once_the_own_entry_is_committed(network: NetworkKind) -> None:
    """Figure 8(e): S2 and S3 end in term 4, and refuse S5 whose log ends in term 3."""
    cluster = at_stage("e", network)
    play(cluster, (*S5_STANDS_AGAIN, Elect(s5, (s1,))))
    assert leaders(cluster) == ()
    assert cluster.views[s5].role is Role.CANDIDATE
    assert [cluster.views[server].voted_for for server in (s2, s3, s4)] == [None, None, s5]


@on_each_network
@pytest.mark.parametrize("winner", [s2, s3])
def test_whoever_wins_after_it_holds_the_committed_entries(
    winner: Server, network: NetworkKind
) -> None:
    """Figure 8(e): only S2 and S3 can follow S1, and all logs become theirs."""
    cluster = at_stage("e", network)
    play(cluster, (*S5_STANDS_AGAIN, Elect(winner, (s1,)), Restart(s1)))
    play(cluster, (ClientRequest(winner, "next"), Sync(winner), Sync(winner)))
    assert {view.log for view in cluster.views} == {cluster.views[winner].log}
    assert log_terms(cluster)[s5][:3] == (1, 2, 4)
    assert commit_indexes(cluster) == (4,) * 5


def broken_by_mutant(stage: str, network: NetworkKind, *ignored: str) -> tuple[str, Cluster]:
    """The property that counting copies of older entries breaks on the way to a stage."""
    cluster = new_cluster(5, network, protocol=MUTANT.protocol(), ignore=ignored)
    with pytest.raises(PropertyViolatedError) as caught:
        play(cluster, WAYS[stage])
    return caught.value.violation.property, cluster


@on_each_network
def test_counting_copies_of_an_older_entry_is_seen_at_once(network: NetworkKind) -> None:
    """Figure 8(c): the mistake shows in the commit itself, before anything is lost."""
    broken, cluster = broken_by_mutant("c", network)
    assert broken == "OwnTermCommits"
    assert cluster.views[s1].commit_index == 2


@on_each_network
def test_counting_copies_of_an_older_entry_elects_a_leader_without_it(
    network: NetworkKind,
) -> None:
    """Figure 8(d): S5 leads term 5 without entry 2, which term 4 has committed."""
    broken, cluster = broken_by_mutant("d", network, "OwnTermCommits")
    assert broken == "LeaderCompleteness"
    assert (cluster.views[s5].role, cluster.views[s5].current_term) == (Role.LEADER, 5)


@on_each_network
def test_counting_copies_of_an_older_entry_applies_two_commands_at_one_index(
    network: NetworkKind,
) -> None:
    """Figure 8(d): where nobody minds the leader, servers execute different commands."""
    ignored = ("OwnTermCommits", "LeaderCompleteness", "CommittedOnQuorum")
    broken, _ = broken_by_mutant("d", network, *ignored)
    assert broken == "StateMachineSafety"


@on_each_network
def test_mutant_survives_the_branch_in_which_nothing_is_overwritten(network: NetworkKind) -> None:
    """Figure 8(e): the same mistake does no harm where the own entry is committed in time."""
    cluster = new_cluster(5, network, protocol=MUTANT.protocol(), ignore=["OwnTermCommits"])
    play(cluster, WAYS["c"])
    assert cluster.views[s1].commit_index == 2
    play(cluster, (*TO_E, *S5_STANDS_AGAIN))
    assert leaders(cluster) == ()
