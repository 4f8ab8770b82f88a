"""Setups: all that a run depends on, apart from its schedule."""

from attrs import evolve

from properties.checker import PROPERTIES
from raft_core import s1, s2
from tests.model.fakes import setup_of


def test_checker_leaves_out_what_is_ignored() -> None:
    """An ignored property is not asked; all others are."""
    setup = evolve(setup_of("double-vote"), ignore=frozenset({"VoteOnce", "LogMatching"}))
    names = {each.name for each in PROPERTIES}
    asked = {each.name for each in setup.checker().properties}
    unseen = {each.property for each in setup.checker().not_checked}
    assert asked | unseen == names - {"VoteOnce", "LogMatching"}


def test_cluster_is_made_as_the_setup_says() -> None:
    """Servers, network and settings reach the cluster."""
    cluster = evolve(setup_of("double-vote"), servers=2, network="fifo").cluster()
    assert cluster.members == (s1, s2)
    assert cluster.network.fifo


def test_checker_may_be_shared() -> None:
    """What was reached in one cluster counts for the next that has the same checker."""
    setup = setup_of("double-vote")
    checker = setup.checker()
    assert setup.cluster(checker).checker is setup.cluster(checker).checker is checker
    assert setup.cluster().checker is not checker
