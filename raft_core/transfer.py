"""Leadership transfer: thesis, section 3.10.

The leader takes no new commands, brings the target up to date, and asks it to stand at once. It
goes on as before where the target has not taken over within an election timeout.
"""

from raft_core.election import start_election
from raft_core.evolve import evolve
from raft_core.messages import RequestVote, Sent, TimeoutNow, TransferLeadership
from raft_core.replication import next_request_to
from raft_core.state import State
from raft_core.types import Role, Server

Outcome = tuple[State, Sent]


def transfer_leadership(state: State, request: TransferLeadership) -> Outcome:
    """Begin to hand over to another voter. Thesis, section 3.10, step 1 and 2."""
    if not may_transfer(state, request.target):
        return state, ()
    state = with_target(state, request.target)
    if has_whole_log(state, request.target):
        return state, ()  # it is asked to stand at the end of this step
    return state, (next_request_to(state, request.target),)


def may_transfer(state: State, target: Server) -> bool:
    """Whether this server leads, hands over to nobody yet, and the target could take over."""
    idle = state.role is Role.LEADER and state.extensions.transfer_target is None
    is_on = state.configuration.leadership_transfer
    return is_on and idle and target in state.other_voters


def is_transferring(state: State) -> bool:
    """Whether commands have to wait for another leader. Thesis, section 3.10, step 1."""
    return state.role is Role.LEADER and state.extensions.transfer_target is not None


def hand_over(state: State) -> Outcome:
    """Ask the target to stand once its log is complete. Thesis, section 3.10, step 3.

    `transfer_term` remembers it: nobody knows when the request arrives, so this leader holds
    no lease any more in this term (thesis, section 6.4.1).
    """
    target = state.extensions.transfer_target
    if target is None or not has_whole_log(state, target):
        return state, ()
    extensions = state.extensions
    if extensions.transfer_asked:
        return state, ()
    changed = evolve(
        extensions, transfer_asked=True, transfer_term=state.current_term, lease_until=0
    )
    state = evolve(state, extensions=changed)
    return state, (TimeoutNow(state.server, target, state.current_term),)


def has_whole_log(state: State, target: Server) -> bool:
    """Whether the target's log is known to be as long as the leader's."""
    return state.match_index[target] == state.log.last_index


def give_up_transfer(state: State) -> State:
    """An election timeout has gone by: the leader goes on. Thesis, section 3.10."""
    return with_target(state, None)


def receive_timeout_now(state: State, request: TimeoutNow) -> Outcome:
    """Stand at once, without PreVote, and say so to those who heed a leader. Thesis, 3.10."""
    wanted = request.term == state.current_term and state.role is not Role.LEADER
    if not wanted or state.server not in state.membership.all_voters:
        return state, ()
    state, messages = start_election(state)
    return state, tuple(
        evolve(message, by_transfer=True) if isinstance(message, RequestVote) else message
        for message in messages
    )


def with_target(state: State, target: Server | None) -> State:
    """The state with another server to hand over to, which nobody has asked yet."""
    if state.extensions.transfer_target == target:
        return state
    extensions = evolve(state.extensions, transfer_target=target, transfer_asked=False)
    return evolve(state, extensions=extensions)
