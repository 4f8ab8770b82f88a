"""A property of one's own: what flexible quorums promise in place of CommittedOnQuorum.

What a leader commits is on at least two servers. A property is a fold over facts: from its history
and a fact it makes the next history, or a Breach. `ON_THREE` asks for more than is promised.

    raft-oracle hunt examples/protocols/flexible_quorums.py --servers 4 \\
        --ignore CommittedOnQuorum --property examples/protocols/committed_on_two.py:ON_TWO
"""

from raft_core import Log
from raft_oracle import (
    COMMIT,
    LOG,
    Breach,
    CommitMoved,
    EntriesAppended,
    EntriesTruncated,
    Property,
)

Logs = tuple[Log, ...]


def committed_on(copies: int) -> Property:
    """The property that what is committed is on so many servers."""

    def check(logs: Logs, fact: EntriesAppended | EntriesTruncated | CommitMoved) -> Logs | Breach:
        """Remember every log; count the copies of what a leader commits."""
        if not isinstance(fact, CommitMoved):
            return (*logs[: fact.server], fact.log, *logs[fact.server + 1 :])
        term = fact.log.term_at(fact.after)
        holders = [each for each in logs if each.term_at(fact.after) == term]
        if not fact.leads or term is None or len(holders) >= copies:
            return logs
        return Breach(
            f"{fact.server} committed entry {fact.after}@{term}, which {len(holders)} hold.",
            (fact.server,),
        )

    return Property(
        name=f"CommittedOn{copies}",
        statement=f"What a leader commits is on at least {copies} servers.",
        source="Howard, Malkhi and Spiegelman 2016",
        needs=frozenset({LOG, COMMIT}),
        facts=(EntriesAppended, EntriesTruncated, CommitMoved),
        check=check,
        initial=lambda servers: (Log(),) * servers,
    )


ON_TWO = committed_on(2)
ON_THREE = committed_on(3)
