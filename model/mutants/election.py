"""Mistakes in elections, and in what a server keeps of them."""

from typing import Final

from attrs import evolve

from model.mutants.mutant import Mutant
from raft_core import (
    Configuration,
    PersistentState,
    PreVoteResponse,
    RequestVote,
    RequestVoteResponse,
    Role,
    Sent,
    Server,
    State,
    Term,
    restart,
)
from raft_core.election import become_follower, receive_request_vote_response
from raft_core.prevote import receive_pre_vote_response, start_pre_election


def any_vote_is_free(state: State, candidate: Server) -> bool:
    """Grants a vote without a look at voted_for."""
    return True


def every_log_is_up_to_date(state: State, request: RequestVote) -> bool:
    """Grants a vote without a look at the logs."""
    return True


def longer_log_is_up_to_date(state: State, request: RequestVote) -> bool:
    """Compares lengths only."""
    return request.last_log_index >= state.log.last_index


def newer_term_is_up_to_date(state: State, request: RequestVote) -> bool:
    """Compares last terms only."""
    return request.last_log_term >= state.log.last_term


def any_answer_is_asked_for(state: State, response: RequestVoteResponse) -> bool:
    """Counts an answer to a candidacy of an older term."""
    return state.role is Role.CANDIDATE


def with_vote_counted_again(votes: tuple[Server, ...], voter: Server) -> tuple[Server, ...]:
    """Counts answers instead of voters."""
    return (*votes, voter)


def half_elects(state: State) -> bool:
    """Half of the cluster is enough."""
    return 2 * len(state.votes_granted) >= state.configuration.servers


def half_rounded_down_elects(state: State) -> bool:
    """Half of the cluster, rounded down, is enough."""
    return len(state.votes_granted) >= state.configuration.servers // 2


def restart_without_vote(
    server: Server, configuration: Configuration, stored: PersistentState
) -> State:
    """Starts without the vote of the current term."""
    return evolve(restart(server, configuration, stored), voted_for=None)


def restart_without_term(
    server: Server, configuration: Configuration, stored: PersistentState
) -> State:
    """Starts in term 0; the vote went with its term."""
    return evolve(restart(server, configuration, stored), current_term=0, voted_for=None)


def any_answer_is_a_vote(state: State, response: RequestVoteResponse) -> tuple[State, Sent]:
    """Takes every answer in its own term for a vote."""
    return receive_request_vote_response(state, evolve(response, vote_granted=True))


def follower_without_uncommitted(state: State, term: Term) -> State:
    """Deletes what is not known to be committed when it hears of a newer term."""
    follower = become_follower(state, term)
    return evolve(follower, log=state.log.truncated_from(state.commit_index + 1))


def pre_vote_counted(state: State, response: PreVoteResponse) -> tuple[State, Sent]:
    """Counts a late PreVote answer as a vote in the term that it was asked about."""
    if state.role is Role.CANDIDATE and response.term == state.current_term - 1:
        vote = RequestVoteResponse(
            response.source, state.server, state.current_term, response.vote_granted
        )
        return receive_request_vote_response(state, vote)
    return receive_pre_vote_response(state, response)


def pre_election_without_vote(state: State) -> tuple[State, Sent]:
    """Forgets its vote when it asks for PreVotes."""
    return start_pre_election(evolve(state, voted_for=None))


MUTANTS: Final = (
    Mutant(
        number=62,
        name="refusal-counted-as-vote",
        rule="takes every answer in its own term for a vote",
        replaces="raft_core.election.receive_request_vote_response",
        replacement=any_answer_is_a_vote,
        listed_property="LeaderCompleteness",
        servers=3,
        seen_in="openraft #1220",
    ),
    Mutant(
        number=63,
        name="truncates-on-stepping-down",
        rule="deletes what is not known to be committed on hearing of a newer term",
        replaces="raft_core.election.become_follower",
        replacement=follower_without_uncommitted,
        listed_property="CommittedOnQuorum",
        servers=3,
        seen_in="microsoft/CCF #7620, camunda/camunda #57393",
    ),
    Mutant(
        number=64,
        name="pre-vote-counted-as-vote",
        rule="counts an answer to PreVote as a vote",
        replaces="raft_core.prevote.receive_pre_vote_response",
        replacement=pre_vote_counted,
        listed_property="ElectionSafety",
        servers=3,
        seen_in="canonical/raft #196",
        settings={"pre_vote": "on"},
    ),
    Mutant(
        number=65,
        name="pre-vote-forgets-vote",
        rule="forgets its vote when it asks for PreVotes",
        replaces="raft_core.prevote.start_pre_election",
        replacement=pre_election_without_vote,
        listed_property="ElectionSafety",
        servers=3,
        seen_in="canonical/raft #196",
        settings={"pre_vote": "on"},
    ),
    Mutant(
        number=1,
        name="double-vote",
        rule="grants a vote without looking at voted_for",
        replaces="raft_core.election.is_vote_free",
        replacement=any_vote_is_free,
        listed_property="ElectionSafety",
        servers=3,
        listed_actions=6,
    ),
    Mutant(
        number=2,
        name="no-up-to-date-check",
        rule="grants a vote without the up-to-date check",
        replaces="raft_core.election.is_up_to_date",
        replacement=every_log_is_up_to_date,
        listed_property="LeaderCompleteness",
        servers=3,
        listed_actions=9,
    ),
    Mutant(
        number=3,
        name="up-to-date-by-length",
        rule="up-to-date compares lengths only",
        replaces="raft_core.election.is_up_to_date",
        replacement=longer_log_is_up_to_date,
        listed_property="LeaderCompleteness",
        servers=3,
        listed_actions=19,
    ),
    Mutant(
        number=4,
        name="up-to-date-by-term",
        rule="up-to-date compares last terms only",
        replaces="raft_core.election.is_up_to_date",
        replacement=newer_term_is_up_to_date,
        listed_property="LeaderCompleteness",
        servers=3,
        listed_actions=11,
    ),
    Mutant(
        number=5,
        name="stale-vote-counted",
        rule="counts a vote reply of an older term",
        replaces="raft_core.election.is_asking_for_votes",
        replacement=any_answer_is_asked_for,
        listed_property="ElectionSafety",
        servers=3,
        listed_actions=7,
        seen_in="Xraft #33, little_raft #44",
    ),
    Mutant(
        number=6,
        name="vote-replies-counted",
        rule="counts replies, not distinct voters",
        replaces="raft_core.election.with_vote",
        replacement=with_vote_counted_again,
        listed_property="ElectionSafety",
        servers=5,
        listed_actions=8,
        seen_in="Xraft #27",
    ),
    Mutant(
        number=7,
        name="half-elects",
        rule="half of an even cluster elects",
        replaces="raft_core.election.is_elected",
        replacement=half_elects,
        listed_property="ElectionSafety",
        servers=4,
        listed_actions=6,
    ),
    Mutant(
        number=8,
        name="floor-half-elects",
        rule="floor(n/2) elects",
        replaces="raft_core.election.is_elected",
        replacement=half_rounded_down_elects,
        listed_property="ElectionSafety",
        servers=3,
        listed_actions=2,
    ),
    Mutant(
        number=9,
        name="vote-not-persisted",
        rule="voted_for not persisted",
        replaces="raft_core.server.restart",
        replacement=restart_without_vote,
        listed_property="ElectionSafety",
        servers=3,
        listed_actions=7,
    ),
    Mutant(
        number=10,
        name="term-not-persisted",
        rule="current_term not persisted",
        replaces="raft_core.server.restart",
        replacement=restart_without_term,
        listed_property="ElectionSafety",
        servers=3,
        listed_actions=7,
    ),
)
