"""An order for a system: plain values, and one line for what does not fit."""

import pickle

import pytest

from model.explorer.systems.raft_order import RaftOrder
from tests.model.explorer.cases import raft_order


def test_order_survives_the_way_to_a_worker() -> None:
    """It is sent as a pickle, and makes the same components there."""
    order = raft_order(mutant="double-vote", settings={"pre_vote": "on"})
    again = pickle.loads(pickle.dumps(order))
    assert again == order
    assert again.make().components == order.make().components


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (raft_order(mutant="rewrites-suffix"), "shows only in crashes inside a step"),
        (raft_order(settings={"disk_faults": "on"}), "disk_faults: found 'on'"),
        (raft_order(settings={"meanings": "on"}), "meanings: found 'on'"),
    ],
)
def test_order_that_cannot_be_explored_is_refused(order: RaftOrder, expected: str) -> None:
    """The error names the mutant or the setting."""
    with pytest.raises(ValueError, match=expected):
        order.make()


def test_ignored_properties_are_not_checked() -> None:
    """Neither are those that views do not show; these are named with what is missing."""
    checker = raft_order(ignore=frozenset({"VoteOnce"})).checker()
    names = {each.name for each in checker.properties}
    assert "VoteOnce" not in names
    assert "ElectionSafety" in names
    assert "Linearizable" in {each.property for each in checker.not_checked}


def test_failures_are_ignored_by_their_name() -> None:
    """SubjectFailed is no property of the checker, and can be ignored like one."""
    assert RaftOrder().make().judges_failures
    assert not raft_order(ignore=frozenset({"SubjectFailed"})).make().judges_failures
