"""Mistakes in the leader's commit rule."""

from typing import Final

from model.mutants.mutant import Mutant
from raft_core import Index, State


def may_commit_any_term(state: State, index: Index) -> bool:
    """Commits an older term's entry by counting its copies (Figure 8)."""
    return True


def half_rounded_down_match_index(state: State) -> Index:
    """The highest index that half of the servers, rounded down, hold."""
    return sorted(state.match_index)[-(state.configuration.servers // 2)]


def unsorted_match_index(state: State) -> Index:
    """Takes the middle of the followers' indexes without sorting them."""
    return state.match_index[len(state.match_index) // 2]


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
)
