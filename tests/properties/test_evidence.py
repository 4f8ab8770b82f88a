"""Tests of what a breach rests on, with real runs of mutants that break each property."""

from typing import Final

import pytest

from model.drivers.walker import walk
from model.runs.run import run
from properties.evidence import LATEST_ONLY, WORDS, evidence, in_words
from properties.facts import (
    BecameLeader,
    CommitMoved,
    EntriesAppended,
    EntriesTruncated,
    Facts,
    Started,
    VoteChanged,
)
from raft_core import Entry, Log, s1, s2
from tests.model.fakes import setup_of

LOG = Log.of([Entry(1, "x")])


def test_two_elections_of_a_term_belong_together() -> None:
    """The first leader of the term and the votes in it are marked, and nothing of other terms."""
    steps: list[Facts] = [
        [BecameLeader(s1, 1, LOG)],
        [VoteChanged(s2, 2, None, s1, same_term=True), CommitMoved(s1, 0, 1, 1, True, LOG)],
        [BecameLeader(s1, 2, LOG)],
        [BecameLeader(s2, 2, LOG)],
    ]
    found = evidence("ElectionSafety", steps)
    assert found == {1: [steps[1][0]], 2: [steps[2][0]]}


def test_vote_that_is_forgotten_is_told_and_one_that_a_new_term_frees_is_not() -> None:
    """Within a term, a vote that is gone is what lets a server vote again."""
    freed = VoteChanged(s2, 2, s1, None, same_term=False)
    forgotten = VoteChanged(s2, 2, s1, None, same_term=True)
    assert evidence("ElectionSafety", [[freed], [forgotten], [BecameLeader(s1, 2, LOG)]]) == {
        1: [forgotten]
    }
    assert in_words(forgotten) == "S2's vote of term 2 is gone"


def test_lost_entry_rests_on_its_commit() -> None:
    """A leader without a committed entry points to the step that committed it."""
    steps: list[Facts] = [
        [CommitMoved(s1, 0, 1, 1, True, LOG)],
        [BecameLeader(s2, 2, Log())],
    ]
    assert list(evidence("LeaderCompleteness", steps)) == [0]


def test_properties_that_are_not_about_facts_rest_on_none() -> None:
    """Progress is about what does not happen."""
    assert evidence("Progress", [[BecameLeader(s1, 1, LOG)], []]) == {}
    assert evidence("ElectionSafety", []) == {}


def test_facts_are_told_in_few_words() -> None:
    """Each kind that is shown has words of its own; another one says its name."""
    assert in_words(BecameLeader(s1, 3, LOG)) == "S1 leads term 3"
    assert in_words(EntriesAppended(s2, 4, (Entry(1, "x"),), 1, LOG)) == "S2 stores 4@1"
    assert (
        in_words(EntriesTruncated(s1, 2, 3, led=False, lost=False, log=LOG)) == "S1 deletes 2 to 3"
    )
    assert in_words(Started(s1, restarted=True)) == "Started"
    assert WORDS


MUTANT_OF: Final = {
    "ElectionSafety": "half-elects",
    "LeaderCompleteness": "no-up-to-date-check",
    "VoteOnce": "vote-not-persisted",
    "TermMonotonic": "term-not-persisted",
    "LogMatching": "previous-entry-exists",
    "CommittedOnQuorum": "whole-log-acknowledged",
    "CommitMonotonic": "commit-index-falls",
    "MatchMonotonic": "match-index-falls",
    "OwnTermCommits": "commits-older-term",
}
"""By property, a mutant of which the walker's first violation breaks it."""


@pytest.mark.parametrize("name", sorted(MUTANT_OF))
def test_breach_of_a_mutant_rests_on_earlier_steps(name: str) -> None:
    """Where a real run breaks a property, at least one earlier step is marked, and not most."""
    cluster = setup_of(MUTANT_OF[name]).cluster()
    schedule = next(
        schedule
        for number in range(1000)
        for violation, schedule in [walk(cluster, 1, number)]
        if violation is not None and violation.property == name
    )
    facts = [record.facts for record in run(cluster, schedule).records]
    marked = evidence(name, facts)
    assert marked
    assert max(marked) < len(facts) - 1
    assert len(marked) < len(facts) / 2 + 1
    if name in LATEST_ONLY:
        assert len(marked) == 1
