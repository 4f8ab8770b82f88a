"""MicroRaft behind its bridge: it runs, and what is known of it comes up.

Maven builds it from its registry; without it these tests are skipped, and say so.
"""

from collections.abc import Sequence

import pytest
from attrs import evolve

from model.actions import Action, ClientRequest, Deliver, Elect, Exchange, HeartbeatTimeout, Invoke
from model.failures import PropertyViolatedError
from model.target import Bridge, TargetRequest
from raft_core import s1, s2, s3
from tests.oracle.walks import cluster_after, first_violation
from tests.require import needs_bridge

MOST_RUNS = 1_500

pytestmark = [pytest.mark.once, needs_bridge("microraft")]


def test_a_read_before_the_first_commit_of_a_term_is_caught() -> None:
    """An answer commits before it confirms a read, unless it refuses: one from far behind does."""
    began: Sequence[Action] = (Elect(s1), *[Exchange(s1, s2)] * 2, Exchange(s1, s3))
    lags = (ClientRequest(s1, "v1"), Exchange(s1, s3), ClientRequest(s1, "v2"), Exchange(s1, s3))
    written = (Invoke(s1, 2, 0, "set x b0"), Deliver(s1, s3, -1), Deliver(s3, s1, -1))
    read = (Elect(s3, (s1,)), Invoke(s3, 1, 1, "get x"))
    rounds = (Deliver(s3, s2, -1), Deliver(s2, s3, -1)) * 3
    schedule = (*began, *lags, *written, *read, *rounds)
    request = TargetRequest(subject=Bridge("microraft"), mutant="read-before-own-commit")
    with pytest.raises(PropertyViolatedError, match="Linearizable violated: client 1 was told ''"):
        cluster_after(request, schedule)
    cluster_after(evolve(request, mutant=None), schedule)


def test_a_candidate_that_says_unasked_that_it_was_asked_is_caught() -> None:
    """Only who is asked to stand may disregard that others hear a leader."""
    schedule = (Exchange(s1, s2), HeartbeatTimeout(s1))
    request = TargetRequest(subject=Bridge("microraft"), mutant="transfer-claimed-on-timeout")
    with pytest.raises(PropertyViolatedError, match="TransferWasAsked violated: S1: request_vote"):
        cluster_after(request, schedule)
    cluster_after(evolve(request, mutant=None), schedule)


def test_an_installed_snapshot_leaves_a_conflicting_suffix() -> None:
    """MicroRaft 0.7 keeps entries after a snapshot whose own entry the log had otherwise."""
    ignored = frozenset({"SubjectFailed", "Progress", "AppendIsRefused"})
    settings = {"survive_errors": "on"}
    violation = first_violation("microraft", MOST_RUNS, settings=settings, ignore=ignored)
    assert violation is not None
    assert violation.property == "LogMatching"
