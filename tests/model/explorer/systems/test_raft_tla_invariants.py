"""raft.tla's invariants: silent on the text as it is, and each finds a mistake in a transcription.

The depths are counted by hand. A server leads after nine moves: Timeout; RequestVote, its handling
and the response's for its own vote; and the same with UpdateTerm for another's; BecomeLeader. TLC
counts states, so that its depths are greater by one.
"""

from collections.abc import Callable
from typing import Any, Final

import pytest
from attrs import evolve

from model.explorer.running.exploration import explore
from model.explorer.running.specification import ExecutionOptions, ExplorationSpec
from model.explorer.search.result import SearchResult
from model.explorer.systems import raft_tla, raft_tla_actions
from model.explorer.systems.raft_tla import RaftTla
from model.explorer.systems.raft_tla_actions import (
    HANDLERS,
    Entry,
    Handled,
    ServerVariables,
)
from model.explorer.systems.raft_tla_invariants import ACTION_PROPERTIES, INVARIANTS
from raft_core import Role, Server, s1, s2

HANDLE_VOTE: Final = "HandleRequestVoteRequest"
EVERY_NAME: Final = frozenset((*(each.name for each in INVARIANTS), *ACTION_PROPERTIES))
ENGINES: Final = ("numpy", "auto", "reference")


def explored(model: RaftTla, engine: str = "auto") -> SearchResult:
    """What a search within these constants finds."""
    execution = ExecutionOptions(engine=engine)
    spec = ExplorationSpec(model=model)
    return explore(spec, execution, lambda progress: None, lambda: False).search


def with_free_vote(before: ServerVariables, message: Any, history: bool) -> Handled | None:
    """A server that votes in its term for everybody who asks."""
    same = message.mterm == before.current_term
    asked = evolve(before, voted_for=None) if same else before
    return raft_tla_actions.handle_request_vote_request(asked, message, history)


def in_the_first_term(before: ServerVariables) -> ServerVariables:
    """A restart that forgets the term."""
    return evolve(raft_tla_actions.restart(before), current_term=1, voted_for=None)


def without_a_vote(before: ServerVariables) -> ServerVariables:
    """A restart that forgets the vote."""
    return evolve(raft_tla_actions.restart(before), voted_for=None)


def in_place_of_the_last(before: ServerVariables, value: int) -> ServerVariables:
    """A leader that overwrites its last entry."""
    return evolve(before, log=(*before.log[:-1], Entry(before.current_term, value)))


def whatever_it_has(before: ServerVariables, server: Server) -> ServerVariables:
    """A leader that commits all that it holds."""
    return evolve(before, commit_index=len(before.log))


PLANTED: Final = [
    ("restart", in_the_first_term, {}, "MonotonicTerm", 2),
    ("restart", without_a_vote, {}, "VoteOnce", 4),
    ("client_request", in_place_of_the_last, {"values": 2, "max_log": 2}, "LeaderAppendOnly", 11),
    ("advance_commit_index", whatever_it_has, {}, "QuorumLog", 11),
]


@pytest.mark.parametrize(("name", "mistake", "constants", "broken", "moves"), PLANTED)
def test_mistake_in_an_action_is_found_by_a_shortest_way(
    name: str,
    mistake: Callable[..., Any],
    constants: dict[str, Any],
    broken: str,
    moves: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every engine finds it at the same depth."""
    monkeypatch.setattr(raft_tla, name, mistake)
    for engine in ENGINES:
        found = explored(RaftTla(**constants), engine)
        assert found.broken is not None
        assert (found.broken.property, len(found.path)) == (broken, moves)


def test_second_vote_of_a_term_elects_a_second_leader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight moves for each: both stand in one term, and vote for themselves and each other."""
    monkeypatch.setattr(raft_tla, "HANDLERS", {**HANDLERS, HANDLE_VOTE: with_free_vote})
    found = explored(RaftTla(unchecked=EVERY_NAME - {"ElectionSafety"}))
    assert found.broken is not None
    assert found.broken.property == "ElectionSafety"
    assert len(found.path) == 16


def test_nothing_is_broken_and_the_counts_are_those_without_invariants() -> None:
    """What is judged adds no state and takes none away."""
    checked = explored(RaftTla())
    unchecked = explored(RaftTla(unchecked=EVERY_NAME))
    assert checked.broken is None
    assert (checked.distinct, checked.generated) == (322_580, 3_813_460)
    assert checked.levels == unchecked.levels


def test_initial_state_is_judged_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A violation without a move has an empty way there."""
    leader = ServerVariables(
        state=Role.LEADER, voted_for=s1, next_index=(1, 1, 1), match_index=(0, 0, 0)
    )
    monkeypatch.setattr(raft_tla, "initial_variables", lambda servers: leader)
    for engine in ENGINES:
        found = explored(RaftTla(), engine)
        assert found.broken is not None
        assert (found.broken.property, found.path) == ("ElectionSafety", ())


BLANK: Final = raft_tla_actions.initial_variables(2)
COMMITTED: Final = evolve(BLANK, current_term=2, log=(Entry(2, 0),), commit_index=1)
STATES: Final = {
    "ElectionSafety": (evolve(BLANK, state=Role.LEADER), evolve(BLANK, state=Role.LEADER)),
    "LogMatching": (
        evolve(BLANK, log=(Entry(1, 0), Entry(2, 0))),
        evolve(BLANK, log=(Entry(1, 1), Entry(2, 0))),
    ),
    "LeaderCompleteness": (COMMITTED, evolve(BLANK, current_term=3, state=Role.LEADER)),
    "StateMachineSafety": (COMMITTED, evolve(COMMITTED, log=(Entry(2, 1),))),
    "LeaderVotesQuorum": (
        evolve(BLANK, state=Role.LEADER, voted_for=s1),
        evolve(BLANK, voted_for=s2),
    ),
    "CandidateTermNotInLog": (
        evolve(BLANK, state=Role.CANDIDATE, voted_for=s1),
        evolve(BLANK, log=(Entry(1, 0),)),
    ),
    "QuorumLog": (COMMITTED, BLANK, BLANK),
    "MoreUpToDateCorrect": (COMMITTED, evolve(BLANK, log=(Entry(3, 0),))),
}


@pytest.mark.parametrize("name", [each.name for each in INVARIANTS])
def test_invariant_is_broken_where_it_should_be(name: str) -> None:
    """By two servers or three; and it holds of servers that have done nothing."""
    (invariant,) = [each for each in INVARIANTS if each.name == name]

    def judged(servers: tuple[ServerVariables, ...]) -> str:
        seen = [invariant.sees(place, each) for place, each in enumerate(servers)]
        return invariant.broken((*seen, invariant.sees(len(seen), ())))

    assert judged(STATES[name])
    assert not judged((BLANK, BLANK))


def test_superseded_leader_need_not_have_what_a_newer_term_committed() -> None:
    """LeaderCompleteness is about leaders of terms that are not older."""
    old = evolve(BLANK, state=Role.LEADER, voted_for=s1)
    (invariant,) = [each for each in INVARIANTS if each.name == "LeaderCompleteness"]
    seen = tuple(invariant.sees(place, each) for place, each in enumerate((old, COMMITTED)))
    assert not invariant.broken(seen)
