"""Log Matching: an index and a term name one entry, and one entry before it, for ever."""

import pytest
from attrs import evolve

from properties.facts import EntriesAppended
from properties.log_matching import LOG_MATCHING
from raft_core import Entry, Term, s1, s2, s3
from tests.properties.judge import appends, breach_of, gets_log, holds


def test_equal_logs_match() -> None:
    """The same entries on every server are what the property asks for."""
    assert holds(LOG_MATCHING, gets_log(s1, 1, 1, 2), gets_log(s2, 1, 1, 2), gets_log(s3, 1, 1))


def test_entries_of_different_terms_may_share_an_index() -> None:
    """Logs may differ where their terms do."""
    assert holds(LOG_MATCHING, gets_log(s1, 1, 2), gets_log(s2, 1, 3), gets_log(s3, 4))


def test_two_commands_under_one_index_and_term_break_it() -> None:
    """The entry with the other command is blamed, with where the first one stood."""
    other = evolve(gets_log(s2, 1), entries=(Entry(1, "other"),))
    breach = breach_of(LOG_MATCHING, gets_log(s1, 1), other)
    assert breach is not None
    assert breach.servers == (s1, s2)
    assert breach.detail == "S2 has 'other' as entry 1@1, S1 had '1@1' there."


def test_one_entry_behind_two_different_ones_breaks_it() -> None:
    """Entry 2@3 after 1@1 here and after 1@2 there: the logs differ before a common entry."""
    breach = breach_of(LOG_MATCHING, gets_log(s1, 1, 3), gets_log(s2, 2, 3))
    assert breach is not None
    assert breach.servers == (s1, s2)
    assert breach.detail == "S2 has entry 2@3 after 1@2, S1 had it after 1@1."


def test_entry_behind_a_gap_is_compared_with_its_predecessor_in_the_log() -> None:
    """What counts for the first new entry is the term of the entry that it was put after."""
    assert holds(LOG_MATCHING, gets_log(s1, 1, 1, 2), appends(s2, 3, (2,), 1, None))
    assert not holds(LOG_MATCHING, gets_log(s1, 1, 1, 2), appends(s2, 3, (2,), 2, None))


def test_entries_that_were_truncated_are_remembered() -> None:
    """The two logs with entry 2@2 never existed at the same moment."""
    truncated_and_replaced = appends(s1, 1, (3, 3), 0, None)
    facts = (gets_log(s1, 1, 2), truncated_and_replaced)
    assert holds(LOG_MATCHING, *facts, gets_log(s2, 1, 2))
    assert not holds(LOG_MATCHING, *facts, gets_log(s2, 2, 2))


@pytest.mark.parametrize(("first", "second"), [(None, 1), (1, None), (None, None)])
def test_unknown_predecessor_is_not_compared(first: Term | None, second: Term | None) -> None:
    """An entry just after a snapshot of unknown term contradicts nobody."""
    facts = (appends(s1, 3, (2, 2), first, None), appends(s2, 3, (2, 2), second, None))
    assert holds(LOG_MATCHING, *facts)


def test_behind_the_unknown_predecessor_comparing_goes_on() -> None:
    """The entry after the first one has a predecessor that is known."""
    behind_snapshot = appends(s1, 3, (2, 3), None, None)
    assert not holds(LOG_MATCHING, behind_snapshot, appends(s2, 3, (1, 3), None, None))


@pytest.mark.parametrize("length", [1, 40, 100])
def test_every_entry_of_a_fact_is_looked_at(length: int) -> None:
    """The last of many new entries is compared like the first."""
    terms = (1,) * length
    changed: EntriesAppended = gets_log(s2, *terms)
    changed = evolve(changed, entries=(*changed.entries[:-1], Entry(1, "other")))
    assert holds(LOG_MATCHING, gets_log(s1, *terms), gets_log(s2, *terms))
    assert not holds(LOG_MATCHING, gets_log(s1, *terms), changed)
