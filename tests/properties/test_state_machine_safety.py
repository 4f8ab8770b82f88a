"""State Machine Safety: one entry is applied at an index, by whomever and how often ever."""

import pytest

from properties.state_machine_safety import STATE_MACHINE_SAFETY
from raft_core import Entry, Index, Log, s1, s2
from tests.properties.judge import applies, breach_of, holds
from tests.raft_core.build import compacted, log_of


def test_servers_apply_the_same_entries() -> None:
    """Two servers apply the same entries, the second one later and in other steps."""
    steps = (applies(s2, 1, (1, 1)), applies(s2, 3, (1, 1, 2), before=1))
    assert holds(STATE_MACHINE_SAFETY, applies(s1, 3, (1, 1, 2)), *steps)


def test_another_entry_at_an_applied_index_breaks_it() -> None:
    """The second server is blamed with the first, and both entries are named."""
    breach = breach_of(STATE_MACHINE_SAFETY, applies(s1, 2, (1, 1)), applies(s2, 2, (1, 2)))
    assert breach is not None
    assert breach.servers == (s1, s2)
    assert breach.detail == (
        "S2 applied '2@2' of term 2 at index 2, S1 applied '2@1' of term 1 there."
    )


def test_another_command_of_the_same_term_breaks_it() -> None:
    """Entries differ in their commands too."""
    other = applies(s2, 1, Log.of([Entry(1, "other")]))
    assert not holds(STATE_MACHINE_SAFETY, applies(s1, 1, (1,)), other)


def test_entries_that_are_not_applied_yet_may_differ() -> None:
    """What stands in the logs after the applied index is open."""
    assert holds(STATE_MACHINE_SAFETY, applies(s1, 1, (1, 1)), applies(s2, 1, (1, 2)))


def test_every_entry_newly_applied_is_looked_at() -> None:
    """A step that applies many entries is as good as many steps."""
    length = 100
    same, other = (1,) * length, (1,) * (length - 1) + (2,)
    facts = (applies(s1, length, same), applies(s2, length - 1, other))
    last = applies(s2, length, other, before=length - 1)
    assert holds(STATE_MACHINE_SAFETY, *facts)
    assert not holds(STATE_MACHINE_SAFETY, *facts, last)
    assert not holds(STATE_MACHINE_SAFETY, facts[0], applies(s2, length, other))


def test_restarted_server_applies_again() -> None:
    """Applying starts again after a restart: the same entries once more are legal."""
    again = (applies(s1, 1, (1, 1)), applies(s1, 2, (1, 1), before=1))
    assert holds(STATE_MACHINE_SAFETY, applies(s1, 2, (1, 1)), *again)


@pytest.mark.parametrize("first", [1, 2])
def test_restarted_server_must_apply_what_it_applied_before(first: Index) -> None:
    """A server contradicts itself too, and is found out when it applies the other entry."""
    terms = (1,) * (first - 1) + (2,)
    breach = breach_of(STATE_MACHINE_SAFETY, applies(s1, 2, (1, 1)), applies(s1, first, terms))
    assert breach is not None
    assert breach.servers == (s1, s1)


def test_log_that_changed_under_what_was_applied_is_looked_at_anew() -> None:
    """Only entries that are still the ones looked at before are passed over."""
    facts = (applies(s1, 3, (1, 1, 1)), applies(s1, 1, (1, 2, 2)))
    assert holds(STATE_MACHINE_SAFETY, *facts)
    assert not holds(STATE_MACHINE_SAFETY, *facts, applies(s1, 2, (1, 2, 2), before=1))


def test_entries_that_replaced_applied_ones_are_looked_at_after_a_restart() -> None:
    """What nobody has looked at is not passed over, though the server applied further meanwhile."""
    facts = (applies(s1, 3, (1, 1, 1)), applies(s1, 4, (1, 2, 2, 2), before=3))
    assert holds(STATE_MACHINE_SAFETY, *facts)
    assert not holds(STATE_MACHINE_SAFETY, *facts, applies(s1, 4, (1, 2, 2, 2)))


def test_what_came_in_a_snapshot_is_not_looked_at() -> None:
    """The indexes that a snapshot covers are open, until somebody applies their entries."""
    behind_snapshot = applies(s1, 5, compacted(log_of(1, 1, 1, 1, 2), 4))
    same, other = (1, 1, 3, 3, 2), (1, 1, 3, 3, 3)
    assert holds(STATE_MACHINE_SAFETY, behind_snapshot, applies(s2, 5, same))
    assert not holds(STATE_MACHINE_SAFETY, behind_snapshot, applies(s2, 5, other))


def test_entries_that_the_log_lacks_are_left_to_index_order() -> None:
    """Applying beyond the log breaks another property, and raises nothing here."""
    assert holds(STATE_MACHINE_SAFETY, applies(s1, 9, (1, 1)), applies(s2, 2, (1, 1)))
