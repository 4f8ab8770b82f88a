"""Symmetry: states that differ in names alone are one, and nothing else is."""

from collections import Counter
from typing import Any, Final

import pytest

from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.raft_order import RaftOrder
from model.explorer.systems.system import Label
from tests.model.explorer.cases import explored_by, raft_order, reachable, system
from tests.model.explorer.renaming import (
    offer_renamed,
    orbit,
    outcome_renamed,
    place_renamed,
    renamed,
    state_renamed,
)

FULL_HOUSE: Final = {
    "snapshots": "on",
    "pre_vote": "on",
    "leader_stickiness": "on",
    "check_quorum": "on",
    "leadership_transfer": "on",
    "single_server_changes": "on",
    "no_op": "on",
    "reads": "on",
    "leases": "on",
}
GROWING: Final = {"single_server_changes": "on", "initial_voters": "2"}

COUNTED: Final = {
    "lost messages": raft_order(3, client_requests=1, drops=1),
    "an election": raft_order(3, max_inbox=2),
    "a server joins": raft_order(3, GROWING, client_requests=1, membership_changes=1),
    "a snapshot": raft_order(2, {"snapshots": "on"}, client_requests=1, compactions=1, max_term=2),
}
ACTED_ON: Final = {
    "lost messages": COUNTED["lost messages"],
    "a server joins": COUNTED["a server joins"],
    "every feature": raft_order(
        2, FULL_HOUSE, client_requests=1, transfers=1, compactions=1, membership_changes=1
    ),
}
counted = pytest.mark.parametrize("made", COUNTED.values(), ids=list(COUNTED))
acted_on = pytest.mark.parametrize("made", ACTED_ON.values(), ids=list(ACTED_ON))
MOST: Final = 500
"""States to look at where there are more."""


@counted
def test_symmetric_search_counts_orbits(made: RaftOrder) -> None:
    """As many states as there are orbits of plain objects, renamed without any encoding."""
    system = made.make()
    identity = system.renamings[0]
    plain = {state_renamed(system, state, identity): state for state in reachable(system)}
    orbits = {orbit(system, state) for state in plain.values()}
    assert explored_by("numpy", system, symmetry=False).distinct == len(plain)
    assert explored_by("numpy", system, symmetry=True).distinct == len(orbits)
    assert len(orbits) < len(plain)


def met(system: RaftSystem) -> tuple[list[tuple[int, Any]], list[tuple[int, Any, Label]]]:
    """The values of places, and the pairs of subject and event, in the first states found."""
    values: dict[tuple[int, Any], None] = {}
    events: dict[tuple[int, Any, Label], None] = {}
    for _, state in zip(range(MOST), reachable(system), strict=False):
        for place, value in enumerate(state):
            values[place, value] = None
            for offer in system.offers(place, value):
                if offer.subject is not None:
                    events[offer.subject, state[offer.subject], offer.event] = None
    return list(values), list(events)


@acted_on
def test_renamed_servers_react_as_the_others_do(made: RaftOrder) -> None:
    """What becomes of a renamed value by a renamed event is what became of it, renamed."""
    system = made.make()
    _, events = met(system)
    identity = system.renamings[0]
    assert len(events) > 100
    for renaming in system.renamings[1:]:
        for place, value, event in events:
            expected = [
                outcome_renamed(system, each, renaming)
                for each in system.react(place, value, event)
            ]
            there = place_renamed(system, place, renaming)
            found = system.react(there, renamed(value, renaming), renamed(event, renaming))
            assert [outcome_renamed(system, each, identity) for each in found] == expected


@acted_on
def test_renamed_values_offer_what_the_others_do(made: RaftOrder) -> None:
    """What can happen because of a renamed value is what could happen, renamed."""
    system = made.make()
    values, _ = met(system)
    identity = system.renamings[0]
    for renaming in system.renamings[1:]:
        for place, value in values:
            expected = Counter(
                offer_renamed(system, each, renaming) for each in system.offers(place, value)
            )
            there = place_renamed(system, place, renaming)
            found = system.offers(there, renamed(value, renaming))
            assert Counter(offer_renamed(system, each, identity) for each in found) == expected


@acted_on
def test_bytes_of_a_renamed_value_are_those_under_the_renaming(made: RaftOrder) -> None:
    """`encode` under a renaming says what it says of the renamed object under none."""
    system = made.make()
    values, _ = met(system)
    for renaming in system.renamings:
        for place, value in values:
            there = place_renamed(system, place, renaming)
            expected = system.encode(there, renamed(value, renaming), system.renamings[0])
            assert system.encode(place, value, renaming) == expected


def test_all_servers_can_be_renamed_where_all_are_alike() -> None:
    """Six permutations of three servers, the identity first."""
    assert len(set(system(3).renamings)) == 6
    assert system(3).renamings[0] == (0, 1, 2)


def test_first_voters_stay_among_themselves() -> None:
    """A server that is to join is not called by the name of one that is there."""
    assert system(3, settings=GROWING).renamings == ((0, 1, 2), (1, 0, 2))
