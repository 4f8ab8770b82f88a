"""Only voters lead: a learner becomes no leader, unless it may still be needed as a voter."""

from properties.facts import BecameLeader
from properties.only_voters_lead import ONLY_VOTERS_LEAD
from raft_core import Entry, Log, Membership, s1, s2, s3
from tests.properties.judge import breach_of, holds

LEARNS = Membership((s2, s3), learners=(s1,))


def log_with(*memberships: Membership) -> Log:
    """A log whose entries are these configurations."""
    return Log.of(Entry(1, each) for each in memberships)


def test_voters_lead() -> None:
    """With a configuration of its own, and in that of all servers."""
    assert holds(ONLY_VOTERS_LEAD, BecameLeader(s2, 1, log_with(LEARNS)))
    assert holds(ONLY_VOTERS_LEAD, BecameLeader(s1, 1, Log()))
    both = Membership((s1,), learners=(s1,))
    assert holds(ONLY_VOTERS_LEAD, BecameLeader(s1, 1, log_with(both, both)))


def test_learner_that_voted_before_may_still_be_needed() -> None:
    """As long as the change is not known to be committed, the configuration before may decide."""
    assert holds(ONLY_VOTERS_LEAD, BecameLeader(s1, 1, log_with(LEARNS)))
    assert holds(ONLY_VOTERS_LEAD, BecameLeader(s1, 1, log_with(Membership((s1, s2)), LEARNS)))


def test_learner_that_leads_breaks_it() -> None:
    """Neither the latest configuration nor the one before gives it a vote."""
    before = Membership((s2,), learners=(s1,))
    breach = breach_of(ONLY_VOTERS_LEAD, BecameLeader(s1, 4, log_with(before, LEARNS)))
    assert breach is not None
    assert breach.detail == f"S1 leads term 4, and only learns in {LEARNS}."


def test_learner_by_a_snapshot_that_leads_breaks_it() -> None:
    """What a snapshot holds is committed."""
    log = log_with(LEARNS).compacted(1, ())
    assert breach_of(ONLY_VOTERS_LEAD, BecameLeader(s1, 4, log)) is not None
