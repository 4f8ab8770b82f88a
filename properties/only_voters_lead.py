"""Only voters lead: a learner is no leader.

Section 6; thesis, section 4.2.1. A server that was a voter until a change that is not known to be
committed may still be needed, and so it may lead. May import: properties.
"""

from properties.facts import BecameLeader
from properties.property import Breach, Property
from properties.view import LOG, MEMBERSHIP, ROLE
from raft_core import Log, Server


def check(history: None, fact: BecameLeader) -> Breach | None:
    """Who becomes a leader votes, or did so before the latest change."""
    membership = fact.log.membership
    if membership is None or fact.server in membership.all_voters:
        return history
    if fact.server not in membership.learners or is_voter_until(fact.log, fact.server):
        return history
    detail = f"{fact.server} leads term {fact.term}, and only learns in {membership}."
    return Breach(detail, (fact.server,))


def is_voter_until(log: Log, server: Server) -> bool:
    """Whether this server voted, or may have, in the configuration before the log's latest."""
    if log.membership_index <= log.snapshot_index:
        return False
    before = log.membership_at(log.membership_index - 1)
    return before is None or server in before.all_voters


ONLY_VOTERS_LEAD = Property(
    name="OnlyVotersLead",
    statement="A server that only learns does not become a leader.",
    source="section 6; thesis, section 4.2.1",
    needs=frozenset({ROLE, LOG, MEMBERSHIP}),
    facts=(BecameLeader,),
    check=check,
)
