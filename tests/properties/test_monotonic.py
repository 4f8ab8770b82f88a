"""What never goes back, and the order of the three indexes."""

import pytest

from properties.facts import (
    IndexesMoved,
    ReplicationMoved,
    TermChanged,
    VoteChanged,
    facts_of_start,
)
from properties.monotonic import (
    APPLIED_MONOTONIC,
    COMMIT_MONOTONIC,
    INDEX_ORDER,
    MATCH_MONOTONIC,
    NEXT_ABOVE_MATCH,
    TERM_MONOTONIC,
    VOTE_ONCE,
)
from properties.property import Property
from raft_core import Index, Role, Server, Term, s1, s2, s3
from tests.properties.judge import applies, breach_of, commits, holds
from tests.raft_core.build import follower


def indexes(
    applied: Index, commit: Index, last: Index, *, starting: bool = False, server: Server = s1
) -> IndexesMoved:
    """The three indexes of a server, in the order in which they must stay."""
    return IndexesMoved(server, starting, applied, commit, last)


@pytest.mark.parametrize(("before", "after", "legal"), [(1, 2, True), (1, 9, True), (2, 1, False)])
def test_term_only_rises(before: Term, after: Term, legal: bool) -> None:
    """A term may rise by any number and never falls."""
    fact = TermChanged(s1, before, after, Role.FOLLOWER, Role.FOLLOWER)
    assert holds(TERM_MONOTONIC, fact) == legal


def test_fall_of_a_term_is_told() -> None:
    """The server and both terms are named."""
    breach = breach_of(TERM_MONOTONIC, TermChanged(s2, 3, 0, Role.LEADER, Role.FOLLOWER))
    assert breach is not None
    assert breach.servers == (s2,)
    assert breach.detail == "current_term of S2 fell from 3 to 0."


@pytest.mark.parametrize(
    ("before", "after", "same_term", "legal"),
    [
        (None, s2, True, True),
        (None, s2, False, True),
        (s2, s3, False, True),
        (s2, None, False, True),
        (s2, s3, True, False),
        (s2, None, True, False),
    ],
)
def test_vote_is_given_once_in_a_term(
    before: Server | None, after: Server | None, same_term: bool, legal: bool
) -> None:
    """A vote may be given where there was none, and changed or dropped in a newer term only."""
    assert holds(VOTE_ONCE, VoteChanged(s1, 4, before, after, same_term)) == legal


@pytest.mark.parametrize(("after", "end"), [(s3, "went to S3."), (None, "is forgotten.")])
def test_second_vote_is_told(after: Server | None, end: str) -> None:
    """A changed vote is worded differently from a forgotten one."""
    breach = breach_of(VOTE_ONCE, VoteChanged(s1, 4, s2, after, True))
    assert breach is not None
    assert breach.detail == f"S1 voted for S2 in term 4; that vote {end}"


def test_commit_index_only_rises() -> None:
    """A commit index that falls while the server runs is shown with both values."""
    assert holds(COMMIT_MONOTONIC, commits(s1, 1, 2, (1, 1), before=1))
    breach = breach_of(COMMIT_MONOTONIC, commits(s1, 1, 1, (1, 1), before=2))
    assert breach is not None
    assert breach.detail == "commit_index of S1 fell from 2 to 1."


def test_applied_index_only_rises() -> None:
    """An applied index that falls while the server runs is shown with both values."""
    assert holds(APPLIED_MONOTONIC, applies(s1, 2, (1, 1), before=1))
    breach = breach_of(APPLIED_MONOTONIC, applies(s1, 1, (1, 1), before=2))
    assert breach is not None
    assert breach.detail == "last_applied of S1 fell from 2 to 1."


@pytest.mark.parametrize("judge", [COMMIT_MONOTONIC, APPLIED_MONOTONIC])
def test_restart_begins_at_zero_again(judge: Property) -> None:
    """After a restart both indexes move from 0, whatever they were before the crash."""
    before, after = follower(1, (1, 1), commit=2), follower(1, (1, 1), commit=1)
    moved = [
        each
        for each in facts_of_start(s1, before, after, restarted=True)
        if isinstance(each, judge.facts)
    ]
    assert moved
    assert holds(judge, *moved)


@pytest.mark.parametrize(
    ("applied", "commit", "last", "legal"),
    [
        (0, 0, 0, True),
        (1, 2, 3, True),
        (3, 3, 3, True),
        (3, 2, 3, False),
        (1, 4, 3, False),
        (4, 4, 3, False),
    ],
)
def test_indexes_stay_in_order(applied: Index, commit: Index, last: Index, legal: bool) -> None:
    """Applied is not beyond committed, and committed not beyond the log."""
    assert holds(INDEX_ORDER, indexes(applied, commit, last)) == legal


def test_server_may_start_from_a_snapshot_ahead_of_its_commit_index() -> None:
    """It is legal at the start, and as long as the commit index catches up."""
    started = indexes(5, 0, 6, starting=True)
    assert holds(INDEX_ORDER, started)
    assert holds(INDEX_ORDER, started, indexes(5, 3, 6))
    assert holds(INDEX_ORDER, started, indexes(5, 3, 6), indexes(5, 5, 6))


def test_server_whose_commit_index_fell_has_applied_what_was_committed() -> None:
    """The fall is CommitMonotonic's affair; whose commit index rises may not run ahead."""
    fell = commits(s1, 1, 3, [1, 1, 1, 1, 1], before=5)
    assert holds(INDEX_ORDER, fell, indexes(5, 3, 6))
    rose = commits(s1, 1, 3, [1, 1, 1, 1, 1], before=2)
    assert not holds(INDEX_ORDER, rose, indexes(5, 3, 6))


def test_server_that_caught_up_may_not_run_ahead_again() -> None:
    """Once the commit index has reached the snapshot, the order is kept for good."""
    caught_up = (indexes(5, 0, 6, starting=True), indexes(5, 5, 6))
    breach = breach_of(INDEX_ORDER, *caught_up, indexes(6, 5, 6))
    assert breach is not None
    assert breach.detail == "At S1, last_applied 6 is beyond commit_index 5."


def test_start_of_one_server_excuses_no_other() -> None:
    """Each server has a start of its own."""
    assert not holds(INDEX_ORDER, indexes(5, 0, 6, starting=True), indexes(5, 0, 6, server=s2))


def test_commit_beyond_the_log_is_no_matter_of_starting() -> None:
    """A snapshot ahead excuses what is applied, not what is committed."""
    assert not holds(INDEX_ORDER, indexes(5, 7, 6, starting=True))
    breach = breach_of(INDEX_ORDER, indexes(0, 7, 6))
    assert breach is not None
    assert breach.detail == "At S1, commit_index 7 is beyond the last entry 6."


@pytest.mark.parametrize(("before", "after", "legal"), [(0, 2, True), (2, 2, True), (2, 1, False)])
def test_match_index_only_rises(before: Index, after: Index, legal: bool) -> None:
    """What a follower has acknowledged stays acknowledged."""
    assert holds(MATCH_MONOTONIC, ReplicationMoved(s1, s2, before, after, 5)) == legal


@pytest.mark.parametrize(
    ("match", "following", "legal"), [(0, 1, True), (2, 5, True), (2, 2, False), (2, 1, False)]
)
def test_next_index_is_above_match_index(match: Index, following: Index, legal: bool) -> None:
    """Nothing that is acknowledged is sent again."""
    assert holds(NEXT_ABOVE_MATCH, ReplicationMoved(s1, s2, 0, match, following)) == legal


@pytest.mark.parametrize("judge", [MATCH_MONOTONIC, NEXT_ABOVE_MATCH])
def test_leader_and_follower_are_both_named(judge: Property) -> None:
    """What a leader knows of a follower concerns the two of them."""
    breach = breach_of(judge, ReplicationMoved(s1, s3, 2, 1, 1))
    assert breach is not None
    assert breach.servers == (s1, s3)
