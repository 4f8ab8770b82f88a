"""What shrinking may cost is counted in steps, which are the same on every machine."""

from pathlib import Path

import pytest

from model.runs.run import violation_of
from oracle.adapter.subject import Adapter
from oracle.hunting.shrink_board import ShrinkBoard
from oracle.hunting.shrink_effort import Purse
from tests.oracle.adapter.test_faulty_child import PATIENCE, SCHEDULE, cluster_of, command

STEPS = 500
"""More than the schedule has by far, and fewer than one long reply counts for."""


@pytest.mark.parametrize(("fault", "goes_on"), [("none", True), ("talks", False)])
def test_long_replies_count_for_many_steps(tmp_path: Path, fault: str, goes_on: bool) -> None:
    """A candidate that takes a long line is as dear as one that takes many steps."""
    purse = Purse(ShrinkBoard.made(str(tmp_path / "board")), STEPS, 0)
    with cluster_of(Adapter(command(fault), PATIENCE)) as cluster:
        ask = purse.goes_on(cluster)
        assert ask(len(SCHEDULE))
        assert violation_of(cluster, SCHEDULE) is None
        assert ask(len(SCHEDULE)) is goes_on
