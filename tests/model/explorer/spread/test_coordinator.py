"""A search over two worker processes finds what one process finds."""

import multiprocessing
import subprocess
import sys
from functools import cache

import pytest
from attrs import evolve

from model.explorer.search.result import SearchLimits, SearchResult, moves_along
from model.explorer.spread.coordinator import SpreadSearch, explore_distributed
from model.explorer.spread.dask_workers import ClusterError
from tests.model.explorer.dask_cases import MUTANT, SYSTEMS, by_one_process
from tests.require import needs

pytestmark = needs("dask")


@cache
def spread(name: str, limits: SearchLimits | None = None) -> SearchResult:
    """What two workers find."""
    return explore_distributed(SYSTEMS[name], True, "auto", limits or SearchLimits(), 2)


@pytest.mark.parametrize("name", SYSTEMS)
def test_counts_are_those_of_one_process(name: str) -> None:
    """All but the schedule of a violation is the same, and that is as long."""
    together, alone = spread(name), by_one_process(name)
    assert evolve(together, path=(), broken=None) == evolve(alone, path=(), broken=None)
    assert len(together.path) == len(alone.path)


def test_the_schedule_leads_to_the_violation() -> None:
    """The path is collected from its owners, and its last move breaks the property."""
    found = spread("mutant")
    assert found.broken is not None
    assert found.broken.property == "ElectionSafety"
    assert [each.successor.broken for each in moves_along(MUTANT(), found.path)] == [
        *[None] * (len(found.path) - 1),
        found.broken,
    ]


def test_limits_end_the_search() -> None:
    """A limit ends it after the same level as in one process."""
    limits = SearchLimits(states=2000)
    assert spread("restarts", limits) == by_one_process("restarts", limits=limits)


def test_a_lost_worker_ends_the_search_with_one_line() -> None:
    """One line, and no waiting for a worker that is gone."""

    def kill_one(search: SpreadSearch) -> None:
        if len(search.levels) == 5:
            multiprocessing.active_children()[0].kill()

    with pytest.raises(ClusterError, match="cluster: ") as caught:
        explore_distributed(SYSTEMS["restarts"], True, "auto", SearchLimits(), 2, watch=kill_one)
    assert "\n" not in str(caught.value)


def test_without_the_extra_one_line_says_so() -> None:
    """Where Dask is not installed, the error names the extra."""
    program = (
        "import sys; sys.modules['distributed'] = None\n"
        "from model.explorer.spread.dask_workers import ClusterError, dask_workers_at\n"
        "try:\n"
        "    dask_workers_at(None, 2, bool).__enter__()\n"
        "except ClusterError as error:\n"
        "    print(error)\n"
    )
    said = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert said == (
        "cluster: distributed is not installed, expected pip install 'raft-oracle[cluster]'\n"
    )
