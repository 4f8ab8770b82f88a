"""Shares of a search, without any cluster: they come together to what one process finds."""

from random import Random

import numpy as np
import pytest

from model.explorer.spread import share as partition
from model.explorer.spread.share import FoundStates, WorkerShare, without_twins
from tests.model.explorer.dask_cases import SYSTEMS, by_one_process, finish_level, shares_of

Violation = tuple[int, int]


def levels_of(shares: list[WorkerShare], random: Random) -> tuple[list[int], list[Violation]]:
    """How many states each level has, and the parents and moves of violations, to the end."""
    levels = [sum(len(each.frontier) for each in shares)]
    while levels[-1]:
        finish_level(shares, random)
        found = [each.violation[:2] for each in shares if each.violation is not None]
        for each in shares:
            each.settle()
        levels.append(sum(len(each.frontier) for each in shares))
        if found:
            return levels, found
    return levels[:-1], []


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("owners", [1, 2, 3])
def test_shares_come_together_to_one_search(name: str, owners: int) -> None:
    """Levels and successors are those of one process, whichever worker owns a state."""
    shares = shares_of(name, owners)
    alone = by_one_process(name)
    levels, found = levels_of(shares, Random(owners))
    assert tuple(levels) == alone.levels
    assert 1 + sum(each.engine.counts.generated for each in shares) == alone.generated
    assert bool(found) == (alone.verdict == "violated")


def test_choices_do_not_depend_on_who_owns_what() -> None:
    """The least violation is the same, and so is the way to each state, for any workers."""
    least, ways = set(), []
    for owners in (1, 2, 3):
        shares = shares_of("mutant", owners)
        _, found = levels_of(shares, Random(owners))
        least.add(min(found))
        frontiers = [
            (fingerprint, origin, number)
            for each in shares
            for fingerprint, origin, number in zip(
                each.frontier.fingerprints.tolist(),
                each.frontier.origins.tolist(),
                each.frontier.numbers.tolist(),
                strict=True,
            )
        ]
        ways.append(sorted(frontiers))
    assert len(least) == 1
    assert ways[0] == ways[1] == ways[2]


def test_what_was_sent_may_be_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that sends a state twice, or sorts out twins early, changes no count."""
    monkeypatch.setattr(partition, "REMEMBERED", -(1 << 40))
    monkeypatch.setattr(partition, "MERGE", 0)
    levels, _ = levels_of(shares_of("restarts", 2), Random(0))
    assert tuple(levels) == by_one_process("restarts").levels


def test_twins_leave_the_one_of_the_least_parent() -> None:
    """Of equal fingerprints, the least parent counts first, then the least move."""
    found = FoundStates(
        fingerprints=np.array([9, 5, 9, 9], dtype=np.uint64),
        origins=np.array([4, 1, 3, 3], dtype=np.uint64),
        owners=np.array([0, 0, 1, 1], dtype=np.int16),
        parents=np.array([0, 1, 2, 2], dtype=np.uint32),
        numbers=np.array([0, 7, 6, 5], dtype=np.uint16),
        rows=np.array([[0], [1], [2], [3]], dtype=np.int32),
    )
    assert without_twins(found).rows.tolist() == [[1], [3]]
