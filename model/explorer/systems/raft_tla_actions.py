"""The variables, messages and actions of Ongaro's raft.tla, one server at a time.

Transcribed from https://github.com/ongardie/raft.tla, copyright 2014 Diego Ongaro, licensed
under the Creative Commons Attribution-4.0 International License,
https://creativecommons.org/licenses/by/4.0/. Changed: from TLA+ to Python, one value for all
variables of a server, and names in snake_case. `raft_tla.py` says which version.

An action is a function from a server's variables to its next ones, or to the message that it
sends; whether it is enabled stands with it where it depends on more than the state.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from attrs import frozen

from model.explorer.systems.encoding import encode
from model.explorer.systems.system import Renaming
from raft_core import SERVERS, Role, Server
from raft_core.evolve import evolve


@frozen
class Entry:
    """An entry of a log; the specification's logs are sequences of these."""

    term: int
    value: int


Log: TypeAlias = tuple[Entry, ...]
VoterLog: TypeAlias = frozenset[tuple[Server, Log]]
"""A function from servers to logs, as the set of its pairs."""


@frozen(kw_only=True, cache_hash=True)
class ServerVariables:
    """serverVars, logVars, candidateVars and leaderVars of one server; it starts with Init's.

    `next_index` and `match_index` are indexed by server. `voter_log` stays empty where there
    are no history variables.
    """

    current_term: int = 1
    state: Role = Role.FOLLOWER
    voted_for: Server | None = None
    log: Log = ()
    commit_index: int = 0
    votes_responded: frozenset[Server] = frozenset()
    votes_granted: frozenset[Server] = frozenset()
    voter_log: VoterLog = frozenset()
    next_index: tuple[int, ...]
    match_index: tuple[int, ...]


@frozen(kw_only=True, cache_hash=True)
class RequestVoteRequest:
    """What RequestVote sends."""

    mterm: int
    mlast_log_term: int
    mlast_log_index: int
    msource: Server
    mdest: Server


@frozen(kw_only=True, cache_hash=True)
class RequestVoteResponse:
    """What HandleRequestVoteRequest replies; `mlog` is None without history variables."""

    mterm: int
    mvote_granted: bool
    mlog: Log | None
    msource: Server
    mdest: Server


@frozen(kw_only=True, cache_hash=True)
class AppendEntriesRequest:
    """What AppendEntries sends; `mlog` is None without history variables."""

    mterm: int
    mprev_log_index: int
    mprev_log_term: int
    mentries: Log
    mlog: Log | None
    mcommit_index: int
    msource: Server
    mdest: Server


@frozen(kw_only=True, cache_hash=True)
class AppendEntriesResponse:
    """What HandleAppendEntriesRequest replies."""

    mterm: int
    msuccess: bool
    mmatch_index: int
    msource: Server
    mdest: Server


Message: TypeAlias = (
    RequestVoteRequest | RequestVoteResponse | AppendEntriesRequest | AppendEntriesResponse
)
Bag: TypeAlias = tuple[tuple[Message, int], ...]
"""How often each message is in flight, in the order of their bytes."""


@frozen(cache_hash=True)
class Send:
    """Send: the bag gets one more of a message."""

    message: Message


@frozen(cache_hash=True)
class Discard:
    """Discard: the bag gets one less of a message."""

    message: Message


@frozen(cache_hash=True)
class Reply:
    """Reply: a response is sent and the request discarded in one step."""

    response: Message
    request: Message


def changed_bag(bag: Bag, label: Send | Discard | Reply) -> Bag:
    """messages' after Send, Discard or Reply."""
    match label:
        case Send(message):
            return with_message(message, bag)
        case Discard(message):
            return without_message(message, bag)
        case Reply(response, request):
            return without_message(request, with_message(response, bag))


def with_message(message: Message, bag: Bag) -> Bag:
    """WithMessage: a bag with one more of a message in it."""
    copies = dict(bag)
    copies[message] = copies.get(message, 0) + 1
    return in_order(copies)


def without_message(message: Message, bag: Bag) -> Bag:
    """WithoutMessage: a bag with one less of a message; the last one leaves the domain."""
    copies = dict(bag)
    if message in copies:
        copies[message] -= 1
        if copies[message] <= 0:
            del copies[message]
    return in_order(copies)


AS_THEY_ARE: Final[Renaming] = tuple(SERVERS)


def in_order(copies: Mapping[Message, int]) -> Bag:
    """A bag as the one tuple that stands for it; servers are the last to decide the order."""
    return tuple(sorted(copies.items(), key=lambda item: encode(item[0], AS_THEY_ARE)))


def last_term(log: Log) -> int:
    """LastTerm: the term of the last entry, or 0 if there is none."""
    return log[-1].term if log else 0


def is_quorum(group: frozenset[Server], servers: int) -> bool:
    """Quorum: whether a set of servers is a majority."""
    return len(group) * 2 > servers


def initial_variables(servers: int) -> ServerVariables:
    """Init: what each server begins with."""
    return ServerVariables(next_index=(1,) * servers, match_index=(0,) * servers)


def restart(before: ServerVariables) -> ServerVariables:
    """Restart(i): everything is lost but currentTerm, votedFor and log."""
    return evolve(
        initial_variables(len(before.next_index)),
        current_term=before.current_term,
        voted_for=before.voted_for,
        log=before.log,
    )


def timeout(before: ServerVariables) -> ServerVariables:
    """Timeout(i): a follower or candidate starts an election, without a vote of its own yet."""
    return evolve(
        before,
        state=Role.CANDIDATE,
        current_term=before.current_term + 1,
        voted_for=None,
        votes_responded=frozenset(),
        votes_granted=frozenset(),
        voter_log=frozenset(),
    )


def request_vote(mine: ServerVariables, source: Server, destination: Server) -> RequestVoteRequest:
    """RequestVote(i, j): what a candidate sends to a server, itself too."""
    return RequestVoteRequest(
        mterm=mine.current_term,
        mlast_log_term=last_term(mine.log),
        mlast_log_index=len(mine.log),
        msource=source,
        mdest=destination,
    )


def append_entries(
    mine: ServerVariables, source: Server, destination: Server, history: bool
) -> AppendEntriesRequest:
    """AppendEntries(i, j): what a leader sends to another server, with up to one entry."""
    next_index = mine.next_index[destination]
    last_entry = min(len(mine.log), next_index)
    return AppendEntriesRequest(
        mterm=mine.current_term,
        mprev_log_index=next_index - 1,
        # That there is such an entry is left to the leader, whose log never shrinks; else this
        # is an error, as it is in TLC.
        mprev_log_term=mine.log[next_index - 2].term if next_index > 1 else 0,
        mentries=mine.log[next_index - 1 : last_entry],
        mlog=mine.log if history else None,
        mcommit_index=min(mine.commit_index, last_entry),
        msource=source,
        mdest=destination,
    )


def become_leader(before: ServerVariables) -> ServerVariables:
    """BecomeLeader(i): a candidate with a quorum of votes leads."""
    servers = len(before.next_index)
    return evolve(
        before,
        state=Role.LEADER,
        next_index=(len(before.log) + 1,) * servers,
        match_index=(0,) * servers,
    )


def client_request(before: ServerVariables, value: int) -> ServerVariables:
    """ClientRequest(i, v): a leader appends a value to its log."""
    return evolve(before, log=(*before.log, Entry(before.current_term, value)))


def advance_commit_index(before: ServerVariables, server: Server) -> ServerVariables:
    """AdvanceCommitIndex(i): a leader commits what a quorum has, if that is of its own term."""
    servers = len(before.match_index)

    def agree(index: int) -> frozenset[Server]:
        having = {each for each in SERVERS[:servers] if before.match_index[each] >= index}
        return frozenset({server} | having)

    agreed = [each for each in range(1, len(before.log) + 1) if is_quorum(agree(each), servers)]
    if agreed and before.log[agreed[-1] - 1].term == before.current_term:
        return evolve(before, commit_index=agreed[-1])
    return before


@frozen
class Handled:
    """What a message did: the next variables, what becomes of the bag, and by which branch."""

    variables: ServerVariables
    messages: Send | Discard | Reply | None = None
    """None where `messages` is UNCHANGED, so that the message can be processed further."""
    branch: str | None = None


def update_term(before: ServerVariables, message: Message, history: bool) -> Handled | None:
    """UpdateTerm(i, j, m): a newer term makes a follower, and leaves the message in flight."""
    if message.mterm <= before.current_term:
        return None
    return Handled(evolve(before, current_term=message.mterm, state=Role.FOLLOWER, voted_for=None))


def drop_stale_response(before: ServerVariables, message: Message, history: bool) -> Handled | None:
    """DropStaleResponse(i, j, m): a response of an older term is ignored."""
    return Handled(before, Discard(message)) if message.mterm < before.current_term else None


def handle_request_vote_request(
    before: ServerVariables, message: RequestVoteRequest, history: bool
) -> Handled | None:
    """HandleRequestVoteRequest(i, j, m): a vote is granted or denied."""
    if message.mterm > before.current_term:
        return None
    log_ok = (message.mlast_log_term, message.mlast_log_index) >= (
        last_term(before.log),
        len(before.log),
    )
    grant = (
        message.mterm == before.current_term
        and log_ok
        and before.voted_for in (None, message.msource)
    )
    response = RequestVoteResponse(
        mterm=before.current_term,
        mvote_granted=grant,
        mlog=before.log if history else None,
        msource=message.mdest,
        mdest=message.msource,
    )
    after = evolve(before, voted_for=message.msource) if grant else before
    return Handled(after, Reply(response, message), "grant" if grant else "~grant")


def handle_request_vote_response(
    before: ServerVariables, message: RequestVoteResponse, history: bool
) -> Handled | None:
    """HandleRequestVoteResponse(i, j, m): a vote is tallied, whatever the server is by now."""
    if message.mterm != before.current_term:
        return None
    responded = before.votes_responded | {message.msource}
    after = evolve(before, votes_responded=responded)
    if message.mvote_granted:
        after = evolve(
            after,
            votes_granted=before.votes_granted | {message.msource},
            voter_log=with_voter(before.voter_log, message.msource, message.mlog),
        )
    return Handled(after, Discard(message))


def with_voter(voter_log: VoterLog, voter: Server, log: Log | None) -> VoterLog:
    """voterLog[i] @@ (j :> m.mlog): the log that a voter was first known by stays."""
    if log is None or any(known == voter for known, _ in voter_log):
        return voter_log
    return voter_log | {(voter, log)}


def handle_append_entries_request(
    before: ServerVariables, message: AppendEntriesRequest, history: bool
) -> Handled | None:
    """HandleAppendEntriesRequest(i, j, m): reject, return to follower state, or accept."""
    if message.mterm > before.current_term:
        return None
    previous = message.mprev_log_index
    log_ok = previous == 0 or (
        previous <= len(before.log) and message.mprev_log_term == before.log[previous - 1].term
    )
    if message.mterm < before.current_term or (before.state is Role.FOLLOWER and not log_ok):
        return Handled(before, append_entries_reply(before, message, False), "reject request")
    if before.state is Role.CANDIDATE:
        return Handled(evolve(before, state=Role.FOLLOWER), branch="return to follower state")
    return accept_request(before, message) if before.state is Role.FOLLOWER else None


def accept_request(before: ServerVariables, message: AppendEntriesRequest) -> Handled | None:
    """The third branch of HandleAppendEntriesRequest: one step towards the leader's log.

    Only the first of its branches replies. The others leave the message in flight, and it is
    received again.
    """
    index = message.mprev_log_index + 1
    has_index = len(before.log) >= index
    if not message.mentries or (
        has_index and before.log[index - 1].term == message.mentries[0].term
    ):
        after = evolve(before, commit_index=message.mcommit_index)
        reply = append_entries_reply(before, message, True)
        return Handled(after, reply, "already done with request")
    if has_index:
        return Handled(evolve(before, log=before.log[:-1]), branch="conflict: remove 1 entry")
    # logOk leaves only Len(log[i]) = m.mprevLogIndex, which the specification asks for here.
    longer = (*before.log, message.mentries[0])
    return Handled(evolve(before, log=longer), branch="no conflict: append entry")


def append_entries_reply(
    mine: ServerVariables, message: AppendEntriesRequest, success: bool
) -> Reply:
    """The replies of HandleAppendEntriesRequest."""
    response = AppendEntriesResponse(
        mterm=mine.current_term,
        msuccess=success,
        mmatch_index=message.mprev_log_index + len(message.mentries) if success else 0,
        msource=message.mdest,
        mdest=message.msource,
    )
    return Reply(response, message)


def handle_append_entries_response(
    before: ServerVariables, message: AppendEntriesResponse, history: bool
) -> Handled | None:
    """HandleAppendEntriesResponse(i, j, m): nextIndex goes on, or one step back."""
    if message.mterm != before.current_term:
        return None
    match, source = message.mmatch_index, message.msource
    if not message.msuccess:
        lower = max(before.next_index[source] - 1, 1)
        after = evolve(before, next_index=replaced(before.next_index, source, lower))
        return Handled(after, Discard(message), "not successful")
    after = evolve(
        before,
        next_index=replaced(before.next_index, source, match + 1),
        match_index=replaced(before.match_index, source, match),
    )
    return Handled(after, Discard(message), "successful")


def replaced(items: tuple[int, ...], server: Server, item: int) -> tuple[int, ...]:
    """[items EXCEPT ![server] = item]."""
    return (*items[:server], item, *items[server + 1 :])


Handler: TypeAlias = Callable[[ServerVariables, Any, bool], Handled | None]
"""One disjunct of Receive: None where it is not enabled."""

HANDLERS: Final[Mapping[str, Handler]] = {
    "UpdateTerm": update_term,
    "HandleRequestVoteRequest": handle_request_vote_request,
    "DropStaleResponse": drop_stale_response,
    "HandleRequestVoteResponse": handle_request_vote_response,
    "HandleAppendEntriesRequest": handle_append_entries_request,
    "HandleAppendEntriesResponse": handle_append_entries_response,
}
RECEIVE: Final[Mapping[type, tuple[str, ...]]] = {
    RequestVoteRequest: ("UpdateTerm", "HandleRequestVoteRequest"),
    RequestVoteResponse: ("UpdateTerm", "DropStaleResponse", "HandleRequestVoteResponse"),
    AppendEntriesRequest: ("UpdateTerm", "HandleAppendEntriesRequest"),
    AppendEntriesResponse: ("UpdateTerm", "DropStaleResponse", "HandleAppendEntriesResponse"),
}
"""Receive(m): its disjuncts, by m.mtype."""
