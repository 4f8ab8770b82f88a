"""Reduction: stale replies are thrown away, and with them no violation."""

from typing import Any, Final

import pytest

from model.explorer.engines.choice import make_engine
from model.explorer.search.as_actions import run_of_moves
from model.explorer.search.breadth_first import BreadthFirstSearch
from model.explorer.search.reduction_check import why_reduction_is_unsound
from model.explorer.search.result import moves_along, never_stop
from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.stale_replies import is_stale_for, term_and_role_of
from model.explorer.systems.system import State
from model.mutants import MUTANT_BY_NAME
from model.reference.cluster import ReferenceFactory
from model.setup import Setup
from tests.model.explorer.cases import EVERYTHING, explored_by, filled_tables, reachable, system

FOUND: Final = {
    "double-vote": "ElectionSafety",
    "vote-not-persisted": "VoteOnce",
    "term-not-persisted": "TermMonotonic",
    "truncates-without-conflict": "CommittedOnQuorum",
    "commit-index-falls": "CommitMonotonic",
    "match-index-falls": "MatchMonotonic",
    "whole-log-acknowledged": "CommittedOnQuorum",
    "unsorted-match-index": "CommittedOnQuorum",
    "vote-forgotten-with-leader": "VoteOnce",
    "pre-vote-forgets-vote": "VoteOnce",
}
"""Mutants that three servers show within one term, and what they break."""

SOUND: Final[tuple[dict[str, Any], ...]] = (
    {"servers": 2, "client_requests": 1, "restarts": 1, "max_term": 2},
    {"servers": 3, "max_inbox": 2, "restarts": 1},
    {"servers": 2, "client_requests": 1, "max_term": 2, "settings": {"pre_vote": "on"}},
)
UNBOUNDED_INBOX: Final = 99

every_mutant = pytest.mark.parametrize("name", list(FOUND))
reducing_or_not = pytest.mark.parametrize("reduce", [True, False])


def of_mutant(name: str, reduce: bool) -> RaftSystem:
    """Three servers of a mutant in one term."""
    return system(3, mutant=name, reduce=reduce, max_inbox=2, client_requests=1, restarts=1)


def without_stale_replies(state: State, servers: int) -> State:
    """A state as the reduction leaves it."""
    inboxes = (
        tuple(each for each in state[servers + server] if not is_stale_for(term_and_role, each))
        for server, term_and_role in enumerate(map(term_and_role_of, state[:servers]))
    )
    return (*state[:servers], *inboxes, *state[2 * servers :])


@pytest.mark.parametrize(
    "bounds", [{"max_term": 2}, {"max_term": 1, "client_requests": 1, "restarts": 1}]
)
def test_reduced_states_are_all_states_without_stale_replies(bounds: dict[str, Any]) -> None:
    """Nothing is lost but the replies, and nothing comes in, where inboxes have room for all."""
    every, reduced = (
        set(reachable(system(2, reduce=each, max_inbox=UNBOUNDED_INBOX, **bounds)))
        for each in (False, True)
    )
    assert {without_stale_replies(state, 2) for state in every} == reduced
    assert len(reduced) < len(every)


@pytest.mark.parametrize("wanted", SOUND)
def test_reference_holds_with_reduction_and_without(wanted: dict[str, Any]) -> None:
    """The same verdict from fewer states, none of which says that the reduction was wrong."""
    every, fewer = (explored_by("auto", system(**wanted, reduce=each)) for each in (False, True))
    assert every.verdict == fewer.verdict == "exhausted"
    assert fewer.distinct < every.distinct
    made = system(**wanted)
    assert why_reduction_is_unsound(made, filled_tables(made)) == ""


@reducing_or_not
@every_mutant
def test_mutant_is_caught_with_reduction_and_without(name: str, reduce: bool) -> None:
    """The same property breaks, whether or not stale replies are thrown away."""
    found = explored_by("auto", of_mutant(name, reduce))
    assert found.verdict == "violated"
    assert found.broken is not None
    assert found.broken.property == FOUND[name]


@reducing_or_not
@every_mutant
def test_violation_is_a_real_one(name: str, reduce: bool) -> None:
    """Its moves break the property in the model, and as actions in a real cluster too."""
    made = of_mutant(name, reduce)
    moves = moves_along(made, explored_by("auto", made).path)
    last = moves[-1].successor.broken
    assert last is not None
    assert last.property == FOUND[name]
    mutant = MUTANT_BY_NAME[name]
    setup = Setup(
        factory=ReferenceFactory(mutant.protocol()),
        servers=3,
        network="any",
        settings=mutant.settings,
    )
    run = run_of_moves(setup.cluster(), made, moves)
    assert run.violation is not None
    assert run.violation.property == FOUND[name]
    assert len(run.records) == len(moves)


def test_reduction_that_hides_a_violation_is_found_out() -> None:
    """A mutant that counts refused votes breaks Election Safety, which the search alone misses."""
    name = "refusal-counted-as-vote"
    assert explored_by("auto", of_mutant(name, reduce=False)).verdict == "violated"
    made = of_mutant(name, reduce=True)
    engine = make_engine("auto", made, True, 1)
    assert BreadthFirstSearch(engine).run(EVERYTHING, never_stop).verdict == "exhausted"
    assert "answers to RequestVoteResponse" in why_reduction_is_unsound(made, engine.tables)
