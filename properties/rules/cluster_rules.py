"""Figure 3 over a whole trace: the rules that compare servers.

They state what properties/ states, over bounded tables instead of immutable histories: a
property's history grows with the log, which a trace of any length cannot afford.
"""

from collections.abc import Callable
from typing import Any, Final

from properties.election_safety import ELECTION_SAFETY
from properties.leader_completeness import LEADER_COMPLETENESS
from properties.log_matching import LOG_MATCHING
from properties.property import Property
from properties.rules.knowledge import Committed, Knowledge
from properties.rules.vocabulary import (
    HOLDS,
    Broken,
    Missing,
    NewEntries,
    Outcome,
    Place,
    Rule,
    Standing,
)
from properties.state_machine_safety import STATE_MACHINE_SAFETY
from raft_core import Role

NO_LEADERS_LOG: Final = Missing("the new leader's log")


def one_leader_a_term(server: Knowledge, after: Standing) -> Outcome:
    """A term that has a leader gets no other."""
    if after.role is not Role.LEADER or after.term is None:
        return None
    if server.role is Role.LEADER and after.term == server.term:
        return None
    leader = server.cluster.leaders.get(after.term, server.server)
    if leader == server.server:
        return HOLDS
    name = server.cluster.name
    return Broken(f"{name(server.server)} leads term {after.term}", f"only {name(leader)} does")


def leader_is_complete(server: Knowledge, after: Standing) -> Outcome:
    """A new leader holds the furthest entry that a lower term committed."""
    if after.role is not Role.LEADER or after.term is None or not server.cluster.total_order:
        return None
    if server.role is Role.LEADER and after.term == server.term:
        return None
    for entry in reversed(server.cluster.furthest):
        if entry.in_term < after.term:
            return holds_entry(server, entry, after.term)
    return HOLDS


def holds_entry(server: Knowledge, entry: Committed, term: int) -> Outcome:
    """Whether the log of a leader of `term` holds a committed entry."""
    last = server.log.last_index
    if last is None:
        return NO_LEADERS_LOG
    if entry.index <= server.log.offset:
        return HOLDS
    known = server.log.term_at(entry.index)
    if known is None and entry.index <= last:
        return NO_LEADERS_LOG
    if known == entry.term:
        return HOLDS
    return Broken(
        f"{server.cluster.name(server.server)} leads term {term} without entry "
        f"{entry.index}@{entry.term}",
        f"a log with it: it was committed in term {entry.in_term}",
    )


def entries_agree(server: Knowledge, new: NewEntries) -> Outcome:
    """Entries of one index and term are the same everywhere, and so is what stands before them."""
    entries = server.cluster.entries
    before = server.log.term_at(new.first - 1)
    for position, term in enumerate(new.terms):
        content = None if new.contents is None else new.contents[position]
        seen = entries.get((new.first + position, term))
        if seen is not None:
            if None not in (before, seen[0]) and before != seen[0]:
                return differs(server, new.first + position, term, seen, f"after term {before}")
            if None not in (content, seen[1]) and content != seen[1]:
                return differs(server, new.first + position, term, seen, repr(content))
        before = term
    return HOLDS


def differs(
    server: Knowledge, index: int, term: int, seen: tuple[int | None, str | None, int], here: str
) -> Broken:
    """Two entries under one index and term."""
    there = f"after term {seen[0]}" if here.startswith("after") else repr(seen[1])
    found = f"{server.cluster.name(server.server)} has entry {index}@{term} {here}"
    return Broken(found, f"{there}, as {server.cluster.name(seen[2])} has it")


def commits_agree(server: Knowledge, place: Place) -> Outcome:
    """Two servers commit the same entry at an index."""
    if server.commit is None or place.index <= server.commit:
        return None
    committed, term_at = server.cluster.committed, server.log.term_at
    for index in server.log.known(server.commit + 1, place.index):
        known, term = committed.get(index), term_at(index)
        if known is not None and term is not None and known[0] != term:
            name = server.cluster.name
            found = f"{name(server.server)} commits entry {index}@{term}"
            return Broken(found, f"{index}@{known[0]}, which {name(known[1])} committed")
    return HOLDS


def leaders_hold_commit(server: Knowledge, place: Place) -> Outcome:
    """What is committed is held by every leader that a higher term already has."""
    term = server.log.term_at(place.index)
    cluster = server.cluster
    if term is None or server.term is None or not cluster.total_order:
        return None
    if server.term >= cluster.highest_term or server.role is not Role.LEADER:
        return None
    entry = Committed(server.term, place.index, term)
    for later, leader in cluster.leaders.items():
        known = cluster.servers[leader]
        if later > server.term and known.role is Role.LEADER and known.term == later:
            outcome = holds_entry(known, entry, later)
            if outcome is not HOLDS:
                return outcome
    return HOLDS


def applied_agree(server: Knowledge, place: Place) -> Outcome:
    """Two servers apply the same entry at an index."""
    cluster = server.cluster
    known = cluster.committed.get(place.index)
    if known is not None and place.term is not None and known[0] != place.term:
        found = f"entry {place.index}@{place.term} applied"
        return Broken(found, f"{place.index}@{known[0]}, as {cluster.name(known[1])} has it")
    if place.content is None:
        return HOLDS if known is not None and place.term is not None else None
    first = cluster.contents.get(place.index)
    if first is None or first[0] == place.content:
        return HOLDS
    found = f"{place.content!r} applied as entry {place.index}"
    return Broken(found, f"{first[0]!r}, as {cluster.name(first[1])} applied it")


def rule_of(
    stated: Property,
    check: Callable[[Any, Any], Outcome],
    certain: bool = False,
    leads: bool | None = None,
) -> Rule:
    """A property of Figure 3 as a rule of a trace."""
    return Rule(stated.name, stated.statement, stated.source, check, certain, leads=leads)


CLUSTER_STANDING_RULES: Final = (
    rule_of(ELECTION_SAFETY, one_leader_a_term, certain=True, leads=True),
    rule_of(LEADER_COMPLETENESS, leader_is_complete, leads=True),
)
CLUSTER_APPEND_RULES: Final = (rule_of(LOG_MATCHING, entries_agree),)
CLUSTER_COMMIT_RULES: Final = (
    rule_of(STATE_MACHINE_SAFETY, commits_agree),
    rule_of(LEADER_COMPLETENESS, leaders_hold_commit, leads=True),
)
CLUSTER_APPLY_RULES: Final = (rule_of(STATE_MACHINE_SAFETY, applied_agree),)
