"""The scenarios that are shipped: each goes as it is told, and an expectation can fail."""

from pathlib import Path

import pytest

from oracle.subjects.scenarios import scenarios, title_of
from tests.oracle.command import raft_oracle

BROKEN = {
    "correction-of-2015": "LeaderCompleteness",
    "figure-8": "LeaderCompleteness",
    "stale-read": "Linearizable",
}


@pytest.mark.parametrize("name", scenarios())
def test_scenario_goes_as_it_is_told(tmp_path: Path, name: str) -> None:
    """Every expectation is met, and what breaks is what its author says."""
    done = raft_oracle(tmp_path, "replay", name)
    assert done.code == (1 if name in BROKEN else 0), done.out + done.err
    assert "Not as" not in done.out
    first = f"{BROKEN[name]} violated" if name in BROKEN else "No violation"
    assert done.out.startswith(first)
    text = scenarios()[name].read_text("utf-8")
    stages = [line.removeprefix("stage ") for line in text.splitlines() if "stage" in line[:6]]
    assert len(stages) >= 3
    told = " ".join(done.out.split())
    assert all(stage in told for stage in stages[:-1])
    if name not in BROKEN:
        assert "expect " in text


def test_figure_8_is_told_in_few_lines() -> None:
    """A teacher shows it on one slide."""
    assert len(scenarios()["figure-8"].read_text("utf-8").splitlines()) <= 25


def test_expectation_that_is_not_met_is_told(tmp_path: Path) -> None:
    """With its line and what was found; the exit code says that nothing was decided."""
    (tmp_path / "mine.raft").write_text("elect S1\nexpect S1 leader term=2\nexpect S2 log=1@1\n")
    done = raft_oracle(tmp_path, "replay", "mine.raft")
    assert done.code == 2
    assert "Not as expected: line 2: S1 term=2, found 1.\n" in done.out
    assert "Not as expected: line 3: S2 log=1@1, found -.\n" in done.out


def test_expectation_behind_the_end_of_a_run_is_told(tmp_path: Path) -> None:
    """A run that breaks something does not come to what was to follow."""
    text = scenarios()["figure-8"].read_text("utf-8") + "crash S2\nexpect S2 down\n"
    (tmp_path / "more.raft").write_text(text)
    done = raft_oracle(tmp_path, "replay", "more.raft")
    assert done.code == 1
    assert "S2 role=down, but the run ended before." in done.out


def test_scenarios_are_listed_and_printed(tmp_path: Path) -> None:
    """Each with what it is about; one by its name, to be changed."""
    listed = raft_oracle(tmp_path, "scenarios")
    for name, scenario in scenarios().items():
        assert f"{name} " in listed.out
        assert title_of(scenario) in listed.out
    printed = raft_oracle(tmp_path, "scenarios", "figure-8")
    assert printed.out == scenarios()["figure-8"].read_text("utf-8")
    wrong = raft_oracle(tmp_path, "scenarios", "figure-9")
    assert (wrong.code, wrong.err.count("\n")) == (64, 1)
    assert "found 'figure-9' (did you mean 'figure-8'?), expected one of" in wrong.err
