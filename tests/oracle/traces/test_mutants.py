"""Traces of mutants are rejected by the rule that the mutant breaks, and traces of Raft are not."""

import json
from functools import partial

import pytest

from model.drivers.walker import walk
from oracle.traces.events.export import trace_of
from oracle.traces.verdict import Kind, check_trace
from tests.model.reference.hiding import hiding
from tests.oracle.traces.runs import ALL_FEATURES, WHOLE_STEPS, traced

AT_ONCE = [
    ("double-vote", 0, "VoteIsGranted"),
    ("no-up-to-date-check", 0, "VoteToUpToDate"),
    ("up-to-date-by-length", 10, "VoteToUpToDate"),
    ("up-to-date-by-term", 1, "VoteToUpToDate"),
    ("stale-vote-counted", 15, "LeaderHasMajority"),
    ("half-elects", 0, "LeaderHasMajority"),
    ("floor-half-elects", 0, "LeaderHasMajority"),
    ("no-previous-entry-check", 1, "FollowerAppendsSent"),
    ("previous-entry-exists", 10, "FollowerAppendsSent"),
    ("truncates-without-conflict", 0, "EndGoesEarly"),
    ("keeps-conflicting-entry", 0, "AcceptedIsStored"),
    ("commits-past-last-new-entry", 90, "FollowerCommitsTold"),
    ("commit-index-falls", 1, "CommitRises"),
    ("whole-log-acknowledged", 1, "LeaderCommitsMajority"),
    ("commits-older-term", 1, "LeaderCommitsOwnTerm"),
    ("floor-half-commits", 0, "LeaderCommitsMajority"),
    ("stale-snapshot-installed", 87, "CommitRises"),
    ("index-zero-after-compaction", 85, "FollowerAppendsSent"),
    ("change-before-own-commit", 0, "ChangeFollowsCommit"),
    ("second-change-uncommitted", 25, "ChangeFollowsCommit"),
    ("joint-counts-old-only", 11, "LeaderHasMajority"),
    ("candidate-ignores-leader", 12, "AppendIsRefused"),
    ("discarded-prev-is-conflict", 65, "CommittedStays"),
    ("snapshot-keeps-conflict", 85, "EntriesInOrder"),
    ("learners-counted", 267, "LeaderCommitsMajority"),
    ("joint-elects-by-union", 11, "LeaderHasMajority"),
    ("removed-leader-counts-itself", 1, "LeaderCommitsMajority"),
    ("unsorted-match-index", 0, "LeaderCommitsMajority"),
    ("obeys-older-leader", 0, "OnlyConflictsGo"),
    ("vote-forgotten-with-leader", 0, "VoteOnce"),
    ("refusal-counted-as-vote", 0, "LeaderHasMajority"),
    ("truncates-on-stepping-down", 0, "VoteToUpToDate"),
    ("pre-vote-counted-as-vote", 1, "LeaderHasMajority"),
    ("pre-vote-forgets-vote", 0, "VoteOnce"),
    ("joint-commits-old-only", 5, "LeaderCommitsMajority"),
]
"""Mutant, number of a run, and the rule; the mistake shows in the step in which it is made."""
LATER = [
    ("vote-replies-counted", 20, "LeaderHasMajority"),
    ("joint-left-uncommitted", 1, "ChangeIsOneStep"),
    ("vote-not-persisted", 1, "VoteIsKept"),
    ("term-not-persisted", 0, "TermIsKept"),
    ("acknowledges-before-durable", 3, "LogIsKept"),
    ("restart-commits-whole-log", 0, "RestartCommitsKnown"),
    ("requests-votes-before-durable", 106, "SentInOwnTerm"),
    ("vote-written-before-term", 6, "VoteOnce"),
    ("failed-write-ignored", 15, "TermIsKept"),
    ("rewrites-suffix", 360, "OnlyConflictsGo"),
]
"""What is counted, written or left out by mistake shows only when it is used, or in a crash.

The last four crash inside a step, or go on after a disk that refused a write.
"""


@pytest.mark.parametrize(("mutant", "number", "rule"), AT_ONCE)
def test_a_mutant_is_rejected_at_its_first_wrong_step(mutant: str, number: int, rule: str) -> None:
    """The rejected line was written in the first step that the reference would not have done."""
    run = traced(number, mutant=mutant)
    verdict = check_trace(run.lines)
    assert verdict.kind is Kind.REJECTED
    assert verdict.rule is not None
    assert verdict.rule.name == rule
    assert run.first_wrong is not None
    assert run.steps[verdict.number - 1] == run.first_wrong


@pytest.mark.parametrize(("mutant", "number", "rule"), LATER)
def test_a_mistake_that_hides_is_rejected_when_it_shows(
    mutant: str, number: int, rule: str
) -> None:
    """Not before the first wrong step, where that is one of the protocol's."""
    run = traced(number, mutant=mutant)
    verdict = check_trace(run.lines)
    assert verdict.rule is not None
    assert verdict.rule.name == rule
    assert run.steps[verdict.number - 1] >= (run.first_wrong or 0)


@pytest.mark.parametrize("settings", [{}, {"max_entries": "1"}, WHOLE_STEPS])
@pytest.mark.parametrize("servers", [3, 4, 5])
def test_traces_of_raft_are_accepted(servers: int, settings: dict[str, str]) -> None:
    """With features and without them, and everything in them is checked."""
    events = 0
    for number in range(12):
        run = traced(number, servers, settings)
        verdict = check_trace(run.lines)
        assert verdict.kind is Kind.ACCEPTED, verdict
        assert {what for _, what in verdict.lacking} <= {"what the server has applied"}
        events += verdict.events
    assert events > 1_000


@pytest.mark.parametrize("number", range(4))
def test_pieces_of_traces_are_accepted_as_partial(number: int) -> None:
    """From the middle, without a server, and without one line in ten."""
    lines = traced(number, 3, ALL_FEATURES).lines
    for piece in (
        lines[len(lines) // 2 :],
        tuple(line for line in lines if b'"server":"S2"' not in line),
        tuple(line for place, line in enumerate(lines) if place % 10),
    ):
        verdict = check_trace(piece, "facts", partial=True)
        assert verdict.kind is Kind.ACCEPTED, verdict


@pytest.mark.parametrize("settings", [{}, ALL_FEATURES])
def test_traces_without_votes_are_accepted(settings: dict[str, str]) -> None:
    """Of a subject that does not show them, and where the lines leave them out."""
    setup = hiding(shows_votes=False, settings=settings)
    for number in range(6):
        exported = trace_of(setup.cluster(), partial(walk, seed=0, number=number))
        assert not [line for line in exported if b"voted_for" in line]
        assert check_trace(exported).kind is Kind.ACCEPTED
        lines = [json.loads(line) for line in traced(number, 3, settings).lines]
        stripped = [without_vote(line) for line in lines]
        assert check_trace(stripped).kind is Kind.ACCEPTED


def without_vote(line: dict[str, object]) -> bytes:
    """A line that says nothing of a vote."""
    return json.dumps({name: line[name] for name in line if name != "voted_for"}).encode()
