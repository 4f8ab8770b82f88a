"""What never goes back: terms, votes, the commit index, the applied index, the match index.

All but the vote follow from Figure 2's State box. A fact holds both sides, so hardly any
needs a history.
May import: properties.
"""

from properties.facts import (
    AppliedMoved,
    CommitMoved,
    IndexesMoved,
    ReplicationMoved,
    TermChanged,
    VoteChanged,
)
from properties.property import Breach, Property
from properties.view import APPLIED, COMMIT, LOG, REPLICATION, ROLE, VOTE
from raft_core import Server


def check_term(history: None, fact: TermChanged) -> Breach | None:
    """A term only rises, also across a restart."""
    if fact.after > fact.before:
        return history
    return Breach(
        f"current_term of {fact.server} fell from {fact.before} to {fact.after}.", (fact.server,)
    )


def check_vote(history: None, fact: VoteChanged) -> Breach | None:
    """A vote once given in a term is neither changed nor forgotten in it."""
    if not fact.same_term or fact.before is None:
        return history
    now = "is forgotten" if fact.after is None else f"went to {fact.after}"
    return Breach(
        f"{fact.server} voted for {fact.before} in term {fact.term}; that vote {now}.",
        (fact.server,),
    )


def check_commit(history: None, fact: CommitMoved) -> Breach | None:
    """The commit index only rises while a server runs."""
    if fact.after >= fact.before:
        return history
    return Breach(
        f"commit_index of {fact.server} fell from {fact.before} to {fact.after}.", (fact.server,)
    )


def check_applied(history: None, fact: AppliedMoved) -> Breach | None:
    """The applied index only rises while a server runs."""
    if fact.after >= fact.before:
        return history
    return Breach(
        f"last_applied of {fact.server} fell from {fact.before} to {fact.after}.", (fact.server,)
    )


def check_order(
    ahead: frozenset[Server], fact: CommitMoved | IndexesMoved
) -> frozenset[Server] | Breach:
    """Nothing is applied before it is committed, nothing committed that is not in the log.

    Ghost variable: the servers that started with a snapshot ahead of their commit index, or whose
    commit index fell. What they have applied was committed, so they may first catch up.
    """
    if isinstance(fact, CommitMoved):
        return ahead | {fact.server} if fact.after < fact.before else ahead
    if fact.last_applied <= fact.commit_index:
        ahead -= {fact.server}
    elif fact.starting:
        ahead |= {fact.server}
    elif fact.server not in ahead:
        return Breach(
            f"At {fact.server}, last_applied {fact.last_applied} is beyond "
            f"commit_index {fact.commit_index}.",
            (fact.server,),
        )
    if fact.commit_index > fact.last_index:
        return Breach(
            f"At {fact.server}, commit_index {fact.commit_index} is beyond "
            f"the last entry {fact.last_index}.",
            (fact.server,),
        )
    return ahead


def check_match(history: None, fact: ReplicationMoved) -> Breach | None:
    """A match index only rises while its leader leads."""
    if fact.match_after >= fact.match_before:
        return history
    return Breach(
        f"match_index of {fact.follower} at leader {fact.server} fell "
        f"from {fact.match_before} to {fact.match_after}.",
        (fact.server, fact.follower),
    )


def check_next(history: None, fact: ReplicationMoved) -> Breach | None:
    """A leader does not send again what a follower is known to hold."""
    if fact.next_after > fact.match_after:
        return history
    return Breach(
        f"At leader {fact.server}, next_index {fact.next_after} of {fact.follower} "
        f"is not above its match_index {fact.match_after}.",
        (fact.server, fact.follower),
    )


TERM_MONOTONIC = Property(
    name="TermMonotonic",
    statement="current_term increases monotonically, also across a restart.",
    source="Figure 2, State",
    needs=frozenset(),
    facts=(TermChanged,),
    check=check_term,
)
VOTE_ONCE = Property(
    name="VoteOnce",
    statement="A server votes for at most one candidate in a term, also across a restart.",
    source="Figure 2, State; section 5.2",
    needs=frozenset({VOTE}),
    facts=(VoteChanged,),
    check=check_vote,
)
COMMIT_MONOTONIC = Property(
    name="CommitMonotonic",
    statement="commit_index increases monotonically while a server runs.",
    source="Figure 2, State",
    needs=frozenset({COMMIT}),
    facts=(CommitMoved,),
    check=check_commit,
)
APPLIED_MONOTONIC = Property(
    name="AppliedMonotonic",
    statement="last_applied increases monotonically while a server runs.",
    source="Figure 2, State",
    needs=frozenset({APPLIED}),
    facts=(AppliedMoved,),
    check=check_applied,
)
INDEX_ORDER = Property(
    name="IndexOrder",
    statement="last_applied <= commit_index <= the index of the last entry.",
    source="Figure 2, State",
    needs=frozenset({COMMIT, APPLIED, LOG}),
    facts=(CommitMoved, IndexesMoved),
    check=check_order,
    initial=lambda servers: frozenset(),
)
MATCH_MONOTONIC = Property(
    name="MatchMonotonic",
    statement="A leader's match_index of a follower increases monotonically.",
    source="Figure 2, State",
    needs=frozenset({ROLE, REPLICATION}),
    facts=(ReplicationMoved,),
    check=check_match,
)
NEXT_ABOVE_MATCH = Property(
    name="NextAboveMatch",
    statement="A leader's next_index of a follower is above its match_index.",
    source="Figure 2, State and Leaders 3",
    needs=frozenset({ROLE, REPLICATION}),
    facts=(ReplicationMoved,),
    check=check_next,
)
