"""An exploration over workers: what ends it, and that nothing is thrown away unseen."""

from model.explorer.running.distributed import LOCAL
from model.explorer.running.specification import ExplorationSpec
from model.explorer.search.result import INTERRUPTED, Stop, StoppedBy
from tests.model.explorer.cases import raft_order
from tests.model.explorer.running.runs import SMALL, explored
from tests.require import needs

pytestmark = needs("dask")


def test_mutant_is_explored_with_its_stale_replies() -> None:
    """No worker sees all tables, so that nobody could check whether they matter."""
    spec = ExplorationSpec(model=raft_order(2, mutant="double-vote", max_inbox=2))
    result = explored(spec, cluster=LOCAL, workers=1)
    assert result.spec == spec.without_reduction()
    assert result.unreduced_because == "no one worker sees all of them"
    alone = explored(spec.without_reduction(), engine="numpy").search
    assert (result.search.verdict, result.search.levels) == (alone.verdict, alone.levels)
    assert len(result.search.path) == len(alone.path)
    assert result.engine == "auto on a cluster"


def test_memory_or_the_user_ends_it() -> None:
    """At the latest after the level under way."""
    full = explored(cluster=LOCAL, workers=1, memory=1)
    assert full.search.stopped == Stop(StoppedBy.MEMORY, 1)
    ended = explored(SMALL, lambda: True, cluster=LOCAL, workers=1)
    assert ended.search.stopped == INTERRUPTED
    assert ended.interrupted
