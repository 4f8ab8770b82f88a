"""What servers show of themselves decides where messages are not seen.

A trace writes a vote, an entry or a term before any message leaves that rests on it. So a server
that shows its votes, and has not given one by now, has not sent it either. In a trace without a
common order only what contradicts is certain: a vote for another, whenever it comes.
"""

from typing import Final

from properties.rules.knowledge import Cluster, Knowledge
from properties.rules.vocabulary import (
    ACKNOWLEDGEMENTS,
    FROM_LEADERS,
    HOLDS,
    NOBODY,
    PRE_VOTE,
    PRE_VOTE_RESPONSE,
    REQUEST_VOTE_RESPONSE,
    Broken,
    Meaning,
    Missing,
    Outcome,
    Place,
    Standing,
)
from raft_core import Role

NO_MESSAGES: Final = Missing("the messages that the server received")
REFUSABLE: Final = ACKNOWLEDGEMENTS | {REQUEST_VOTE_RESPONSE}
"""Kinds of answers that may refuse for a newer term."""
PRE_VOTES: Final = frozenset({PRE_VOTE, PRE_VOTE_RESPONSE})
"""Kinds of messages that may say the term of a candidacy to come. Thesis, section 9.6."""


def vote_in(cluster: Cluster, voter: int, term: int) -> int | None:
    """The candidate that a voter chose in a term, or NOBODY yet; None where it is not known."""
    known = cluster.servers.get(voter)
    if known is None or not known.shows_votes or cluster.partial or term < cluster.oldest_term:
        return None
    chosen = cluster.votes.get(term, {}).get(voter, NOBODY)
    if chosen in (None, NOBODY) and not cluster.total_order:
        return None
    if chosen == NOBODY and known.term is None:
        return None
    return chosen


def electors(server: Knowledge, term: int) -> tuple[set[int], set[int]]:
    """Who has voted for a server in a term as far as it shows, and who may have."""
    chose = {
        each: vote_in(server.cluster, each, term)
        for each in (server.voters or frozenset()) | server.joining
    }
    certain = {each for each, vote in chose.items() if vote == server.server}
    return certain, certain | {each for each, vote in chose.items() if vote is None}


def holds(cluster: Cluster, holder: int, index: int, term: int | None) -> bool | None:
    """Whether a server holds an entry by now, as far as it shows its log; None if not known."""
    known = cluster.servers.get(holder)
    if known is None or not known.shows_log or known.log.last_index is None:
        return None
    if index <= known.log.offset:
        return True
    here = known.log.term_at(index)
    if index > known.log.last_index or (None not in (term, here) and here != term):
        return False
    return None if term is None or here is None else True


def shows_everything(cluster: Cluster) -> bool:
    """Whether what is not shown by now has not happened."""
    return cluster.total_order and not cluster.partial


def holders(server: Knowledge, index: int) -> tuple[set[int], set[int]] | None:
    """Who holds an entry of a server's log, and who may hold it; None where nobody can tell."""
    voters = server.voters
    if voters is None or not shows_everything(server.cluster):
        return None
    if server.before is not None:
        voters |= server.before[0] | server.before[1]
    term = server.log.term_at(index)
    shown = {
        each: holds(server.cluster, each, index, term)
        for each in (voters | server.joining) - {server.server}
    }
    certain = {each for each, held in shown.items() if held} | {server.server}
    return certain, certain | {each for each, held in shown.items() if held is None}


def shows_terms(server: Knowledge) -> bool:
    """Whether no server can be in a term above the highest that is known."""
    if not shows_everything(server.cluster) or server.missed:
        return False
    return all(each.term is not None for each in server.cluster.servers.values())


def term_told(server: Knowledge, own: int) -> int:
    """The term that the message in hand lets a server take over; its own one where none does.

    A PreVote, or the answer to one, does not where nobody has reached its term: all that it asks
    is whether its sender would win there.
    """
    message = server.handling
    if message is None or message.term is None:
        return own
    is_to_come = message.kind in PRE_VOTES and message.term > server.cluster.highest_term
    return own if is_to_come and shows_terms(server) else message.term


def candidate_stood(server: Knowledge, candidate: int, term: int | None) -> Outcome:
    """Whether a server that gets a vote stands in that term, as far as it shows its own vote."""
    known = server.cluster.servers.get(candidate)
    if known is None or term is None or not known.shows_votes or candidate == server.server:
        return NO_MESSAGES
    own = vote_in(server.cluster, candidate, term)
    if own is None or own == candidate:
        return NO_MESSAGES if own is None else HOLDS
    name = server.cluster.name
    shown = "has not voted" if own == NOBODY else f"voted for {name(own)}"
    return Broken(
        f"a vote for {name(candidate)}, which {shown} in term {term}",
        "a vote for a candidate, which votes for itself first",
    )


def log_of_candidate(server: Knowledge, candidate: int, term: int | None) -> Place | None:
    """The last entry of a candidate that has not been heard, while its log is as it was."""
    cluster = server.cluster
    known = cluster.servers.get(candidate)
    if known is None or not known.shows_log or not shows_everything(cluster):
        return None
    if known.term != term or known.vote != candidate or known.role is Role.LEADER:
        return None
    last, last_term = known.log.last_index, known.log.last_term
    return None if last is None or last_term is None else Place(last, last_term)


def leader_committed(server: Knowledge, index: int) -> Outcome:
    """Whether the leader of a server's term may have committed that far, as it shows."""
    cluster = server.cluster
    leader = None if server.term is None else cluster.leaders.get(server.term)
    known = None if leader is None else cluster.servers.get(leader)
    if known is None or known.commit is None or not shows_everything(cluster):
        return NO_MESSAGES
    if known.role is not Role.LEADER or known.term != server.term or not known.shows_commits:
        return NO_MESSAGES
    if index <= known.commit:
        return HOLDS
    return Broken(
        f"commit index {server.commit} -> {index}",
        f"at most {known.commit}, what {cluster.name(leader)}, the leader, has committed",
    )


def is_taken_over(server: Knowledge, after: Standing) -> bool:
    """Whether a server binds its vote of this term without being asked for it."""
    return binds(server.cluster, server.handling, after.term, after.vote)


def binds(cluster: Cluster, message: Meaning | None, term: int | None, vote: int | None) -> bool:
    """Whether a message lets a server bind its vote of a term to somebody who does not ask for it.

    It may: to the term's leader that it hears, as nobody else wins that term; or to the candidate
    of a voter that refuses what it sent, which frees nobody's vote. That is no vote given: if the
    candidate asks, its log is looked at. Of some implementations it is known that they never do.
    """
    if not cluster.binds_votes or message is None or message.term is None:
        return False
    if message.term != term:
        return False
    if message.kind in FROM_LEADERS:
        return vote == message.source
    if message.kind not in REFUSABLE or message.accepted is not False:
        return False
    voted = cluster.votes.get(message.term, {}).get(message.source)
    return vote in (voted, cluster.leaders.get(message.term))


def was_committed(server: Knowledge, index: int) -> bool:
    """Whether an entry is committed, which a server may know of that has forgotten its commit index
    in a restart: it has seen the next configuration."""
    term = server.log.term_at(index)
    if term is None:
        return index <= server.cluster.newest
    committed = server.cluster.committed.get(index)
    return committed is not None and committed[0] == term


def all_acknowledged(server: Knowledge, index: int) -> bool:
    """Whether every server of the cluster holds what a leader has there: nobody wins without it."""
    if server.voters is None or not server.voters.issuperset(server.cluster.servers):
        return False
    others = (each for each in server.voters if each != server.server)
    return all(server.match.get(each, 0) >= index for each in others)
