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
VOTE_SHOWS: Final = Rule(
    "VoteShows",
    "A node that has granted its vote shows it in its next line.",
    "Figure 2, State, votedFor, and RequestVote RPC, receiver 2; raft.go of etcd's raft",
    is_asked_elsewhere,
)
READY_HANDS_OUT: Final = Rule(
    "ReadyHandsOut",
    "A message reaches others, or its own node, once a Ready has handed it out.",
    "Figure 2, State (updated on stable storage before responding); etcd raft: Ready",
    is_asked_elsewhere,
)
OWN_IN_ORDER: Final = Rule(
    "OwnInOrder",
    "A node hears all that it sends to itself, in order, and once.",
    "section 5.3; etcd raft: msgsAfterAppend, which are stepped when entries are stable",
    is_asked_elsewhere,
)
COMMIT_IS_LOOKED_FOR: Final = Rule(
    "CommitIsLookedFor",
    "A leader looks for what it can commit right after what may have changed that, and only then.",
    "Figure 2, Rules for Servers, Leaders 4; etcd raft: maybeCommit",
    is_asked_elsewhere,
)
PROPOSAL_IS_ACKNOWLEDGED: Final = Rule(
    "ProposalIsAcknowledged",
    "A leader acknowledges to itself what was proposed, at once.",
    "Figure 2, Rules for Servers, Leaders 2 and 4; etcd raft: appendEntry",
    is_asked_elsewhere,
)
FIELDS_FIT_TYPE: Final = Rule(
    "FieldsFitType",
    "A message says only what its type uses.",
    "Figure 2, arguments and results; raft.go of etcd's raft",
    is_asked_elsewhere,
)
HEARTBEATS_GO_TO_ALL: Final = Rule(
    "HeartbeatsGoToAll",
    "A round of heartbeats goes to every server, in the order of their numbers.",
    "Figure 2, Rules for Servers, Leaders 1; etcd raft: bcastHeartbeat",
    is_asked_elsewhere,
)
ETCD_RULES: Final = (
    HEARTBEATS_GO_TO_ALL,
    VOTE_SHOWS,
    READY_HANDS_OUT,
    OWN_IN_ORDER,
    COMMIT_IS_LOOKED_FOR,
    PROPOSAL_IS_ACKNOWLEDGED,
    FIELDS_FIT_TYPE,
    LOG_IS_EXPLAINED,
    COMMIT_FOLLOWS,
    CONFIGURATION_IS_APPLIED,
    ROLE_FITS_EVENT,
    EVENT_TELLS_CHANGE,
    ANSWERS_ONCE,
)
