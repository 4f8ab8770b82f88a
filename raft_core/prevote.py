"""PreVote: a server asks whether it would win before it enters a new term. Thesis, section 9.6.

A server that was cut off so comes back without a higher term, and deposes nobody.
"""

from raft_core.election import is_up_to_date, start_election, with_vote
from raft_core.evolve import evolve
from raft_core.messages import PreVote, PreVoteResponse, Sent
from raft_core.state import State
from raft_core.types import Role, Server

Outcome = tuple[State, Sent]


def start_pre_election(state: State) -> Outcome:
    """Ask every voter, in the current term. Thesis, section 9.6."""
    state = with_pre_votes(
        evolve(state, role=Role.PRE_CANDIDATE, leader=None, votes_granted=()), (state.server,)
    )
    if would_be_elected(state):
        return start_election(state)
    log = state.log
    return state, tuple(
        PreVote(state.server, other, state.current_term, log.last_index, log.last_term)
        for other in state.other_voters
    )


def receive_pre_vote(state: State, request: PreVote) -> Outcome:
    """Say whether this candidate would get the vote; nothing changes here. Thesis, 9.6.

    A server that has just heard from a leader does not get here (raft_core.contact).
    """
    granted = request.term == state.current_term and is_up_to_date(state, request)
    return state, (PreVoteResponse(state.server, request.source, state.current_term, granted),)


def receive_pre_vote_response(state: State, response: PreVoteResponse) -> Outcome:
    """Stand for election once a quorum would vote for this server. Thesis, section 9.6."""
    asks = state.role is Role.PRE_CANDIDATE and response.term == state.current_term
    if not asks or not response.vote_granted:
        return state, ()
    state = with_pre_votes(state, with_vote(state.extensions.pre_votes, response.source))
    return start_election(state) if would_be_elected(state) else (state, ())


def would_be_elected(state: State) -> bool:
    """Whether a quorum would vote for this server."""
    return state.membership.is_quorum(state.extensions.pre_votes)


def with_pre_votes(state: State, pre_votes: tuple[Server, ...]) -> State:
    """The state with these answers so far."""
    return evolve(state, extensions=evolve(state.extensions, pre_votes=pre_votes))
