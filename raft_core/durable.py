"""Writes that complete later: what a server counts of its own once it is durable. Thesis, 10.2.1.

Without `async_writes` a step's writes are done before anything else happens, and a server counts
itself at once (raft_core.replication.counted_at_once, raft_core.election.votes_at_once).
"""

from raft_core.election import become_leader, is_elected, with_vote
from raft_core.evolve import evolve
from raft_core.messages import Sent, WriteCompleted
from raft_core.replication import with_match_index
from raft_core.state import State
from raft_core.types import Role

Outcome = tuple[State, Sent]


def write_completed(state: State, event: WriteCompleted) -> Outcome:
    """Count what was durable when the server had this term already, and still has it."""
    if event.term != state.current_term:
        return state, ()
    if state.role is Role.CANDIDATE:
        state = evolve(state, votes_granted=with_vote(state.votes_granted, state.server))
        return become_leader(state) if is_elected(state) else (state, ())
    if state.role is not Role.LEADER:
        return state, ()
    index = max(state.match_index[state.server], event.index)
    return with_match_index(state, state.server, index), ()
