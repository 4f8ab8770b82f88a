"""Own-term commits: counting copies commits entries of the leader's own term."""

import pytest
from attrs import evolve

from properties.facts import BLANK, CommitMoved, facts_between
from properties.own_term_commits import OWN_TERM_COMMITS
from raft_core import Role, s1
from tests.properties.judge import breach_of, commits, holds
from tests.raft_core.build import compacted, log_of


@pytest.mark.parametrize(
    "commit",
    [
        commits(s1, 2, 1, (2,)),
        commits(s1, 2, 3, (1, 1, 2)),
        commits(s1, 2, 2, (1, 1), leader=False),
        commits(s1, 2, 0, (1, 1), before=1),
        commits(s1, 2, 9, (1, 1)),
    ],
    ids=["own entry", "behind own entry", "as a follower", "falls", "is beyond the log"],
)
def test_commit_is_legal_or_not_by_counting(commit: CommitMoved) -> None:
    """Own entries, older ones together with them, and all that a follower commits."""
    assert holds(OWN_TERM_COMMITS, commit)


@pytest.mark.parametrize("log_terms", [(1, 1), (1, 1, 2)])
def test_older_entry_committed_by_counting_breaks_it(log_terms: tuple[int, ...]) -> None:
    """The last entry committed is an older one, whether or not an own one stands after it."""
    breach = breach_of(OWN_TERM_COMMITS, commits(s1, 2, 2, log_terms))
    assert breach is not None
    assert breach.servers == (s1,)
    assert breach.detail == "S1, leader of term 2, committed entry 2@1 by counting its copies."


def test_entry_behind_a_snapshot_has_no_term_to_judge() -> None:
    """What the leader discarded long ago was committed before, the last of it included."""
    for index in (1, 2):
        assert holds(OWN_TERM_COMMITS, commits(s1, 2, index, compacted(log_of(1, 1, 2), 2)))


def test_older_entry_that_the_leader_knows_everywhere_may_be_counted() -> None:
    """Section 5.4.2 names it as safe: nobody can win without it."""
    commit = commits(s1, 2, 2, (1, 1))
    assert not holds(OWN_TERM_COMMITS, commit)
    assert holds(OWN_TERM_COMMITS, evolve(commit, everywhere=True))


def test_what_a_follower_was_told_may_be_committed_in_the_step_that_elects_it() -> None:
    """Nobody has answered it yet, so it has counted nothing; a step later it would have."""
    before = evolve(BLANK, role=Role.CANDIDATE, current_term=2, log=log_of(1, 1))
    elected = evolve(before, role=Role.LEADER, commit_index=2)
    for earlier, is_legal in ((before, True), (evolve(before, role=Role.LEADER), False)):
        facts = facts_between(s1, earlier, elected)
        (commit,) = [each for each in facts if isinstance(each, CommitMoved)]
        assert holds(OWN_TERM_COMMITS, commit) is is_legal
