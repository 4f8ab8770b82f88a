"""Short ways to say "a follower in term 3 with this log", and to ask it one thing.

Logs are given by the terms of their entries, from index 1. An entry's command is made of its
index and term, so two logs built here agree on an entry wherever they agree on both.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import evolve

from raft_core import (
    SERVERS,
    AnyMessage,
    AppendEntries,
    AppendEntriesResponse,
    Configuration,
    Entry,
    ExtendedEvent,
    Index,
    Log,
    Membership,
    RequestVote,
    RequestVoteResponse,
    Role,
    Server,
    State,
    Term,
    Vector,
    s1,
    s2,
    step,
)

Position = tuple[Index, Term]
Sent = tuple[AnyMessage, ...]


def entry(index: Index, term: Term) -> Entry:
    """The entry that stands at `index` if a leader of `term` put it there."""
    return Entry(term, f"{index}@{term}")


def entries_after(previous: Index, terms: Iterable[Term]) -> tuple[Entry, ...]:
    """Entries with these terms, from the index after `previous`."""
    return tuple(entry(index, term) for index, term in enumerate(terms, previous + 1))


def log_of(*terms: Term) -> Log:
    """A log with entries of these terms, from index 1."""
    return Log.of(entries_after(0, terms))


def compacted(log: Log, index: Index) -> Log:
    """The log with everything up to and with `index` discarded into a snapshot."""
    kept = Vector[Entry]().extended(log.entries_from(index + 1, log.last_index))
    return Log(kept, index, log.term_at(index))


def terms_of(log: Log) -> tuple[Term, ...]:
    """The terms of the entries that the log keeps."""
    return tuple(kept.term for kept in log.entries)


def follower(
    term: Term = 1,
    log_terms: Sequence[Term] = (),
    *,
    server: Server = s1,
    servers: int = 3,
    commit: Index = 0,
    voted_for: Server | None = None,
    leader: Server | None = None,
) -> State:
    """A follower in `term`, with entries of `log_terms`, applied up to `commit`."""
    return State(
        server=server,
        configuration=Configuration(servers=servers),
        current_term=term,
        voted_for=voted_for,
        log=log_of(*log_terms),
        leader=leader,
        commit_index=commit,
        last_applied=commit,
    )


def candidate(
    term: Term = 1,
    log_terms: Sequence[Term] = (),
    *,
    server: Server = s1,
    servers: int = 3,
    votes: tuple[Server, ...] | None = None,
) -> State:
    """A candidate in `term` with its own vote, or with `votes`."""
    return State(
        server=server,
        configuration=Configuration(servers=servers),
        current_term=term,
        voted_for=server,
        log=log_of(*log_terms),
        role=Role.CANDIDATE,
        votes_granted=(server,) if votes is None else votes,
    )


def leader_of(
    term: Term,
    log_terms: Sequence[Term] = (),
    *,
    server: Server = s1,
    servers: int = 3,
    commit: Index = 0,
    match: tuple[Index, ...] | None = None,
    next_index: tuple[Index, ...] | None = None,
    max_entries: int = 64,
) -> State:
    """The leader of `term`, by default just elected: it knows nothing of its followers' logs."""
    last = len(log_terms)
    own = tuple(last if other == server else 0 for other in SERVERS[:servers])
    return State(
        server=server,
        configuration=Configuration(servers=servers, max_entries=max_entries),
        current_term=term,
        voted_for=server,
        log=log_of(*log_terms),
        role=Role.LEADER,
        leader=server,
        commit_index=commit,
        last_applied=commit,
        next_index=(last + 1,) * servers if next_index is None else next_index,
        match_index=own if match is None else match,
    )


def append_entries(
    term: Term,
    previous: Position = (0, 0),
    entry_terms: Sequence[Term] = (),
    *,
    commit: Index = 0,
    source: Server = s2,
    destination: Server = s1,
) -> AppendEntries:
    """AppendEntries with entries of `entry_terms` after the entry (index, term) `previous`."""
    index, previous_term = previous
    return AppendEntries(
        source=source,
        destination=destination,
        term=term,
        prev_log_index=index,
        prev_log_term=previous_term,
        entries=entries_after(index, entry_terms),
        leader_commit=commit,
    )


def request_vote(
    term: Term, last: Position = (0, 0), *, source: Server = s2, destination: Server = s1
) -> RequestVote:
    """RequestVote of a candidate whose last entry is (index, term) `last`."""
    return RequestVote(source, destination, term, *last)


def vote(
    term: Term, *, granted: bool = True, source: Server = s2, destination: Server = s1
) -> RequestVoteResponse:
    """An answer to RequestVote."""
    return RequestVoteResponse(source, destination, term, granted)


def acknowledgement(
    term: Term, match: Index, *, source: Server = s2, destination: Server = s1
) -> AppendEntriesResponse:
    """A successful answer to AppendEntries, for everything up to `match`."""
    return AppendEntriesResponse(source, destination, term, success=True, match_index=match)


def after(state: State, *events: ExtendedEvent) -> State:
    """The state once all events have happened, whatever was sent meanwhile."""
    for event in events:
        state, _ = step(state, event)
    return state


def sent(state: State, event: ExtendedEvent) -> Sent:
    """What the server sends when the event happens."""
    return step(state, event)[1]


def answer_to_vote(state: State, request: RequestVote) -> tuple[State, RequestVoteResponse]:
    """The state after the request, and the one answer that it gets."""
    state, (response,) = step(state, request)
    assert isinstance(response, RequestVoteResponse)
    return state, response


def answer_to_append(state: State, request: AppendEntries) -> tuple[State, AppendEntriesResponse]:
    """The state after the request, and the one answer that it gets."""
    state, (response,) = step(state, request)
    assert isinstance(response, AppendEntriesResponse)
    return state, response


def requests_in(messages: Sent) -> tuple[AppendEntries, ...]:
    """The AppendEntries among some messages."""
    return tuple(message for message in messages if isinstance(message, AppendEntries))


def featured(state: State, **features: bool | int) -> State:
    """The same server in a cluster that has these features, or other numbers for them."""
    chosen: dict[str, Any] = dict(features)
    return evolve(state, configuration=evolve(state.configuration, **chosen))


def knowing(state: State, **kept: Any) -> State:
    """The same server with other things in what its features keep."""
    return evolve(state, extensions=evolve(state.extensions, **kept))


def with_membership(state: State, membership: Membership) -> State:
    """The same server with a configuration as its log's last entry, in its own term."""
    log = state.log.appended((Entry(state.current_term, membership),))
    if state.role is not Role.LEADER:
        return evolve(state, log=log)
    server = state.server
    match_index = (*state.match_index[:server], log.last_index, *state.match_index[server + 1 :])
    return evolve(state, log=log, match_index=match_index)
