"""Rules of a server's life: messages, restarts, snapshots, what it applies."""

from collections.abc import Iterator
from typing import Final

from properties.rules.elections import NO_TERM, NO_VOTERS, acting_on, names_of, vote_is_whole
from properties.rules.knowledge import Knowledge
from properties.rules.replication import NO_COMMIT, NO_LOG
from properties.rules.shown import NO_MESSAGES
from properties.rules.vocabulary import (
    HOLDS,
    INSTALL_SNAPSHOT,
    NOBODY,
    Broken,
    Meaning,
    Missing,
    Outcome,
    Place,
    Rule,
    Stored,
)

NOT_APPLIED: Final = Missing("what the server has applied")
NO_PLACE: Final = Missing("the term or the index of messages")
FORGOTTEN: Final = Missing("messages so old that they change nothing")


def received_by_itself(server: Knowledge, message: Meaning) -> Outcome:
    """A message reaches the server that it is for, while that one runs."""
    if message.destination != server.server:
        found = f"a message to {server.cluster.name(message.destination)}"
        return Broken(found, f"to {server.cluster.name(server.server)}, who receives it")
    return (
        HOLDS if server.running else Broken("a message received by a server that is down", "none")
    )


def received_was_sent(server: Knowledge, message: Meaning) -> Outcome:
    """Nothing is received that was not sent before; networks lose and repeat, but invent not."""
    cluster = server.cluster
    if message.key is None or cluster.partial or not (cluster.total_order or cluster.sends_first):
        return None
    was_sent = cluster.was_sent(message)
    if was_sent:
        return HOLDS
    sender = cluster.servers.get(message.source)
    shown = frozenset() if sender is None else sender.reports_sending
    if message.kind not in (shown if cluster.reports_all is None else cluster.reports_all):
        return NO_MESSAGES
    if was_sent is None or cluster.is_over(message):
        return FORGOTTEN if was_sent is False else NO_PLACE
    return Broken(
        f"{message.kind} of term {message.term} from {cluster.name(message.source)} received",
        "a message that was sent before, with the same content",
    )


def term_is_kept(server: Knowledge, stored: Stored) -> Outcome:
    """A server starts with the term that it had, or at least that it has shown to others."""
    if stored.term is None:
        return None
    if server.term is None:
        return NO_TERM
    lowest = server.term if server.cluster.exact_restart else arrived_term(server)
    if server.owed is not None:
        lowest = min(lowest, server.owed[0])
    if lowest <= stored.term <= server.term:
        return HOLDS
    return Broken(
        f"restarts in term {stored.term}", f"a term from {lowest} to {server.term}, as it had"
    )


def arrived_term(server: Knowledge) -> int:
    """The latest term in which a vote or an acknowledgement of this server arrived."""
    return max(server.arrived_vote[0], server.arrived_match[0])


def vote_is_kept(server: Knowledge, stored: Stored) -> Outcome:
    """A server starts with the vote that it gave in its term."""
    if stored.vote is None:
        return None
    if server.torn is not None:
        return vote_is_whole(server, stored, server.torn)
    if server.cluster.exact_restart:
        legal, term = server.vote, server.term
    else:
        term, legal = server.arrived_vote
    if server.owed is not None:
        term, legal = server.owed
        if legal == NOBODY or stored.vote == server.vote:
            return HOLDS
    if legal is None or term is None:
        return Missing("the server's vote")
    if stored.term not in (None, term):
        return None
    if stored.vote == legal:
        return HOLDS
    name = server.cluster.name
    found = f"restarts with a vote for {name(stored.vote)} in term {term}"
    return Broken(found, f"for {name(legal)}")


def log_is_kept(server: Knowledge, stored: Stored) -> Outcome:
    """A server starts with the log that it had, or at least that it acknowledged."""
    if stored.last_index is None:
        return None
    last = server.log.last_index
    if last is None:
        return NO_LOG
    if server.cluster.exact_restart:
        lowest = written(server, last)
        if lowest <= stored.last_index <= last:
            return HOLDS
        legal = f"up to {last}" if lowest == last else f"up to {lowest} at least"
        return Broken(f"restarts with a log up to {stored.last_index}", legal)
    term, match = server.arrived_match
    lowest = match if stored.term == term and server.shaky_from is None else 0
    if stored.last_index >= lowest:
        return HOLDS
    found = f"restarts with a log up to {stored.last_index}"
    return Broken(found, f"at least up to {lowest}, which it acknowledged in term {term}")


def written(server: Knowledge, last: int) -> int:
    """Up to where a log is on the disk: a leader may send its own entries before it writes them.

    Thesis, section 10.2.1. One that was deposed may still not have written them.
    """
    if not server.led_from or server.commit is None:
        return last
    lowest = max(server.commit, server.acknowledged)
    while last > lowest and (server.log.term_at(last) or 0) >= server.led_from:
        last -= 1
    return last


def restart_commits_known(server: Knowledge, stored: Stored) -> Outcome:
    """A server that starts knows no more to be committed than it did."""
    if stored.commit is None:
        return None
    if server.commit is None:
        return NO_COMMIT
    highest = max(server.commit, server.may_commit)
    if stored.commit <= highest:
        return HOLDS
    if server.missed:
        return NO_MESSAGES
    return Broken(f"restarts with commit index {stored.commit}", f"at most {highest}")


def configuration_is_kept(server: Knowledge, stored: Stored) -> Outcome:
    """A server starts under the last configuration of its log."""
    if stored.voters is None:
        return None
    if server.voters is None or not server.is_configured:
        return NO_VOTERS
    if stored.voters in (server.voters, server.joining, server.voters | server.joining):
        return HOLDS
    place, last = server.configured_at, stored.last_index
    shown = server.cluster.configurations.get((stored.voters, frozenset()))
    newer = shown is not None and stored.voters not in server.past
    newer = newer or (shown or 0) > (place or 0)
    kept = last is not None and (last == server.log.last_index if place is None else last >= place)
    if newer or not kept:  # the log may hold another configuration, or not hold that one
        return NO_LOG
    where = "" if place is None else f", which stands at {place}"
    found = f"restarts with the voters {names_of(server, stored.voters)}"
    return Broken(found, f"{names_of(server, server.voters)}{where}")


def snapshot_is_known(server: Knowledge, place: Place) -> Outcome:
    """A snapshot is of what is committed here, or was sent by the leader of this term."""
    if server.commit is None:
        return NO_COMMIT
    if place.index <= server.commit:
        known = server.log.term_at(place.index) or place.term
        if place.term in (None, known):
            return HOLDS
        found = f"a snapshot up to {place.index}@{place.term}"
        return Broken(found, f"{place.index}@{known}, the committed entry that stands there")
    if server.offered is None or server.missed:
        if not server.cluster.hears_all(server, INSTALL_SNAPSHOT):
            return NO_MESSAGES
        found = f"a snapshot up to {place.index} {acting_on(server)}"
        return Broken(found, f"at most {server.commit}, the commit, or one that a leader sends")
    index, term = server.offered
    if index in (None, place.index) and term in (None, place.term):
        return HOLDS
    found = f"a snapshot up to {place.index}@{place.term}"
    return Broken(found, f"{index}@{term}, as it was sent")


def snapshot_replaces_conflict(server: Knowledge, place: Place) -> Outcome:
    """No entry stays after a snapshot whose last entry the log did not hold."""
    last = server.log.last_index
    if last is None:
        return NO_LOG
    if last <= place.index or place.index <= server.log.offset:
        return HOLDS
    known = server.log.term_at(place.index)
    if known is None or place.term is None:
        return NO_LOG
    if known == place.term:
        return HOLDS
    found = f"entries left after a snapshot up to {place.index}@{place.term}"
    return Broken(found, f"none: the log held {place.index}@{known}")


def committed_is_applied(server: Knowledge, place: Place) -> Outcome:
    """Only committed entries are applied."""
    if server.commit is None:
        return NO_COMMIT
    if place.index <= max(server.commit, server.log.offset):
        return HOLDS
    return Broken(f"entry {place.index} applied", f"at most {server.commit}, the commit index")


def applied_in_order(server: Knowledge, place: Place) -> Outcome:
    """Entries are applied in order, each once, and none is left out.

    A state machine that was not lost in a crash goes on from no more than it had applied.
    """
    if server.applied is not None and place.index <= server.applied + 1:
        if place.index > server.applied:
            return HOLDS
        return Broken(f"entry {place.index} applied again", f"after {server.applied}")
    reached = reached_by(server)
    if reached is None:
        return NOT_APPLIED
    term_at = server.log.term_at
    for index in range(reached + 1, min(place.index, last_known(server) + 1)):
        content = content_at(server, index)
        if index <= server.log.offset or index in server.cluster.changes or content is None:
            continue
        if term_at(index) == term_at(index - 1) and content not in server.cluster.passed_over:
            found = f"entry {place.index} applied, and {index} ({content!r}) is not"
            return Broken(found, f"entry {index}, after {reached}")
    return HOLDS


def reached_by(server: Knowledge) -> int | None:
    """Up to where a server's state machine can be, before it applies more."""
    reached = server.had_applied if server.applied is None else server.applied
    return None if reached is None else max(reached, server.log.offset)


def last_known(server: Knowledge) -> int:
    """The last index of a log of which anything is known."""
    return server.log.offset + len(server.log.terms)


def content_at(server: Knowledge, index: int) -> str | None:
    """What the entry at an index of a server's log carries, where a trace says it."""
    known = server.cluster.entries.get((index, server.log.term_at(index) or 0))
    return None if known is None else known[1]


def contents_between(server: Knowledge, index: int) -> Iterator[str]:
    """What entries carry that are left out before one that is applied: the first of their terms.

    Leaders put an entry without effect there, and may put the same elsewhere.
    """
    reached = reached_by(server)
    if reached is None or index <= reached + 1:
        return
    for place in range(reached + 1, min(index, last_known(server) + 1)):
        content = content_at(server, place)
        if content is not None and server.log.term_at(place) != server.log.term_at(place - 1):
            yield content


def applied_as_stored(server: Knowledge, place: Place) -> Outcome:
    """What is applied is the entry that stands in the log."""
    known = server.log.term_at(place.index)
    if place.term is None:
        return None
    if known is None:
        return NO_LOG
    if known == place.term:
        return HOLDS
    return Broken(f"entry {place.index}@{place.term} applied", f"{place.index}@{known}")


KEPT: Final = "Figure 2, State, Persistent state on all servers"
RECEIVE_RULES: Final = (
    Rule(
        "ReceivedByItself",
        "A message reaches the server that it is for, while that one runs.",
        "section 5.1",
        received_by_itself,
    ),
    Rule(
        "ReceivedWasSent",
        "A message that is received was sent before, as it is.",
        "section 5.1; section 2 (networks lose, repeat and reorder)",
        received_was_sent,
    ),
)
START_RULES: Final = (
    Rule("TermIsKept", "A term survives a crash.", f"{KEPT}, currentTerm", term_is_kept),
    Rule("VoteIsKept", "A vote survives a crash.", f"{KEPT}, votedFor; section 5.2", vote_is_kept),
    Rule("LogIsKept", "The log survives a crash.", f"{KEPT}, log[]; section 5.3", log_is_kept),
    Rule(
        "RestartCommitsKnown",
        "A server that starts takes nothing for committed that it did not know to be.",
        "Figure 2, State, Volatile state on all servers, commitIndex",
        restart_commits_known,
    ),
    Rule(
        "ConfigurationIsKept",
        "A server that starts is under the last configuration of its log.",
        "section 6; thesis, section 4.1",
        configuration_is_kept,
    ),
)
SNAPSHOT_RULES: Final = (
    Rule(
        "SnapshotIsKnown",
        "A snapshot is of what is committed, or sent by the leader of the term.",
        "section 7; Figure 13, InstallSnapshot RPC, receiver 1 to 5",
        snapshot_is_known,
    ),
    Rule(
        "SnapshotReplacesConflict",
        "No entry stays after a snapshot whose last entry the log did not hold.",
        "Figure 13, InstallSnapshot RPC, receiver 6 and 7; section 7",
        snapshot_replaces_conflict,
    ),
)
APPLY_RULES: Final = (
    Rule(
        "CommittedIsApplied",
        "Only committed entries are applied.",
        "Figure 2, Rules for Servers, All Servers 1; section 5.3",
        committed_is_applied,
    ),
    Rule(
        "AppliedInOrder",
        "Entries are applied in order, each once, and none is left out.",
        "Figure 2, State, lastApplied (increases monotonically); All Servers 1",
        applied_in_order,
    ),
    Rule(
        "AppliedAsStored",
        "What is applied is what stands in the log.",
        "Figure 2, Rules for Servers, All Servers 1; section 5.3",
        applied_as_stored,
    ),
)
