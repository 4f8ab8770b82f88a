"""Membership agrees: servers that have committed up to an index know the same configuration there.

Sections 6 and 7; thesis, section 4.1. The configuration is part of the log, and of the snapshot
that stands for a part of it; with two opinions of it, two majorities need not overlap.
May import: properties.
"""

from properties.facts import CommitMoved
from properties.property import Breach, Property, item_at, with_item
from properties.view import COMMIT, LOG, MEMBERSHIP
from raft_core import Membership, Server, Vector

Known = tuple[Membership | None, Server]
Memberships = Vector[Known | None]
"""Ghost variable: by index, the configuration in force there, and its first observer."""


def check(memberships: Memberships, fact: CommitMoved) -> Memberships | Breach:
    """What is committed newly is committed under the configuration that others know there."""
    log = fact.log
    if not (log.memberships or len(memberships)):
        return memberships
    last = min(fact.after, log.last_index)  # what is beyond is IndexOrder's affair
    for index in range(max(fact.before + 1, log.snapshot_index, 1), last + 1):
        membership, known = log.membership_at(index), item_at(memberships, index)
        if known is None:
            memberships = with_item(memberships, index, (membership, fact.server))
        elif known[0] != membership:
            return Breach(
                f"{fact.server} has committed up to {index} and takes the configuration there for "
                f"{in_words(membership)}, {known[1]} for {in_words(known[0])}.",
                (known[1], fact.server),
            )
    return memberships


def in_words(membership: Membership | None) -> str:
    """A configuration, or the cluster's first."""
    return "all servers" if membership is None else str(membership)


MEMBERSHIP_AGREES = Property(
    name="MembershipAgrees",
    statement="Servers that have committed up to the same index know the same configuration there.",
    source="sections 6 and 7; thesis, section 4.1",
    needs=frozenset({LOG, COMMIT, MEMBERSHIP}),
    facts=(CommitMoved,),
    check=check,
    initial=lambda servers: Vector(),
)
