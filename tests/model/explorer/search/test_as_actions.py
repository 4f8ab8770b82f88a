"""Moves as actions: each kind of move has its action, and a run makes the same steps."""

from typing import Any

import pytest

from model import actions
from model.explorer.search.as_actions import happening_of_move, run_of_moves
from model.explorer.search.result import Move, moves_along
from model.explorer.systems.raft import DeliverAndKeep, Restart
from model.explorer.systems.system import Offer, Successor
from model.reference.cluster import ReferenceFactory
from model.setup import Setup
from model.world.macro_actions import Cluster
from raft_core import (
    ChangeMembership,
    ClientRequest,
    Compact,
    ElectionTimeout,
    HeartbeatTimeout,
    RequestVote,
    TransferLeadership,
    s1,
    s2,
    s3,
)
from tests.model.explorer.cases import explored_by, system

MESSAGE = RequestVote(s2, s1, 1, 0, 0)


def cluster() -> Cluster:
    """Three servers with a clock."""
    settings = {"check_quorum": "on"}
    return Setup(factory=ReferenceFactory(), servers=3, network="any", settings=settings).cluster()


@pytest.mark.parametrize(
    ("offer", "expected"),
    [
        (Offer("Deliver", 0, MESSAGE), actions.Deliver(s2, s1)),
        (Offer("Duplicate", 0, DeliverAndKeep(MESSAGE)), actions.Duplicate(s2, s1)),
        (Offer("Drop", None, MESSAGE), actions.Drop(s2, s1)),
        (Offer("ElectionTimeout", 1, ElectionTimeout()), actions.ElectionTimeout(s2)),
        (Offer("HeartbeatTimeout", 1, HeartbeatTimeout()), actions.HeartbeatTimeout(s2)),
        (Offer("Restart", 2, Restart()), actions.Restart(s3)),
        (Offer("Compact", 0, Compact(1)), actions.Compact(s1)),
        (Offer("ClientRequest", 0, ClientRequest("v1")), actions.ClientRequest(s1, "v1")),
        (
            Offer("TransferLeadership", 0, TransferLeadership(s2)),
            actions.TransferLeadership(s1, s2),
        ),
        (
            Offer("ChangeMembership", 0, ChangeMembership((s1, s2))),
            actions.ChangeMembership(s1, (s1, s2)),
        ),
    ],
)
def test_each_kind_of_move_has_its_action(offer: Offer, expected: actions.MicroAction) -> None:
    """With the server that moves; messages are found by their content."""
    happening = happening_of_move(Move((), Successor(offer, None, None, None)), 10)
    assert happening.action == expected
    moves_a_message = offer.kind in ("Deliver", "Duplicate", "Drop")
    assert (happening.packet is not None) == moves_a_message
    assert happening.packet is None or happening.packet.label == MESSAGE


@pytest.mark.parametrize(("fast", "expected"), [(None, ()), (s2, (s2,))])
def test_time_goes_by_for_an_election_timeout(fast: Any, expected: tuple[int, ...]) -> None:
    """One clock may run ahead."""
    offer = Offer("PassTime", None, fast)
    happening = happening_of_move(Move((), Successor(offer, None, None, None)), 10)
    assert isinstance(happening.action, actions.PassTime)
    assert happening.action.fast == expected
    assert happening.action.ticks > 0


def test_run_makes_every_move() -> None:
    """A counterexample with lost and duplicated messages breaks the same property as actions."""
    made = system(3, mutant="double-vote", max_inbox=2, drops=1, duplicates=1)
    found = explored_by("numpy", made)
    assert found.broken is not None
    setup = Setup(factory=ReferenceFactory(made.protocol), servers=3, network="any", settings={})
    run = run_of_moves(setup.cluster(), made, moves_along(made, found.path))
    assert run.violation is not None
    assert run.violation.property == found.broken.property
    assert len(run.records) == len(found.path)
