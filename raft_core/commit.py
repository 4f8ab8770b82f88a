"""The leader's commit rule and the rule for applying, each once for all events.

Sections 5.3 and 5.4.2.
"""

from raft_core.evolve import evolve
from raft_core.messages import ClientResponse
from raft_core.state import State
from raft_core.types import Index, Role


def advance_commit_index(state: State) -> State:
    """A leader commits what a majority holds. Figure 2, Rules for Servers, Leaders 4."""
    if state.role is not Role.LEADER:
        return state
    index = quorum_match_index(state)
    if index > state.commit_index and may_commit(state, index):
        return evolve(state, commit_index=index)
    return state


def quorum_match_index(state: State) -> Index:
    """The highest index that a quorum is known to hold; only voters count, of the leader too."""
    return state.membership.quorum_index(state.match_index)


def may_commit(state: State, index: Index) -> bool:
    """Whether counting copies commits this entry: only in the leader's own term.

    An entry of an older term may still be overwritten (Figure 8); it commits with the
    first own entry after it. Section 5.4.2.
    """
    return state.log.term_at(index) == state.current_term


def apply_committed(state: State) -> tuple[State, tuple[ClientResponse, ...]]:
    """Apply committed entries in order, each once. Figure 2, Rules for Servers, All Servers 1.

    A leader then answers the clients whose commands it received in this term.
    """
    if state.commit_index <= state.last_applied:
        return state, ()
    responses: list[ClientResponse] = []
    if state.role is Role.LEADER:
        index = state.commit_index
        while index > state.last_applied and state.log.term_at(index) == state.current_term:
            command = str(state.log.entry_at(index).command)
            responses.insert(0, ClientResponse(state.server, command, index))
            index -= 1
    return evolve(state, last_applied=state.commit_index), tuple(responses)
