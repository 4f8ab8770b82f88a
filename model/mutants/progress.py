"""Mistakes after which a cluster does not come to itself, though all faults have stopped."""

from typing import Final

from model.mutants.mutant import Mutant
from raft_core import (
    AppendEntries,
    AppendEntriesResponse,
    ConfirmLeadership,
    ExtendedEvent,
    Index,
    PreVote,
    PreVoteResponse,
    RequestVote,
    Role,
    Sent,
    State,
)
from raft_core.contact import is_disregarded
from raft_core.evolve import evolve
from raft_core.replication import receive_append_entries, rejected
from raft_core.server import adopt_newer_term


def candidate_ignores_leader(state: State, request: AppendEntries) -> tuple[State, Sent]:
    """Stays a candidate though another server has won its term."""
    if state.role is Role.CANDIDATE and request.term == state.current_term:
        return state, (rejected(state, request, None),)
    return receive_append_entries(state, request)


def never_backs_up(state: State, response: AppendEntriesResponse) -> Index:
    """Tries the same entries again after a refusal."""
    return state.next_index[response.source]


def pre_votes_carry_no_term(state: State, event: ExtendedEvent) -> State:
    """Learns no term from PreVote, so that servers of different terms refuse each other."""
    return state if isinstance(event, PreVote | PreVoteResponse) else adopt_newer_term(state, event)


def never_gives_up_transfer(state: State) -> State:
    """Takes no commands as long as the target has not taken over."""
    return state


def older_leader_gets_no_word(state: State, event: ExtendedEvent) -> bool:
    """Neither answers nor obeys a leader of an older term, so that it never learns of a newer."""
    older = isinstance(event, AppendEntries | ConfirmLeadership) and event.term < state.current_term
    return older or is_disregarded(state, event)


def heeds_leader_always(state: State, event: ExtendedEvent) -> bool:
    """Listens to no candidate while it hears a leader, even if the leader asked it to stand."""
    if isinstance(event, RequestVote):
        event = evolve(event, by_transfer=False)
    return is_disregarded(state, event)


MUTANTS: Final = (
    Mutant(
        number=32,
        name="candidate-ignores-leader",
        rule="a candidate of an equal term ignores AppendEntries",
        replaces="raft_core.replication.receive_append_entries",
        replacement=candidate_ignores_leader,
        listed_property="Progress",
        servers=3,
    ),
    Mutant(
        number=33,
        name="hint-never-backs-up",
        rule="conflict hint never backs up",
        replaces="raft_core.replication.back_up",
        replacement=never_backs_up,
        listed_property="Progress",
        servers=3,
    ),
    Mutant(
        number=34,
        name="pre-vote-refuses-lower-term",
        rule="PreVote refuses a server with a lower term for ever",
        replaces="raft_core.server.adopt_newer_term",
        replacement=pre_votes_carry_no_term,
        listed_property="Progress",
        servers=3,
        seen_in="etcd #8243",
        settings={"pre_vote": "on"},
    ),
    Mutant(
        number=58,
        name="transfer-never-given-up",
        rule="takes no commands as long as a target has not taken over",
        replaces="raft_core.transfer.give_up_transfer",
        replacement=never_gives_up_transfer,
        listed_property="Progress",
        servers=3,
        seen_in="openraft #1747",
        settings={"leadership_transfer": "on"},
    ),
    Mutant(
        number=97,
        name="older-leader-gets-no-word",
        rule="ignores an older leader in silence, where servers heed a leader",
        replaces="raft_core.contact.is_disregarded",
        replacement=older_leader_gets_no_word,
        listed_property="Progress",
        servers=3,
        settings={"leader_stickiness": "on"},
    ),
    Mutant(
        number=107,
        name="transfer-is-disregarded",
        rule="ignores who stands at its leader's request, where servers heed a leader",
        replaces="raft_core.contact.is_disregarded",
        replacement=heeds_leader_always,
        listed_property="Progress",
        servers=3,
        seen_in="etcd #5451, braft #262",
        settings={"leader_stickiness": "on", "leadership_transfer": "on"},
    ),
)
