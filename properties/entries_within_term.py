"""Entries within term: no server stores an entry of a term that it has not reached.

Figure 2, Rules for Servers, All Servers 2: a server takes over the newer term of a message before
it stores what the message carries; section 5.1. One that does not still votes and leads in terms
that are over. May import: properties.
"""

from properties.facts import EntriesAppended, SnapshotInstalled
from properties.property import Breach, Property
from properties.view import LOG


def check(history: None, fact: EntriesAppended | SnapshotInstalled) -> Breach | None:
    """What comes into a log is of the server's term or of an older one."""
    last, term = fact.log.last_index, fact.log.last_term
    if fact.in_term is None or term <= fact.in_term:
        return history
    detail = f"{fact.server} stores entry {last}@{term}, and is still in term {fact.in_term}."
    return Breach(detail, (fact.server,))


ENTRIES_WITHIN_TERM = Property(
    name="EntriesWithinTerm",
    statement="No server stores an entry of a term above its own.",
    source="Figure 2, All Servers 2; section 5.1",
    needs=frozenset({LOG}),
    facts=(EntriesAppended, SnapshotInstalled),
    check=check,
)
