"""Rules of how a server answers: votes and acknowledgements, given and refused.

An answer is judged against the request that the server is handling.
"""

from typing import Final

from properties.rules.elections import (
    NO_TERM,
    NO_VOTE,
    acting_on,
    is_up_to_date,
)
from properties.rules.knowledge import Knowledge
from properties.rules.replication import NO_LOG
from properties.rules.shown import NO_MESSAGES
from properties.rules.vocabulary import (
    ACKNOWLEDGEMENTS,
    APPEND_ENTRIES,
    APPEND_ENTRIES_RESPONSE,
    HEARTBEAT,
    HOLDS,
    INSTALL_SNAPSHOT,
    NOBODY,
    REQUEST_VOTE,
    REQUEST_VOTE_RESPONSE,
    Broken,
    Meaning,
    Missing,
    Outcome,
    Rule,
)
from raft_core import Role

NO_ENTRY: Final = Missing("entries that a snapshot has replaced")
TO_ACKNOWLEDGE: Final = frozenset({APPEND_ENTRIES, HEARTBEAT, INSTALL_SNAPSHOT})


def request_of(server: Knowledge, response: Meaning) -> Meaning | None:
    """The message that a response answers, if it is the one that the server is handling."""
    message = server.handling
    return message if message is not None and message.source == response.destination else None


def vote_is_granted(server: Knowledge, response: Meaning) -> Outcome:
    """A vote is granted to a candidate of this term that has it, and whose log is up-to-date."""
    if response.kind != REQUEST_VOTE_RESPONSE or not response.accepted:
        return None
    if response.destination == server.server:
        return vote_is_for(server, server.server)
    request = request_of(server, response)
    if request is None or request.kind != REQUEST_VOTE:
        if not server.cluster.hears_all(server, REQUEST_VOTE):
            return NO_MESSAGES
        return Broken(f"a vote granted {acting_on(server)}", "an answer to RequestVote")
    if server.term is None:
        return NO_TERM
    if request.term != server.term:
        found = f"a vote in term {server.term} for a request of term {request.term}"
        return Broken(found, "no vote: the request is of another term")
    vote, asked = vote_is_for(server, request.source), (request.source, request.term)
    if vote is not HOLDS or server.voted_before == asked != server.taken_over:
        return vote  # granted again: what the log has got since the vote does not matter
    if server.term in server.cluster.leaders:
        return vote  # nor in a term that has its leader
    return is_up_to_date(server, request.source, request.index, request.log_term)


def vote_is_for(server: Knowledge, candidate: int) -> Outcome:
    """Whether the server's vote of this term is, or may become, this candidate's."""
    if server.vote is None:
        return NO_VOTE
    if server.vote == candidate:
        return HOLDS
    name = server.cluster.name
    if server.vote == NOBODY:
        if server.cluster.vote_follows_grant:
            return HOLDS
        found = f"a vote for {name(candidate)} granted that was not recorded"
        return Broken(found, "votedFor on stable storage before the answer")
    return Broken(f"a vote granted to {name(candidate)}", f"it went to {name(server.vote)}")


def vote_is_refused(server: Knowledge, response: Meaning) -> Outcome:
    """A vote is refused for a reason: an old term, another vote, a better log, a leader."""
    if response.kind != REQUEST_VOTE_RESPONSE or response.accepted is not False:
        return None
    request = request_of(server, response)
    if request is None or request.kind != REQUEST_VOTE:
        return NO_MESSAGES
    if server.term is None or request.term is None or server.vote is None:
        return NO_VOTE
    has_leader = server.heard_term == server.term or server.role is Role.LEADER
    if request.term < server.term or has_leader:
        return HOLDS
    if request.term in server.cluster.leaders:
        return HOLDS  # no vote is needed any more in a term that has its leader
    if server.missed:  # maybe a message of this term's leader
        return NO_MESSAGES
    if server.vote not in (NOBODY, request.source):
        return HOLDS
    if server.voters is not None and request.source not in server.voters | server.joining:
        return HOLDS
    judged = is_up_to_date(server, request.source, request.index, request.log_term)
    if judged is not HOLDS:
        return HOLDS if isinstance(judged, Broken) else judged
    return Broken(
        f"a vote refused to {server.cluster.name(request.source)}",
        "granted: the vote is free, no leader is known, and the log is up-to-date",
    )


def acknowledged_is_held(server: Knowledge, response: Meaning) -> Outcome:
    """What a server acknowledges stands in its log."""
    if response.kind not in ACKNOWLEDGEMENTS or not response.accepted or response.index is None:
        return None
    last = server.log.last_index
    if last is None:
        return NO_LOG
    if response.index > last:
        return Broken(f"entries up to {response.index} acknowledged", f"at most {last}")
    return HOLDS


def acknowledged_was_sent(server: Knowledge, response: Meaning) -> Outcome:
    """A server acknowledges what this leader sent, or what is committed, and no more."""
    if response.kind not in ACKNOWLEDGEMENTS or not response.accepted or not response.index:
        return None
    if response.destination == server.server:
        return None
    request = request_of(server, response)
    if request is None or request.kind not in TO_ACKNOWLEDGE:
        if server.offered is not None and response.index <= (server.offered[0] or 0):
            return HOLDS  # the rest of the snapshot that a leader has offered, from whomever
        if not server.cluster.hears_all(server, APPEND_ENTRIES):
            return NO_MESSAGES
        return Broken(f"an acknowledgement {acting_on(server)}", "an answer to the leader")
    if request.term is not None and server.term is not None and request.term < server.term:
        found = f"{request.kind} of term {request.term} acknowledged in term {server.term}"
        return Broken(found, "refused: the term is old")
    end = request.index if request.kind != APPEND_ENTRIES else request.last_new_index
    if end is None or server.commit is None:
        return NO_MESSAGES
    if response.index <= max(end, server.commit):
        return HOLDS
    found = f"entries up to {response.index} acknowledged"
    return Broken(found, f"at most {max(end, server.commit)}: what was sent, or is committed")


def accepted_is_stored(server: Knowledge, response: Meaning) -> Outcome:
    """A server that accepts an AppendEntries holds its previous entry, and all of its entries."""
    request = accepted_append(server, response)
    if request is None or request.index is None or (response.index or 0) < request.index:
        return None
    last = server.log.last_index
    if last is None:
        return NO_LOG
    floor, end = max(server.log.offset, server.commit or 0), response.index or 0
    if end <= floor:
        return HOLDS
    for index, term in enumerate((request.log_term, *(request.terms or ())), start=request.index):
        if index <= floor:
            continue
        if index > end:
            break
        here = server.log.term_at(index)
        if index > last:
            return Broken(f"accepted, but entry {index} is not there", f"entry {index}@{term}")
        if here is not None and term is not None and here != term:
            return Broken(f"accepted, but the log holds {index}@{here}", f"{index}@{term}")
    return HOLDS


def accepted_append(server: Knowledge, response: Meaning) -> Meaning | None:
    """The AppendEntries of this term that a response accepts, if it does."""
    if response.kind != APPEND_ENTRIES_RESPONSE or not response.accepted:
        return None
    request = request_of(server, response)
    if request is None or request.kind != APPEND_ENTRIES or request.term != server.term:
        return None
    return request


def append_is_refused(server: Knowledge, response: Meaning) -> Outcome:
    """An AppendEntries is refused for an old term, or a previous entry that is not there."""
    if response.kind != APPEND_ENTRIES_RESPONSE or response.accepted is not False:
        return None
    request = request_of(server, response)
    if request is None or request.kind != APPEND_ENTRIES:
        return NO_MESSAGES
    if request.term is None or server.term is None or request.index is None:
        return NO_TERM
    last = server.log.last_index
    if request.term < server.term:
        return HOLDS
    if last is None:
        return NO_LOG
    if request.index > last:
        return HOLDS
    here = server.log.term_at(request.index)
    if request.index > server.log.offset and (here is None or request.log_term is None):
        return NO_LOG
    if request.index > server.log.offset and here != request.log_term:
        return HOLDS
    if request.index < server.replaced:
        return NO_ENTRY
    found = f"AppendEntries after {request.index}@{request.log_term} refused"
    return Broken(found, "accepted: the log holds that entry")


RESPONSE_RULES: Final = (
    Rule(
        "VoteIsGranted",
        "A vote is granted once a term, recorded first, and to a log that is up-to-date.",
        "Figure 2, RequestVote RPC, receiver 1 and 2; sections 5.2 and 5.4.1",
        vote_is_granted,
        kinds=frozenset({REQUEST_VOTE_RESPONSE}),
        accepts=True,
    ),
    Rule(
        "VoteIsRefused",
        "A vote is refused for an old term, another vote, a better log, or a leader.",
        "Figure 2, RequestVote RPC, receiver 1 and 2; section 5.4.1",
        vote_is_refused,
        kinds=frozenset({REQUEST_VOTE_RESPONSE}),
        accepts=False,
    ),
    Rule(
        "AcknowledgedIsHeld",
        "What a server acknowledges stands in its log.",
        "Figure 2, AppendEntries RPC, results; section 5.3",
        acknowledged_is_held,
        kinds=ACKNOWLEDGEMENTS,
        accepts=True,
    ),
    Rule(
        "AcknowledgedWasSent",
        "A server acknowledges what the leader of its term sent, or what is committed.",
        "Figure 2, AppendEntries RPC, receiver 1, and results; section 5.3",
        acknowledged_was_sent,
        kinds=ACKNOWLEDGEMENTS,
        accepts=True,
    ),
    Rule(
        "AcceptedIsStored",
        "A server that accepts an AppendEntries holds its previous entry and its entries.",
        "Figure 2, AppendEntries RPC, receiver 2 to 4; section 5.3",
        accepted_is_stored,
        kinds=frozenset({APPEND_ENTRIES_RESPONSE}),
        accepts=True,
    ),
    Rule(
        "AppendIsRefused",
        "An AppendEntries is refused for an old term, or for want of the previous entry.",
        "Figure 2, AppendEntries RPC, receiver 1 and 2; section 5.3",
        append_is_refused,
        kinds=frozenset({APPEND_ENTRIES_RESPONSE}),
        accepts=False,
    ),
)
