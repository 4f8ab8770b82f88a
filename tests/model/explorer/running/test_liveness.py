"""Liveness from what was asked for to what came out."""

from model.explorer.running.liveness import ask_liveness
from model.explorer.running.specification import ExecutionOptions
from tests.model.explorer.cases import raft_order

ORDER = raft_order(2, client_requests=1, max_inbox=2)


def test_reference_has_no_dead_end() -> None:
    """Every state was asked, and can commit at least with more room."""
    answer = ask_liveness(ORDER, True, ExecutionOptions())
    assert answer.liveness.dead_ends == answer.liveness.undecided == 0
    assert answer.liveness.can_reach + answer.liveness.at_bound == answer.liveness.states


def test_safety_is_not_judged() -> None:
    """A mutant that elects two leaders is explored to its end, and the order stays as it was."""
    order = raft_order(3, mutant="double-vote", client_requests=1, max_inbox=2)
    answer = ask_liveness(order, True, ExecutionOptions())
    assert answer.liveness.search.verdict == "exhausted"
    assert answer.system.checker.properties == ()
    assert not answer.system.judges_failures
    assert answer.order == order
