"""Liveness from what was asked for to what came out."""

from attrs import evolve

from model.explorer.running.liveness import ask_liveness
from model.explorer.running.specification import ExecutionOptions
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft_order import RaftOrder

ORDER = RaftOrder(servers=2, bounds=Bounds(max_term=1, max_inbox=2))


def test_reference_has_no_dead_end() -> None:
    """Every state was asked, and can commit at least with more room."""
    answer = ask_liveness(ORDER, True, ExecutionOptions())
    assert answer.liveness.dead_ends == answer.liveness.undecided == 0
    assert answer.liveness.can_reach + answer.liveness.at_bound == answer.liveness.states


def test_safety_is_not_judged() -> None:
    """A mutant that elects two leaders is explored to its end, and the order stays as it was."""
    order = evolve(ORDER, servers=3, mutant="double-vote")
    answer = ask_liveness(order, True, ExecutionOptions())
    assert answer.liveness.search.verdict == "exhausted"
    assert answer.system.checker.properties == ()
    assert not answer.system.judges_failures
    assert answer.order == order
