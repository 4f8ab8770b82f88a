"""Mistakes in the leader's commit rule."""

from typing import Final

from model.mutants.mutant import Mutant
from raft_core import Index, Sent, State
from raft_core.evolve import evolve


def may_commit_any_term(state: State, index: Index) -> bool:
    """Commits an older term's entry by counting its copies (Figure 8)."""
    return True


def half_rounded_down_match_index(state: State) -> Index:
    """The highest index that half of the servers, rounded down, hold."""
    return sorted(state.match_index)[-(state.configuration.servers // 2)]


def unsorted_match_index(state: State) -> Index:
    """Takes the middle of the followers' indexes without sorting them."""
    return state.match_index[len(state.match_index) // 2]


def one_answer_counts_twice(state: State) -> Index:
    """Counts the answers of the follower that is furthest ahead twice."""
    voters = state.membership.voters
    known = sorted(state.match_index[voter] for voter in voters)
    return sorted([*known[1:], known[-1]])[(len(voters) - 1) // 2]


def commit_stops_at_older_term(state: State, index: Index) -> bool:
    """Commits only where the next entry in line is of its own term."""
    return state.log.term_at(state.commit_index + 1) == state.current_term


def applies_whole_log(state: State) -> tuple[State, Sent]:
    """Applies what is in its log, committed or not."""
    return evolve(state, last_applied=state.log.last_index), ()


MUTANTS: Final = (
    Mutant(
        number=59,
        name="unsorted-match-index",
        rule="takes the middle of the indexes without sorting them",
        replaces="raft_core.commit.quorum_match_index",
        replacement=unsorted_match_index,
        listed_property="CommittedOnQuorum",
        servers=3,
        seen_in="openraft #1802",
    ),
    Mutant(
        number=21,
        name="commits-older-term",
        rule="commits an older term's entry by counting replicas",
        replaces="raft_core.commit.may_commit",
        replacement=may_commit_any_term,
        listed_property="LeaderCompleteness",
        servers=3,
        listed_actions=27,
        seen_in="Figure 8; logcabin #44, libraft #220, PySyncObj #169",
    ),
    Mutant(
        number=22,
        name="floor-half-commits",
        rule="floor(n/2) commits",
        replaces="raft_core.commit.quorum_match_index",
        replacement=half_rounded_down_match_index,
        listed_property="LeaderCompleteness",
        servers=3,
        listed_actions=9,
    ),
    Mutant(
        number=82,
        name="one-answer-counts-twice",
        rule="counts one follower's answers twice",
        replaces="raft_core.commit.quorum_match_index",
        replacement=one_answer_counts_twice,
        listed_property="CommittedOnQuorum",
        servers=5,
    ),
    Mutant(
        number=83,
        name="commit-stops-at-older-term",
        rule="stops committing at an entry of an older term",
        replaces="raft_core.commit.may_commit",
        replacement=commit_stops_at_older_term,
        listed_property="Progress",
        servers=3,
    ),
    Mutant(
        number=84,
        name="applies-uncommitted",
        rule="applies before it commits",
        replaces="raft_core.commit.apply_committed",
        replacement=applies_whole_log,
        listed_property="IndexOrder",
        servers=3,
    ),
    Mutant(
        number=85,
        name="commits-older-term-with-no-op",
        rule="commits an older term's entry by counting, with a no-op on its way",
        replaces="raft_core.commit.may_commit",
        replacement=may_commit_any_term,
        listed_property="LeaderCompleteness",
        servers=3,
        settings={"no_op": "on"},
    ),
)
