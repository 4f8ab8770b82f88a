"""Rules of terms, votes and leaders: sections 5.1, 5.2 and 5.4.1.

Each looks at one server's `Standing` after a change, and at what is known of it before.
"""

from typing import Final

from properties.rules.knowledge import Knowledge, Torn
from properties.rules.shown import (
    NO_MESSAGES,
    binds,
    candidate_stood,
    electors,
    is_taken_over,
    log_of_candidate,
    shows_terms,
    term_told,
)
from properties.rules.vocabulary import (
    FROM_LEADERS,
    HOLDS,
    NOBODY,
    PRE_VOTE_RESPONSE,
    REQUEST_VOTE,
    REQUEST_VOTE_RESPONSE,
    TIMEOUT_NOW,
    Broken,
    Meaning,
    Missing,
    Outcome,
    Rule,
    Standing,
    Stored,
)
from raft_core import Role

NO_TERM: Final = Missing("the server's term")
NO_VOTE: Final = Missing("the server's vote")
NO_VOTES: Final = Missing("the votes that the server received")
NO_CANDIDACIES: Final = Missing("the server's candidacies")
NO_VOTERS: Final = Missing("the configuration")
NO_LAST: Final = Missing("the last entry of the server's log")


def term_rises(server: Knowledge, after: Standing) -> Outcome:
    """A term never falls."""
    if after.term is None or after.term == server.term:
        return None
    if server.term is None:
        return NO_TERM
    if after.term > server.term:
        return HOLDS
    return Broken(f"term {server.term} -> {after.term}", f"a term of at least {server.term}")


def term_has_cause(server: Knowledge, after: Standing) -> Outcome:
    """A newer term comes from a message, or is one's own candidacy in the next term."""
    if server.term is None or after.term is None or after.term <= server.term:
        return None
    heard = term_told(server, server.term)
    stands = after.vote is None or after.vote == server.server
    if after.term == heard or (stands and after.term in (server.term + 1, heard + 1)):
        return HOLDS
    return unseen_cause(server, after, heard)


def unseen_cause(server: Knowledge, after: Standing, heard: int) -> Outcome:
    """Whether a message that the trace does not show may have brought this term."""
    cluster = server.cluster
    kinds = (PRE_VOTE_RESPONSE, REQUEST_VOTE, *FROM_LEADERS)
    if not all(cluster.hears_all(server, kind) for kind in kinds):
        if after.term is None or after.term <= cluster.highest_term or not shows_terms(server):
            return NO_MESSAGES
        return Broken(
            f"term {server.term} -> {after.term}",
            f"at most {cluster.highest_term}, the highest term that any server has reached, "
            f"or {(server.term or 0) + 1} as a candidate",
        )
    legal = {server.term, max(heard, server.term or 0)}
    return Broken(
        f"term {server.term} -> {after.term}, {acting_on(server)}",
        f"{' or '.join(map(str, sorted(each for each in legal if each is not None)))}, "
        f"or {(server.term or 0) + 1} as a candidate that votes for itself",
    )


def acting_on(server: Knowledge) -> str:
    """The message that the server acts upon, in words."""
    message = server.handling
    if message is None:
        return "on no message"
    return f"on {message.kind} of term {message.term} from {server.cluster.name(message.source)}"


def new_term_frees_vote(server: Knowledge, after: Standing) -> Outcome:
    """In a new term a server has voted for nobody, itself, or the candidate that it now answers."""
    if server.term is None or after.term is None or after.term <= server.term:
        return None
    if after.vote is None:
        return NO_VOTE
    message = server.handling
    legal = {NOBODY, server.server}
    if message is not None and message.kind == REQUEST_VOTE and message.term == after.term:
        legal.add(message.source)
    if after.vote in legal or is_taken_over(server, after):
        return HOLDS
    if not server.cluster.hears_all(server, REQUEST_VOTE):
        return candidate_stood(server, after.vote, after.term)
    name = server.cluster.name
    return Broken(
        f"term {after.term} begins with a vote for {name(after.vote)}",
        " or ".join(sorted(name(each) for each in legal)),
    )


def vote_once(server: Knowledge, after: Standing) -> Outcome:
    """Within a term a vote that was given stays where it is."""
    if after.term != server.term or after.vote is None or after.vote == server.vote:
        return None
    if server.vote is None:
        return NO_VOTE
    if server.vote == NOBODY:
        return HOLDS
    name = server.cluster.name
    return Broken(
        f"vote of term {after.term}: {name(server.vote)} -> {name(after.vote)}",
        f"{name(server.vote)} until the term ends",
    )


def vote_has_cause(server: Knowledge, after: Standing) -> Outcome:
    """A vote goes to the candidate that asked for it, or to oneself as a candidate."""
    if after.vote in (None, NOBODY) or after.vote == server.vote or after.term != server.term:
        return None
    if after.vote == server.server:
        return HOLDS if after.role is not Role.LEADER else None
    message = server.handling
    if message is not None and message.kind == REQUEST_VOTE and message.source == after.vote:
        return HOLDS
    if is_taken_over(server, after):
        return HOLDS
    if not server.cluster.hears_all(server, REQUEST_VOTE):
        return candidate_stood(server, after.vote, after.term)
    name = server.cluster.name
    return Broken(
        f"vote for {name(after.vote)}, {acting_on(server)}",
        "a vote for a candidate whose RequestVote is being answered",
    )


def vote_is_whole(server: Knowledge, stored: Stored, torn: Torn) -> Outcome:
    """A server that crashed inside a step starts with a vote that it had, or was about to give.

    Term and vote are one fact: where they are written one after the other, an older vote can come
    to stand in a newer term, in which its candidate has it without asking.
    """
    if stored.vote in (NOBODY, server.server):
        return HOLDS
    if stored.term is None or stored.term < torn.term:
        return None  # what it wrote in the newer term may not have come to its disk yet
    if (stored.term, stored.vote) == (torn.term, torn.vote):
        return HOLDS
    message, asker = torn.handled, server.server
    if message is not None and message.kind == REQUEST_VOTE:
        asker = message.source
        if (asker, message.term) == (stored.vote, stored.term):
            return HOLDS
    if binds(server.cluster, message, stored.term, stored.vote):
        return HOLDS
    name = server.cluster.name
    found = f"restarts with a vote for {name(stored.vote)} in term {stored.term}"
    return Broken(found, f"for {name(asker)} or nobody: it crashed where no other had asked")


def vote_to_up_to_date(server: Knowledge, after: Standing) -> Outcome:
    """A vote goes only to a candidate whose log is at least as up-to-date as the voter's."""
    if after.vote == server.vote and after.term == server.term:
        return None
    if after.vote in (None, NOBODY, server.server) or after.term in server.cluster.leaders:
        return None  # whoever gets this vote, no other wins a term that has its leader
    message = server.handling
    if message is not None and message.kind == REQUEST_VOTE:
        if after.vote != message.source or after.term != message.term:
            return None
        if message.source in server.refusing:
            return None  # it is bound, and never given
        return is_up_to_date(server, message.source, message.index, message.log_term)
    if server.cluster.hears_all(server, REQUEST_VOTE) or not server.shows_log:
        return None
    last = log_of_candidate(server, after.vote, after.term)
    return None if last is None else is_up_to_date(server, after.vote, last.index, last.term)


def is_up_to_date(
    server: Knowledge, candidate: int, index: int | None, term: int | None
) -> Outcome:
    """Whether a candidate's log is at least as up-to-date as this server's. Section 5.4.1."""
    last_index, last_term = server.log.last_index, server.log.last_term
    if term is None or last_term is None:
        return NO_LAST
    if term != last_term:
        enough = term > last_term
    elif index is None or last_index is None:
        return NO_LAST
    else:
        enough = index >= last_index
    if enough:
        return HOLDS
    return Broken(
        f"a vote for {server.cluster.name(candidate)}, whose last entry is {index}@{term}",
        f"no vote: the voter's last entry is {last_index}@{last_term}",
    )


def candidate_in_new_term(server: Knowledge, after: Standing) -> Outcome:
    """A server that becomes a candidate raises its term by one, and votes for itself."""
    if after.role is not Role.CANDIDATE or after.role is server.role:
        return stands_again(server, after)
    if server.role is Role.LEADER:
        if server.missed:  # maybe a message of a newer term, for which it stepped down before
            return NO_MESSAGES
        return Broken("leader -> candidate", "follower: a leader stays one until it steps down")
    if after.vote is None:
        return NO_VOTE
    if after.vote != server.server:
        found = f"candidate with a vote for {server.cluster.name(after.vote)}"
        return Broken(found, "a vote for itself")
    if server.term is not None and after.term == server.term and server.vote != after.vote:
        return Broken(f"candidate still in term {after.term}", f"term {server.term + 1}")
    return HOLDS


def stands_again(server: Knowledge, after: Standing) -> Outcome:
    """A candidate that stays one in a new term votes for itself again."""
    if after.role is not Role.CANDIDATE or after.term == server.term or after.vote is None:
        return None
    if after.vote == server.server:
        return HOLDS
    found = f"candidate with a vote for {server.cluster.name(after.vote)}"
    return Broken(found, "a vote for itself")


def leader_was_candidate(server: Knowledge, after: Standing) -> Outcome:
    """Only a candidate becomes a leader, and in the term in which it stood."""
    if after.role is not Role.LEADER:
        return None
    if server.role is Role.LEADER and after.term == server.term:
        return None
    if server.role is None:
        return Missing("the server's role")
    if not server.cluster.shows_roles and not server.has_stood:
        return NO_CANDIDACIES
    if server.role is Role.CANDIDATE and after.term == server.term:
        return HOLDS
    found = f"{server.role.value} in term {server.term} -> leader in term {after.term}"
    return Broken(found, "a candidate of the same term before")


def leader_has_majority(server: Knowledge, after: Standing) -> Outcome:
    """A leader got the votes of a majority of its configuration."""
    if after.role is not Role.LEADER:
        return None
    if server.role is Role.LEADER and after.term == server.term:
        return None
    if server.voters is None:
        return NO_VOTERS
    votes = {server.server} if after.vote in (None, server.server) else set()
    if after.term == server.term:
        votes |= server.granted
    if is_quorum(server, votes):
        return HOLDS
    if not server.cluster.hears_all(server, REQUEST_VOTE_RESPONSE):
        return majority_is_shown(server, votes, after.term)
    return no_majority(server, votes, after)


def majority_is_shown(server: Knowledge, votes: set[int], term: int | None) -> Outcome:
    """Whether voters show that they voted for a leader of whom no votes are seen."""
    certain, possible = electors(server, term or 0)
    if is_quorum(server, votes | certain):
        return HOLDS
    if is_quorum(server, votes | possible):
        return NO_VOTES
    return no_majority(server, votes | certain, Standing(term, None, Role.LEADER))


def no_majority(server: Knowledge, votes: set[int], after: Standing) -> Broken:
    """A leader of too few."""
    name = server.cluster.name
    return Broken(
        f"leader of term {after.term} with the votes of {names_of(server, votes) or 'nobody'}",
        f"a majority of {names_of(server, server.voters or frozenset())}"
        + (f" and one of {names_of(server, server.joining)}" if server.joining else "")
        + ("" if after.vote in (None, server.server) else f"; it voted for {name(after.vote)}"),
    )


def others_elect(server: Knowledge, after: Standing) -> Outcome:
    """A vote that shows later than the leader of its term leaves that one its majority."""
    vote, term, cluster = after.vote, after.term, server.cluster
    if term is None or vote in (None, NOBODY) or cluster.total_order or cluster.partial:
        return None
    leader = cluster.servers.get(cluster.leaders.get(term, NOBODY))
    if leader is None or leader.server == vote or leader.term != term or leader.voters is None:
        return None
    certain, possible = electors(leader, term)
    possible.discard(server.server)
    if is_quorum(leader, possible | leader.granted):
        return None
    return no_majority(leader, certain | leader.granted, Standing(term, None, Role.LEADER))


def may_still_stand(server: Knowledge) -> bool:
    """Whether a learner votes as well, or did before a change that it does not know committed."""
    if server.server in (server.voters or frozenset()) | server.joining:
        return True
    if server.before is None or server.server not in server.before[0] | server.before[1]:
        return False
    return None in (server.configured_at, server.commit) or (
        (server.configured_at or 0) > (server.commit or 0)
    )


def learners_follow(server: Knowledge, after: Standing) -> Outcome:
    """Who only learns does not stand, and does not lead."""
    if after.role not in (Role.CANDIDATE, Role.LEADER) or not server.learners:
        return None
    if (after.role, after.term) == (server.role, server.term):
        return None
    if server.server not in server.learners or may_still_stand(server):
        return HOLDS
    found = f"{server.cluster.name(server.server)}, a learner, is {after.role.value}"
    return Broken(found, "a voter of its configuration")


def newer_term_is_adopted(server: Knowledge, message: Meaning) -> Outcome:
    """Once a message of a newer term is handled, the server is in that term.

    So much is asked where it comes from a leader. A request for a vote may be disregarded (section
    6; thesis, 4.2.3), and an answer may come when nobody waits for it any more. Who is no member
    may be disregarded, as it would depose leaders for ever.
    """
    if message.kind not in ADOPTED or message.term is None:
        return None
    if server.term is None:
        return NO_TERM
    members = (server.voters or frozenset()) | server.joining
    if server.term >= message.term:
        return HOLDS
    if server.voters is not None and message.source not in members:
        return None
    return Broken(f"term {server.term}, {acting_on(server)}", f"a term of at least {message.term}")


def is_quorum(server: Knowledge, votes: set[int]) -> bool:
    """Whether these servers decide in the server's configuration; both halves of a joint one."""
    return is_quorum_of(votes, server.voters or frozenset(), server.joining)


def is_quorum_of(votes: set[int], voters: frozenset[int], joining: frozenset[int]) -> bool:
    """Whether these servers are a majority of the voters, and of those that join them."""
    if 2 * len(votes & voters) <= len(voters):
        return False
    return not joining or 2 * len(votes & joining) > len(joining)


def names_of(server: Knowledge, servers: "set[int] | frozenset[int]") -> str:
    """Servers by name, in a fixed order."""
    return ", ".join(server.cluster.name(each) for each in sorted(servers))


ADOPTED: Final = FROM_LEADERS - {TIMEOUT_NOW}
"""Kinds of messages whose newer term nobody may disregard."""
HANDLED_RULES: Final = (
    Rule(
        "NewerTermAdopted",
        "A server that hears from a leader of a newer term takes the term over.",
        "Figure 2, Rules for Servers, All Servers 2; section 5.1",
        newer_term_is_adopted,
    ),
)
TERM: Final = "Figure 2, State, currentTerm (increases monotonically); section 5.1"
STANDING_RULES: Final = (
    Rule("TermRises", "A server's term never falls.", TERM, term_rises, certain=True),
    Rule(
        "TermHasCause",
        "A newer term comes from a message, or is the next one, in which the server stands.",
        "Figure 2, Rules for Servers, All Servers 2 and Candidates 1; section 5.1",
        term_has_cause,
    ),
    Rule(
        "NewTermFreesVote",
        "A new term begins without a vote, or with one that is given in this step.",
        "Figure 2, State, votedFor (null if none); section 5.2",
        new_term_frees_vote,
    ),
    Rule(
        "VoteOnce",
        "A server votes for at most one candidate in a term.",
        "Figure 2, RequestVote RPC, receiver 2; section 5.2",
        vote_once,
        certain=True,
    ),
    Rule(
        "VoteHasCause",
        "A vote goes to a server that asked for it, or to oneself as a candidate.",
        "Figure 2, RequestVote RPC, receiver 2, and Candidates 1; section 5.2",
        vote_has_cause,
    ),
    Rule(
        "VoteToUpToDate",
        "A vote goes only to a candidate whose log is at least as up-to-date as the voter's.",
        "Figure 2, RequestVote RPC, receiver 2; section 5.4.1",
        vote_to_up_to_date,
    ),
    Rule(
        "CandidateInNewTerm",
        "A server that becomes a candidate raises its term by one, and votes for itself.",
        "Figure 2, Rules for Servers, Candidates 1; section 5.2, Figure 4",
        candidate_in_new_term,
        leads=False,
    ),
    Rule(
        "LeaderWasCandidate",
        "Only a candidate becomes a leader, in the term in which it stood.",
        "Figure 2, Rules for Servers, Candidates 2; section 5.2, Figure 4",
        leader_was_candidate,
        leads=True,
    ),
    Rule(
        "LeaderHasMajority",
        "A leader got the votes of a majority of its configuration.",
        "Figure 2, Rules for Servers, Candidates 2; sections 5.2 and 6",
        leader_has_majority,
        leads=True,
    ),
    Rule(
        "LeaderHadMajority",
        "Votes that show later than a leader leave it its majority.",
        "Figure 2, Rules for Servers, Candidates 2; sections 5.2 and 6",
        others_elect,
    ),
    Rule(
        "LearnersFollow",
        "A server that is a learner in its configuration neither stands nor leads.",
        "thesis, section 4.2.1 (it votes not, and counts for no majority)",
        learners_follow,
    ),
)
