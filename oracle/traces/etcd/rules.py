"""Rules that hold for etcd's traces only, where every line shows the node's whole state."""

from typing import Final

from properties.rules.vocabulary import Rule


def is_asked_elsewhere(server: object, change: object) -> None:
    """The reader of the format judges this by itself, where it puts a line together."""


LOG_IS_EXPLAINED: Final = Rule(
    "LogIsExplained",
    "A log grows and shrinks only by what was received, or proposed to the leader.",
    "Figure 2, AppendEntries RPC, receiver 3 and 4, and Leaders 2; section 5.3",
    is_asked_elsewhere,
)
COMMIT_FOLLOWS: Final = Rule(
    "CommitFollowsLeader",
    "A server that accepts an AppendEntries commits min(leaderCommit, last new entry) at once.",
    "Figure 2, AppendEntries RPC, receiver 5; section 5.3",
    is_asked_elsewhere,
)
CONFIGURATION_IS_APPLIED: Final = Rule(
    "ConfigurationIsApplied",
    "A configuration comes into force by an entry that is applied, by a snapshot, or by a start.",
    "section 6; etcd raft: a change takes effect when it is applied",
    is_asked_elsewhere,
)
ROLE_FITS_EVENT: Final = Rule(
    "EventFitsRole",
    "Only a leader replicates and changes the configuration.",
    "Figure 2, Rules for Servers, Leaders 2; section 5.2",
    is_asked_elsewhere,
)
EVENT_TELLS_CHANGE: Final = Rule(
    "EventTellsChange",
    "Term and role change in the events that say so, and a leader's commit index in Commit.",
    "Figure 4; state_trace.go of etcd's raft",
    is_asked_elsewhere,
)
ANSWERS_ONCE: Final = Rule(
    "AnswersOnce",
    "Every request of the current term is answered, once, before the next message is received.",
    "Figure 2, RequestVote and AppendEntries RPC, receiver; section 5.1",
    is_asked_elsewhere,
)
ETCD_RULES: Final = (
    LOG_IS_EXPLAINED,
    COMMIT_FOLLOWS,
    CONFIGURATION_IS_APPLIED,
    ROLE_FITS_EVENT,
    EVENT_TELLS_CHANGE,
    ANSWERS_ONCE,
)
