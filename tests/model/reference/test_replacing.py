"""What a protocol may replace: several functions at once, on top of each other, and methods."""

from collections.abc import Sequence
from typing import Any

import pytest

from model.reference.variant import with_replaced
from raft_core import (
    Configuration,
    ElectionTimeout,
    Entry,
    Log,
    PersistentState,
    RequestVote,
    Role,
    Server,
    State,
    s1,
    s2,
    s3,
    step,
)
from raft_core.election import is_elected, is_vote_free
from tests.raft_core.build import append_entries, follower, vote


@pytest.mark.parametrize(
    ("name", "replacement", "text"),
    [
        ("raft_core.raft.step", step, "expected a function or a method in one of model.reference"),
        ("raft_core.log.Log.append", step, r"did you mean 'raft_core.log.Log.appended'.* Log.of"),
        ("raft_core.election.is_elected", True, "found True to replace it, expected a function"),
        (
            "raft_core.election.is_vote_free",
            is_elected,
            r"takes \(state\), expected one that takes \(state, candidate\)",
        ),
        ("raft_core.log.Log.last_term", lambda: 1, r"takes \(\), expected one that takes \(self\)"),
        ("raft_core.election.is_elected", None, "found no replacement"),
    ],
)
def test_what_cannot_stand_in_the_place_is_refused_at_once(
    name: str, replacement: Any, text: str
) -> None:
    """Not in the middle of a hunt, as a failure of the subject."""
    with pytest.raises(ValueError, match=text) as caught:
        with_replaced(name, replacement)
    assert "\n" not in str(caught.value)


def everybody_is_elected(state: State) -> bool:
    """Standing is enough."""
    return True


def elected_as_before(state: State) -> bool:
    """Elected by what was there before."""
    return is_elected(state)


def free_for_everybody(state: State, candidate: Server) -> bool:
    """Every vote is free."""
    return True


def elected_with_a_free_vote(state: State) -> bool:
    """Elected if the vote is free, which another replacement decides, and by what was there too."""
    return is_vote_free(state, s3) and is_elected(state)


def test_several_functions_are_replaced_at_once() -> None:
    """A replacement that names what another one replaces means that one; its own name, the rest."""
    both = with_replaced(
        {
            "raft_core.election.is_elected": elected_with_a_free_vote,
            "raft_core.election.is_vote_free": free_for_everybody,
        }
    )
    candidate, _ = both.step(follower(1), ElectionTimeout())
    leader, _ = both.step(candidate, vote(candidate.current_term))
    assert leader.role is Role.LEADER
    alone = with_replaced("raft_core.election.is_elected", elected_with_a_free_vote)
    assert alone.step(candidate, vote(candidate.current_term))[0].role is Role.CANDIDATE


def test_replacements_lie_on_top_of_each_other() -> None:
    """The later one decides first; where it names what it replaces, it means the earlier one."""
    below = with_replaced("raft_core.election.is_elected", everybody_is_elected)
    above = with_replaced("raft_core.election.is_elected", elected_as_before, base=below)
    voted = with_replaced("raft_core.election.is_vote_free", free_for_everybody, base=below)
    for protocol in (below, above, voted):
        assert protocol.step(follower(1), ElectionTimeout())[0].role is Role.LEADER


def at_most_one(self: Log, entries: Sequence[Entry]) -> Log:
    """Appends the first entry alone."""
    return Log.appended(self, entries[:1])


def first_voter_decides(servers: Sequence[Server], voters: tuple[Server, ...]) -> bool:
    """A majority of one."""
    return servers[0] == voters[0]


def test_methods_and_functions_behind_them_are_replaced() -> None:
    """A copy of their class has them, wherever a server's values come from."""
    short = with_replaced("raft_core.log.Log.appended", at_most_one)
    server = short.restart(s2, Configuration(servers=3), PersistentState())
    sent_twice = append_entries(1, (0, 0), (1, 1, 1), source=s1, destination=s2)
    for length in (1, 2):
        server, _ = short.step(server, sent_twice)
        assert server.log.last_index == length
    assert isinstance(server.log, Log)
    ruled = with_replaced(
        {
            "raft_core.membership.is_majority": first_voter_decides,
            "raft_core.state.State.other_voters": lambda self: (),
        }
    )
    server, sent = ruled.step(
        ruled.restart(s1, Configuration(servers=3), PersistentState()), ElectionTimeout()
    )
    assert server.role is Role.LEADER
    assert not any(isinstance(each, RequestVote) for each in sent)
