"""Membership agrees: one configuration for each index, at every server that commits there."""

from attrs import evolve

from properties.membership_agrees import MEMBERSHIP_AGREES
from raft_core import Log, Membership, s1, s2, s3, s4
from tests.properties.judge import breach_of, commits, holds
from tests.raft_core.build import log_of

FOUR = Membership((s1, s2, s3, s4))
THREE = Membership((s1, s2, s3))


def log_with(*memberships: tuple[int, Membership]) -> Log:
    """A log of five entries in which these configurations stand."""
    return evolve(log_of(1, 1, 1, 1, 1), memberships=memberships)


def test_servers_that_know_the_same_configuration_agree() -> None:
    """It does not matter who says so first, nor how far each has come."""
    log = log_with((3, THREE))
    assert holds(MEMBERSHIP_AGREES, commits(s1, 1, 5, log), commits(s2, 1, 4, log, leader=False))


def test_configuration_of_a_snapshot_must_be_the_one_that_it_covers() -> None:
    """A server that starts after a snapshot with another configuration contradicts the rest."""
    whole = log_with((2, FOUR))
    behind = Log(snapshot_index=4, snapshot_term=1, memberships=((4, THREE),))
    breach = breach_of(
        MEMBERSHIP_AGREES, commits(s1, 1, 5, whole), commits(s3, 1, 4, behind, leader=False)
    )
    assert breach is not None
    assert breach.servers == (s1, s3)
    assert breach.detail == (
        "S3 has committed up to 4 and takes the configuration there for [S1 S2 S3], "
        "S1 for [S1 S2 S3 S4]."
    )


def test_server_that_has_forgotten_a_configuration_breaks_it() -> None:
    """No configuration in the log means the cluster's first, which is one too."""
    lost = Log(snapshot_index=4, snapshot_term=1)
    facts = (commits(s1, 1, 5, log_with((2, THREE))), commits(s2, 1, 4, lost, leader=False))
    assert not holds(MEMBERSHIP_AGREES, *facts)


def test_uncommitted_configurations_may_differ() -> None:
    """What is in force beyond the commit index may still be rolled back."""
    first, second = log_with((5, THREE)), log_with((5, FOUR))
    assert holds(MEMBERSHIP_AGREES, commits(s1, 1, 4, first), commits(s2, 1, 4, second))


def test_clusters_without_configurations_have_nothing_to_disagree_on() -> None:
    """Logs of commands alone cost nothing."""
    assert holds(MEMBERSHIP_AGREES, commits(s1, 1, 2, (1, 1)), commits(s2, 1, 2, (1, 1)))
