"""State Machine Safety: no two servers apply different entries at one index.

Figure 3; section 5.4.3. A server that starts again applies again, and must apply the same.
May import: properties.
"""

from attrs import frozen

from properties.facts import AppliedMoved
from properties.property import Breach, Property, item_at, with_item
from properties.view import APPLIED, LOG
from raft_core import Entry, Index, Log, Server, Vector
from raft_core.evolve import evolve


@frozen
class Ghosts:
    """Ghost variables: by index, the entry that was applied first, and by whom; and by server,
    the log from which it last applied, and how far.

    After a restart a server applies all again. Where its log is still the one that it applied
    from, that was looked at before.
    """

    looked_at: tuple[tuple[Log, Index], ...]
    applied: Vector[tuple[Entry, Server] | None] = Vector()


def check(ghosts: Ghosts, fact: AppliedMoved) -> Ghosts | Breach:
    """Every entry applied is the one that any server applied at its index before."""
    log, applied, server = fact.log, ghosts.applied, fact.server
    known_log, known_index = ghosts.looked_at[server]
    same = min(known_log.common_last_index(log), known_index)
    for index in range(max(fact.before, same, log.snapshot_index) + 1, fact.after + 1):
        if index > log.last_index:
            break  # IndexOrder's affair
        entry, known = log.entry_at(index), item_at(applied, index)
        if known is None:
            applied = with_item(applied, index, (entry, server))
        elif known[0] != entry:
            return Breach(
                f"{server} applied {entry.command!r} of term {entry.term} at index {index}, "
                f"{known[1]} applied {known[0].command!r} of term {known[0].term} there.",
                (known[1], server),
            )
    # Where applied entries were replaced meanwhile, nobody has looked at what took their place.
    has_gap = max(same, log.snapshot_index) < fact.before
    looked_at = (log, same if has_gap else max(fact.after, same))
    others = ghosts.looked_at
    return evolve(
        ghosts, applied=applied, looked_at=(*others[:server], looked_at, *others[server + 1 :])
    )


STATE_MACHINE_SAFETY = Property(
    name="StateMachineSafety",
    statement="If a server has applied a log entry at an index, no other server "
    "ever applies a different entry for that index.",
    source="Figure 3, section 5.4.3",
    needs=frozenset({LOG, APPLIED}),
    facts=(AppliedMoved,),
    check=check,
    initial=lambda servers: Ghosts(((Log(), 0),) * servers),
)
