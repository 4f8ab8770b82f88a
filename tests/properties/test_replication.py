"""The rules of logs and commits, each kept, broken, and without what it needs."""

from typing import Any

import pytest

from properties.rules.replication import (
    APPEND_RULES,
    COMMIT_RULES,
    MATCH_RULES,
    TRUNCATE_RULES,
    first_conflict,
    majority_match,
)
from properties.rules.vocabulary import ACKNOWLEDGEMENTS, Matched, Meaning, NewEntries, Place
from raft_core import Role, s1, s2, s3
from tests.properties.transitions import BROKEN, HELD, LACKING, SILENT, message, server, sort_of

ALL = (*TRUNCATE_RULES, *APPEND_RULES, *COMMIT_RULES, *MATCH_RULES)
RULES = {rule.name: rule.check for rule in ALL}
LEADER = Role.LEADER


def sends(index: int, log_term: int, terms: tuple[int, ...] | None, term: int = 3) -> Meaning:
    """S2 sends entries after the one at `index`."""
    return message("append_entries", term=term, index=index, log_term=log_term, terms=terms)


@pytest.mark.parametrize(
    ("rule", "known", "first", "expected"),
    [
        ("LeaderKeepsEntries", {}, 3, HELD),
        ("LeaderKeepsEntries", {"role": LEADER}, 3, BROKEN),
        ("CommittedStays", {"commit": 2}, 3, HELD),
        ("CommittedStays", {"commit": 3}, 3, BROKEN),
        ("CommittedStays", {"commit": None}, 3, LACKING),
        ("OnlyConflictsGo", {"handling": sends(2, 1, (3,))}, 3, HELD),
        ("OnlyConflictsGo", {"handling": sends(2, 1, (2,))}, 3, BROKEN),
        ("OnlyConflictsGo", {"handling": sends(1, 1, (1, 3))}, 2, BROKEN),
        ("OnlyConflictsGo", {"handling": sends(2, 1, None)}, 3, LACKING),
        ("OnlyConflictsGo", {"handling": None}, 3, BROKEN),
        ("OnlyConflictsGo", {"handling": sends(2, 1, (2,), term=2)}, 3, BROKEN),
    ],
)
def test_truncation(rule: str, known: dict[str, Any], first: int, expected: str) -> None:
    """Entries leave the log 1@1 2@1 3@2 of a follower in term 3."""
    about = server((1, 1, 2), term=3, **known)
    assert sort_of(RULES[rule](about, Place(first, None))) == expected


@pytest.mark.parametrize(
    ("leader_log", "terms", "strict", "gentle"),
    [
        ((1, 1), (), HELD, BROKEN),
        ((1, 1, 3), (), HELD, BROKEN),
        ((1, 1, 2), (), BROKEN, SILENT),
        ((1, 1, 3), (3,), HELD, SILENT),
        ((1, 1, 3), None, LACKING, SILENT),
    ],
)
def test_an_end_that_the_leader_never_had_goes_early(
    leader_log: tuple[int, ...], terms: tuple[int, ...] | None, strict: str, gentle: str
) -> None:
    """A follower with 1@1 2@1 3@2 deletes 3 on entries after 2: the leader counts on none of it."""
    about = server((1, 1, 2), term=3, handling=sends(2, 1, terms))
    server(leader_log, about.cluster, s2)
    assert sort_of(RULES["OnlyConflictsGo"](about, Place(3, None))) == strict
    assert sort_of(RULES["EndGoesEarly"](about, Place(3, None))) == gentle


def test_a_snapshot_lets_entries_go_that_it_contradicts_and_no_others() -> None:
    """Figure 13, receiver 6: what follows an entry that matches is retained."""
    about = server((1, 1, 2), term=3)
    about.handling = message("install_snapshot", term=3, index=2, log_term=1)
    assert sort_of(RULES["OnlyConflictsGo"](about, Place(3, None))) == BROKEN
    about.handling = message("install_snapshot", term=3, index=2, log_term=2)
    assert sort_of(RULES["OnlyConflictsGo"](about, Place(3, None))) == HELD


@pytest.mark.parametrize(
    ("rule", "known", "new", "expected"),
    [
        ("EntriesInOrder", {}, NewEntries(3, (1, 3)), HELD),
        ("EntriesInOrder", {}, NewEntries(4, (3,)), BROKEN),
        ("EntriesInOrder", {}, NewEntries(3, (3, 1)), BROKEN),
        ("EntriesInOrder", {}, NewEntries(3, (4,)), BROKEN),
        ("LeaderAppendsOwn", {"role": LEADER}, NewEntries(3, (3,)), HELD),
        ("LeaderAppendsOwn", {"role": LEADER}, NewEntries(3, (2,)), BROKEN),
        ("LeaderAppendsOwn", {}, NewEntries(3, (3,)), SILENT),
        ("FollowerAppendsSent", {"handling": sends(2, 1, (3,))}, NewEntries(3, (3,)), HELD),
        ("FollowerAppendsSent", {"handling": sends(2, 1, (3,))}, NewEntries(3, (2,)), BROKEN),
        ("FollowerAppendsSent", {"handling": sends(2, 2, (3,))}, NewEntries(3, (3,)), BROKEN),
        ("FollowerAppendsSent", {"handling": sends(3, 1, (3,))}, NewEntries(3, (3,)), BROKEN),
        ("FollowerAppendsSent", {"handling": sends(2, 1, (3,), 2)}, NewEntries(3, (3,)), BROKEN),
        ("FollowerAppendsSent", {"handling": None}, NewEntries(3, (3,)), BROKEN),
        ("FollowerAppendsSent", {"handling": sends(2, 1, None)}, NewEntries(3, (3,)), LACKING),
        ("FollowerAppendsSent", {"role": LEADER}, NewEntries(3, (3,)), SILENT),
    ],
)
def test_append(rule: str, known: dict[str, Any], new: NewEntries, expected: str) -> None:
    """Entries come after 1@1 2@1 at a server in term 3."""
    assert sort_of(RULES[rule](server((1, 1), term=3, **known), new)) == expected


def test_contents_are_those_that_were_sent() -> None:
    """An entry with the term that was sent and another content is another entry."""
    about = server((), term=1)
    about.handling = message("append_entries", term=1, index=0, log_term=0, terms=(1,))
    about.handling.contents = ("v1",)
    check = RULES["FollowerAppendsSent"]
    assert sort_of(check(about, NewEntries(1, (1,), ("v1",)))) == HELD
    assert sort_of(check(about, NewEntries(1, (1,), ("v2",)))) == BROKEN


@pytest.mark.parametrize(
    ("rule", "known", "index", "expected"),
    [
        ("CommitRises", {"commit": 1}, 2, HELD),
        ("CommitRises", {"commit": 2}, 1, BROKEN),
        ("CommitRises", {"commit": None}, 1, LACKING),
        ("CommitWithinLog", {}, 3, HELD),
        ("CommitWithinLog", {}, 4, BROKEN),
        ("LeaderCommitsOwnTerm", {"role": LEADER}, 3, HELD),
        ("LeaderCommitsOwnTerm", {"role": LEADER}, 2, BROKEN),
        ("LeaderCommitsOwnTerm", {"role": LEADER, "may_commit": 2}, 2, HELD),
        ("LeaderCommitsOwnTerm", {"role": LEADER, "match": {s2: 2}}, 2, BROKEN),
        ("LeaderCommitsOwnTerm", {"role": LEADER, "match": {s2: 2, s3: 2}}, 2, HELD),
        ("LeaderCommitsOwnTerm", {"role": LEADER, "match": {s2: 2, s3: 1}}, 2, BROKEN),
        ("LeaderCommitsMajority", {"role": LEADER, "match": {s2: 3}}, 3, HELD),
        ("LeaderCommitsMajority", {"role": LEADER, "match": {s2: 2}}, 3, BROKEN),
        ("LeaderCommitsMajority", {"role": LEADER, "match": {s2: 2}, "decided": 3}, 3, HELD),
        ("LeaderCommitsMajority", {"role": LEADER, "voters": None}, 3, LACKING),
        ("FollowerCommitsTold", {"may_commit": 2}, 2, HELD),
        ("FollowerCommitsTold", {"may_commit": 2}, 3, BROKEN),
        ("FollowerCommitsTold", {"may_commit": 2, "could_commit": 3}, 3, HELD),
        ("FollowerCommitsTold", {"role": LEADER}, 3, SILENT),
    ],
)
def test_commit(rule: str, known: dict[str, Any], index: int, expected: str) -> None:
    """The commit index of a server in term 2 with the log 1@1 2@1 3@2 moves."""
    about = server((1, 1, 2), term=2, **known)
    assert sort_of(RULES[rule](about, Place(index, None))) == expected


@pytest.mark.parametrize(
    ("terms", "expected"), [((1, 2), 0), ((3,), 2), ((1, 3), 3), ((1, 2, 3), 0), (None, None)]
)
def test_first_conflict(terms: tuple[int, ...] | None, expected: int | None) -> None:
    """The log is 1@1 2@1 3@2, and the entries come after index 1."""
    assert first_conflict(server((1, 1, 2)), sends(1, 1, terms)) == expected


def test_a_majority_holds_what_its_middle_holds() -> None:
    """A leader that is a voter counts its own log."""
    known = server((1, 1, 1), match={s2: 2, s3: 1})
    assert majority_match(known, frozenset({s1, s2, s3})) == 2
    assert majority_match(known, frozenset({s2, s3})) == 1


@pytest.mark.parametrize(
    ("acknowledged", "index", "seen", "expected"),
    [
        ({1: 2}, 2, True, HELD),
        ({1: 2}, 3, True, BROKEN),
        ({2: 3}, 1, True, BROKEN),
        ({}, 1, False, LACKING),
    ],
)
def test_leader_counts_on_what_was_acknowledged(
    acknowledged: dict[int, int], index: int, seen: bool, expected: str
) -> None:
    """S1 leads term 3, and takes S2 to hold no more than what it said there."""
    about = server((1, 1, 2), term=3, role=LEADER)
    about.cluster.reports_all = frozenset(ACKNOWLEDGEMENTS if seen else ())
    about.match.update(acknowledged)
    assert sort_of(RULES["MatchIsAcknowledged"](about, Matched(s2, index))) == expected
