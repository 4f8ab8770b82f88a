"""Mistakes in elections, and in what a server keeps of them."""

from typing import Final

from model.mutants.mutant import Mutant
from raft_core import (
    Configuration,
    ExtendedEvent,
    Log,
    PersistentState,
    PreVote,
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
from raft_core.election import (
    become_candidate,
    become_follower,
    is_up_to_date,
    receive_request_vote,
    receive_request_vote_response,
    request_votes,
    with_vote,
)
from raft_core.evolve import evolve
from raft_core.prevote import receive_pre_vote_response, start_pre_election
from raft_core.server import adopt_newer_term


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


def longer_log_or_newer_term_is_up_to_date(state: State, request: RequestVote) -> bool:
    """Lets the longer log win, and looks at terms where the lengths are equal."""
    if request.last_log_index != state.log.last_index:
        return request.last_log_index > state.log.last_index
    return request.last_log_term >= state.log.last_term


def newer_term_and_longer_log_is_up_to_date(state: State, request: RequestVote) -> bool:
    """Wants a last term and a length of at least its own, both at once."""
    log = state.log
    return request.last_log_term >= log.last_term and request.last_log_index >= log.last_index


def step_down_without_vote(state: State) -> State:
    """Forgets its vote when it steps down in the term in which it voted for itself."""
    return evolve(become_follower(state, state.current_term), leader=None, voted_for=None)


def grants_in_older_term(state: State, request: RequestVote) -> tuple[State, Sent]:
    """Answers a request of an older term in that term, and grants it."""
    if request.term >= state.current_term or not is_up_to_date(state, request):
        return receive_request_vote(state, request)
    return state, (RequestVoteResponse(state.server, request.source, request.term, True),)


def candidate_with_earlier_votes(state: State) -> State:
    """Keeps the votes of its last candidacy when it stands again."""
    return evolve(
        become_candidate(state), votes_granted=with_vote(state.votes_granted, state.server)
    )


def candidate_keeps_its_term(state: State, event: ExtendedEvent) -> State:
    """Goes on in its own term, though a message is of a newer one: only a candidate does."""
    return state if state.role is Role.CANDIDATE else adopt_newer_term(state, event)


def last_term_forgotten(log: Log) -> Term:
    """Takes the last term for 0 once the log holds no entry but those in its snapshot."""
    return log.term_at(log.last_index) or 0 if len(log.entries) else 0


def requests_with_last_term_forgotten(state: State) -> tuple[RequestVote, ...]:
    """Asks for votes with a last term of 0 once its whole log is compacted."""
    last_term = last_term_forgotten(state.log)
    return tuple(evolve(each, last_log_term=last_term) for each in request_votes(state))


def up_to_date_with_last_term_forgotten(state: State, request: RequestVote | PreVote) -> bool:
    """Compares with a last term of 0 once its whole log is compacted."""
    last_term = last_term_forgotten(state.log)
    if request.last_log_term != last_term:
        return request.last_log_term > last_term
    return request.last_log_index >= state.log.last_index


def asks_in_the_term_to_come(state: State) -> tuple[State, Sent]:
    """Asks for PreVotes in the term in which it would stand."""
    after, messages = start_pre_election(state)
    return after, tuple(
        evolve(each, term=each.term + 1) if isinstance(each, PreVote) else each for each in messages
    )


def counts_answers_of_the_term_to_come(
    state: State, response: PreVoteResponse
) -> tuple[State, Sent]:
    """Counts answers to what it asked in the term in which it would stand."""
    asked = response.vote_granted and response.term == state.current_term + 1
    answer = evolve(response, term=state.current_term) if asked else response
    return receive_pre_vote_response(state, answer)


def pre_vote_is_adopted(state: State, event: ExtendedEvent) -> State:
    """Knows that a PreVote granted is of a term to come, and takes one asked for at its word."""
    granted = isinstance(event, PreVoteResponse) and event.vote_granted
    return state if granted else adopt_newer_term(state, event)


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
    Mutant(
        number=67,
        name="longer-log-beats-newer-term",
        rule="a longer log beats a newer last term",
        replaces="raft_core.election.is_up_to_date",
        replacement=longer_log_or_newer_term_is_up_to_date,
        listed_property="LeaderCompleteness",
        servers=3,
    ),
    Mutant(
        number=68,
        name="vote-forgotten-on-stepping-down",
        rule="forgets its vote on stepping down in the same term",
        replaces="raft_core.election.step_down",
        replacement=step_down_without_vote,
        listed_property="VoteOnce",
        servers=3,
        settings={"check_quorum": "on"},
    ),
    Mutant(
        number=69,
        name="older-request-granted",
        rule="grants a request of an older term, in that term",
        replaces="raft_core.election.receive_request_vote",
        replacement=grants_in_older_term,
        listed_property="ElectionSafety",
        servers=3,
    ),
    Mutant(
        number=70,
        name="earlier-votes-kept",
        rule="keeps the votes of an earlier candidacy",
        replaces="raft_core.election.become_candidate",
        replacement=candidate_with_earlier_votes,
        listed_property="ElectionSafety",
        servers=5,
    ),
    Mutant(
        number=71,
        name="up-to-date-wants-both",
        rule="up-to-date wants a newer term and a longer log",
        replaces="raft_core.election.is_up_to_date",
        replacement=newer_term_and_longer_log_is_up_to_date,
        listed_property="Progress",
        servers=3,
    ),
    Mutant(
        number=72,
        name="last-term-zero-in-request",
        rule="asks for votes with last term 0 once its log is compacted",
        replaces="raft_core.election.request_votes",
        replacement=requests_with_last_term_forgotten,
        listed_property="Progress",
        servers=3,
        settings={"snapshots": "on"},
    ),
    Mutant(
        number=73,
        name="last-term-zero-in-check",
        rule="compares with last term 0 once its log is compacted",
        replaces="raft_core.election.is_up_to_date",
        replacement=up_to_date_with_last_term_forgotten,
        listed_property="LeaderCompleteness",
        servers=3,
        settings={"snapshots": "on"},
    ),
    Mutant(
        number=74,
        name="candidate-keeps-its-term",
        rule="a candidate does not adopt a newer term",
        replaces="raft_core.server.adopt_newer_term",
        replacement=candidate_keeps_its_term,
        listed_property="NewerTermAdopted",
        servers=3,
        settings={"meanings": "on"},
    ),
    Mutant(
        number=111,
        name="pre-vote-raises-term",
        rule="asks for PreVotes in the term to come, and takes that over where asked",
        replaces="raft_core.server.adopt_newer_term",
        replacement=pre_vote_is_adopted,
        also={
            "raft_core.prevote.start_pre_election": asks_in_the_term_to_come,
            "raft_core.prevote.receive_pre_vote_response": counts_answers_of_the_term_to_come,
        },
        listed_property="TermHasCause",
        servers=3,
        settings={"pre_vote": "on", "meanings": "on"},
    ),
)
