"""`raft-oracle explore --liveness`: what it prints, and its exit codes."""

from pathlib import Path

import pytest

from model.explorer.search.liveness import LivenessResult
from model.explorer.search.result import SearchResult, Verdict
from oracle.commands.explore_liveness import verdict_of
from tests.oracle.command import raft_oracle


def test_liveness_is_asked_of_every_state(tmp_path: Path) -> None:
    """The reference has no dead end; a leader whose hint never backs up has, and the way there."""
    done = raft_oracle(tmp_path, "explore", "--liveness", "--max-term", "1")
    assert done.code == 0, done.err
    assert "Dead ends:   0 cannot" in done.out
    words = ("--servers", "2", "--max-inbox", "2")
    dead = raft_oracle(tmp_path, "explore", "--liveness", "--mutant", "hint-never-backs-up", *words)
    assert dead.code == 1
    assert "A shortest way into a dead end:" in dead.out
    assert "ElectionTimeout(server=s1)," in dead.out


@pytest.mark.parametrize(
    ("dead_ends", "undecided", "verdict", "expected"),
    [
        (1, 1, "exhausted", "Dead ends found among"),
        (0, 1, "exhausted", "No dead end found so far among"),
        (0, 0, "exhausted", "No dead end (exhausted):"),
        (0, 0, "stopped", "No dead end (stopped at a bound):"),
    ],
)
def test_verdict_says_no_more_than_was_seen(
    dead_ends: int, undecided: int, verdict: Verdict, expected: str
) -> None:
    """A dead end is one whatever else is undecided; and less than all is never called all."""
    found = LivenessResult(
        search=SearchResult(verdict=verdict, distinct=9, generated=9, levels=(9,)),
        states=9,
        can_reach=9 - dead_ends - undecided,
        at_bound=0,
        dead_ends=dead_ends,
        undecided=undecided,
        looked_at=9,
    )
    assert verdict_of(found) == expected
