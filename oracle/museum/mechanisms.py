"""By what mechanism implementations of Raft break: the list by which findings are sorted."""

from collections.abc import Mapping
from typing import Final

MECHANISMS: Final[Mapping[str, str]] = {
    "vote given twice": "A server votes for two in one term, because its first vote was forgotten, "
    "half written or passed over. A vote is on disk before it is answered, and stands until the "
    "term ends (Figure 2, RequestVote RPC).",
    "votes miscounted": "An election counts what it must not: a vote of an older term, one voter "
    "twice, or half of the servers as a majority (section 5.2).",
    "cut without a conflict": "A late or repeated AppendEntries deletes entries that do not "
    "contradict it. Only a conflict lets a follower delete (Figure 2, AppendEntries RPC, "
    "receiver 3).",
    "unchecked entries trusted": "A follower acknowledges or commits what it happens to hold, "
    "beyond what the leader's message has compared with its log (Figure 2, AppendEntries RPC, "
    "receiver 2 and 5).",
    "late answer believed": "An answer to what was sent long ago changes what a leader knows of a "
    "follower, though newer answers, or a newer term, have gone by.",
    "old leadership goes on": "Threads of a leadership that is over still act in its name, on a "
    "log or with knowledge that is not that leadership's any more.",
    "commit of an older term": "Entries of older terms are committed by counting their copies, or "
    "never at all. A leader counts copies of its own term's entries, and commits the older ones "
    "with them (section 5.4.2, Figure 8).",
    "stale tail kept": "A snapshot replaces a part of the log, and entries stay that contradict "
    "it. Unless the log has the snapshot's last entry with the same term, all of it goes "
    "(Figure 13, receiver 6 and 7).",
    "snapshot takes away": "A snapshot that brings nothing new takes away what came after it. What "
    "follows the snapshot's last entry stays (Figure 13, receiver 6).",
    "compacted entry looked up": "An entry is looked up in the log, though a snapshot has replaced "
    "it, and its absence is taken for a conflict, or not expected at all.",
    "lost at a restart": "What a server reads at its start is less than what it had acknowledged: "
    "two files do not fit together, or one was being rewritten (section 5.1: state on stable "
    "storage).",
    "wrong length": "Two places in the code disagree on how long a record is.",
    "changes of members overlap": "A change of the members begins before the one before it, or an "
    "entry of the leader's own term, is committed, so that two majorities need not meet "
    "(thesis 4.1, and its correction of 2015).",
    "wrong configuration": "A server counts with other members than its log says. The latest "
    "configuration in the log is in force, committed or not, at a start and after an entry was "
    "taken back (section 6).",
    "removed server still needed": "A server that its own log has removed stops to stand, to vote "
    "or to work, while others still count on it. Until the removal is committed, it goes on "
    "(thesis 4.2.2).",
    "message taken for granted": "A handler relies on the term, the role or the form in which a "
    "message was expected, and it comes in another.",
}
"""Every mechanism with a sentence or two on what goes wrong and what Raft asks for, in the order
of the paper's sections."""
