"""Leader Append-Only: who leads a term deletes nothing in it."""

from properties.leader_append_only import LEADER_APPEND_ONLY
from raft_core import s1
from tests.properties.judge import breach_of, holds, truncates


def test_follower_may_delete_entries() -> None:
    """A conflict with the leader deletes a follower's entries."""
    assert holds(LEADER_APPEND_ONLY, truncates(s1, 2, 1, 1))


def test_loss_in_a_restart_is_not_a_leaders_deletion() -> None:
    """What a disk loses is for other properties to judge."""
    assert holds(LEADER_APPEND_ONLY, truncates(s1, 1, 1, lost=True))


def test_deletion_in_a_term_that_the_server_led_breaks_it() -> None:
    """A leader that deletes is blamed, with the entries that it deleted."""
    breach = breach_of(LEADER_APPEND_ONLY, truncates(s1, 2, 1, 1, 1, led=True))
    assert breach is not None
    assert breach.servers == (s1,)
    assert breach.detail == "S1 deleted its entries 2 to 3 in a term that it led."
