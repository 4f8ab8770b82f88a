"""Rules of what a server sends by itself: every request states what its sender has."""

from typing import Final

from properties.rules.elections import NO_CANDIDACIES, NO_LAST, NO_TERM
from properties.rules.knowledge import Knowledge
from properties.rules.replication import NO_COMMIT, NO_CONTENTS, NO_LOG, NO_TERMS
from properties.rules.vocabulary import (
    APPEND_ENTRIES,
    FROM_LEADERS,
    HEARTBEAT,
    HOLDS,
    INSTALL_SNAPSHOT,
    OTHER,
    PRE_VOTE,
    PRE_VOTE_RESPONSE,
    REQUEST_VOTE,
    TIMEOUT_NOW,
    Broken,
    Meaning,
    Missing,
    Outcome,
    Rule,
)
from raft_core import Role

ANY_TERM: Final = frozenset({PRE_VOTE, PRE_VOTE_RESPONSE, OTHER})
"""PreVotes ask about the term after the sender's, in some implementations."""
TELL_COMMIT: Final = frozenset({APPEND_ENTRIES, HEARTBEAT})


def sent_by_itself(server: Knowledge, message: Meaning) -> Outcome:
    """A server that is down sends nothing, and each one in its own name."""
    if message.source != server.server:
        found = f"a message from {server.cluster.name(message.source)}"
        return Broken(found, f"from {server.cluster.name(server.server)}, who sends it")
    return HOLDS if server.running else Broken("a message of a server that is down", "none")


def sent_in_own_term(server: Knowledge, message: Meaning) -> Outcome:
    """A message carries the sender's term."""
    if message.term is None or message.kind in ANY_TERM:
        return None
    if server.term is None:
        return NO_TERM
    if message.term == server.term:
        return HOLDS
    return Broken(f"{message.kind} of term {message.term}", f"term {server.term}, the sender's")


def only_leaders_lead(server: Knowledge, message: Meaning) -> Outcome:
    """Only a leader sends what makes others follow."""
    if message.kind not in FROM_LEADERS:
        return None
    if server.role is None:
        return Missing("the server's role")
    if server.role is Role.LEADER:
        return HOLDS
    return Broken(f"{message.kind} from a {server.role.value}", "a leader")


def only_candidates_ask(server: Knowledge, message: Meaning) -> Outcome:
    """Only a candidate asks for votes, and has its own."""
    if message.kind != REQUEST_VOTE:
        return None
    if server.role is None or server.vote is None:
        return Missing("the server's role")
    if server.role is not Role.CANDIDATE:
        if not server.cluster.shows_roles and not server.has_stood:
            return NO_CANDIDACIES
        return Broken(f"request_vote from a {server.role.value}", "a candidate")
    if server.vote != server.server:
        found = f"request_vote of a server that voted for {server.cluster.name(server.vote)}"
        return Broken(found, "a vote for itself")
    return HOLDS


def request_tells_log(server: Knowledge, message: Meaning) -> Outcome:
    """A candidate names its last entry."""
    if message.kind not in (REQUEST_VOTE, PRE_VOTE):
        return None
    last, term = server.log.last_index, server.log.last_term
    if last is None or message.index is None:
        return NO_LAST
    if message.index != last:
        return Broken(f"{message.kind} with last index {message.index}", f"{last}")
    if term is None or message.log_term is None:
        return NO_LAST
    if message.log_term == term:
        return HOLDS
    return Broken(f"{message.kind} with last term {message.log_term}", f"{term}, of entry {last}")


def transfer_was_asked(server: Knowledge, message: Meaning) -> Outcome:
    """A candidate says that its leader asked it to stand in the term after that, and no later."""
    if message.kind != REQUEST_VOTE or not message.by_transfer or message.term is None:
        return None
    if server.asked_term == message.term - 1:
        return HOLDS
    if not server.cluster.hears_all(server, TIMEOUT_NOW):
        return Missing("the message that asks it to stand")
    term = server.asked_term
    asked = "no leader has asked" if term is None else f"the leader of term {term} asked last"
    return Broken(
        f"request_vote of term {message.term} by transfer, though {asked}",
        f"only after timeout_now of term {message.term - 1}",
    )


def previous_entry_is_own(server: Knowledge, message: Meaning) -> Outcome:
    """The previous entry of an AppendEntries stands in the leader's log."""
    if message.kind != APPEND_ENTRIES or message.index is None:
        return None
    last = server.log.last_index
    if last is not None and message.index > last:
        return Broken(f"previous entry {message.index}", f"at most {last}, where the log ends")
    if message.log_term is None:
        return Missing("prev_log_term")
    term = server.log.term_at(message.index)
    if term is None:
        return NO_TERMS
    if term == message.log_term:
        return HOLDS
    return Broken(f"previous entry {message.index}@{message.log_term}", f"{message.index}@{term}")


def entries_are_own(server: Knowledge, message: Meaning) -> Outcome:
    """The entries of an AppendEntries stand in the leader's log, after the previous one."""
    if message.kind != APPEND_ENTRIES or not message.count:
        return None
    end, last = message.last_new_index, server.log.last_index
    if end is None or last is None:
        return NO_LOG
    if end > last:
        return Broken(f"entries up to {end}", f"at most up to {last}, where the log ends")
    if message.terms is None or message.index is None:
        return NO_CONTENTS
    for index, term in enumerate(message.terms, start=message.index + 1):
        here = server.log.term_at(index)
        if here is None:
            return NO_TERMS
        if here != term:
            return Broken(f"entry {index}@{term}", f"{index}@{here}, as in the leader's log")
    return HOLDS if message.contents is None else contents_are_own(server, message)


def contents_are_own(server: Knowledge, message: Meaning) -> Outcome:
    """Whether the entries of an AppendEntries carry what the leader's entries carry."""
    entries = server.cluster.entries
    told = zip(message.terms or (), message.contents or (), strict=False)
    for index, (term, content) in enumerate(told, start=(message.index or 0) + 1):
        known = entries.get((index, term))
        if known is not None and None not in (content, known[1]) and content != known[1]:
            found = f"entry {index}@{term} {content!r} sent"
            return Broken(found, f"{known[1]!r}, as {server.cluster.name(known[2])} has it")
    return HOLDS


def commit_is_own(server: Knowledge, message: Meaning) -> Outcome:
    """leader_commit is not above what the leader has committed.

    A heartbeat that names no previous entry lets no follower commit more than it has acknowledged,
    since that follower commits without a look at its log.
    """
    if message.kind not in TELL_COMMIT or message.commit is None:
        return None
    if server.commit is None:
        return NO_COMMIT
    if message.commit > server.commit:
        return Broken(f"leader_commit {message.commit}", f"at most {server.commit}")
    if message.kind == HEARTBEAT and message.index is None and not is_partly_seen(server):
        match = server.match.get(message.destination, 0)
        if message.commit > match:
            return Broken(
                f"a heartbeat with leader_commit {message.commit}",
                f"at most {match}, which {server.cluster.name(message.destination)} acknowledged",
            )
    return HOLDS


def snapshot_is_committed(server: Knowledge, message: Meaning) -> Outcome:
    """A snapshot holds only what is committed."""
    if message.kind != INSTALL_SNAPSHOT or message.index is None:
        return None
    if server.commit is None:
        return NO_COMMIT
    if message.index > server.commit:
        return Broken(f"a snapshot up to {message.index}", f"at most {server.commit}, the commit")
    term = server.log.term_at(message.index)
    if term is not None and message.log_term not in (None, term):
        return Broken(f"a snapshot up to {message.index}@{message.log_term}", f"term {term}")
    return HOLDS


def is_partly_seen(server: Knowledge) -> bool:
    """Whether acknowledgements to this server may not have been seen."""
    return server.cluster.partial or server.missed


def successor_is_complete(server: Knowledge, message: Meaning) -> Outcome:
    """A leader hands over only to a server that holds all of its log."""
    if message.kind != TIMEOUT_NOW:
        return None
    last, match = server.log.last_index, server.match.get(message.destination, 0)
    if last is None or is_partly_seen(server):
        return NO_LOG
    if match >= (last if server.last_before is None else min(last, server.last_before)):
        return HOLDS
    if message.index is not None and message.index >= last:
        return HOLDS  # the successor can compare its log
    name = server.cluster.name(message.destination)
    return Broken(f"timeout_now to {name}, which acknowledged {match}", f"all of the log, {last}")


def late_is_of_own_term(server: Knowledge, message: Meaning) -> Outcome:
    """What is sent late is of a term in which the server led, or which it had as a candidate."""
    term, cluster = message.term, server.cluster
    if term is None or message.kind in ANY_TERM:
        return None
    if server.term is None:
        return NO_TERM
    leader = cluster.leaders.get(term)
    if message.kind not in FROM_LEADERS or leader == server.server:
        if term <= server.term:
            return HOLDS
        return Broken(f"{message.kind} of term {term} sent late", f"at most term {server.term}")
    lowest = min((each.term or 0 for each in cluster.servers.values()), default=0)
    if leader is None and (cluster.partial or term < max(lowest, cluster.oldest_term)):
        return Missing("who led a term that all have left")
    led = f"{cluster.name(leader)} led it" if leader is not None else "nobody led it"
    return Broken(f"{message.kind} of term {term} sent late", f"of a term that it led: {led}")


ARGUMENTS: Final = "Figure 2, AppendEntries RPC, arguments"
REQUEST_RULES: Final = (
    Rule("SentByItself", "A running server sends in its own name.", "section 5.1", sent_by_itself),
    Rule(
        "SentInOwnTerm",
        "A message carries the term of its sender.",
        "Figure 2, RequestVote and AppendEntries RPC, term; section 5.1",
        sent_in_own_term,
        certain=True,
    ),
    Rule(
        "OnlyLeadersLead",
        "Only a leader sends AppendEntries, heartbeats, snapshots and TimeoutNow.",
        "Figure 2, Rules for Servers, Leaders 1; section 5.2",
        only_leaders_lead,
        kinds=FROM_LEADERS,
    ),
    Rule(
        "OnlyCandidatesAsk",
        "Only a candidate, which voted for itself, asks for votes.",
        "Figure 2, Rules for Servers, Candidates 1; section 5.2",
        only_candidates_ask,
        kinds=frozenset({REQUEST_VOTE}),
    ),
    Rule(
        "RequestTellsLog",
        "A candidate names the last entry of its log.",
        "Figure 2, RequestVote RPC, lastLogIndex and lastLogTerm; section 5.4.1",
        request_tells_log,
        kinds=frozenset({REQUEST_VOTE, PRE_VOTE}),
    ),
    Rule(
        "TransferWasAsked",
        "Only who was asked to stand, by the leader of the term before, says so.",
        "thesis, sections 3.10 and 4.2.3",
        transfer_was_asked,
        kinds=frozenset({REQUEST_VOTE}),
    ),
    Rule(
        "PreviousEntryIsOwn",
        "The previous entry of an AppendEntries stands in the leader's log.",
        f"{ARGUMENTS}, prevLogIndex and prevLogTerm; section 5.3",
        previous_entry_is_own,
        kinds=frozenset({APPEND_ENTRIES}),
    ),
    Rule(
        "EntriesAreOwn",
        "The entries of an AppendEntries stand in the leader's log.",
        f"{ARGUMENTS}, entries[]; section 5.3",
        entries_are_own,
        kinds=frozenset({APPEND_ENTRIES}),
    ),
    Rule(
        "CommitIsOwn",
        "leaderCommit is at most the leader's commit index.",
        f"{ARGUMENTS}, leaderCommit; section 5.3",
        commit_is_own,
        kinds=TELL_COMMIT,
    ),
    Rule(
        "SnapshotIsCommitted",
        "A snapshot stands for committed entries.",
        "Figure 13, InstallSnapshot RPC; section 7",
        snapshot_is_committed,
        kinds=frozenset({INSTALL_SNAPSHOT}),
    ),
    Rule(
        "SuccessorIsComplete",
        "A leader asks a server to take over once that server holds all of its log.",
        "thesis, section 3.10, step 3",
        successor_is_complete,
        kinds=frozenset({TIMEOUT_NOW}),
    ),
)
LATE_RULES: Final = (
    REQUEST_RULES[0],
    Rule(
        "LateIsOfOwnTerm",
        "What is sent late is of a term in which the sender led or stood.",
        "section 5.1; section 2 (networks delay, and so do threads)",
        late_is_of_own_term,
    ),
)
