"""What is known of one node of a trace of etcd's, and of their cluster at first."""

from typing import Final

from attrs import define
from msgspec import Raw

from oracle.traces.etcd.format import (
    FOLLOWS,
    OF_A_START,
    Configuration,
    HardState,
    TracedEvent,
)
from oracle.traces.etcd.habits import Habits
from oracle.traces.etcd.messages import SHOWN
from oracle.traces.etcd.rules import EVENT_TELLS_CHANGE, LOG_IS_EXPLAINED
from properties.rules.knowledge import Cluster, Knowledge
from properties.rules.vocabulary import INSTALL_SNAPSHOT, Broken, Meaning
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

    def becomes(self, event: TracedEvent) -> None:
        """It is in the role that the event says."""
        if ROLES.get(event.role) is not BECOMES[event.name]:
            found = Broken(f"{event.role} in {event.name}", "the role of the event")
            self.habits.judge.note(EVENT_TELLS_CHANGE, self.known, found)

    def has_restarted(self, event: TracedEvent) -> bool:
        """Whether this can only be a restart whose first line a partial trace does not have."""
        if event.name not in OF_A_START or self.is_starting:
            return False
        known, state = self.known, event.state
        return state.term < (known.term or 0) or state.commit < (known.commit or 0)

    def reads_disk(self, event: TracedEvent) -> None:
        """A log does not change while it is read; that of a new cluster gets its first entries."""
        self.habits.show_applied()
        if event.log != self.log and not self.is_new:
            found = f"a log up to {event.log} after one up to {self.log} in the same start"
            broken = Broken(found, f"up to {self.log}")
            self.habits.judge.note(LOG_IS_EXPLAINED, self.known, broken)


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
