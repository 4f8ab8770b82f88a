"""A committed entry stays on a quorum: of the logs, crashed servers' disks among them.

Section 5.3 defines committed by it, and section 5.4 lives on it: once it fails, a server
without the entry can win an election. It fails earlier than Leader Completeness does.
May import: properties.
"""

from attrs import frozen

from properties.facts import CommitMoved, EntriesAppended, EntriesTruncated, SnapshotInstalled
from properties.property import Breach, Property, item_at, with_item
from properties.view import COMMIT, LOG
from raft_core import Index, Log, Membership, Server, Term, Vector
from raft_core.evolve import evolve


@frozen
class Committed:
    """What was committed at an index, and with which configuration the leader counted.

    `membership` None is all servers of the cluster. `left` are the configurations that ended in
    the step that committed it.
    """

    term: Term
    membership: Membership | None
    left: tuple[Membership | None, ...] = ()


@frozen
class Ghosts:
    """Ghost variables: every server's log as last seen, and by index what is committed there."""

    logs: tuple[Log, ...]
    committed: Vector[Committed | None] = Vector()


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
    log, committed = fact.log, ghosts.committed
    last = min(fact.after, log.last_index)  # what is beyond is IndexOrder's affair
    for index in range(max(fact.before + 1, len(committed)), last + 1):
        term = log.term_at(index)
        entry = None if term is None else Committed(term, log.membership, fact.left)
        committed = with_item(committed, index, entry)
    if committed is ghosts.committed or item_at(committed, fact.after) is None:
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
    """The breach where fewer than a quorum hold the entry committed at `index`.

    The quorum is that of the configuration that committed it, or of one committed since.
    """
    entry = item_at(ghosts.committed, index)
    if entry is None:
        return None
    logs = enumerate(ghosts.logs)
    holders = tuple([Server(place) for place, log in logs if log.holds(index, entry.term)])
    latest = ghosts.committed[len(ghosts.committed) - 1] or entry
    for membership in (entry.membership, *entry.left, latest.membership, *latest.left):
        if is_quorum(holders, membership, len(ghosts.logs)):
            return None
    return Breach(
        f"{server} {deed} entry {index}@{entry.term}; it is committed, "
        f"and {held_by(holders, entry.membership, len(ghosts.logs))}.",
        (server,),
    )


def is_quorum(holders: tuple[Server, ...], membership: Membership | None, servers: int) -> bool:
    """Whether these servers are enough."""
    return 2 * len(holders) > servers if membership is None else membership.is_quorum(holders)


def held_by(holders: tuple[Server, ...], membership: Membership | None, servers: int) -> str:
    """How many servers hold an entry, out of how many."""
    if membership is None:
        return f"on {len(holders)} of {servers} servers"
    names = " ".join(map(str, holders)) or "nobody"
    return f"held by {names}, where {membership} is in force"


COMMITTED_ON_QUORUM = Property(
    name="CommittedOnQuorum",
    statement="An entry once committed stays in the logs of a majority of servers.",
    source="sections 5.3 and 5.4",
    needs=frozenset({LOG, COMMIT}),
    facts=(EntriesAppended, EntriesTruncated, SnapshotInstalled, CommitMoved),
    check=check,
    initial=lambda servers: Ghosts((Log(),) * servers),
)
