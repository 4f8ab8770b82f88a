"""Short ways to hand facts to a property, and the logs that those facts speak of.

A log is given by the terms of its entries, from index 1, as in tests/raft_core/build.py.
"""

from collections.abc import Sequence

from properties.facts import (
    AppliedMoved,
    BecameLeader,
    CommitMoved,
    EntriesAppended,
    EntriesTruncated,
    Fact,
)
from properties.property import Breach, History, Property
from raft_core import Index, Log, Server, Term
from tests.raft_core.build import entries_after, log_of


def history_after(judge: Property, facts: Sequence[Fact], servers: int = 3) -> History:
    """The history once all facts are folded into it; none of them may break the property."""
    history = judge.initial(servers)
    for fact in facts:
        result = judge.check(history, fact)
        assert not isinstance(result, Breach), f"{fact} gives {result}"
        history = result
    return history


def holds(judge: Property, *facts: Fact, servers: int = 3) -> bool:
    """Whether the last fact breaks nothing; those before it must not break anything either."""
    return breach_of(judge, *facts, servers=servers) is None


def breach_of(judge: Property, *facts: Fact, servers: int = 3) -> Breach | None:
    """What the last fact breaks; those before it must not break anything."""
    history = history_after(judge, facts[:-1], servers)
    result = judge.check(history, facts[-1])
    return result if isinstance(result, Breach) else None


def leads(server: Server, term: Term, *log_terms: Term) -> BecameLeader:
    """The server leads `term` with a log of these terms."""
    return BecameLeader(server, term, log_of(*log_terms))


def commits(
    server: Server,
    term: Term,
    after: Index,
    log: Log | Sequence[Term],
    *,
    before: Index = 0,
    leader: bool = True,
) -> CommitMoved:
    """The server commits up to `after`, by default as the leader of `term`."""
    log = log if isinstance(log, Log) else log_of(*log)
    return CommitMoved(server, before, after, term, leader, log)


def appends(
    server: Server, first: Index, terms: Sequence[Term], previous: Term | None, log: Log | None
) -> EntriesAppended:
    """Entries of these terms, with the usual commands, stand from `first` on."""
    return EntriesAppended(server, first, entries_after(first - 1, terms), previous, log or Log())


def gets_log(server: Server, *terms: Term) -> EntriesAppended:
    """A server that had nothing now has a log of these terms."""
    return appends(server, 1, terms, 0, log_of(*terms))


def truncates(
    server: Server, first: Index, *before: Term, led: bool = False, lost: bool = False
) -> EntriesTruncated:
    """A server whose log had the terms `before` deletes its entries from `first` on."""
    log = log_of(*before[: first - 1])
    return EntriesTruncated(server, first, len(before), led, lost, log)


def applies(
    server: Server, after: Index, log: Log | Sequence[Term], *, before: Index = 0
) -> AppliedMoved:
    """The server applies its entries after `before` up to `after`."""
    return AppliedMoved(server, before, after, log if isinstance(log, Log) else log_of(*log))
