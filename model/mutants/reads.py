"""Mistakes in reads, leases, and answers to clients."""

from typing import Final

from model.mutants.mutant import Mutant
from raft_core import (
    ConfirmLeadership,
    ConfirmLeadershipResponse,
    Machine,
    RequestVote,
    Sent,
    SessionCommand,
    State,
    TimeoutNow,
)
from raft_core.election import request_votes
from raft_core.evolve import evolve
from raft_core.extended import timer_ran_out
from raft_core.extensions import PendingRead
from raft_core.machine import EXPIRED, Session, executed, with_session
from raft_core.reads import confirmed_round, lease_ticks, receive_confirm_leadership
from raft_core.transfer import has_whole_log, receive_timeout_now

READS: Final = {"reads": "on", "state_machine": "on"}
LEASES: Final = {**READS, "leases": "on", "no_op": "on"}
SESSIONS: Final = {"state_machine": "on", "sessions": "on", "no_op": "on"}


def every_read_is_confirmed(state: State, waiting: PendingRead) -> bool:
    """Answers a read without a round of messages."""
    return waiting.round > 0


def any_commit_index_is_known(state: State) -> bool:
    """Answers reads before an entry of its own term is committed."""
    return True


def any_round_confirms(state: State, waiting: PendingRead) -> bool:
    """Takes an answer to an earlier round for one to the read's own."""
    return waiting.round > 0 and any(
        number > 0
        for server, number in enumerate(state.extensions.confirmed)
        if server != state.server
    )


def lease_from_answer(state: State) -> State:
    """Counts the lease from when the answer arrives."""
    extensions, answered = state.extensions, confirmed_round(state)
    left = tuple(pair for pair in extensions.rounds_sent if pair[0] > answered)
    if left == extensions.rounds_sent:
        return state
    lease_until = extensions.clock + lease_ticks(state)
    return evolve(state, extensions=evolve(extensions, rounds_sent=left, lease_until=lease_until))


def lease_without_drift(state: State) -> int:
    """Takes all clocks to be equally fast."""
    return state.configuration.election_timeout


def lease_kept_on_handing_over(state: State) -> tuple[State, Sent]:
    """Keeps its lease while another server is asked to stand."""
    target, extensions = state.extensions.transfer_target, state.extensions
    if target is None or extensions.transfer_asked or not has_whole_log(state, target):
        return state, ()
    changed = evolve(extensions, transfer_asked=True, transfer_term=state.current_term)
    state = evolve(state, extensions=changed)
    return state, (TimeoutNow(state.server, target, state.current_term),)


def may_hold_lease_after_transfer(state: State) -> bool:
    """Renews its lease once a transfer is given up, though the request is still on its way."""
    return state.configuration.leases


def nobody_has_promised(state: State) -> bool:
    """Votes at once after a restart, whatever it has confirmed before."""
    return False


def never_repeated(session: Session, number: int) -> bool:
    """Executes a command as often as it comes."""
    return False


def answered_with_the_latest(
    machine: Machine, index: int, wanted: SessionCommand
) -> tuple[Machine, str | None]:
    """Answers a copy of an earlier command with the answer to the latest."""
    session = machine.session(wanted.session)
    if session is None:
        return machine, EXPIRED
    if wanted.number <= session.number:
        return with_session(machine, evolve(session, used=index)), session.output
    machine, output = executed(machine, wanted.command)
    return with_session(machine, Session(session.name, wanted.number, output, index)), output


def confirmed_by_one_less(state: State) -> int:
    """Takes one answer less than a quorum's for enough."""
    confirmed, voters = state.extensions.confirmed, state.membership.voters
    if not confirmed:
        return 0
    known = sorted(confirmed[voter] for voter in voters)
    return known[min((len(voters) - 1) // 2 + 1, len(voters) - 1)]


def never_confirmed(state: State, waiting: PendingRead) -> bool:
    """Never answers a read that waits for a round."""
    return False


def any_timeout_now_is_wanted(state: State, request: TimeoutNow) -> tuple[State, Sent]:
    """Stands whenever it is asked to, in whichever term that was."""
    return receive_timeout_now(state, evolve(request, term=state.current_term))


def older_round_is_confirmed(state: State, request: ConfirmLeadership) -> tuple[State, Sent]:
    """Answers with the round that it is asked about, of whichever term that is."""
    state, _ = receive_confirm_leadership(state, request)
    return state, (
        ConfirmLeadershipResponse(state.server, request.source, state.current_term, request.round),
    )


def stands_at_any_time(state: State) -> tuple[State, Sent]:
    """Stands whenever its timer runs out, whatever it has promised to its leader."""
    extensions = evolve(state.extensions, quiet_until=state.extensions.clock)
    after, messages = timer_ran_out(evolve(state, extensions=extensions))
    kept = evolve(after.extensions, quiet_until=state.extensions.quiet_until)
    return evolve(after, extensions=kept), messages


def remembers_who_asked(state: State, request: TimeoutNow) -> tuple[State, Sent]:
    """Remembers that its leader asked it to stand, until it leads itself."""
    after, messages = receive_timeout_now(state, request)
    if after.current_term == state.current_term:
        return after, messages
    extensions = evolve(after.extensions, transfer_target=state.server)
    return evolve(after, extensions=extensions), messages


def says_again_who_asked(state: State) -> tuple[RequestVote, ...]:
    """Says in every later candidacy, too, that its leader asked it to stand."""
    is_asked = state.extensions.transfer_target == state.server
    return tuple(evolve(each, by_transfer=is_asked) for each in request_votes(state))


TRANSFERS: Final = {**LEASES, "leadership_transfer": "on"}


MUTANTS: Final = (
    Mutant(
        number=25,
        name="read-without-round",
        rule="leader reads without a round of heartbeats",
        replaces="raft_core.reads.is_confirmed",
        replacement=every_read_is_confirmed,
        listed_property="Linearizable",
        servers=3,
        listed_actions=18,
        settings=READS,
    ),
    Mutant(
        number=26,
        name="read-before-own-commit",
        rule="reads before an entry of its own term is committed",
        replaces="raft_core.reads.knows_what_is_committed",
        replacement=any_commit_index_is_known,
        listed_property="Linearizable",
        servers=3,
        listed_actions=13,
        settings=READS,
    ),
    Mutant(
        number=45,
        name="read-confirmed-by-earlier-round",
        rule="takes an answer to an earlier round for one to the read's own",
        replaces="raft_core.reads.is_confirmed",
        replacement=any_round_confirms,
        listed_property="Linearizable",
        servers=3,
        seen_in="etcd #20418, rabbitmq/ra #340",
        settings=READS,
    ),
    Mutant(
        number=46,
        name="lease-from-acknowledgement",
        rule="counts a lease from when the answer arrives",
        replaces="raft_core.reads.renew_lease",
        replacement=lease_from_answer,
        listed_property="Linearizable",
        servers=3,
        seen_in="deventlab/d-engine #401, sofa-jraft #34",
        settings=LEASES,
    ),
    Mutant(
        number=47,
        name="lease-without-drift",
        rule="takes all clocks to be equally fast",
        replaces="raft_core.reads.lease_ticks",
        replacement=lease_without_drift,
        listed_property="Linearizable",
        servers=3,
        seen_in="tikv #1127, tikv #9728",
        settings=LEASES,
    ),
    Mutant(
        number=48,
        name="lease-kept-on-transfer",
        rule="keeps its lease while another server is asked to stand",
        replaces="raft_core.transfer.hand_over",
        replacement=lease_kept_on_handing_over,
        listed_property="Linearizable",
        servers=3,
        seen_in="openraft #1748",
        settings={**LEASES, "leadership_transfer": "on"},
    ),
    Mutant(
        number=49,
        name="lease-renewed-after-transfer",
        rule="renews its lease after a transfer that it has given up",
        replaces="raft_core.reads.may_hold_lease",
        replacement=may_hold_lease_after_transfer,
        listed_property="Linearizable",
        servers=3,
        seen_in="tikv/raft-rs #234",
        settings={**LEASES, "leadership_transfer": "on"},
    ),
    Mutant(
        number=50,
        name="restarted-voter-breaks-lease",
        rule="votes at once after a restart, whatever it has confirmed before",
        replaces="raft_core.extended.may_have_promised",
        replacement=nobody_has_promised,
        listed_property="Linearizable",
        servers=3,
        seen_in="tikv #15035",
        settings=LEASES,
    ),
    Mutant(
        number=51,
        name="command-executed-twice",
        rule="executes a command as often as it comes",
        replaces="raft_core.machine.is_repeated",
        replacement=never_repeated,
        listed_property="Linearizable",
        servers=3,
        seen_in="CurvineIO/curvine #676",
        settings=SESSIONS,
    ),
    Mutant(
        number=52,
        name="copy-answered-with-latest",
        rule="answers a copy of an earlier command with the answer to the latest",
        replaces="raft_core.machine.executed_once",
        replacement=answered_with_the_latest,
        listed_property="Linearizable",
        servers=3,
        seen_in="copycat #261",
        settings=SESSIONS,
    ),
    Mutant(
        number=89,
        name="read-confirmed-by-one-less",
        rule="a quorum less one confirms a read",
        replaces="raft_core.reads.confirmed_round",
        replacement=confirmed_by_one_less,
        listed_property="Linearizable",
        servers=5,
        settings=READS,
    ),
    Mutant(
        number=90,
        name="read-never-answered",
        rule="a read that waits for a round is never answered",
        replaces="raft_core.reads.is_confirmed",
        replacement=never_confirmed,
        listed_property="ClientProgress",
        servers=3,
        seen_in="scylladb #29226, tikv #6439",
        settings=READS,
    ),
    Mutant(
        number=91,
        name="older-timeout-now-obeyed",
        rule="obeys a TimeoutNow of an older term",
        replaces="raft_core.transfer.receive_timeout_now",
        replacement=any_timeout_now_is_wanted,
        listed_property="TransferWasAsked",
        servers=3,
        settings={**TRANSFERS, "meanings": "on"},
    ),
    Mutant(
        number=105,
        name="older-round-confirmed",
        rule="confirms a round of an older term to who leads again in a newer one",
        replaces="raft_core.reads.receive_confirm_leadership",
        replacement=older_round_is_confirmed,
        listed_property="Linearizable",
        servers=3,
        settings=LEASES,
    ),
    Mutant(
        number=108,
        name="candidate-breaks-lease",
        rule="stands though it has promised its leader a lease",
        replaces="raft_core.extended.timer_ran_out",
        replacement=stands_at_any_time,
        listed_property="Linearizable",
        servers=3,
        seen_in="openraft #2026",
        settings=LEASES,
    ),
    Mutant(
        number=110,
        name="transfer-claimed-again",
        rule="says in later elections, too, that its leader asked it to stand",
        replaces="raft_core.transfer.receive_timeout_now",
        replacement=remembers_who_asked,
        also={"raft_core.election.request_votes": says_again_who_asked},
        listed_property="TransferWasAsked",
        servers=3,
        settings={"leadership_transfer": "on", "meanings": "on"},
    ),
)
