"""State Machine Safety: one entry is applied at an index, by whomever and how often ever."""

from attrs import evolve

from properties.state_machine_safety import STATE_MACHINE_SAFETY
from raft_core import Entry, s1, s2
from tests.properties.judge import applies, breach_of, holds


def test_servers_apply_the_same_entries() -> None:
    """Two servers apply the same entries, the second one later and in other steps."""
    facts = (applies(s1, 1, 1, 1, 2), applies(s2, 1, 1), applies(s2, 2, 1, 2))
    assert holds(STATE_MACHINE_SAFETY, *facts)


def test_another_entry_at_an_applied_index_breaks_it() -> None:
    """The second server is blamed with the first, and both entries are named."""
    breach = breach_of(STATE_MACHINE_SAFETY, applies(s1, 1, 1, 1), applies(s2, 1, 1, 2))
    assert breach is not None
    assert breach.servers == (s1, s2)
    assert breach.detail == (
        "S2 applied '2@2' of term 2 at index 2, S1 applied '2@1' of term 1 there."
    )


def test_another_command_of_the_same_term_breaks_it() -> None:
    """Entries differ in their commands too."""
    other = evolve(applies(s2, 1, 1), entries=(Entry(1, "other"),))
    assert not holds(STATE_MACHINE_SAFETY, applies(s1, 1, 1), other)


def test_restarted_server_applies_again() -> None:
    """Applying starts again after a restart: the same entries once more are legal."""
    assert holds(STATE_MACHINE_SAFETY, applies(s1, 1, 1, 1), applies(s1, 1, 1), applies(s1, 2, 1))


def test_restarted_server_must_apply_what_it_applied_before() -> None:
    """A server contradicts itself too."""
    breach = breach_of(STATE_MACHINE_SAFETY, applies(s1, 1, 1, 1), applies(s1, 1, 2))
    assert breach is not None
    assert breach.servers == (s1, s1)


def test_first_entries_may_come_behind_a_snapshot() -> None:
    """Indexes that nobody was seen to apply are open, until somebody does."""
    behind_snapshot = applies(s1, 5, 2, before=0)
    assert holds(STATE_MACHINE_SAFETY, behind_snapshot, applies(s2, 3, 1, 1), applies(s2, 5, 2))
    assert not holds(STATE_MACHINE_SAFETY, behind_snapshot, applies(s2, 4, 1, 1))
