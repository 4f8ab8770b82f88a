"""Entries within term: nothing is stored of a term that its server has not reached."""

import pytest
from attrs import evolve

from properties.entries_within_term import ENTRIES_WITHIN_TERM
from properties.facts import EntriesAppended, SnapshotInstalled
from raft_core import Log, Term, s1
from tests.properties.judge import breach_of, gets_log, holds
from tests.raft_core.build import compacted, log_of


def stored(in_term: Term | None, *terms: Term) -> EntriesAppended:
    """A server in this term now has a log of these terms."""
    return evolve(gets_log(s1, *terms), in_term=in_term)


@pytest.mark.parametrize("in_term", [2, 3, None])
def test_entries_of_the_term_and_of_older_ones_are_stored(in_term: Term | None) -> None:
    """A server that does not show its term is not judged."""
    assert holds(ENTRIES_WITHIN_TERM, stored(in_term, 1, 2))


def test_newer_entry_breaks_it() -> None:
    """The server would still vote in the term that it has left behind."""
    breach = breach_of(ENTRIES_WITHIN_TERM, stored(1, 1, 2))
    assert breach is not None
    assert breach.detail == "S1 stores entry 2@2, and is still in term 1."
    assert breach.servers == (s1,)


@pytest.mark.parametrize(("in_term", "is_broken"), [(1, True), (2, False)])
def test_snapshot_counts_as_its_last_entry(in_term: Term, is_broken: bool) -> None:
    """What it stands for was stored as well."""
    log: Log = compacted(log_of(1, 2), 2)
    installed = SnapshotInstalled(s1, 2, log, in_term)
    assert (breach_of(ENTRIES_WITHIN_TERM, installed) is not None) is is_broken
