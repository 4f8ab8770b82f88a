"""Ongaro's specification as a system: its constraint, its history, and what a search counts."""

from typing import Final, TypeAlias

import pytest
from attrs import evolve

from model.explorer.search.reference_search import reference_search
from model.explorer.search.result import SearchLimits
from model.explorer.systems.raft_tla import Election, HistoryVariables, RaftTla
from model.explorer.systems.raft_tla_actions import (
    Bag,
    in_order,
)
from model.explorer.systems.system import State, successors
from raft_core import s1, s2, s3
from tests.model.explorer.systems.raft_tla_states import (
    NOTHING,
    OLD,
    WIDE,
    candidate,
    generated,
    leader,
    state_of,
    variables,
    vote,
    vote_request,
)

Counts: TypeAlias = tuple[int, int, int]
"""Generated, distinct, and levels with the initial one."""

TLC_COUNTS: Final[dict[tuple[bool, bool], Counts]] = {
    (False, False): (22_844_275, 1_931_973, 53),
    (False, True): (3_813_460, 322_580, 53),
    (True, False): (28_169_044, 2_379_781, 53),
    (True, True): (4_702_217, 397_346, 53),
}
"""What TLC counts with RaftTla's own bounds, by whether there is history and symmetry.

Of the levels, only the first are TLC's. Symmetry leaves them as they are; those with history are
as this transcription counts.
"""

SMALL: Final[dict[tuple[bool, bool], Counts]] = {
    (False, False): (12_861, 1_645, 28),
    (False, True): (6_475, 831, 28),
    (True, False): (13_797, 1_760, 28),
    (True, True): (6_945, 889, 28),
}
"""With two servers: not from TLC, but from the transcription that gives all of TLC_COUNTS."""

WITH_HISTORY: Final = evolve(WIDE, history=True)


@pytest.mark.parametrize(
    ("system", "action", "state"),
    [
        (RaftTla(), "Timeout", state_of(candidate())),
        (RaftTla(), "ClientRequest", state_of(leader(log=(OLD,)))),
        (RaftTla(), "DuplicateMessage", state_of(NOTHING, [vote(True)])),
        (RaftTla(), "RequestVote", state_of(candidate(), [vote(True)])),
    ],
)
def test_what_breaks_the_constraint_is_generated_and_not_reached(
    system: RaftTla, action: str, state: State
) -> None:
    """A term, a log, copies and messages: too many of any lead outside."""
    assert generated(action, state, system)[0].state is None


def test_response_may_take_the_place_of_its_request() -> None:
    """Reply is one step: the bag with both in it is not a state."""
    state = state_of(variables(current_term=2), [vote_request()])
    assert generated("HandleRequestVoteRequest", state, RaftTla())[0].state is not None


def test_all_logs_gets_the_logs_of_before_the_step() -> None:
    """allLogs' is conjoined with every action, with the unprimed log of each server."""
    before: State = (*state_of(leader(log=(OLD,)), [vote(True)]), HistoryVariables())
    found = list(successors(WITH_HISTORY, before))
    logs = [each.state[4].all_logs for each in found if each.state is not None]
    assert len(logs) == len(found) > 10
    assert set(logs) == {frozenset({(), (OLD,)})}


def test_elections_are_remembered() -> None:
    """BecomeLeader(i) adds the election, with the votes and the voters' logs."""
    voters = frozenset({s1, s2})
    won = candidate(votes_granted=voters, voter_log=frozenset({(s1, ()), (s2, (OLD,))}))
    before: State = (*state_of(won), HistoryVariables())
    after = generated("BecomeLeader", before, WITH_HISTORY)[0].state
    assert after is not None
    expected = Election(eterm=2, eleader=s1, elog=(), evotes=voters, evoter_log=won.voter_log)
    assert after[4].elections == {expected}


@pytest.mark.parametrize("history", [True, False])
def test_messages_have_logs_only_for_the_history(history: bool) -> None:
    """Two states that differ in `mlog` alone are one where nothing remembers it."""
    system = evolve(WIDE, history=history)
    rest = [HistoryVariables()] if history else []
    leads: State = (*state_of(leader(log=(OLD,)), [vote_request(s2, s1)]), *rest)
    sent = generated("AppendEntries", leads, system) + generated(
        "HandleRequestVoteRequest", leads, system
    )
    bags: list[Bag] = [each.state[3] for each in sent if each.state is not None]
    logs = {getattr(message, "mlog", None) for bag in bags for message, _ in bag}
    assert len(bags) == 3
    assert logs == ({(OLD,), None} if history else {None})


def test_bag_has_no_order() -> None:
    """Bags of the same messages are equal, and have the same bytes under any renaming."""
    first, second = vote(True), vote_request()
    bag = in_order({first: 1, second: 2})
    assert bag == in_order({second: 2, first: 1})
    for renaming in WIDE.renamings:
        assert WIDE.encode(3, bag, renaming) == WIDE.encode(3, bag[::-1], renaming)


def test_renaming_moves_what_is_indexed_by_server() -> None:
    """Votes, the voters' logs, and both indexes follow the new names."""
    before = leader(
        voted_for=s1,
        votes_granted=frozenset({s1, s3}),
        voter_log=frozenset({(s1, (OLD,)), (s3, ())}),
        next_index=(1, 2, 3),
    )
    after = leader(
        voted_for=s2,
        votes_granted=frozenset({s2, s1}),
        voter_log=frozenset({(s2, (OLD,)), (s1, ())}),
        next_index=(3, 1, 2),
    )
    assert WIDE.encode(0, before, (1, 2, 0)) == WIDE.encode(1, after, (0, 1, 2))


def test_all_permutations_are_symmetries() -> None:
    """The specification knows no server by name; the identity comes first."""
    assert len(set(WIDE.renamings)) == 6
    assert WIDE.renamings[0] == (0, 1, 2)


def test_one_server_in_one_term_stays_where_it_is() -> None:
    """Generated are the initial state, a restart, and a timeout that leads outside."""
    found = reference_search(RaftTla(servers=1, max_term=1), SearchLimits())
    assert (found.generated, found.distinct, found.levels) == (3, 1, (1,))


@pytest.mark.parametrize(("history", "symmetry"), list(SMALL))
def test_two_servers_are_counted(history: bool, symmetry: bool) -> None:
    """Two servers within the bounds of TLC_COUNTS, every state of them."""
    found = reference_search(RaftTla(servers=2, history=history), SearchLimits(), symmetry)
    counts = (found.generated, found.distinct, len(found.levels))
    assert (found.verdict, counts) == ("exhausted", SMALL[history, symmetry])


@pytest.mark.parametrize("history", [True, False])
def test_three_servers_are_counted_alike_with_symmetry(history: bool) -> None:
    """Each state stands for at most six, none is further away, and what is made is the same."""
    system = RaftTla(history=history)
    plain, reduced = (
        reference_search(system, SearchLimits(depth=6), each) for each in (False, True)
    )
    assert sum(reduced.levels) < sum(plain.levels) <= 6 * sum(reduced.levels)
    assert all(
        few <= many <= 6 * few for few, many in zip(reduced.levels, plain.levels, strict=True)
    )
    assert plain.generated <= 6 * reduced.generated
    assert set(plain.kinds) == set(reduced.kinds)


def test_every_action_is_taken_within_small_bounds() -> None:
    """With two servers and three terms, all but the removal of an entry is met."""
    found = reference_search(RaftTla(servers=2, max_term=3), SearchLimits())
    assert (found.generated, found.distinct) == (73_821, 9_313)
    assert len(found.kinds) == 15
    assert len(found.notes) == 8
    assert "conflict: remove 1 entry" not in found.notes
