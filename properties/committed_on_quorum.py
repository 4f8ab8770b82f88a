"""A committed entry stays on a quorum: of the logs, crashed servers' disks among them.

Section 5.3 defines committed by it, and section 5.4 lives on it: once it fails, a server
without the entry can win an election. It fails earlier than Leader Completeness does.
May import: properties.
"""

from attrs import evolve, frozen

from properties.facts import CommitMoved, EntriesAppended, EntriesTruncated, SnapshotInstalled
from properties.property import Breach, Property, item_at, with_item
from properties.view import COMMIT, LOG
from raft_core import Index, Log, Server, Term, Vector


@frozen
class Ghosts:
    """Ghost variables: every server's log as last seen, and by index the term committed there."""

    logs: tuple[Log, ...]
    committed: Vector[Term | None] = Vector()


LogFact = EntriesAppended | EntriesTruncated | SnapshotInstalled


def check(ghosts: Ghosts, fact: LogFact | CommitMoved) -> Ghosts | Breach:
    """Count copies when an entry is committed, and when a copy of a committed entry goes."""
    if isinstance(fact, CommitMoved):
        return on_commit(ghosts, fact)
    logs = (*ghosts.logs[: fact.server], fact.log, *ghosts.logs[fact.server + 1 :])
    ghosts = evolve(ghosts, logs=logs)
    if not isinstance(fact, EntriesTruncated):
        return ghosts
    return on_truncation(ghosts, fact)


def on_commit(ghosts: Ghosts, fact: CommitMoved) -> Ghosts | Breach:
    """What is newly committed is on a quorum; the last entry speaks for those before it."""
    committed = ghosts.committed
    for index in range(max(fact.before + 1, len(committed)), fact.after + 1):
        committed = with_item(committed, index, fact.log.term_at(index))
    term = fact.log.term_at(fact.after)
    if committed is ghosts.committed or term is None:
        return ghosts
    ghosts = evolve(ghosts, committed=committed)
    return breach_at(ghosts, fact.server, fact.after, "committed") or ghosts


def on_truncation(ghosts: Ghosts, fact: EntriesTruncated) -> Ghosts | Breach:
    """Of what was committed, enough copies are left."""
    last = min(fact.last_index, len(ghosts.committed) - 1)
    for index in range(fact.first_index, last + 1):
        breach = breach_at(ghosts, fact.server, index, "lost" if fact.lost else "deleted")
        if breach is not None:
            return breach
    return ghosts


def breach_at(ghosts: Ghosts, server: Server, index: Index, deed: str) -> Breach | None:
    """The breach where fewer than a quorum hold the entry committed at `index`."""
    term = item_at(ghosts.committed, index)
    if term is None:
        return None
    copies = sum(log.holds(index, term) for log in ghosts.logs)
    servers = len(ghosts.logs)
    if 2 * copies > servers:
        return None
    return Breach(
        f"{server} {deed} entry {index}@{term}; it is committed, "
        f"and on {copies} of {servers} servers.",
        (server,),
    )


COMMITTED_ON_QUORUM = Property(
    name="CommittedOnQuorum",
    statement="An entry once committed stays in the logs of a majority of servers.",
    source="sections 5.3 and 5.4",
    needs=frozenset({LOG, COMMIT}),
    facts=(EntriesAppended, EntriesTruncated, SnapshotInstalled, CommitMoved),
    check=check,
    initial=lambda servers: Ghosts((Log(),) * servers),
)
