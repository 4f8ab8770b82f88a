"""What is explored as plain values: the form on disk, and which searches need a second look."""

from typing import Any

import msgspec
import pytest
from attrs import evolve

from model.explorer.running.specification import ExplorationSpec
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.raft_order import RaftOrder, reference_target
from model.explorer.systems.raft_tla import RaftTla
from tests.model.explorer.cases import raft_order

IGNORED = frozenset({"VoteOnce", "MatchMonotonic"})
ORDER = RaftOrder(
    target=reference_target(2, {"pre_vote": "on"}, IGNORED, "double-vote"),
    bounds=Bounds(restarts=1),
    reduce=False,
)
SPECS = (
    ExplorationSpec(),
    ExplorationSpec(model=ORDER, symmetry=False),
    ExplorationSpec(model=RaftTla(servers=2, history=True)),
)
STORED: dict[str, Any] = {
    "model": "raft",
    "servers": 2,
    "bounds": {
        "max_term": 2,
        "max_inbox": 2,
        "client_requests": 1,
        "restarts": 1,
        "drops": 0,
        "duplicates": 0,
        "compactions": 0,
        "membership_changes": 0,
        "transfers": 0,
        "ticks": 0,
    },
    "settings": {"pre_vote": "on"},
    "ignore": ["MatchMonotonic", "VoteOnce"],
    "mutant": "double-vote",
    "reduce": False,
    "symmetry": False,
    "specification": {
        "servers": 3,
        "values": 1,
        "max_term": 2,
        "max_log": 1,
        "max_messages": 1,
        "max_copies": 1,
        "history": False,
    },
}


@pytest.mark.parametrize("spec", SPECS)
def test_specification_survives_the_way_to_disk(spec: ExplorationSpec) -> None:
    """Through JSON, as a checkpoint stores it."""
    data = msgspec.json.encode(spec.as_json())
    assert ExplorationSpec.from_json(msgspec.json.decode(data)) == spec


def test_form_on_disk_stays() -> None:
    """Checkpoints of earlier versions have these names, in this order."""
    plain = ExplorationSpec(model=ORDER, symmetry=False).as_json()
    assert list(plain.items()) == list(STORED.items())
    assert ExplorationSpec.from_json(STORED) == ExplorationSpec(model=ORDER, symmetry=False)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"colour": "red"}, "found 'colour'"),
        ({"servers": "three"}, "servers"),
        ({"model": "paxos"}, "model"),
        ({"bounds": 3}, "bounds"),
        ({"mutant": "no-such"}, "mutant: found 'no-such'"),
        ({"servers": 10**9}, "servers: found 1000000000, expected 1 to 9"),
        ({"servers": 8, "symmetry": True}, "servers: found 8 with symmetry, expected 1 to 7"),
        ({"bounds": {"max_inbox": -1}}, "max_inbox: found -1"),
        ({"model": "raft.tla", "specification": {"servers": 10**9}}, "servers: found"),
        ({"model": "raft.tla", "specification": {"values": "x"}}, "values: found 'x'"),
    ],
)
def test_what_no_version_has_written_is_refused(changes: dict[str, Any], expected: str) -> None:
    """The error names the field."""
    with pytest.raises(ValueError, match=expected):
        ExplorationSpec.from_json({**STORED, **changes})


def test_constant_that_the_specification_has_not_is_refused() -> None:
    """It may come from a later version."""
    constants = {**STORED["specification"], "max_clock": 1}
    with pytest.raises(TypeError, match="max_clock"):
        ExplorationSpec.from_json({**STORED, "model": "raft.tla", "specification": constants})


@pytest.mark.parametrize(
    ("model", "needed"),
    [
        (RaftOrder(), False),
        (raft_order(mutant="double-vote"), True),
        (raft_order(settings={"pre_vote": "on"}), True),
        (raft_order(mutant="double-vote", reduce=False), False),
        (RaftTla(), False),
    ],
)
def test_reduction_is_checked_where_it_might_hide_something(
    model: RaftOrder | RaftTla, needed: bool
) -> None:
    """Of the plain reference it is known that stale replies do not matter."""
    spec = ExplorationSpec(model=model)
    assert spec.needs_reduction_check(spec.system()) == needed


def test_reduction_can_be_taken_back() -> None:
    """Nothing else changes; raft.tla has none."""
    spec = ExplorationSpec(model=evolve(ORDER, reduce=True))
    assert spec.without_reduction() == ExplorationSpec(model=ORDER)
    assert SPECS[2].without_reduction() == SPECS[2]


@pytest.mark.parametrize("spec", SPECS)
def test_renamings_count_as_one_with_symmetry(spec: ExplorationSpec) -> None:
    """Without it, the identity alone is left."""
    system = spec.system()
    assert isinstance(system, RaftSystem) == isinstance(spec.model, RaftOrder)
    assert spec.renamings(system) == (len(system.renamings) if spec.symmetry else 1)
