"""The histories that are judged for speed are what they are said to be."""

from itertools import pairwise

from bench.histories import folding, judging, simulated, with_stale_read
from properties.linearizability import Verdict

HISTORY = simulated(3_000, 30, 10)


def test_simulated_histories_are_the_same_for_the_same_seed() -> None:
    """Figures of two runs are figures of the same work."""
    assert simulated(100, 5, 5, seed=1) == simulated(100, 5, 5, seed=1)
    assert simulated(100, 5, 5, seed=1) != simulated(100, 5, 5, seed=2)


def test_simulated_clients_overlap_and_some_get_no_answer() -> None:
    """Otherwise the history would be too easy."""
    overlaps = sum(
        one.responded is not None and other.invoked < one.responded
        for one, other in pairwise(HISTORY)
    )
    assert overlaps > len(HISTORY) / 2
    assert sum(each.responded is None for each in HISTORY) > len(HISTORY) / 200


def test_only_one_output_differs_with_the_stale_read() -> None:
    """One read is all that makes it wrong."""
    stale = with_stale_read(HISTORY)
    assert sum(one != other for one, other in zip(HISTORY, stale, strict=True)) == 1


def test_the_work_reaches_the_verdicts() -> None:
    """Each contestant asserts its verdict, and counts what it has judged."""
    assert judging(HISTORY, Verdict.LINEARIZABLE)()[0] == len(HISTORY)
    assert judging(with_stale_read(HISTORY), Verdict.NOT_LINEARIZABLE)()[0] == len(HISTORY)
    assert folding(HISTORY)()[0] == 2 * len(HISTORY)
