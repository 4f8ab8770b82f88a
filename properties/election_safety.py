"""Election Safety: at most one leader can be elected in a given term.

Figure 3; section 5.2. The two need not lead at the same moment, so every leader is remembered.
May import: properties.
"""

from properties.facts import BecameLeader
from properties.property import Breach, Property, item_at, with_item
from properties.view import ROLE
from raft_core import Server, Vector

Leaders = Vector[Server | None]
"""Ghost variable: by term, the server that led it."""


def check(leaders: Leaders, fact: BecameLeader) -> Leaders | Breach:
    """A term that has a leader gets no other."""
    leader = item_at(leaders, fact.term)
    if leader is None:
        return with_item(leaders, fact.term, fact.server)
    if leader == fact.server:
        return leaders
    return Breach(f"{leader} and {fact.server} both led term {fact.term}.", (leader, fact.server))


ELECTION_SAFETY = Property(
    name="ElectionSafety",
    statement="At most one leader can be elected in a given term.",
    source="Figure 3, section 5.2",
    needs=frozenset({ROLE}),
    facts=(BecameLeader,),
    check=check,
    initial=lambda servers: Vector(),
)
