"""Mistakes in log replication."""

from typing import Final

from model.mutants.mutant import Mutant
from model.reference.disk import Operation, Sync, operations_of
from raft_core import (
    AnyMessage,
    AppendEntries,
    AppendEntriesResponse,
    ClientRequest,
    ExtendedEvent,
    Index,
    Log,
    Role,
    Sent,
    Server,
    State,
    Term,
)
from raft_core.election import become_follower, become_leader
from raft_core.evolve import evolve
from raft_core.extended import step
from raft_core.replication import (
    FromLeader,
    append_entries_to,
    append_entries_to_all,
    at,
    back_up,
    follow_leader,
    receive_append_entries,
    store_entries,
)
from raft_core.server import adopt_newer_term


def any_prev_entry_matches(log: Log, request: AppendEntries) -> bool:
    """Does not look at the previous entry."""
    return True


def existing_prev_entry_matches(log: Log, request: AppendEntries) -> bool:
    """Looks whether there is a previous entry, not at its term."""
    return request.prev_log_index <= log.last_index


def store_after_truncation(log: Log, request: AppendEntries) -> Log:
    """Deletes all that follows the previous entry, conflict or not."""
    return log.truncated_from(request.prev_log_index + 1).appended(request.entries)


def store_beyond_the_end(log: Log, request: AppendEntries) -> Log:
    """Keeps entries that conflict; appends only what lies beyond the end."""
    known = log.last_index - request.prev_log_index
    return log.appended(request.entries[max(known, 0) :])


def commit_to_own_last_index(state: State, request: AppendEntries, log: Log) -> Index:
    """Commits up to the end of its own log, which may hold more than the leader sent."""
    return max(state.commit_index, min(request.leader_commit, log.last_index))


def commit_what_the_leader_says(state: State, request: AppendEntries, log: Log) -> Index:
    """Follows the leader's commit index back as well."""
    return min(request.leader_commit, request.prev_log_index + len(request.entries))


def last_answer_counts(state: State, response: AppendEntriesResponse) -> Index:
    """Takes over what an answer says, however old."""
    return response.match_index


def whole_log_is_acknowledged(state: State, response: AppendEntriesResponse) -> Index:
    """Credits an answer with what the leader's log holds when it arrives."""
    return state.log.last_index


def acknowledged_before_synced(
    before: State, event: ExtendedEvent, after: State, messages: tuple[AnyMessage, ...]
) -> tuple[Operation, ...]:
    """Acknowledges entries that only the next sync makes durable."""
    operations = operations_of(before, event, after, messages)
    if not isinstance(event, AppendEntries) or before.current_term != after.current_term:
        return operations
    return tuple(each for each in operations if not isinstance(each, Sync))


def any_answer_is_awaited(state: State, response: AppendEntriesResponse) -> bool:
    """Counts an acknowledgement that was given in an older term."""
    return state.role is Role.LEADER


def append_of_any_term(state: State, request: AppendEntries) -> tuple[State, Sent]:
    """Obeys a leader of an older term."""
    if request.term < state.current_term and state.role is not Role.LEADER:
        request = evolve(request, term=state.current_term)
    return receive_append_entries(state, request)


def vote_forgotten_with_leader(state: State, request: FromLeader) -> State:
    """Forgets its vote when it hears from the leader of its term."""
    return evolve(follow_leader(state, request), voted_for=None)


def overwrites_and_keeps_tail(log: Log, request: AppendEntries) -> Log:
    """Puts entries in place of those that conflict, and keeps what stood after them."""
    kept = store_entries(log, request)
    tail = log.entries_from(kept.last_index + 1, log.last_index) if kept is not log else ()
    return kept.appended(tail)


def heartbeat_matches_anywhere(log: Log, request: AppendEntries) -> bool:
    """Looks at the previous entry only where there are entries to store."""
    return not request.entries or log.holds(request.prev_log_index, request.prev_log_term)


def acknowledges_own_last_index(state: State, request: AppendEntries) -> tuple[State, Sent]:
    """Acknowledges all that its log holds, whatever the request brought."""
    state, sent = receive_append_entries(state, request)
    return state, tuple(
        evolve(each, match_index=state.log.last_index)
        if isinstance(each, AppendEntriesResponse) and each.success
        else each
        for each in sent
    )


def tells_own_last_index(state: State, follower: Server) -> AppendEntries:
    """Tells followers that all of its log is committed."""
    return evolve(append_entries_to(state, follower), leader_commit=state.log.last_index)


def backs_up_to_the_start(state: State, response: AppendEntriesResponse) -> Index:
    """Goes back after a refusal even below what the follower has acknowledged."""
    kept = evolve(state, match_index=(0,) * state.configuration.servers)
    return back_up(kept, response)


def leader_with_earlier_match_index(state: State) -> tuple[State, Sent]:
    """Takes over what followers acknowledged when it led before."""
    match_index, (led, _) = state.match_index, become_leader(state)
    if match_index:
        own = led.match_index[led.server]
        led = evolve(led, match_index=at(match_index, led.server, own))
    return led, append_entries_to_all(led)


def follower_with_match_index(state: State, term: Term) -> State:
    """Keeps what followers acknowledged when it leads no more."""
    return evolve(become_follower(state, term), match_index=state.match_index)


def keeps_term_of_own(state: State, event: ExtendedEvent) -> State:
    """Does not take over a leader's newer term, though it stores what the leader sends."""
    return state if isinstance(event, AppendEntries) else adopt_newer_term(state, event)


def entries_leave_with_requests_only(state: State, event: ExtendedEvent) -> tuple[State, Sent]:
    """Sends entries only in the step that takes a client's request."""
    after, sent = step(state, event)
    if isinstance(event, ClientRequest):
        return after, sent
    return after, tuple(
        evolve(each, entries=()) if isinstance(each, AppendEntries) else each for each in sent
    )


MUTANTS: Final = (
    Mutant(
        number=60,
        name="obeys-older-leader",
        rule="accepts AppendEntries of an older term",
        replaces="raft_core.replication.receive_append_entries",
        replacement=append_of_any_term,
        listed_property="CommittedOnQuorum",
        servers=3,
        seen_in="nats-server #6951, nats-server #6072",
    ),
    Mutant(
        number=61,
        name="vote-forgotten-with-leader",
        rule="forgets its vote when it hears from the leader of its term",
        replaces="raft_core.replication.follow_leader",
        replacement=vote_forgotten_with_leader,
        listed_property="ElectionSafety",
        servers=3,
        seen_in="microsoft/CCF #8094, etcd #2461",
    ),
    Mutant(
        number=11,
        name="no-previous-entry-check",
        rule="no check of the previous entry",
        replaces="raft_core.replication.has_matching_prev_entry",
        replacement=any_prev_entry_matches,
        listed_property="LogMatching",
        servers=3,
        listed_actions=12,
    ),
    Mutant(
        number=12,
        name="previous-entry-exists",
        rule="checks that the previous index exists, not its term",
        replaces="raft_core.replication.has_matching_prev_entry",
        replacement=existing_prev_entry_matches,
        listed_property="LogMatching",
        servers=3,
        listed_actions=19,
    ),
    Mutant(
        number=13,
        name="truncates-without-conflict",
        rule="truncates after prev_log_index without a conflict",
        replaces="raft_core.replication.store_entries",
        replacement=store_after_truncation,
        listed_property="LeaderCompleteness",
        servers=3,
        listed_actions=10,
        seen_in="RaftOS #26; the students' classic",
    ),
    Mutant(
        number=14,
        name="keeps-conflicting-entry",
        rule="keeps a conflicting entry",
        replaces="raft_core.replication.store_entries",
        replacement=store_beyond_the_end,
        listed_property="LogMatching",
        servers=3,
        listed_actions=11,
    ),
    Mutant(
        number=15,
        name="commits-past-last-new-entry",
        rule="commit = min(leader_commit, own last index) rather than last new entry",
        replaces="raft_core.replication.follower_commit_index",
        replacement=commit_to_own_last_index,
        listed_property="StateMachineSafety",
        servers=3,
        listed_actions=37,
        seen_in="copycat #265",
        settings={"max_entries": "1"},
        turns=True,
    ),
    Mutant(
        number=16,
        name="commit-index-falls",
        rule="sets commit_index to leader_commit's minimum unconditionally",
        replaces="raft_core.replication.follower_commit_index",
        replacement=commit_what_the_leader_says,
        listed_property="CommitMonotonic",
        servers=3,
        listed_actions=9,
        seen_in="PySyncObj #166",
    ),
    Mutant(
        number=17,
        name="match-index-falls",
        rule="sets match_index unconditionally",
        replaces="raft_core.replication.acknowledged_index",
        replacement=last_answer_counts,
        listed_property="MatchMonotonic",
        servers=3,
        listed_actions=8,
        seen_in="PySyncObj #167",
    ),
    Mutant(
        number=18,
        name="whole-log-acknowledged",
        rule="match_index = leader's log length when the reply arrives",
        replaces="raft_core.replication.acknowledged_index",
        replacement=whole_log_is_acknowledged,
        listed_property="LeaderCompleteness",
        servers=3,
        listed_actions=9,
        seen_in="the lab notes' warning",
    ),
    Mutant(
        number=19,
        name="acknowledges-before-durable",
        rule="acknowledges before the entries are durable",
        replaces="model.reference.disk.operations_of",
        replacement=acknowledged_before_synced,
        listed_property="LeaderCompleteness",
        servers=3,
        listed_actions=10,
    ),
    Mutant(
        number=20,
        name="stale-acknowledgement-counted",
        rule="counts an acknowledgement of an older term",
        replaces="raft_core.replication.is_awaiting_answer",
        replacement=any_answer_is_awaited,
        listed_property="StateMachineSafety",
        servers=5,
        listed_actions=47,
        turns=True,
    ),
    Mutant(
        number=75,
        name="overwrites-and-keeps-tail",
        rule="overwrites conflicting entries and keeps what follows",
        replaces="raft_core.replication.store_entries",
        replacement=overwrites_and_keeps_tail,
        listed_property="LogMatching",
        servers=3,
    ),
    Mutant(
        number=76,
        name="heartbeat-matches-anywhere",
        rule="a heartbeat skips the check of the previous entry",
        replaces="raft_core.replication.has_matching_prev_entry",
        replacement=heartbeat_matches_anywhere,
        listed_property="IndexOrder",
        servers=3,
    ),
    Mutant(
        number=77,
        name="acknowledges-own-last-index",
        rule="acknowledges its own last index",
        replaces="raft_core.replication.receive_append_entries",
        replacement=acknowledges_own_last_index,
        listed_property="CommittedOnQuorum",
        servers=3,
    ),
    Mutant(
        number=78,
        name="match-index-survives",
        rule="match_index survives elections",
        replaces="raft_core.election.become_leader",
        replacement=leader_with_earlier_match_index,
        also={"raft_core.election.become_follower": follower_with_match_index},
        listed_property="CommittedOnQuorum",
        servers=5,
    ),
    Mutant(
        number=79,
        name="tells-own-last-index",
        rule="leader_commit is the leader's last index",
        replaces="raft_core.replication.append_entries_to",
        replacement=tells_own_last_index,
        listed_property="LeaderCompleteness",
        servers=3,
    ),
    Mutant(
        number=80,
        name="next-index-below-match",
        rule="next_index may fall to match_index or below",
        replaces="raft_core.replication.back_up",
        replacement=backs_up_to_the_start,
        listed_property="NextAboveMatch",
        servers=3,
    ),
    Mutant(
        number=99,
        name="stores-above-its-term",
        rule="stores a newer leader's entries without its term",
        replaces="raft_core.server.adopt_newer_term",
        replacement=keeps_term_of_own,
        listed_property="EntriesWithinTerm",
        servers=3,
    ),
    Mutant(
        number=81,
        name="idle-cluster-sends-nothing",
        rule="entries are sent only when a request comes",
        replaces="raft_core.extended.step",
        replacement=entries_leave_with_requests_only,
        listed_property="Progress",
        servers=3,
        seen_in="etcd-io/raft #52, tikv/raft-rs #560, Ratis #125",
    ),
)
