"""State Machine Safety: no two servers apply different entries at one index.

Figure 3; section 5.4.3. A server that starts again applies again, and must apply the same.
May import: properties.
"""

from properties.facts import AppliedMoved
from properties.property import Breach, Property, item_at, with_item
from properties.view import APPLIED, LOG
from raft_core import Entry, Server, Vector

Applied = Vector[tuple[Entry, Server] | None]
"""Ghost variable: by index, the entry that was applied first, and by whom."""


def check(applied: Applied, fact: AppliedMoved) -> Applied | Breach:
    """Every entry applied is the one that any server applied at its index before."""
    for index, entry in enumerate(fact.entries, start=fact.first_index):
        known = item_at(applied, index)
        if known is None:
            applied = with_item(applied, index, (entry, fact.server))
        elif known[0] != entry:
            return Breach(
                f"{fact.server} applied {entry.command!r} of term {entry.term} at index {index}, "
                f"{known[1]} applied {known[0].command!r} of term {known[0].term} there.",
                (known[1], fact.server),
            )
    return applied


STATE_MACHINE_SAFETY = Property(
    name="StateMachineSafety",
    statement="If a server has applied a log entry at an index, no other server "
    "ever applies a different entry for that index.",
    source="Figure 3, section 5.4.3",
    needs=frozenset({LOG, APPLIED}),
    facts=(AppliedMoved,),
    check=check,
    initial=lambda servers: Vector(),
)
