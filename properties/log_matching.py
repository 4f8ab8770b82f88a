"""Log Matching: logs that share an entry's index and term are identical up to that entry.

Figure 3; section 5.3. Held over all time, this says that an (index, term) names one command
and one term of the entry before it; so only new entries need a look.
May import: properties.
"""

from properties.facts import EntriesAppended
from properties.property import Breach, Property, item_at, with_item
from properties.view import LOG
from raft_core import Entry, Index, Server, Term, Vector

Known = tuple[tuple[Entry, Term | None, Server], ...]
Entries = Vector[Known | None]
"""Ghost variable: by index, every entry that ever stood there, the term before it, and where."""


def check(entries: Entries, fact: EntriesAppended) -> Entries | Breach:
    """Each new entry agrees with all that ever had its index and term."""
    previous_term = fact.previous_term
    for index, entry in enumerate(fact.entries, start=fact.first_index):
        known: Known = item_at(entries, index) or ()
        seen = next((item for item in known if item[0].term == entry.term), None)
        if seen is None:
            item = (entry, previous_term, fact.server)
            entries = with_item(entries, index, (*known, item))
        elif seen[0] != entry:
            return commands_differ(fact, index, entry, seen)
        elif None not in (previous_term, seen[1]) and seen[1] != previous_term:
            return predecessors_differ(fact, index, previous_term, seen)
        previous_term = entry.term
    return entries


def commands_differ(
    fact: EntriesAppended, index: Index, entry: Entry, seen: tuple[Entry, Term | None, Server]
) -> Breach:
    """Two commands under one index and term."""
    return Breach(
        f"{fact.server} has {entry.command!r} as entry {index}@{entry.term}, "
        f"{seen[2]} had {seen[0].command!r} there.",
        (seen[2], fact.server),
    )


def predecessors_differ(
    fact: EntriesAppended,
    index: Index,
    previous_term: Term | None,
    seen: tuple[Entry, Term | None, Server],
) -> Breach:
    """One entry after two different ones."""
    where = f"entry {index}@{seen[0].term}"
    return Breach(
        f"{fact.server} has {where} after {index - 1}@{previous_term}, "
        f"{seen[2]} had it after {index - 1}@{seen[1]}.",
        (seen[2], fact.server),
    )


LOG_MATCHING = Property(
    name="LogMatching",
    statement="If two logs contain an entry with the same index and term, "
    "the logs are identical in all entries up through that index.",
    source="Figure 3, section 5.3",
    needs=frozenset({LOG}),
    facts=(EntriesAppended,),
    check=check,
    initial=lambda servers: Vector(),
)
