"""The rules of terms, votes and leaders, each kept, broken, and without what it needs."""

from typing import Any

import pytest

from properties.rules.elections import STANDING_RULES, acting_on, is_quorum
from properties.rules.vocabulary import NOBODY, Meaning, Standing
from raft_core import Role, s1, s2, s3
from tests.properties.transitions import (
    BROKEN,
    HELD,
    LACKING,
    SILENT,
    cluster,
    message,
    server,
    sort_of,
)

RULES = {rule.name: rule.check for rule in STANDING_RULES}
FOLLOWER, CANDIDATE, LEADER = Role.FOLLOWER, Role.CANDIDATE, Role.LEADER


def asks(term: int, index: int = 2, log_term: int = 1) -> Meaning:
    """S2 asks for a vote."""
    return message("request_vote", term=term, index=index, log_term=log_term)


@pytest.mark.parametrize(
    ("rule", "before", "after", "expected"),
    [
        ("TermRises", {"term": 2}, (3, NOBODY, FOLLOWER), HELD),
        ("TermRises", {"term": 2}, (1, NOBODY, FOLLOWER), BROKEN),
        ("TermRises", {"term": None}, (1, NOBODY, FOLLOWER), LACKING),
        ("TermRises", {"term": 2}, (2, NOBODY, FOLLOWER), SILENT),
        ("TermHasCause", {"term": 2}, (3, s1, CANDIDATE), HELD),
        ("TermHasCause", {"term": 2}, (4, s1, CANDIDATE), BROKEN),
        ("TermHasCause", {"term": 2}, (3, NOBODY, FOLLOWER), BROKEN),
        ("TermHasCause", {"term": 2, "handling": asks(5)}, (5, NOBODY, FOLLOWER), HELD),
        ("TermHasCause", {"term": 2, "handling": asks(5)}, (4, NOBODY, FOLLOWER), BROKEN),
        ("NewTermFreesVote", {"term": 2, "vote": s3}, (3, NOBODY, FOLLOWER), HELD),
        ("NewTermFreesVote", {"term": 2, "vote": s3}, (3, s3, FOLLOWER), BROKEN),
        ("NewTermFreesVote", {"term": 2, "handling": asks(3)}, (3, s2, FOLLOWER), HELD),
        ("NewTermFreesVote", {"term": 2}, (3, None, FOLLOWER), LACKING),
        ("VoteOnce", {"term": 2}, (2, s2, FOLLOWER), HELD),
        ("VoteOnce", {"term": 2, "vote": s3}, (2, s2, FOLLOWER), BROKEN),
        ("VoteOnce", {"term": 2, "vote": s3}, (2, NOBODY, FOLLOWER), BROKEN),
        ("VoteOnce", {"term": 2, "vote": None}, (2, s2, FOLLOWER), LACKING),
        ("VoteHasCause", {"term": 2, "handling": asks(2)}, (2, s2, FOLLOWER), HELD),
        ("VoteHasCause", {"term": 2, "handling": asks(2)}, (2, s3, FOLLOWER), BROKEN),
        ("VoteToUpToDate", {"term": 2, "handling": asks(2)}, (2, s2, FOLLOWER), HELD),
        ("VoteToUpToDate", {"term": 2, "handling": asks(2, index=1)}, (2, s2, FOLLOWER), BROKEN),
        ("VoteToUpToDate", {"term": 2, "handling": asks(2, 9, 0)}, (2, s2, FOLLOWER), BROKEN),
        ("VoteToUpToDate", {"term": 2, "handling": asks(2, 1, 2)}, (2, s2, FOLLOWER), HELD),
        ("CandidateInNewTerm", {"term": 2}, (3, s1, CANDIDATE), HELD),
        ("CandidateInNewTerm", {"term": 2}, (2, s1, CANDIDATE), BROKEN),
        ("CandidateInNewTerm", {"term": 2}, (3, s2, CANDIDATE), BROKEN),
        ("CandidateInNewTerm", {"term": 2, "role": LEADER}, (3, s1, CANDIDATE), BROKEN),
        (
            "CandidateInNewTerm",
            {"term": 2, "role": LEADER, "missed": True},
            (4, s1, CANDIDATE),
            LACKING,
        ),
        ("LeaderWasCandidate", {"term": 2, "role": CANDIDATE}, (2, s1, LEADER), HELD),
        ("LeaderWasCandidate", {"term": 2}, (2, s1, LEADER), BROKEN),
        ("LeaderWasCandidate", {"term": 2, "role": LEADER}, (2, s1, LEADER), SILENT),
        ("LeaderHasMajority", {"term": 2, "granted": {s1, s3}}, (2, s1, LEADER), HELD),
        ("LeaderHasMajority", {"term": 2, "granted": {s1}}, (2, s1, LEADER), BROKEN),
        ("LeaderHasMajority", {"term": 2, "voters": None}, (2, s1, LEADER), LACKING),
    ],
)
def test_standing(
    rule: str, before: dict[str, Any], after: tuple[int, int, Role], expected: str
) -> None:
    """A change of term, vote or role of a server whose log is 1@1 2@1."""
    assert sort_of(RULES[rule](server((1, 1), **before), Standing(*after))) == expected


def test_a_vote_in_a_term_that_has_its_leader_may_go_to_anyone() -> None:
    """Nobody else wins that term, so the candidate's log does not matter."""
    about = server((1, 1), cluster(leaders={2: s3}), term=2, handling=asks(2, index=1))
    assert sort_of(RULES["VoteToUpToDate"](about, Standing(2, s2, FOLLOWER))) == SILENT


def test_a_term_may_come_from_a_message_that_traces_do_not_show() -> None:
    """But only one that some server has reached before."""
    among = cluster(reports_all=frozenset(), highest_term=4)
    known = server((), among, term=2)
    assert sort_of(RULES["TermHasCause"](known, Standing(4, NOBODY, FOLLOWER))) == LACKING
    assert sort_of(RULES["TermHasCause"](known, Standing(5, NOBODY, FOLLOWER))) == BROKEN


@pytest.mark.parametrize("kind", ["pre_vote", "pre_vote_response"])
@pytest.mark.parametrize(
    ("among", "seen", "expected"),
    [
        ({"highest_term": 2}, {}, BROKEN),
        ({"highest_term": 3}, {}, HELD),
        ({"highest_term": 2, "total_order": False}, {}, HELD),
        ({"highest_term": 2, "partial": True}, {}, HELD),
        ({"highest_term": 2}, {"missed": True}, HELD),
    ],
    ids=["nobody", "somebody", "somebody in no order", "somebody unseen", "somebody unheard"],
)
def test_a_pre_vote_raises_no_term_before_somebody_is_in_it(
    kind: str, among: dict[str, Any], seen: dict[str, Any], expected: str
) -> None:
    """It may say the term in which its sender would stand; whoever asked may stand there."""
    heard = message(kind, term=3, accepted=True if kind == "pre_vote_response" else None)
    known = server((), cluster(**among), term=2, handling=heard, **seen)
    assert sort_of(RULES["TermHasCause"](known, Standing(3, NOBODY, FOLLOWER))) == expected
    assert sort_of(RULES["TermHasCause"](known, Standing(3, s1, CANDIDATE))) == HELD


def test_a_pre_vote_may_say_the_term_of_a_server_of_which_none_is_known() -> None:
    """S2 crashed inside a step: it may have reached that term before."""
    among = cluster(highest_term=2)
    known = server((), among, term=2, handling=message("pre_vote", term=3))
    server((), among, s2, term=None)
    assert sort_of(RULES["TermHasCause"](known, Standing(3, NOBODY, FOLLOWER))) == HELD


def test_joint_configurations_need_both_majorities() -> None:
    """Section 6: separate majorities from the old and the new configuration."""
    known = server(voters=frozenset({0, 1, 2}), joining=frozenset({2, 3, 4}))
    assert not is_quorum(known, {0, 1})
    assert not is_quorum(known, {0, 2, 3, 4} - {0})
    assert is_quorum(known, {0, 2, 3})


def test_messages_say_whose_they_are() -> None:
    """A breach names the message that the server acted upon."""
    known = server(handling=asks(3))
    assert acting_on(known) == "on request_vote of term 3 from S2"
