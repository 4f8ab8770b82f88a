"""Leader Completeness: leaders of higher terms hold what lower terms committed."""

import pytest

from properties.facts import CommitMoved, Fact
from properties.leader_completeness import LEADER_COMPLETENESS
from raft_core import Log, s1, s2, s3
from tests.properties.judge import breach_of, commits, holds, leads
from tests.raft_core.build import compacted, log_of

FIRST_COMMIT = commits(s1, 1, 2, (1, 1))


def test_leader_of_a_higher_term_holds_the_entry() -> None:
    """A leader with the committed entries, and more, is legal."""
    assert holds(LEADER_COMPLETENESS, leads(s1, 1), FIRST_COMMIT, leads(s2, 2, 1, 1, 1))


def test_leader_of_a_higher_term_without_the_entry_breaks_it() -> None:
    """A shorter log than what is committed is caught when its server is elected."""
    breach = breach_of(LEADER_COMPLETENESS, leads(s1, 1), FIRST_COMMIT, leads(s2, 2, 1))
    assert breach is not None
    assert breach.servers == (s2,)
    assert "S2 leads term 2 without entry 2@1" in breach.detail


def test_leader_of_a_higher_term_with_another_entry_there_breaks_it() -> None:
    """An entry of another term at the committed index is not the committed one."""
    assert not holds(LEADER_COMPLETENESS, leads(s1, 1), FIRST_COMMIT, leads(s3, 3, 1, 2))


def test_late_leader_of_a_lower_term_may_lack_the_entry() -> None:
    """Votes that arrive late make a leader of a term below that of the commit."""
    committed_in_3 = commits(s1, 3, 2, (1, 3))
    assert holds(LEADER_COMPLETENESS, leads(s1, 3, 1), committed_in_3, leads(s2, 2, 1))
    assert not holds(LEADER_COMPLETENESS, leads(s1, 3, 1), committed_in_3, leads(s2, 4, 1))


def test_leader_of_the_same_term_may_lack_the_entry() -> None:
    """Two leaders of one term are Election Safety's business."""
    assert holds(LEADER_COMPLETENESS, FIRST_COMMIT, leads(s2, 1))


def test_commit_behind_the_back_of_a_higher_leader_is_caught() -> None:
    """The leader of the higher term led first; the commit that it lacks comes later."""
    breach = breach_of(LEADER_COMPLETENESS, leads(s1, 1), leads(s2, 2), FIRST_COMMIT)
    assert breach is not None
    assert breach.servers == (s2,)


def test_commit_that_a_higher_leader_holds_is_legal() -> None:
    """A leader of a higher term that has the entry may be there before the commit is."""
    assert holds(LEADER_COMPLETENESS, leads(s2, 2, 1, 1), FIRST_COMMIT)


@pytest.mark.parametrize(
    "again",
    [
        commits(s1, 1, 2, (1, 1), leader=False),
        commits(s2, 4, 2, (1, 1), leader=False),
        commits(s2, 4, 1, (1, 1), leader=False),
    ],
    ids=["in its own term", "in a later term", "less than before, in a later term"],
)
def test_commit_again_after_a_restart_is_legal(again: CommitMoved) -> None:
    """A restarted server commits from 0 again, in whatever term it now is."""
    assert holds(LEADER_COMPLETENESS, leads(s1, 1), FIRST_COMMIT, again)


def test_commit_again_in_a_later_term_binds_no_leader_between() -> None:
    """Only the first commit counts: the leader between the two was bound by it already."""
    again = commits(s2, 4, 2, (1, 1), leader=False)
    assert holds(LEADER_COMPLETENESS, FIRST_COMMIT, leads(s3, 3, 1, 1), again)
    assert not holds(LEADER_COMPLETENESS, FIRST_COMMIT, again, leads(s3, 3, 1))


def test_furthest_commit_of_all_lower_terms_counts() -> None:
    """A leader is held against the furthest commit below its term, not the latest one seen."""
    facts: tuple[Fact, ...] = (
        FIRST_COMMIT,
        commits(s2, 3, 4, (1, 1, 3, 3)),
        commits(s3, 2, 1, (1,), leader=False),
    )
    assert holds(LEADER_COMPLETENESS, *facts, leads(s1, 3, 1, 1))
    assert holds(LEADER_COMPLETENESS, *facts, leads(s1, 4, 1, 1, 3, 3))
    assert not holds(LEADER_COMPLETENESS, *facts, leads(s1, 4, 1, 1, 3))
    assert not holds(LEADER_COMPLETENESS, *facts, leads(s1, 2, 1))


def test_entry_behind_a_snapshot_is_held() -> None:
    """A leader whose snapshot covers the committed index holds the entry."""
    snapshot = compacted(log_of(1, 1, 2), 3)
    assert holds(LEADER_COMPLETENESS, FIRST_COMMIT, commits(s2, 3, 2, (1, 1)), leads(s3, 2, 1, 1))
    assert holds(LEADER_COMPLETENESS, leads(s2, 5, 1, 1, 2), commits(s1, 2, 3, snapshot))


@pytest.mark.parametrize(
    "commit",
    [commits(s1, 1, 0, (1, 1), before=2), commits(s1, 1, 7, (1, 1)), commits(s1, 1, 1, Log())],
    ids=["falls", "is beyond the log", "log is empty"],
)
def test_commit_of_no_known_entry_binds_nobody(commit: CommitMoved) -> None:
    """A commit index that falls or names no entry is for other properties to judge."""
    assert holds(LEADER_COMPLETENESS, commit, leads(s2, 2))
