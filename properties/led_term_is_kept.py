"""A term that was led is kept: who has led it is in it, or in a later one, after a restart.

Where writes complete later, a server may restart without a term of which nobody has heard. But one
in which others have elected it may not be forgotten: it would stand in that term again, get the
same votes, and lead it with another log. May import: properties.
"""

from properties.election_safety import Leaders
from properties.facts import BecameLeader, Started
from properties.property import Breach, Property, with_item
from properties.view import ROLE
from raft_core import Vector


def check(leaders: Leaders, fact: BecameLeader | Started) -> Leaders | Breach:
    """A start finds no term on the disk that is older than one that the server has led.

    Ghost variable: by term, the server that led it, as of Election Safety.
    """
    if isinstance(fact, BecameLeader):
        return with_item(leaders, fact.term, fact.server)
    if fact.term is None:
        return leaders
    for term in range(len(leaders) - 1, fact.term, -1):
        if leaders[term] == fact.server:
            detail = f"{fact.server} led term {term}, and starts again in term {fact.term}."
            return Breach(detail, (fact.server,))
    return leaders


LED_TERM_IS_KEPT = Property(
    name="LedTermIsKept",
    statement="A server that has led a term is in that term or a later one after a restart.",
    source="Figure 2, State: updated on stable storage before responding to RPCs; section 5.2",
    needs=frozenset({ROLE}),
    facts=(BecameLeader, Started),
    check=check,
    initial=lambda servers: Vector(),
)
