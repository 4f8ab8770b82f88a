"""Elections as a lab tests them: first, again, with a tie, and without a quorum."""

from model.world.macro_actions import Cluster
from raft_core import Role, s1, s2
from tests.scenarios import schedules
from tests.scenarios.cluster import agreed_commands, leaders, play, terms


def test_first_timeout_elects_the_one_leader(cluster: Cluster) -> None:
    """Section 5.2: the first candidate leads term 1, with a vote of every server."""
    elect, quiet = schedules.initial_election(cluster.members)
    play(cluster, elect)
    assert leaders(cluster) == (s1,)
    assert set(terms(cluster)) == {1}
    assert {view.voted_for for view in cluster.views} == {s1}
    play(cluster, quiet)
    assert (leaders(cluster), set(terms(cluster))) == ((s1,), {1})


def test_tie_elects_nobody_and_the_next_term_decides(cluster: Cluster) -> None:
    """Section 5.2: candidates of one term refuse each other; a new term brings a leader."""
    tie, again = schedules.split_vote(cluster.members)
    play(cluster, tie)
    assert leaders(cluster) == ()
    assert [view.voted_for for view in cluster.views[:2]] == [s1, s2]
    play(cluster, again)
    assert (leaders(cluster), set(terms(cluster))) == ((s2,), {2})


def test_old_leader_follows_the_new_one_on_its_return(cluster: Cluster) -> None:
    """Sections 5.1 and 5.2: a leader cut off is replaced, and steps down at a newer term."""
    elect, cut_off, heal = schedules.re_election(cluster.members)
    play(cluster, elect)
    assert leaders(cluster) == (s1,)
    play(cluster, cut_off)
    assert leaders(cluster) == (s1, s2)
    assert terms(cluster)[:2] == (1, 2)
    play(cluster, heal)
    assert leaders(cluster) == (s2,)
    assert terms(cluster)[s1] == 2


def test_no_one_leads_without_a_quorum(cluster: Cluster) -> None:
    """Section 5.2: candidates in a minority stay candidates until the others are back."""
    elect, cut_off, heal = schedules.no_quorum(cluster.members)
    play(cluster, elect)
    play(cluster, cut_off)
    assert cluster.views[s2].role is Role.CANDIDATE
    assert [one for one in leaders(cluster) if terms(cluster)[one] > 1] == []
    play(cluster, heal)
    assert leaders(cluster) == (s2,)
    assert set(terms(cluster)) == {4}


def test_cluster_works_on_without_its_first_leader(cluster: Cluster) -> None:
    """Sections 5.2 and 5.4: the next leader holds what was agreed; the old one follows it."""
    agree, crash, back = schedules.leader_crash(cluster.members)
    play(cluster, agree)
    assert agreed_commands(cluster) == ("a",)
    play(cluster, crash)
    assert leaders(cluster) == (s2,)
    assert cluster.views[s2].commit_index == 2
    play(cluster, back)
    assert leaders(cluster) == (s2,)
    assert agreed_commands(cluster) == ("a", "b", "c")


def test_vote_outlives_the_voters_crash(cluster: Cluster) -> None:
    """Section 5.2, Figure 2: who crashes after its vote has none left to give in this term."""
    elect, crash = schedules.vote_and_crash(cluster.members)
    play(cluster, elect)
    assert leaders(cluster) == (s1,)
    play(cluster, crash)
    assert leaders(cluster) == (s1,)
