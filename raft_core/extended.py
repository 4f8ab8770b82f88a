"""The whole of Raft: Figure 2's step, and around it the features that a configuration turns on.

`step` and `restart` are what a server runs. Without features they are raft_core.server's. With
features, this file says which one comes when; what each does stands in its own file:

    raft_core.snapshot         compaction and InstallSnapshot        section 7
    raft_core.reconfiguration  joint consensus, single changes       section 6; thesis, chapter 4
    raft_core.contact          clocks, stickiness, CheckQuorum       section 6; thesis 4.2.3, 6.2
    raft_core.prevote          PreVote                               thesis 9.6
    raft_core.transfer         leadership transfer                   thesis 3.10
    raft_core.reads            ReadIndex and leases                  thesis 6.4
    raft_core.durable          writes that complete later            thesis 10.2.1
    raft_core.machine          the state machine and its sessions    thesis 6.3
"""

from raft_core.commit import advance_commit_index
from raft_core.contact import check_quorum, is_disregarded, is_quiet, note_contact, tick
from raft_core.durable import write_completed
from raft_core.election import election_timeout
from raft_core.entry import NoOp, OpenSession, SessionCommand
from raft_core.evolve import evolve
from raft_core.log import Log
from raft_core.machine import applied, machine_of
from raft_core.messages import (
    ChangeMembership,
    ClientRequest,
    ClientResponse,
    Compact,
    ConfirmLeadership,
    ConfirmLeadershipResponse,
    ElectionTimeout,
    ExtendedEvent,
    HeartbeatTimeout,
    InstallSnapshot,
    InstallSnapshotResponse,
    LocalEvent,
    NotLeader,
    PreVote,
    PreVoteResponse,
    Sent,
    Tick,
    TimeoutNow,
    TransferLeadership,
    WriteCompleted,
)
from raft_core.prevote import receive_pre_vote, receive_pre_vote_response, start_pre_election
from raft_core.reads import (
    confirm_leadership,
    is_read,
    needs_round,
    read,
    receive_confirm_leadership,
    receive_confirm_leadership_response,
    serve_reads,
)
from raft_core.reconfiguration import change_membership, follow_committed_membership, may_stand
from raft_core.replication import append_to_own_log, heartbeat_timeout
from raft_core.server import adopt_newer_term, handle
from raft_core.server import restart as restart_of_figure_2
from raft_core.server import step as step_of_figure_2
from raft_core.snapshot import (
    compact,
    receive_install_snapshot,
    receive_install_snapshot_response,
)
from raft_core.state import Configuration, PersistentState, State
from raft_core.transfer import (
    give_up_transfer,
    hand_over,
    is_transferring,
    receive_timeout_now,
    transfer_leadership,
)
from raft_core.types import Role, Server

Outcome = tuple[State, Sent]


def step(state: State, event: ExtendedEvent) -> Outcome:
    """What a server does when something happens to it: its next state, and messages to send.

    Make the new persistent state durable before sending. Answers to clients come last.
    """
    if not state.configuration.is_extended:
        return step_of_figure_2(state, event)  # type: ignore[arg-type]  # it meets no others
    if is_disregarded(state, event):
        return state, ()
    before = state
    if not isinstance(event, LocalEvent):
        state = note_contact(adopt_newer_term(state, event), event)
    state, messages = handle_extended(state, event)
    if has_been_elected(before, state):
        state, messages = begin_term(state, messages)
    state = advance_commit_index(state)
    state, responses = apply_to_machine(state)
    state, more = conclude(state)
    return state, (*messages, *more, *responses)


def handle_extended(state: State, event: ExtendedEvent) -> Outcome:
    """The handler of each event; Figure 2's own where a feature does not come first."""
    match event:
        case ElectionTimeout():
            return timer_ran_out(state)
        case HeartbeatTimeout():
            return heartbeat(state)
        case ClientRequest():
            return client_request(state, event)
        case Tick():
            return tick(state, event)
        case Compact():
            return compact(state, event)
        case ChangeMembership():
            return change_membership(state, event)
        case WriteCompleted():
            return write_completed(state, event)
        case TransferLeadership():
            return transfer_leadership(state, event)
        case InstallSnapshot():
            return receive_install_snapshot(state, event)
        case InstallSnapshotResponse():
            return receive_install_snapshot_response(state, event)
        case PreVote():
            return receive_pre_vote(state, event)
        case PreVoteResponse():
            return receive_pre_vote_response(state, event)
        case TimeoutNow():
            return receive_timeout_now(state, event)
        case ConfirmLeadership():
            return receive_confirm_leadership(state, event)
        case ConfirmLeadershipResponse():
            return receive_confirm_leadership_response(state, event)
        case _:
            return handle(state, event)


def timer_ran_out(state: State) -> Outcome:
    """An election timeout has gone by: at a leader without a successor, elsewhere without one.

    Leases need a timer that does not run out before its time.
    """
    configuration = state.configuration
    if state.role is Role.LEADER:
        state = give_up_transfer(state)
        return (check_quorum(state) if configuration.check_quorum else state), ()
    if not may_stand(state) or (configuration.leases and is_quiet(state)):
        return state, ()
    return start_pre_election(state) if configuration.pre_vote else election_timeout(state)


def heartbeat(state: State) -> Outcome:
    """A leader's heartbeats, with a round where a lease or reads need one. Thesis, 6.4, 6.4.1."""
    state, messages = heartbeat_timeout(state)
    if state.role is not Role.LEADER or not needs_round(state):
        return state, messages
    state, round_messages = confirm_leadership(state)
    return state, (*messages, *round_messages)


def client_request(state: State, request: ClientRequest) -> Outcome:
    """A read, or a command for the log; neither while leadership is handed over."""
    if state.role is not Role.LEADER or is_transferring(state):
        known = None if is_transferring(state) else state.leader
        return state, (NotLeader(state.server, request.command, known),)
    if state.configuration.reads and is_read(request):
        return read(state, request)
    if request.command == "open":
        return append_to_own_log(state, OpenSession(request.session))
    if request.session == 0:
        return append_to_own_log(state, request.command)
    payload = SessionCommand(request.session, request.number, request.command)
    return append_to_own_log(state, payload)


def has_been_elected(before: State, state: State) -> bool:
    """Whether this step made the server a leader."""
    return state.role is Role.LEADER and (
        before.role is not Role.LEADER or before.current_term != state.current_term
    )


def begin_term(state: State, heartbeats: Sent) -> Outcome:
    """A new leader forgets what it knew as an earlier one; its first entry may be a no-op."""
    extensions = evolve(
        state.extensions,
        pre_votes=(),
        heard_from=(),
        transfer_target=None,
        transfer_asked=False,
        snapshot_offsets=(),
        reads=(),
        confirmed=(),
        rounds_sent=(),
        lease_until=0,
    )
    state = evolve(state, extensions=extensions)
    return append_to_own_log(state, NoOp()) if state.configuration.no_op else (state, heartbeats)


def conclude(state: State) -> Outcome:
    """What follows from what is committed by now: the next configuration, a successor, answers."""
    state, first = follow_committed_membership(state)
    state, second = hand_over(state) if state.role is Role.LEADER else (state, ())
    state, third = serve_reads(state)
    return state, (*first, *second, *third)


def apply_to_machine(state: State) -> tuple[State, tuple[ClientResponse, ...]]:
    """Execute committed entries in order, each once. Figure 2, All Servers 1; thesis, 6.3.

    A leader then answers the clients whose commands it received in this term.
    """
    if state.commit_index <= state.last_applied:
        return state, ()
    machine = state.extensions.machine
    responses: tuple[ClientResponse, ...] = ()
    for index in range(state.last_applied + 1, state.commit_index + 1):
        entry = state.log.entry_at(index)
        limit = state.configuration.session_limit
        machine, output = applied(machine, index, entry.command, limit)
        own = state.role is Role.LEADER and entry.term == state.current_term
        if own and output is not None:
            responses = (*responses, response_of(state, index, output))
    extensions = evolve(state.extensions, machine=machine)
    return evolve(state, last_applied=state.commit_index, extensions=extensions), responses


def response_of(state: State, index: int, output: str) -> ClientResponse:
    """The answer to the client whose entry this is."""
    payload = state.log.entry_at(index).command
    if isinstance(payload, SessionCommand):
        return ClientResponse(
            state.server, payload.command, index, payload.session, payload.number, output
        )
    if isinstance(payload, OpenSession):
        return ClientResponse(state.server, "open", index, session=payload.client, output=output)
    return ClientResponse(state.server, str(payload), index, output=output)


def restart(server: Server, configuration: Configuration, stored: PersistentState) -> State:
    """A server as it starts: raft_core.server's, with the state machine of its snapshot."""
    state = restart_of_figure_2(server, configuration, stored)
    if not configuration.is_extended:
        return state
    quiet_until = configuration.election_timeout if may_have_promised(state) else 0
    machine = machine_of(snapshot_of(stored.log))
    extensions = evolve(state.extensions, machine=machine, quiet_until=quiet_until)
    return evolve(state, extensions=extensions)


def snapshot_of(log: Log) -> tuple[tuple[str, ...], ...]:
    """The state machine's content that a server starts with."""
    return log.snapshot_rows


def may_have_promised(state: State) -> bool:
    """Whether this server may have confirmed a leader before it crashed: it keeps quiet then.

    A lease counts on that, and a crash forgets it.
    """
    return state.configuration.leases and state.current_term > 0
