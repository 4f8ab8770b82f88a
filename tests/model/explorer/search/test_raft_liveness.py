"""Liveness of Raft: what counts as a goal, and how much room a cluster gets to recover."""

from typing import Any

import pytest

from model.explorer.search.raft_liveness import (
    FAULTLESS,
    bounds_to_recover,
    is_commit,
    with_room_to_recover,
)
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft import Reached
from model.reference.settings import read_settings
from tests.model.explorer.cases import filled_tables, system

BOUNDS = Bounds(max_term=2, max_inbox=2, client_requests=1, restarts=1, ticks=0)


def test_commit_of_an_entry_is_the_goal() -> None:
    """Other things that a step reaches are none, and neither is no note at all."""
    assert is_commit(Reached(("leader elected", "entry committed"), 1, 1))
    assert not is_commit(Reached(("leader elected",), 1, 1))
    assert not is_commit(None)


@pytest.mark.parametrize(
    ("settings", "terms", "ticks"),
    [
        ({}, 1, 0),
        ({"pre_vote": "on"}, 2, 1),
        ({"leader_stickiness": "on"}, 1, 1),
        ({"check_quorum": "on"}, 1, 0),
    ],
)
def test_room_is_for_one_election_and_one_request(
    settings: dict[str, str], terms: int, ticks: int
) -> None:
    """Faults get no more room: they have stopped."""
    configuration = read_settings(settings, 3).configuration
    wider = bounds_to_recover(BOUNDS, configuration)
    assert (wider.max_term, wider.ticks) == (2 + terms, ticks)
    assert (wider.max_inbox, wider.client_requests) == (2 + 2, 2)
    assert (wider.restarts, wider.drops) == (1, 0)


def test_room_to_recover_has_no_histories() -> None:
    """What properties remember decides about no move."""
    made: Any = system(2, restarts=1)
    roomier = with_room_to_recover(made)
    assert roomier.components == made.components[: made.layout.budget + 1]
    assert roomier.protocol is made.protocol


def test_moves_after_faults_are_moves_of_the_system() -> None:
    """A name that no move has would leave a way out of a dead end unseen."""
    clocks = {"leader_stickiness": "on", "check_quorum": "on"}
    tables = filled_tables(system(2, settings=clocks, client_requests=1, ticks=1, drops=1))
    assert set(tables.kinds) - FAULTLESS == {"Drop"}
    assert set(tables.kinds) >= FAULTLESS
