"""Mistakes in elections, and in what a server keeps of them.

May import: attrs, typing, raft_core, model.mutants.mutant.
"""

from typing import Final

from attrs import evolve

from model.mutants.mutant import Mutant
from raft_core import (
    Configuration,
    PersistentState,
    RequestVote,
    RequestVoteResponse,
    Role,
    Server,
    State,
    restart,
)


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


MUTANTS: Final = (
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
