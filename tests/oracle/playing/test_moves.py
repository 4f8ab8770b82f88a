"""Tests of moves: actions in, what they come to out, and nothing lost by a mistake."""

from pathlib import Path

import pytest

from model.target import Reference, TargetRequest
from oracle.hunting.plan import HuntPlan, make_plan
from oracle.playing.moves import MOST_ACTIONS, Asked, answer
from oracle.subjects.naming import read_subject
from tests.oracle.command import BROKEN


@pytest.fixture(scope="module")
def plan() -> HuntPlan:
    """The reference with a mistake."""
    return make_plan(TargetRequest(subject=Reference(), servers=3, mutant="double-vote"))


def test_moves_add_up(plan: HuntPlan) -> None:
    """Each answer has all actions, and the text that says the same."""
    first = answer(plan, Asked(more="elect S1"))
    second = answer(plan, Asked(first.actions, "client_request S1 x; sync S1"))
    assert second.error is None
    assert second.execution is not None
    assert len(second.actions) == 3
    assert second.text.splitlines()[-3:] == ["elect S1", "client_request S1 x", "sync S1"]
    assert second.execution.steps[-1].states["S1"].commit_index == 1


def test_properties_are_checked_as_it_goes(plan: HuntPlan) -> None:
    """The move that breaks one says so."""
    done = answer(plan, Asked(more="elect S1; elect S2 unreachable=S1; election_timeout S3"))
    assert done.execution is not None
    assert done.execution.verdict is None
    broken = answer(
        plan,
        Asked(
            more="election_timeout S1; election_timeout S2; deliver S1 S3; deliver S2 S3\n"
            "deliver S3 S1; deliver S3 S2"
        ),
    )
    assert broken.execution is not None
    assert broken.execution.verdict is not None
    assert broken.execution.verdict.property == "ElectionSafety"


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ("jump S1", "found 'jump', expected one of"),
        ("elect S9", "found s9 in a cluster of 3"),
        ("client_request S1 'x", "no closing quotation"),
        ("crash S1\n" * (MOST_ACTIONS + 1), f"expected at most {MOST_ACTIONS}"),
    ],
)
def test_what_cannot_be_done_loses_nothing(plan: HuntPlan, more: str, complaint: str) -> None:
    """The actions of before come back, with one line."""
    before = answer(plan, Asked(more="elect S1")).actions
    done = answer(plan, Asked(before, more))
    assert done.execution is None
    assert done.error is not None
    assert complaint in done.error
    assert done.actions == before


def test_more_than_anybody_types_is_refused(plan: HuntPlan) -> None:
    """As a file of that length is."""
    complaint = answer(plan, Asked(more="heal; " * 100_000)).error
    assert complaint == "found 600,000 characters, expected at most 200,000"


def test_foreign_actions_are_refused(plan: HuntPlan) -> None:
    """What no page of ours sends is one line."""
    done = answer(plan, Asked(actions=[{"action": "__import__", "server": "s1"}]))
    assert done.error is not None
    assert "unknown action" in done.error


@pytest.mark.parametrize(
    ("how", "told"), [("os-exit", "ended its process"), ("sleeps", "did not return")]
)
def test_subject_that_fails_is_told(
    how: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One that hangs or dies is a verdict or a line, and the next move is made as ever."""
    monkeypatch.setenv("RAFT_ORACLE_PATIENCE", "1")
    monkeypatch.chdir(tmp_path)
    plan = make_plan(TargetRequest(subject=read_subject(BROKEN), servers=3, settings={"how": how}))
    for _ in range(2):
        done = answer(plan, Asked(more="elect S1; client_request S1 x; sync S1"))
        verdict = done.execution.verdict if done.execution is not None else None
        assert told in (verdict.detail if verdict is not None else done.error or "")
