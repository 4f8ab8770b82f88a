"""One exploration: what ends it, what it stores, and when it is made anew."""

from pathlib import Path

import numpy as np
import pytest

from model.explorer.running import exploration
from model.explorer.running.exploration import explore
from model.explorer.running.specification import ExecutionOptions, ExplorationSpec
from model.explorer.search.checkpoint import SUMS, CheckpointError, sums_of
from model.explorer.search.result import INTERRUPTED, SearchLimits, Stop, StoppedBy
from tests.model.explorer.cases import raft_order
from tests.model.explorer.running.runs import SMALL, Reports, explored, never


@pytest.mark.parametrize("engine", ["auto", "numpy", "reference"])
def test_every_engine_explores_the_same(engine: str) -> None:
    """The counts are those of the search over plain objects."""
    found, plain = explored(engine=engine), explored(engine="reference")
    assert found.search.verdict == "exhausted"
    assert (found.search.distinct, found.search.levels) == (
        plain.search.distinct,
        plain.search.levels,
    )
    assert found.renamings == 2


def test_progress_is_reported_after_each_chunk() -> None:
    """The last report has all states."""
    reports = Reports()
    result = explore(SMALL, ExecutionOptions(engine="numpy"), reports, never)
    assert len(reports) >= len(result.search.levels)
    assert (reports[-1].distinct, reports[-1].levels) == (
        result.search.distinct,
        result.search.levels,
    )


def test_memory_ends_it_in_time(tmp_path: Path) -> None:
    """One byte is less than the first chunk needs; the search is stored and goes on from there."""
    result = explored(memory=1, checkpoint=tmp_path)
    assert result.search.stopped == Stop(StoppedBy.MEMORY, 1)
    assert result.stored == tmp_path
    rest = explored(resume=tmp_path)
    assert rest.search == explored().search
    assert rest.seconds >= result.seconds


def test_user_ends_it(tmp_path: Path) -> None:
    """After the next chunk, and nothing is made anew."""
    result = explored(is_interrupted=lambda: True, checkpoint=tmp_path)
    assert result.search.stopped == INTERRUPTED
    assert result.interrupted
    assert result.stored == tmp_path


def test_search_is_stored_as_often_as_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an interval of nothing, after each chunk."""
    stored: list[float] = []
    monkeypatch.setattr(
        exploration, "save", lambda search, order, seconds, folder: stored.append(seconds)
    )
    result = explored(engine="numpy", checkpoint=tmp_path, interval=0.0)
    assert len(stored) >= len(result.search.levels)
    assert stored == sorted(stored)


def test_folder_that_cannot_be_written_does_not_end_it(tmp_path: Path) -> None:
    """The result says why nothing is stored."""
    blocked = tmp_path / "file"
    blocked.touch()
    result = explored(limits=SearchLimits(depth=2), checkpoint=blocked / "kept")
    assert result.search.stopped == Stop(StoppedBy.DEPTH, 2)
    assert result.stored is None
    assert result.unstored_because.startswith(f"cannot write to {blocked}")


@pytest.mark.parametrize("number", [0, 2**16 - 1])
def test_moves_that_do_not_lead_to_what_was_found_are_refused(tmp_path: Path, number: int) -> None:
    """Of a checkpoint that somebody has made up: none of its moves is told as a violation."""
    spec = ExplorationSpec(model=raft_order(mutant="double-vote", max_inbox=2))
    found = explored(spec, engine="numpy")
    depth = len(found.search.levels) - 2
    explored(spec, engine="numpy", limits=SearchLimits(depth=depth), checkpoint=tmp_path)
    assert explored(spec, resume=tmp_path).search.path == found.search.path
    explored(spec, engine="numpy", limits=SearchLimits(depth=depth), checkpoint=tmp_path)
    folder = tmp_path / "current"
    numbers = np.load(folder / "numbers.npy")
    np.save(folder / "numbers.npy", np.full_like(numbers, number))
    (folder / SUMS).write_text(sums_of(folder))
    with pytest.raises(CheckpointError, match="path: found"):
        explored(spec, resume=tmp_path)


def test_search_is_made_anew_where_a_stale_reply_could_matter() -> None:
    """A mutant that counts stale votes answers to what was thrown away."""
    spec = ExplorationSpec(
        model=raft_order(mutant="refusal-counted-as-vote", max_term=2, max_inbox=2)
    )
    result = explored(spec)
    assert "answers to RequestVoteResponse" in result.unreduced_because
    assert result.spec == spec.without_reduction()
    assert result.search.verdict == "violated"
    sound = ExplorationSpec(model=raft_order(mutant="double-vote", max_term=2, max_inbox=2))
    assert explored(sound).unreduced_because == ""


def test_search_that_was_interrupted_is_not_made_anew() -> None:
    """The user wants the end, and not another search."""
    spec = ExplorationSpec(
        model=raft_order(mutant="refusal-counted-as-vote", max_term=2, max_inbox=2)
    )
    result = explored(spec, is_interrupted=lambda: True)
    assert result.spec == spec
    assert result.unreduced_because == ""
