"""Rules of logs and commits: sections 5.3, 5.4.2 and 7."""

from typing import Final

from properties.rules.elections import NO_VOTERS, acting_on, is_quorum, is_quorum_of, names_of
from properties.rules.knowledge import Knowledge
from properties.rules.shown import NO_MESSAGES, all_acknowledged, holders, leader_committed
from properties.rules.vocabulary import (
    ACKNOWLEDGEMENTS,
    APPEND_ENTRIES,
    HOLDS,
    INSTALL_SNAPSHOT,
    Broken,
    Matched,
    Meaning,
    Missing,
    NewEntries,
    Outcome,
    Place,
    Rule,
)
from raft_core import Role

NO_LOG: Final = Missing("the server's log")
NO_TERMS: Final = Missing("the terms of entries")
NO_CONTENTS: Final = Missing("the entries of a message")
NO_COMMIT: Final = Missing("the server's commit index")
NO_MATCHES: Final = Missing("the acknowledgements that the server received")


# Figure 2, AppendEntries RPC, receiver 1 to 4


def leader_keeps_entries(server: Knowledge, cut: Place) -> Outcome:
    """A leader deletes nothing from its log."""
    if server.role is None:
        return Missing("the server's role")
    if server.role is not Role.LEADER:
        return HOLDS
    return Broken(f"the leader deletes from entry {cut.index} on", "a leader that only appends")


def committed_stays(server: Knowledge, cut: Place) -> Outcome:
    """What is committed is not deleted."""
    if server.commit is None:
        return NO_COMMIT
    if cut.index > server.commit:
        return HOLDS
    found = f"entries from {cut.index} on deleted, and {server.commit} are committed"
    return Broken(found, f"entries after {server.commit} at most")


def only_conflicts_go(server: Knowledge, cut: Place) -> Outcome:
    """Entries go only from the first on that conflicts with what the leader sends."""
    message = server.handling
    if message is not None and message.kind == INSTALL_SNAPSHOT:
        return snapshot_conflicts(server, message)
    if message is None or message.kind != APPEND_ENTRIES or message.term != server.term:
        if not server.cluster.hears_all(server, APPEND_ENTRIES):
            return NO_MESSAGES
        found = f"entries from {cut.index} on deleted, {acting_on(server)}"
        return Broken(found, "deleting only on AppendEntries of the server's term")
    if message.terms is None or message.index is None:
        return NO_CONTENTS
    if cut.index == message.index and previous_conflicts(server, message):
        return HOLDS
    conflict = first_conflict(server, message)
    if conflict is None:
        return NO_TERMS
    if conflict == cut.index or is_foreign(server, message, cut.index):
        return HOLDS
    legal = f"from {conflict} on, the first that conflicts" if conflict else "none conflicts"
    return Broken(f"entries from {cut.index} on deleted", legal)


def previous_conflicts(server: Knowledge, message: Meaning) -> bool:
    """Whether the leader has another previous entry: it may go before its successor is sent."""
    here = server.log.term_at(message.index or 0)
    return None not in (here, message.log_term) and here != message.log_term


def end_stays(server: Knowledge, cut: Place) -> Outcome:
    """Entries that the leader does not have go only when others take their place."""
    message = server.handling
    if message is None or message.kind != APPEND_ENTRIES or message.term != server.term:
        return None
    if message.terms is None or message.index is None:
        return None
    if first_conflict(server, message) in (None, cut.index):
        return None
    if not is_foreign(server, message, cut.index):
        return None
    found = (
        f"entries from {cut.index} on deleted, after what was sent up to {message.last_new_index}"
    )
    return Broken(found, "none: nothing that was sent conflicts with them")


def is_foreign(server: Knowledge, message: Meaning, first: int) -> bool:
    """Whether entries from `first` on come after what a leader sends, and it has none of them.

    They were never acknowledged to it, so it counts on none; nor are they committed.
    """
    sender, end = server.cluster.servers.get(message.source), message.last_new_index
    last = server.log.last_index
    if sender is None or end is None or last is None or first <= end:
        return False
    if sender.log.last_index is None or sender.log.last_index < first:
        return True
    here, there = server.log.term_at(first), sender.log.term_at(first)
    return None not in (here, there) and here != there


def snapshot_conflicts(server: Knowledge, message: Meaning) -> Outcome:
    """A snapshot lets entries go unless the log holds the one that it ends with."""
    if message.index is None or message.log_term is None:
        return NO_CONTENTS
    known = server.log.term_at(message.index)
    if known is None or known != message.log_term:
        return HOLDS
    found = f"entries deleted after a snapshot that ends with {message.index}@{known}"
    return Broken(found, "keeping what follows: the log holds that entry")


def first_conflict(server: Knowledge, message: Meaning) -> int | None:
    """The first index at which the log has another entry; 0 for none, None if not known."""
    last = server.log.last_index
    index, known = message.index or 0, True
    if message.terms is None:
        return 0 if last is not None and index >= last else None
    for term in message.terms:
        index += 1
        if last is not None and index > last:
            break
        here = server.log.term_at(index)
        if here is None:
            known = False
        elif here != term:
            return index if known else None
    return 0 if known else None


def entries_are_in_order(server: Knowledge, new: NewEntries) -> Outcome:
    """Entries follow the last one, with terms that do not fall and are not of the future."""
    last = server.log.last_index
    if last is None:
        return NO_LOG
    if new.first != last + 1:
        return Broken(f"entries appended from {new.first} on", f"from {last + 1} on")
    before = server.log.last_term or 0
    for index, term in enumerate(new.terms, start=new.first):
        if term < before:
            return Broken(f"entry {index}@{term} after one of term {before}", f"term {before}")
        before = term
    if server.term is not None and before > server.term:
        found = f"an entry of term {before} at a server in term {server.term}"
        return Broken(found, f"a term of at most {server.term}")
    return HOLDS


def leader_appends_own(server: Knowledge, new: NewEntries) -> Outcome:
    """What a leader appends is of its own term."""
    if server.role is not Role.LEADER:
        return None
    wrong = [term for term in new.terms if term != server.term]
    if not wrong:
        return HOLDS
    return Broken(f"the leader appends an entry of term {wrong[0]}", f"term {server.term}")


def follower_appends_sent(server: Knowledge, new: NewEntries) -> Outcome:
    """Others append what the leader of their term sends, after an entry that matches."""
    if server.role is Role.LEADER:
        return None
    message = server.handling
    if message is None or message.kind != APPEND_ENTRIES:
        if server.role is None or not server.cluster.hears_all(server, APPEND_ENTRIES):
            return NO_MESSAGES
        found = f"entries appended from {new.first} on, {acting_on(server)}"
        return Broken(found, "entries only on AppendEntries; only a leader appends by itself")
    if message.term != server.term:
        found = f"entries of an AppendEntries of term {message.term} stored"
        return Broken(found, f"none: the server is in term {server.term}")
    return previous_entry_matches(server, message) or entries_are_sent(message, new)


def previous_entry_matches(server: Knowledge, message: Meaning) -> Outcome:
    """None where the entry before the new ones is, or may be, the leader's."""
    if message.index is None or message.index <= server.log.offset:
        return None
    last = server.log.last_index
    if last is not None and message.index > last:
        found = f"entries stored after {message.index}@{message.log_term}"
        return Broken(found, f"none: the log ends at {last}")
    known = server.log.term_at(message.index)
    if known is None or message.log_term is None or known == message.log_term:
        return None
    found = f"entries stored after {message.index}@{message.log_term}"
    return Broken(found, f"none: the log has {message.index}@{known} there")


def entries_are_sent(message: Meaning, new: NewEntries) -> Outcome:
    """Whether the new entries are those of the message."""
    if message.terms is None or message.index is None:
        return NO_CONTENTS
    start = new.first - message.index - 1
    sent = message.terms[max(start, 0) : start + len(new.terms)]
    if start < 0 or sent != new.terms:
        return Broken(
            f"entries of terms {terms_text(new.terms)} appended from {new.first} on",
            f"those that were sent, after {message.index}: {terms_text(message.terms)}",
        )
    if message.contents is not None and new.contents is not None:
        for here, there in zip(new.contents, message.contents[start:], strict=False):
            if None not in (here, there) and here != there:
                return Broken(f"{here!r} appended", f"{there!r}, as it was sent")
    return HOLDS


def terms_text(terms: tuple[int, ...]) -> str:
    """Terms in a line."""
    shown = " ".join(map(str, terms[:8]))
    return f"{shown} ... ({len(terms)})" if len(terms) > 8 else shown or "none"


# Figure 2, AppendEntries RPC, receiver 5; Leaders 4


def commit_rises(server: Knowledge, place: Place) -> Outcome:
    """A commit index never falls."""
    if server.commit is None:
        return NO_COMMIT
    if place.index >= server.commit:
        return HOLDS
    return Broken(f"commit index {server.commit} -> {place.index}", f"at least {server.commit}")


def commit_within_log(server: Knowledge, place: Place) -> Outcome:
    """Only entries that stand in the log are committed."""
    last = server.log.last_index
    if last is None:
        return NO_LOG
    if place.index <= last:
        return HOLDS
    return Broken(f"commit index {place.index}", f"at most {last}, where the log ends")


def leader_commits_own_term(server: Knowledge, place: Place) -> Outcome:
    """A leader commits by counting only entries of its own term."""
    if server.role is not Role.LEADER or server.commit is None or place.index <= server.commit:
        return None
    if place.index <= server.may_commit:
        return HOLDS
    term = server.log.term_at(place.index)
    if term is None:
        return NO_TERMS
    if term == server.term:
        return HOLDS
    if server.missed:  # as a follower it may have learnt that this is committed
        return NO_MESSAGES
    if all_acknowledged(server, place.index):
        return HOLDS
    found = f"the leader of term {server.term} commits entry {place.index}@{term}"
    return Broken(found, f"an entry of term {server.term}")


def leader_commits_majority(server: Knowledge, place: Place) -> Outcome:
    """A leader commits what a majority of its configuration is known to hold."""
    if server.role is not Role.LEADER or server.commit is None or place.index <= server.commit:
        return None
    if place.index <= server.may_commit:
        return HOLDS
    if server.voters is None:
        return NO_VOTERS
    halves = ((server.voters, server.joining), *server.others)
    index = max(quorum_match(server, voters, joining) for voters, joining in halves)
    index = max(index, server.decided)
    if place.index <= index:
        return HOLDS
    if not all(server.cluster.hears_all(server, kind) for kind in ACKNOWLEDGEMENTS):
        return majority_may_hold(server, place.index)
    name = server.cluster.name
    known = ", ".join(f"{name(each)} {server.match[each]}" for each in sorted(server.match))
    return Broken(
        f"the leader commits up to {place.index}; acknowledged: {known or 'nothing'}",
        f"at most {index}, what a majority holds",
    )


def majority_may_hold(server: Knowledge, index: int) -> Outcome:
    """Whether enough servers hold what a leader commits, as far as they show their logs."""
    known = holders(server, index)
    if known is None:
        return NO_MATCHES
    certain, possible = known
    if is_quorum(server, certain):
        return HOLDS
    earlier = server.before is not None and is_quorum_of(possible, *server.before)
    if earlier or is_quorum(server, possible):
        return NO_MATCHES
    return Broken(
        f"the leader commits up to {index}, which {names_of(server, certain)} alone can hold",
        f"an entry that a majority of {names_of(server, server.voters or frozenset())} holds",
    )


def match_is_acknowledged(server: Knowledge, match: Matched) -> Outcome:
    """A leader counts on what a follower has acknowledged since it leads this term."""
    known = server.match.get(match.follower, 0)
    if match.index <= known:
        return HOLDS
    if not all(server.cluster.hears_all(server, kind) for kind in ACKNOWLEDGEMENTS):
        return NO_MATCHES
    name = server.cluster.name(match.follower)
    return Broken(f"match index {match.index} of {name}", f"at most {known}, what it acknowledged")


def committable(server: Knowledge) -> int:
    """Up to where a leader may commit what a majority has acknowledged; 0 for others."""
    if server.role is not Role.LEADER or server.voters is None:
        return 0
    index = quorum_match(server, server.voters, server.joining)
    return index if server.log.term_at(index) == server.term else 0


def quorum_match(server: Knowledge, voters: frozenset[int], joining: frozenset[int]) -> int:
    """The highest index that a majority holds, or one of each half of a joint configuration."""
    index = majority_match(server, voters)
    return min(index, majority_match(server, joining)) if joining else index


def majority_match(server: Knowledge, voters: frozenset[int]) -> int:
    """The highest index that more than half of `voters` hold; a leader holds its own log."""
    last = server.log.last_index or 0
    held = [last if each == server.server else server.match.get(each, 0) for each in voters]
    held.sort()
    return held[(len(held) - 1) // 2] if held else 0


def follower_commits_told(server: Knowledge, place: Place) -> Outcome:
    """Others commit what a leader lets them: up to its commit, and to the last new entry."""
    if server.role is Role.LEADER or server.commit is None or place.index <= server.commit:
        return None
    if place.index <= max(server.may_commit, server.could_commit):
        return HOLDS
    if not server.cluster.hears_all(server, APPEND_ENTRIES):
        return leader_committed(server, place.index)
    return Broken(
        f"commit index {server.commit} -> {place.index}",
        f"at most {max(server.may_commit, server.commit)}: "
        "min(leader_commit, index of last new entry) of what it received",
    )


DELETE: Final = "Figure 2, AppendEntries RPC, receiver 3; section 5.3"
TRUNCATE_RULES: Final = (
    Rule(
        "LeaderKeepsEntries",
        "A leader never overwrites or deletes entries in its log; it only appends.",
        "Figure 3, Leader Append-Only; section 5.3",
        leader_keeps_entries,
        certain=True,
    ),
    Rule(
        "CommittedStays",
        "Entries that are committed are not deleted.",
        "Figure 3, Leader Completeness and State Machine Safety; section 5.4.3",
        committed_stays,
    ),
    Rule(
        "OnlyConflictsGo",
        "A server deletes from the first entry on that conflicts with the leader's, and only then.",
        DELETE,
        only_conflicts_go,
    ),
    Rule(
        "EndGoesEarly",
        "Entries after those that were sent stay, even if the leader has none of them.",
        DELETE,
        end_stays,
    ),
)
APPEND_RULES: Final = (
    Rule(
        "EntriesInOrder",
        "Entries follow the last one, and terms do not fall along a log.",
        "Figure 2, State, log[]; section 5.3",
        entries_are_in_order,
    ),
    Rule(
        "LeaderAppendsOwn",
        "A leader appends entries of its own term.",
        "Figure 2, Rules for Servers, Leaders 2; section 5.3",
        leader_appends_own,
        leads=True,
    ),
    Rule(
        "FollowerAppendsSent",
        "Others append what the leader of their term sends, after an entry that matches.",
        "Figure 2, AppendEntries RPC, receiver 1, 2 and 4; section 5.3",
        follower_appends_sent,
        leads=False,
    ),
)
COMMIT_RULES: Final = (
    Rule(
        "CommitRises",
        "A commit index never falls while a server runs.",
        "Figure 2, State, commitIndex (increases monotonically)",
        commit_rises,
        certain=True,
    ),
    Rule(
        "CommitWithinLog",
        "Only entries that stand in the log are committed.",
        "Figure 2, AppendEntries RPC, receiver 5; section 5.3",
        commit_within_log,
    ),
    Rule(
        "LeaderCommitsOwnTerm",
        "A leader commits by counting only entries of its own term.",
        "Figure 2, Rules for Servers, Leaders 4; section 5.4.2",
        leader_commits_own_term,
        leads=True,
    ),
    Rule(
        "LeaderCommitsMajority",
        "A leader commits what a majority of its configuration has acknowledged.",
        "Figure 2, Rules for Servers, Leaders 4; sections 5.3 and 6",
        leader_commits_majority,
        leads=True,
    ),
    Rule(
        "FollowerCommitsTold",
        "Others commit up to min(leaderCommit, index of last new entry).",
        "Figure 2, AppendEntries RPC, receiver 5; section 5.3",
        follower_commits_told,
        leads=False,
    ),
)
MATCH_RULES: Final = (
    Rule(
        "MatchIsAcknowledged",
        "A leader's match index of a server rises to what that acknowledged in the leader's term.",
        "Figure 2, State, matchIndex[], and Leaders 3; section 5.3",
        match_is_acknowledged,
    ),
)
