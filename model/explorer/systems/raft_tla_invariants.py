"""What is checked of Ongaro's raft.tla: Figure 3, and what its known forks published.

The text itself names no invariant; the thesis proves State Machine Safety of it. Figure 3 is
written here as its forks write it, over the variables of the servers alone:

- State invariants: ElectionSafety (which the fork of jinlmsft has as MoreThanOneLeader, and CCF as
  MoreThanOneLeaderInv), LogMatching, LeaderCompleteness and StateMachineSafety (CCF: LogInv);
  LeaderVotesQuorum, CandidateTermNotInLog, QuorumLog and MoreUpToDateCorrect of the fork of
  dricketts, which lead from one to the other in its proof.
- Action properties, of a state and the next one: LeaderAppendOnly of Figure 3, MonotonicTerm, and
  VoteOnce, that a vote is not taken back within its term.

LeaderCompleteness is about leaders of terms that are not older: a fork that leaves this out is
wrong of a leader that was superseded. MonotonicCommitIndex is not checked, because raft.tla does
not promise it: a restart sets commitIndex back to 0, and an older message takes a lower one.
"""

from collections.abc import Callable
from itertools import combinations
from typing import Any, Final, TypeAlias

from model.explorer.systems.raft_tla_actions import Log, ServerVariables, is_quorum, last_term
from model.explorer.systems.system import Broken, Invariant, Value
from raft_core import SERVERS, Role, Server

Seen: TypeAlias = tuple[Any, ...]
"""What an invariant sees of each server, by server."""


def of_servers(
    name: str, sees: Callable[[ServerVariables], Any], broken: Callable[[Seen], str]
) -> Invariant:
    """An invariant over the variables of all servers; the bag and the history show it nothing."""

    def seen(place: int, value: Value) -> Any:
        return sees(value) if isinstance(value, ServerVariables) else None

    return Invariant(name, seen, lambda parts: broken(tuple([each for each in parts if each])))


def committed(server: ServerVariables) -> Log:
    """Committed(i): the log up to commitIndex."""
    return server.log[: server.commit_index]


def led_term(server: ServerVariables) -> int:
    """The term that a server leads; 0 where it does not."""
    return server.current_term if server.state is Role.LEADER else 0


def is_prefix(shorter: Log, longer: Log) -> bool:
    """Whether one log begins another."""
    return longer[: len(shorter)] == shorter


def two_leaders(seen: Seen) -> str:
    """ElectionSafety: at most one server leads a term."""
    for (left, (term,)), (right, (other,)) in combinations(enumerate(seen), 2):
        if term and term == other:
            return f"{SERVERS[left]} and {SERVERS[right]} both lead term {term}"
    return ""


def logs_that_differ(seen: Seen) -> str:
    """LogMatching: where two logs have an entry of one term at an index, they agree up to it."""
    for (left, (mine,)), (right, (yours,)) in combinations(enumerate(seen), 2):
        for index in range(min(len(mine), len(yours)), 0, -1):
            if mine[index - 1].term == yours[index - 1].term and mine[:index] != yours[:index]:
                where = f"both have term {mine[index - 1].term} at index {index}"
                return f"{SERVERS[left]} and {SERVERS[right]} {where}, and other entries up to it"
    return ""


def commits_that_differ(seen: Seen) -> str:
    """StateMachineSafety: of two committed logs, one begins the other."""
    for (left, (mine,)), (right, (yours,)) in combinations(enumerate(seen), 2):
        if not (is_prefix(mine, yours) or is_prefix(yours, mine)):
            return f"{SERVERS[left]} and {SERVERS[right]} committed other entries"
    return ""


def committed_that_a_leader_lacks(seen: Seen) -> str:
    """LeaderCompleteness: a leader has what was committed in its term or an older one."""
    for leader, (led, log, _, _) in enumerate(seen):
        for server, (_, _, known, term) in enumerate(seen):
            if led and led >= term and not is_prefix(known, log):
                place = f"{SERVERS[leader]} leads term {led}"
                return f"{place} without what {SERVERS[server]} committed by term {term}"
    return ""


def led_without_votes(seen: Seen) -> str:
    """LeaderVotesQuorum: a quorum voted for a leader, or has a newer term by now."""
    for leader, (role, term, _) in enumerate(seen):
        behind = frozenset(
            SERVERS[place]
            for place, (_, other, vote) in enumerate(seen)
            if other > term or (other == term and vote == leader)
        )
        if role is Role.LEADER and not is_quorum(behind, len(seen)):
            return f"{SERVERS[leader]} leads term {term}, and no quorum voted for it"
    return ""


def entry_of_a_candidates_term(seen: Seen) -> str:
    """CandidateTermNotInLog: while a candidate may still be elected, nobody has an entry of its
    term.
    """
    for candidate, (role, term, _, _) in enumerate(seen):
        may_vote = frozenset(
            SERVERS[place]
            for place, (_, other, vote, _) in enumerate(seen)
            if other == term and vote in (None, candidate)
        )
        if role is not Role.CANDIDATE or not is_quorum(may_vote, len(seen)):
            continue
        for server, (_, _, _, log) in enumerate(seen):
            if any(entry.term == term for entry in log):
                place = f"{SERVERS[server]} has an entry of term {term}"
                return f"{place}, for which {SERVERS[candidate]} may still be elected"
    return ""


def committed_without_quorum(seen: Seen) -> str:
    """QuorumLog: in every quorum, somebody has what a server committed."""
    for server, (_, known) in enumerate(seen):
        lacking = frozenset(
            Server(place) for place, (log, _) in enumerate(seen) if not is_prefix(known, log)
        )
        if is_quorum(lacking, len(seen)):
            return f"{SERVERS[server]} committed what a whole quorum lacks"
    return ""


def up_to_date_without_committed(seen: Seen) -> str:
    """MoreUpToDateCorrect: a log that is at least as up to date has what was committed."""
    for mine, (log, _) in enumerate(seen):
        for yours, (other, known) in enumerate(seen):
            newer = (last_term(log), len(log)) >= (last_term(other), len(other))
            if newer and not is_prefix(known, log):
                place = f"{SERVERS[mine]} is up to date for {SERVERS[yours]}"
                return f"{place}, and lacks what {SERVERS[yours]} committed"
    return ""


INVARIANTS: Final = (
    of_servers("ElectionSafety", lambda each: (led_term(each),), two_leaders),
    of_servers("LogMatching", lambda each: (each.log,), logs_that_differ),
    of_servers(
        "LeaderCompleteness",
        lambda each: (led_term(each), each.log, committed(each), each.current_term),
        committed_that_a_leader_lacks,
    ),
    of_servers("StateMachineSafety", lambda each: (committed(each),), commits_that_differ),
    of_servers(
        "LeaderVotesQuorum",
        lambda each: (each.state, each.current_term, each.voted_for),
        led_without_votes,
    ),
    of_servers(
        "CandidateTermNotInLog",
        lambda each: (each.state, each.current_term, each.voted_for, each.log),
        entry_of_a_candidates_term,
    ),
    of_servers("QuorumLog", lambda each: (each.log, committed(each)), committed_without_quorum),
    of_servers(
        "MoreUpToDateCorrect",
        lambda each: (each.log, committed(each)),
        up_to_date_without_committed,
    ),
)


def shorter_log_of_a_leader(before: ServerVariables, after: ServerVariables) -> str:
    """LeaderAppendOnly: a leader's log only grows."""
    if before.state is Role.LEADER and not is_prefix(before.log, after.log):
        return f"a leader of term {before.current_term} lost entries of its log"
    return ""


def lower_term(before: ServerVariables, after: ServerVariables) -> str:
    """MonotonicTerm: a server's term never falls."""
    if after.current_term < before.current_term:
        return f"a term fell from {before.current_term} to {after.current_term}"
    return ""


def vote_taken_back(before: ServerVariables, after: ServerVariables) -> str:
    """VoteOnce: a vote stays as it is within its term."""
    same_term = after.current_term == before.current_term
    if same_term and before.voted_for not in (None, after.voted_for):
        return f"a vote for {before.voted_for} was taken back in term {before.current_term}"
    return ""


MOVES: Final = {
    "LeaderAppendOnly": shorter_log_of_a_leader,
    "MonotonicTerm": lower_term,
    "VoteOnce": vote_taken_back,
}
ACTION_PROPERTIES: Final = tuple(MOVES)


def broken_by_move(
    before: ServerVariables, after: ServerVariables, checked: tuple[str, ...]
) -> Broken | None:
    """The first of these action properties that a server's step does not keep."""
    for name in checked:
        if detail := MOVES[name](before, after):
            return Broken(name, detail)
    return None
