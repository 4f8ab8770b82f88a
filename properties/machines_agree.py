"""State machines agree: servers that applied up to one index hold the same content.

What State Machine Safety is for (section 2); it also sees a snapshot that does not match its
index, which no look at the log can. May import: properties.
"""

from properties.facts import MachineReached
from properties.property import Breach, Property, item_at, with_item
from properties.view import APPLIED, MACHINE
from raft_core import Server, Vector

Contents = Vector[tuple[str, Server] | None]
"""Ghost variable: by index, the content that was seen first, and where."""


def check(contents: Contents, fact: MachineReached) -> Contents | Breach:
    """The content after an index is the one that any server had there before."""
    known = item_at(contents, fact.index)
    if known is None:
        return with_item(contents, fact.index, (fact.digest, fact.server))
    if known[0] == fact.digest:
        return contents
    return Breach(
        f"{fact.server} and {known[1]} hold different state machines after entry {fact.index}.",
        (known[1], fact.server),
    )


MACHINES_AGREE = Property(
    name="MachinesAgree",
    statement="State machines that have applied up to the same index have the same content.",
    source="section 2; section 7",
    needs=frozenset({APPLIED, MACHINE}),
    facts=(MachineReached,),
    check=check,
    initial=lambda servers: Vector(),
)
