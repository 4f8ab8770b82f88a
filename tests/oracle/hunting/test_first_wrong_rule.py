"""A finding of the reference, a mutant or a changed one says which rule it breaks first."""

from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from model.actions import Deliver, ElectionTimeout
from model.target import InProcess, NamedSubject, Reference, TargetRequest, UserFile
from oracle.hunting.first_wrong_rule import first_wrong_rule
from oracle.hunting.plan import HuntPlan, make_plan
from properties.property import Violation
from properties.view import MEANINGS
from raft_core import s1, s2, s3

TWO_VOTES: Final = (
    ElectionTimeout(s1),
    ElectionTimeout(s3),
    Deliver(s1, s2),
    Deliver(s3, s2),
    Deliver(s2, s1),
    Deliver(s2, s3),
)
TWO_LEADERS: Final = Violation("ElectionSafety", "", "", "")
CHANGED: Final = """
from raft_oracle import ReferenceFactory, with_replaced
FACTORY = ReferenceFactory(
    with_replaced("raft_core.election.is_vote_free", lambda state, candidate: True)
)
"""


def plan_of(subject: NamedSubject, mutant: str | None = None) -> HuntPlan:
    """A hunt of a subject."""
    return make_plan(TargetRequest(subject=subject, mutant=mutant))


def test_vote_is_named_before_there_are_two_leaders(tmp_path: Path) -> None:
    """Of a mutant, and of a protocol of the user's own."""
    mine = tmp_path / "mine.py"
    mine.write_text(CHANGED)
    for plan in (plan_of(Reference(), "double-vote"), plan_of(UserFile(str(mine)))):
        told = first_wrong_rule(plan, TWO_VOTES, TWO_LEADERS)
        assert told.startswith("\nBy Raft's rules, first wrong at step 4: VoteIsGranted (Figure 2")
        assert "S2: a vote granted to S3; legal: it went to S1." in told


@pytest.mark.parametrize(
    "violation",
    [
        Violation("VoteIsGranted", "", "", ""),
        Violation("SubjectFailed", "", "", "", cause="raised"),
    ],
)
def test_rules_say_nothing_twice_and_nothing_of_failures(violation: Violation) -> None:
    """What was told by its rule has no other word, and a crash is no rule's affair."""
    assert first_wrong_rule(plan_of(Reference(), "double-vote"), TWO_VOTES, violation) == ""


def test_rules_say_nothing_where_nothing_is_wrong_or_nothing_is_said() -> None:
    """The reference as it is; a hunt with rules; and a subject whose messages show nothing."""
    assert first_wrong_rule(plan_of(Reference()), TWO_VOTES, TWO_LEADERS) == ""
    mutant = plan_of(Reference(), "double-vote")
    judged = evolve(mutant, observes=mutant.observes | {MEANINGS})
    foreign = evolve(mutant, defaults={}, target=evolve(mutant.target, subject=InProcess("raftos")))
    for plan in (judged, foreign):
        assert first_wrong_rule(plan, TWO_VOTES, TWO_LEADERS) == ""
