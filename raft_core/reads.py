"""Reads that bypass the log: ReadIndex and leases. Thesis, sections 6.4 and 6.4.1.

A leader answers a read from its own state machine once it is sure that it still led after the
read arrived. With ReadIndex a quorum says so, in a numbered round; with a lease the leader's
clock does: a server that answered a round does not vote for a minimum election timeout from then
on, so that no other leader is elected for that long, less what clocks may drift apart.
"""

from raft_core.evolve import evolve
from raft_core.extensions import PendingRead
from raft_core.messages import (
    ClientRequest,
    ClientResponse,
    ConfirmLeadership,
    ConfirmLeadershipResponse,
    Sent,
)
from raft_core.reconfiguration import has_committed_in_term
from raft_core.replication import at, follow_leader
from raft_core.state import State
from raft_core.types import Role, Server

Outcome = tuple[State, Sent]


def is_read(request: ClientRequest) -> bool:
    """Whether a command only reads: in the one form that the state machine reads."""
    words = request.command.split(" ")
    return len(words) == 2 and words[0] == "get"


def read(state: State, request: ClientRequest) -> Outcome:
    """A leader's answer under a lease; or it begins a round and waits. Thesis, 6.4, step 1 to 3."""
    waiting = PendingRead(request.command, request.session, request.number)
    if knows_what_is_committed(state) and has_lease(state):
        return state, (answer(state, evolve(waiting, read_index=state.commit_index)),)
    reads = (*state.extensions.reads, waiting)
    return evolve(state, extensions=evolve(state.extensions, reads=reads)), ()


def knows_what_is_committed(state: State) -> bool:
    """Whether the leader's commit index is up to date: only in its own term. Thesis, 6.4."""
    return has_committed_in_term(state)


def has_lease(state: State) -> bool:
    """Whether nobody else can have been elected yet, by this leader's clock. Thesis, 6.4.1."""
    return state.configuration.leases and state.extensions.clock < state.extensions.lease_until


def serve_reads(state: State) -> Outcome:
    """Give new reads a read index and a round, and answer those whose round is confirmed."""
    if not state.extensions.reads:
        return state, ()
    if state.role is not Role.LEADER:
        return evolve(state, extensions=evolve(state.extensions, reads=())), ()
    state, messages = begin_rounds(state)
    ready = tuple(each for each in state.extensions.reads if is_confirmed(state, each))
    if not ready:
        return state, messages
    left = tuple(each for each in state.extensions.reads if each not in ready)
    state = evolve(state, extensions=evolve(state.extensions, reads=left))
    return state, (*messages, *(answer(state, each) for each in ready))


def begin_rounds(state: State) -> Outcome:
    """One round for all reads that have none. Thesis, section 6.4, step 2 and 3."""
    reads = state.extensions.reads
    if all(each.round for each in reads) or not knows_what_is_committed(state):
        return state, ()
    state, messages = confirm_leadership(state)
    reads = tuple(
        each
        if each.round
        else evolve(each, read_index=state.commit_index, round=state.extensions.round)
        for each in reads
    )
    return evolve(state, extensions=evolve(state.extensions, reads=reads)), messages


def needs_round(state: State) -> bool:
    """Whether a heartbeat begins a round: to renew the lease, or for reads whose round was lost."""
    return state.configuration.leases or any(each.round for each in state.extensions.reads)


def confirm_leadership(state: State) -> Outcome:
    """Begin a round: ask everyone whether this server still leads. Thesis, section 6.4, step 3."""
    extensions = state.extensions
    number, sent = extensions.round + 1, extensions.rounds_sent
    if may_hold_lease(state):
        sent = (*sent, (number, extensions.clock))
    state = evolve(state, extensions=evolve(extensions, round=number, rounds_sent=sent))
    return renew_lease(with_round_answered(state, state.server, number)), tuple(
        ConfirmLeadership(state.server, other, state.current_term, number)
        for other in state.other_voters
    )


def receive_confirm_leadership(state: State, request: ConfirmLeadership) -> Outcome:
    """Say which term it is; in an older one the sender does not lead any more. Thesis, 6.4.

    A round of an older term is confirmed to nobody: its sender may lead again in this term, where
    rounds have the same numbers, and where this server has heard nothing of them yet.
    """
    is_current = request.term == state.current_term
    if is_current:
        state = follow_leader(state, request)
    confirmed = request.round if is_current else 0
    response = ConfirmLeadershipResponse(
        state.server, request.source, state.current_term, confirmed
    )
    return state, (response,)


def receive_confirm_leadership_response(
    state: State, response: ConfirmLeadershipResponse
) -> Outcome:
    """Count who answered a round; a quorum also renews the lease. Thesis, 6.4 and 6.4.1."""
    if not is_confirmation(state, response):
        return state, ()
    return renew_lease(with_round_answered(state, response.source, response.round)), ()


def is_confirmation(state: State, response: ConfirmLeadershipResponse) -> bool:
    """Whether the answer says that this server leads, in the term in which it asked."""
    return state.role is Role.LEADER and response.term == state.current_term


def with_round_answered(state: State, server: Server, number: int) -> State:
    """The state in which `server` has answered this round, and so those before."""
    extensions = state.extensions
    confirmed = extensions.confirmed or (0,) * state.configuration.servers
    confirmed = at(confirmed, server, max(confirmed[server], number))
    return evolve(state, extensions=evolve(extensions, confirmed=confirmed))


def confirmed_round(state: State) -> int:
    """The latest round that a quorum has answered."""
    confirmed = state.extensions.confirmed
    return state.membership.quorum_index(confirmed) if confirmed else 0


def is_confirmed(state: State, waiting: PendingRead) -> bool:
    """Whether a round that began after the read arrived is answered. Thesis, 6.4, step 3."""
    return 0 < waiting.round <= confirmed_round(state)


def may_hold_lease(state: State) -> bool:
    """Whether rounds renew a lease. Thesis, section 6.4.1.

    None in a term in which another server was asked to stand: it need not wait.
    """
    asked = state.extensions.transfer_term == state.current_term
    return state.configuration.leases and not asked


def renew_lease(state: State) -> State:
    """Count the lease from when the answered round was sent. Thesis, section 6.4.1."""
    extensions, answered = state.extensions, confirmed_round(state)
    starts = tuple(clock for number, clock in extensions.rounds_sent if number <= answered)
    if not starts or not may_hold_lease(state):
        return state
    left = tuple(pair for pair in extensions.rounds_sent if pair[0] > answered)
    lease_until = max(extensions.lease_until, max(starts) + lease_ticks(state))
    return evolve(state, extensions=evolve(extensions, rounds_sent=left, lease_until=lease_until))


def lease_ticks(state: State) -> int:
    """How long a lease lasts by a clock that may be slow. Thesis, section 6.4.1."""
    configuration = state.configuration
    return configuration.election_timeout * 100 // (100 + configuration.clock_drift)


def answer(state: State, waiting: PendingRead) -> ClientResponse:
    """The answer to a read: what the state machine holds at its read index, or later."""
    _, _, key = waiting.command.partition(" ")
    return ClientResponse(
        source=state.server,
        command=waiting.command,
        index=waiting.read_index,
        session=waiting.session,
        number=waiting.number,
        output=state.extensions.machine.value(key),
    )
