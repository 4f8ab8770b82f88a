"""Leader election: section 5.2, and the restriction of section 5.4.1."""

from raft_core.evolve import evolve
from raft_core.messages import PreVote, RequestVote, RequestVoteResponse, Sent
from raft_core.replication import append_entries_to_all, counted_at_once
from raft_core.state import State
from raft_core.types import Role, Server, Term

Outcome = tuple[State, Sent]


def election_timeout(state: State) -> Outcome:
    """Start an election, unless this server leads.

    Figure 2, Rules for Servers, Followers 2 and Candidates 4; section 5.2.
    """
    if state.role is Role.LEADER:
        return state, ()
    return start_election(state)


def start_election(state: State) -> Outcome:
    """Stand for election in the next term. Figure 2, Rules for Servers, Candidates 1; 5.2."""
    state = become_candidate(state)
    if is_elected(state):
        return become_leader(state)
    return state, request_votes(state)


def become_candidate(state: State) -> State:
    """Enter the next term and vote for oneself. Figure 2, Rules for Servers, Candidates 1."""
    return evolve(
        state,
        role=Role.CANDIDATE,
        current_term=state.current_term + 1,
        voted_for=state.server,
        leader=None,
        votes_granted=votes_at_once(state),
    )


def votes_at_once(state: State) -> tuple[Server, ...]:
    """A candidate's own vote, which counts once it is durable. Candidates 1; thesis, 10.2.1."""
    return () if state.configuration.async_writes else (state.server,)


def request_votes(state: State) -> tuple[RequestVote, ...]:
    """One RequestVote to every other voter. Figure 2, Rules for Servers, Candidates 1."""
    log = state.log
    return tuple(
        RequestVote(state.server, other, state.current_term, log.last_index, log.last_term)
        for other in state.other_voters
    )


def receive_request_vote(state: State, request: RequestVote) -> Outcome:
    """Grant or refuse a vote. Figure 2, RequestVote RPC, receiver 1 and 2; sections 5.2, 5.4."""
    granted = grants_vote(state, request)
    if granted and state.voted_for is None:
        state = evolve(state, voted_for=request.source)
    response = RequestVoteResponse(state.server, request.source, state.current_term, granted)
    return state, (response,)


def grants_vote(state: State, request: RequestVote) -> bool:
    """Whether this candidate gets the vote. Figure 2, RequestVote RPC, receiver 1 and 2."""
    if request.term < state.current_term:
        return False
    return is_vote_free(state, request.source) and is_up_to_date(state, request)


def is_vote_free(state: State, candidate: Server) -> bool:
    """Whether no other candidate has the vote of this term. RequestVote RPC, receiver 2."""
    return state.voted_for is None or state.voted_for == candidate


def is_up_to_date(state: State, request: RequestVote | PreVote) -> bool:
    """Whether the candidate's log is at least as up-to-date as this server's. Section 5.4.1."""
    log = state.log
    if request.last_log_term != log.last_term:
        return request.last_log_term > log.last_term
    return request.last_log_index >= log.last_index


def receive_request_vote_response(state: State, response: RequestVoteResponse) -> Outcome:
    """Count a vote; a majority makes a leader. Figure 2, Rules for Servers, Candidates 2."""
    if not is_asking_for_votes(state, response) or not response.vote_granted:
        return state, ()
    state = evolve(state, votes_granted=with_vote(state.votes_granted, response.source))
    if is_elected(state):
        return become_leader(state)
    return state, ()


def is_asking_for_votes(state: State, response: RequestVoteResponse) -> bool:
    """Whether the answer is to this candidacy, not to one in an older term. Section 5.2."""
    return state.role is Role.CANDIDATE and response.term == state.current_term


def with_vote(votes: tuple[Server, ...], voter: Server) -> tuple[Server, ...]:
    """The voters with one more, each counted once. Section 5.2."""
    return votes if voter in votes else tuple(sorted((*votes, voter)))


def is_elected(state: State) -> bool:
    """Whether a majority of the configuration has granted its vote. Sections 5.2 and 6."""
    return state.membership.is_quorum(state.votes_granted)


def become_leader(state: State) -> Outcome:
    """Lead this term, and send heartbeats at once. Figure 2, Rules for Servers, Leaders 1."""
    servers = state.configuration.servers
    state = evolve(
        state,
        role=Role.LEADER,
        leader=state.server,
        votes_granted=(),
        next_index=(state.log.last_index + 1,) * servers,
        match_index=tuple(
            counted_at_once(state, state.log) if other == state.server else 0
            for other in state.configuration.members()
        ),
    )
    return state, append_entries_to_all(state)


def step_down(state: State) -> State:
    """A leader gives up its term, though no newer one is known. Thesis, sections 4.2.2 and 6.2."""
    return evolve(become_follower(state, state.current_term), leader=None)


def become_follower(state: State, term: Term) -> State:
    """Follow in `term`; a newer term frees the vote.

    Figure 2, Rules for Servers, All Servers 2 and Candidates 3; section 5.1.
    """
    newer = term > state.current_term
    return evolve(
        state,
        role=Role.FOLLOWER,
        current_term=term,
        voted_for=None if newer else state.voted_for,
        leader=None if newer else state.leader,
        votes_granted=(),
        next_index=(),
        match_index=(),
    )
