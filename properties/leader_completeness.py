"""Leader Completeness: a leader holds every entry committed in a lower term.

Figure 3; section 5.4. It binds leaders of HIGHER terms only: a leader elected late in a lower
term may lack the entry. Where Log Matching holds, a log that has the last committed entry has
all before it, so one look-up a leader is enough.
May import: properties.
"""

from attrs import frozen

from properties.facts import BecameLeader, CommitMoved
from properties.property import Breach, Property, item_at, with_item
from properties.view import COMMIT, LOG, ROLE
from raft_core import Index, Log, Server, Term, Vector
from raft_core.evolve import evolve


@frozen
class Committed:
    """The furthest entry known to be committed by the end of term `in_term`."""

    in_term: Term
    index: Index
    term: Term


@frozen
class Ghosts:
    """Ghost variables: who led each term with which log, and what each term committed.

    `committed` rises in both `in_term` and `index`.
    """

    leaders: Vector[tuple[Server, Log] | None] = Vector()
    committed: tuple[Committed, ...] = ()


def check(ghosts: Ghosts, fact: BecameLeader | CommitMoved) -> Ghosts | Breach:
    """Every leader against earlier terms' commits; every commit against later terms' leaders."""
    return on_leader(ghosts, fact) if isinstance(fact, BecameLeader) else on_commit(ghosts, fact)


def on_leader(ghosts: Ghosts, fact: BecameLeader) -> Ghosts | Breach:
    """A new leader holds the furthest entry that a lower term committed."""
    for entry in reversed(ghosts.committed):
        if entry.in_term < fact.term:
            if not fact.log.holds(entry.index, entry.term):
                return missing(fact.server, fact.term, entry)
            break
    return evolve(ghosts, leaders=with_item(ghosts.leaders, fact.term, (fact.server, fact.log)))


def on_commit(ghosts: Ghosts, fact: CommitMoved) -> Ghosts | Breach:
    """What is committed now is held by every leader that a higher term already had."""
    term = fact.log.term_at(fact.after)
    if fact.after <= fact.before or term is None:
        return ghosts
    entry = Committed(fact.term, fact.after, term)
    if is_covered(ghosts, entry):
        return ghosts
    for later in range(fact.term + 1, len(ghosts.leaders)):
        leader = item_at(ghosts.leaders, later)
        if leader is not None and not leader[1].holds(entry.index, entry.term):
            return missing(leader[0], later, entry)
    return evolve(ghosts, committed=with_committed(ghosts.committed, entry))


def is_covered(ghosts: Ghosts, entry: Committed) -> bool:
    """Whether the same entry was already committed in this term or a lower one."""
    return any(
        known.in_term <= entry.in_term and (known.index, known.term) == (entry.index, entry.term)
        for known in reversed(ghosts.committed)
    )


def with_committed(known: tuple[Committed, ...], entry: Committed) -> tuple[Committed, ...]:
    """The commits with one more, without those that it makes superfluous."""
    if any(old.in_term <= entry.in_term and old.index > entry.index for old in known):
        return known
    lower = tuple(old for old in known if old.in_term < entry.in_term and old.index < entry.index)
    higher = tuple(old for old in known if old.in_term > entry.in_term and old.index > entry.index)
    return (*lower, entry, *higher)


def missing(leader: Server, term: Term, entry: Committed) -> Breach:
    """A leader without a committed entry."""
    return Breach(
        f"{leader} leads term {term} without entry {entry.index}@{entry.term}, "
        f"which was committed in term {entry.in_term}.",
        (leader,),
    )


LEADER_COMPLETENESS = Property(
    name="LeaderCompleteness",
    statement="If an entry is committed in a term, it is in the logs of the leaders "
    "of all higher-numbered terms.",
    source="Figure 3, section 5.4",
    needs=frozenset({ROLE, LOG, COMMIT}),
    facts=(BecameLeader, CommitMoved),
    check=check,
    initial=lambda servers: Ghosts(),
)
