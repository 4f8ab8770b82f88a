"""The report of an exploration: its verdict in words, its odds, and its progress."""

import pytest

from model.explorer.running.outcome import ExplorationProgress
from model.explorer.search.result import INTERRUPTED, SearchResult, Stop, StoppedBy
from oracle.commands.explore_report import (
    line_of,
    odds_of_collision,
    outlook,
    size_in_words,
    stop_in_words,
)


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        (Stop(StoppedBy.DEPTH, 9), "at --max-depth 9"),
        (Stop(StoppedBy.STATES, 9), "at --max-states 9"),
        (Stop(StoppedBy.MEMORY, 3 * 2**29), "at --memory 1.5GiB"),
        (Stop(StoppedBy.WALK_BUDGET, 9), "at 9 moves"),
        (Stop(StoppedBy.NO_MOVE), "where no move can be made"),
        (INTERRUPTED, "at an interrupt"),
    ],
)
def test_what_stopped_it_is_named_by_its_option(stop: Stop, expected: str) -> None:
    """With the limit as the user may have typed it."""
    assert stop_in_words(stop) == expected


def test_every_stop_has_its_words() -> None:
    """None is left out."""
    assert all(stop_in_words(Stop(each, 1)) for each in StoppedBy)


def test_progress_has_its_level_or_its_moves() -> None:
    """Random walks have no levels."""
    level = ExplorationProgress(3, 40, 10, 1_000, 9_000, 2.0, 2**20, (1, 4, 40))
    assert line_of(level).startswith("level 3 (40 states, 25% done), 1,000 states in 2 s (500/s)")
    walks = ExplorationProgress(1, 5_000, 1_024, 700, 9_000, 2.0, 0, ())
    assert line_of(walks) == "1,024 of 5,000 moves, 700 states in 2 s"


def test_sizes_are_for_people() -> None:
    """In the larger unit from one of it on."""
    assert size_in_words(5 * 2**20) == "5 MiB"
    assert size_in_words(3 * 2**29) == "1.5 GiB"


def test_odds_count_the_renamings() -> None:
    """A birthday bound over 64 bits; the least of six hashes is more crowded."""
    assert "odds of 1 to 36,893,488 " in odds_of_collision(10**6, 1)
    assert "odds of 1 to 11,273,010 " in odds_of_collision(10**6, 6)
    assert "0.271 pairs" in odds_of_collision(10**10, 1) or "pairs" in odds_of_collision(10**10, 1)


def test_outlook_does_not_promise_an_end_that_is_not_in_sight() -> None:
    """Only levels that shrink bound what is left."""
    assert "no end in sight" in outlook((1, 3, 9))
    assert "at most 9 more" in outlook((1, 18, 9))


def test_result_has_a_verdict_of_three() -> None:
    """There is no fourth."""
    verdicts = SearchResult.__annotations__["verdict"]
    assert set(verdicts.__args__) == {"violated", "exhausted", "stopped"}
