"""What is known of one node of a trace of etcd's, and of their cluster at first."""

from typing import Final

from attrs import define
from msgspec import Raw

from oracle.traces.etcd.format import FOLLOWS, Configuration, HardState
from oracle.traces.etcd.habits import Habits
from oracle.traces.etcd.messages import SHOWN
from properties.rules.knowledge import Cluster, Knowledge
from properties.rules.vocabulary import INSTALL_SNAPSHOT, Meaning
from raft_core import Role

ROLES: Final = {
    "StateFollower": Role.FOLLOWER,
    "StatePreCandidate": Role.PRE_CANDIDATE,
    "StateCandidate": Role.CANDIDATE,
    "StateLeader": Role.LEADER,
}
BECOMES: Final = {
    FOLLOWS: Role.FOLLOWER,
    "BecomeCandidate": Role.CANDIDATE,
    "BecomeLeader": Role.LEADER,
}


@define(eq=False)
class Node:
    """What is known of one node, and what its next line will show."""

    known: Knowledge
    habits: Habits
    is_starting: bool = False
    is_new: bool = True
    began_empty: bool = True
    configuration: Configuration = ((), ())
    """What is in force."""
    conf: Raw | None = None
    """The configuration that its last line showed, as it stands there."""
    next_voters: tuple[str, ...] | None = None
    replicated: int = 0
    """Entries that were proposed since the log last grew."""
    state: HardState | None = None
    log: int | None = None
    role: str = ""
    """What its last line showed of the rest, as it stands there."""
    owes: str | None = None
    """The server whose request it has not answered yet."""
    term_before: int | None = None
    """Its term when that request arrived."""
    commit_before: int | None = None
    """Its commit index when that request arrived."""
    changes: int = 0
    """Configurations that were, which may yet be refused."""


def by_snapshot(known: Knowledge) -> bool:
    """Whether what changes at a node may come from a snapshot."""
    return known.handling is not None and known.handling.kind == INSTALL_SNAPSHOT


def replace_unseen(known: Knowledge, message: Meaning, ends_there: bool) -> None:
    """Some entries may conflict, and nobody can see from where on they were replaced."""
    first = max(message.index or 0, known.commit or 0) + 1
    known.log.forget_from(first)
    if known.shaky_from is None or first < known.shaky_from:
        known.shaky_from = first
    if ends_there:
        known.log.resize(message.last_new_index or 0)


def learn(known: Knowledge, message: Meaning) -> None:
    """Entries that were of unknown terms are those of the message now."""
    last, index = known.log.last_index or 0, message.index or 0
    for place, term in enumerate(message.terms or (), start=index + 1):
        if place <= last and known.log.term_at(place) is None:
            known.log.learn(place, term)
    if index and message.log_term and known.log.term_at(index) is None:
        known.log.learn(index, message.log_term)


def cluster_of(partial: bool) -> Cluster:
    """What is known from the start of a trace of etcd, and how much such a trace shows."""
    return Cluster(
        partial=partial,
        reports_all=SHOWN,
        says_all=True,
        vote_follows_grant=True,
        binds_votes=False,
        exact_restart=False,
    )
