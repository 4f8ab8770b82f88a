"""What all engines share: counts that grow with the tables, and threads that keep the order."""

import time

import numpy as np
import pytest

from model.explorer.engines.engine import Counts, ThreadPool, padded, split
from tests.model.explorer.cases import filled_tables, system


def test_counts_have_room_for_all_that_tables_know() -> None:
    """What is met for the first time is counted from 0 on."""
    tables, counts = filled_tables(system(2)), Counts()
    counts.add(tables, np.array([3]), np.array([1, 2]))
    counts.add(tables, np.array([4]), np.array([1]))
    assert counts.kinds.tolist() == [7] + [0] * (len(tables.kinds) - 1)
    assert counts.outcomes[:2].tolist() == [2, 2]
    assert len(counts.outcomes) == tables.outcome_value.length
    assert counts.generated == 7


def test_counts_that_are_long_enough_stay() -> None:
    """Nothing is cut off."""
    counts = np.array([1, 2, 3], dtype=np.int64)
    assert padded(counts, 2) is counts
    assert padded(counts, 5).tolist() == [1, 2, 3, 0, 0]


@pytest.mark.parametrize("workers", [1, 3])
def test_results_of_threads_come_in_the_order_of_items(workers: int) -> None:
    """Although the first item takes the longest."""

    def after_a_while(item: int) -> int:
        time.sleep(0.03 - 0.01 * item)
        return item

    pool = ThreadPool(workers)
    assert pool.map(after_a_while, range(3)) == [0, 1, 2]
    pool.close()


@pytest.mark.parametrize(
    ("items", "parts", "sizes"), [(7, 3, [3, 2, 2]), (2, 3, [1, 1]), (0, 2, [])]
)
def test_no_part_is_empty(items: int, parts: int, sizes: list[int]) -> None:
    """There are fewer parts than workers where there are fewer items."""
    made = split(np.arange(items), parts)
    assert [len(each) for each in made] == sizes
    assert [int(item) for part in made for item in part] == list(range(items))
