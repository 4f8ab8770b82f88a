"""Leader Append-Only: a leader never overwrites or deletes entries in its log.

Figure 3; section 5.3. May import: properties.
"""

from properties.facts import EntriesTruncated
from properties.property import Breach, Property
from properties.view import LOG, ROLE


def check(history: None, fact: EntriesTruncated) -> Breach | None:
    """Nobody loses entries in a term that it leads."""
    if not fact.led:
        return history
    return Breach(
        f"{fact.server} deleted its entries {fact.first_index} to {fact.last_index} "
        "in a term that it led.",
        (fact.server,),
    )


LEADER_APPEND_ONLY = Property(
    name="LeaderAppendOnly",
    statement="A leader never overwrites or deletes entries in its log.",
    source="Figure 3, section 5.3",
    needs=frozenset({ROLE, LOG}),
    facts=(EntriesTruncated,),
    check=check,
)
