"""Own-term commits: a leader commits by counting only entries of its own term.

Figure 2, Rules for Servers, Leaders 4; section 5.4.2 and Figure 8. An older entry commits
together with an own one after it, or once the leader knows it to be on every server: nobody can
win without it then. May import: properties.
"""

from properties.facts import CommitMoved
from properties.property import Breach, Property
from properties.view import COMMIT, LOG, ROLE


def check(history: None, fact: CommitMoved) -> Breach | None:
    """The last entry that a leader commits is of the term that it leads, or known on every server.

    A leader that forgot its commit index learns from its own snapshot what was committed before.
    One that was told so as a follower, and could not tell yet whether its log agrees, knows that it
    does once it is elected: it has counted nothing by then.
    """
    term = fact.log.term_at(fact.after)
    if fact.after <= fact.log.snapshot_index:
        return history
    if not fact.leads or fact.after <= fact.before or term in (None, fact.term):
        return history
    if fact.everywhere or fact.elected:
        return history
    return Breach(
        f"{fact.server}, leader of term {fact.term}, committed entry {fact.after}@{term} "
        "by counting its copies.",
        (fact.server,),
    )


OWN_TERM_COMMITS = Property(
    name="OwnTermCommits",
    statement="Only log entries from the leader's current term are committed by counting replicas.",
    source="Figure 2, Leaders 4; section 5.4.2",
    needs=frozenset({ROLE, LOG, COMMIT}),
    facts=(CommitMoved,),
    check=check,
)
