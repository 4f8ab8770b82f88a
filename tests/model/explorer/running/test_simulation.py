"""Random walks from what was asked for to what came out."""

from model.explorer.running.simulation import simulate
from model.explorer.search.random_walks import WalkBudget
from model.explorer.search.result import INTERRUPTED, Stop, StoppedBy
from tests.model.explorer.running.runs import SMALL, Reports, never

BUDGET = WalkBudget(walkers=16, depth=20, moves=200)


def test_walks_end_with_their_budget() -> None:
    """The search has the counts of the walks, and no levels."""
    reports = Reports()
    result = simulate(SMALL, BUDGET, reports, never)
    assert result.search.stopped == Stop(StoppedBy.WALK_BUDGET, 200)
    assert result.walks is not None
    assert (result.search.distinct, result.search.levels) == (result.walks.distinct, ())
    assert (reports[-1].done, reports[-1].frontier) == (result.walks.moves, 200)


def test_user_ends_the_walks() -> None:
    """After one round of all walkers."""
    result = simulate(SMALL, BUDGET, Reports(), lambda: True)
    assert result.search.stopped == INTERRUPTED
    assert result.interrupted
    assert result.walks is not None
    assert result.walks.moves == BUDGET.walkers
