"""The rules of answers, each kept, broken, and without what it needs."""

from typing import Any

import pytest

from properties.rules.responses import RESPONSE_RULES
from properties.rules.vocabulary import Meaning
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

RULES = {rule.name: rule.check for rule in RESPONSE_RULES}


def voted(granted: bool) -> Meaning:
    """S1 answers S2's request for a vote."""
    return message("request_vote_response", s1, s2, term=2, accepted=granted)


def stored(index: int, success: bool = True) -> Meaning:
    """S1 answers S2's AppendEntries."""
    return message("append_entries_response", s1, s2, term=2, accepted=success, index=index)


def asks(term: int = 2, index: int = 2, log_term: int = 1) -> Meaning:
    """S2 asks for a vote."""
    return message("request_vote", term=term, index=index, log_term=log_term)


def sends(index: int, log_term: int, terms: tuple[int, ...] = (), term: int = 2) -> Meaning:
    """S2 sends entries after the one at `index`."""
    return message("append_entries", term=term, index=index, log_term=log_term, terms=terms)


@pytest.mark.parametrize(
    ("rule", "known", "about", "expected"),
    [
        ("VoteIsGranted", {"handling": asks(), "vote": s2}, voted(True), HELD),
        ("VoteIsGranted", {"handling": asks(), "vote": s3}, voted(True), BROKEN),
        ("VoteIsGranted", {"handling": asks()}, voted(True), BROKEN),
        ("VoteIsGranted", {"handling": asks(1), "vote": s2}, voted(True), BROKEN),
        ("VoteIsGranted", {"handling": asks(2, 1), "vote": s2}, voted(True), BROKEN),
        (
            "VoteIsGranted",
            {"handling": asks(2, 1), "vote": s2, "voted_before": (s2, 2)},
            voted(True),
            HELD,
        ),
        ("VoteIsGranted", {"handling": None, "vote": s2}, voted(True), BROKEN),
        ("VoteIsGranted", {"handling": asks(), "vote": None}, voted(True), LACKING),
        ("VoteIsGranted", {"handling": asks()}, voted(False), SILENT),
        ("VoteIsRefused", {"handling": asks(), "vote": s3}, voted(False), HELD),
        ("VoteIsRefused", {"handling": asks(1)}, voted(False), HELD),
        ("VoteIsRefused", {"handling": asks(2, 1)}, voted(False), HELD),
        ("VoteIsRefused", {"handling": asks(), "heard_term": 2}, voted(False), HELD),
        ("VoteIsRefused", {"handling": asks(), "role": Role.LEADER}, voted(False), HELD),
        ("VoteIsRefused", {"handling": asks()}, voted(False), BROKEN),
        ("VoteIsRefused", {"handling": None}, voted(False), LACKING),
        ("AcknowledgedIsHeld", {}, stored(2), HELD),
        ("AcknowledgedIsHeld", {}, stored(3), BROKEN),
        ("AcknowledgedWasSent", {"handling": sends(1, 1, (1,))}, stored(2), HELD),
        ("AcknowledgedWasSent", {"handling": sends(1, 1)}, stored(2), BROKEN),
        ("AcknowledgedWasSent", {"handling": sends(1, 1), "commit": 2}, stored(2), HELD),
        ("AcknowledgedWasSent", {"handling": sends(1, 1, (1,), 1)}, stored(2), BROKEN),
        ("AcknowledgedWasSent", {"handling": asks()}, stored(2), BROKEN),
        ("AcknowledgedWasSent", {"handling": asks(), "offered": (2, 1)}, stored(2), HELD),
        ("AcknowledgedWasSent", {"handling": asks(), "offered": (1, 1)}, stored(2), BROKEN),
        ("AcceptedIsStored", {"handling": sends(1, 1, (1,))}, stored(2), HELD),
        ("AcceptedIsStored", {"handling": sends(1, 1, (2,))}, stored(2), BROKEN),
        ("AcceptedIsStored", {"handling": sends(1, 2)}, stored(1), BROKEN),
        ("AcceptedIsStored", {"handling": sends(2, 1, (2,))}, stored(3), BROKEN),
        ("AppendIsRefused", {"handling": sends(2, 2)}, stored(0, False), HELD),
        ("AppendIsRefused", {"handling": sends(3, 1)}, stored(0, False), HELD),
        ("AppendIsRefused", {"handling": sends(2, 1, (), 1)}, stored(0, False), HELD),
        ("AppendIsRefused", {"handling": sends(2, 1)}, stored(0, False), BROKEN),
        ("AppendIsRefused", {"handling": None}, stored(0, False), LACKING),
        ("AppendIsRefused", {"handling": sends(1, 1), "replaced": 2}, stored(0, False), LACKING),
        ("AppendIsRefused", {"handling": sends(2, 1), "replaced": 2}, stored(0, False), BROKEN),
        ("VoteIsRefused", {"handling": asks(), "voters": frozenset({s1})}, voted(False), HELD),
    ],
)
def test_responses(rule: str, known: dict[str, Any], about: Meaning, expected: str) -> None:
    """S1, in term 2 with the log 1@1 2@1, answers S2."""
    assert sort_of(RULES[rule](server((1, 1), term=2, **known), about)) == expected


def test_a_vote_in_a_term_that_has_its_leader_may_go_to_anyone() -> None:
    """Nobody else wins that term; a second vote of one server is broken all the same."""
    among = cluster(leaders={2: s3})
    known = server((1, 1), among, term=2, handling=asks(2, 1), vote=s2)
    assert sort_of(RULES["VoteIsGranted"](known, voted(True))) == HELD
    known.vote = s3
    assert sort_of(RULES["VoteIsGranted"](known, voted(True))) == BROKEN


def test_a_vote_may_show_behind_its_answer() -> None:
    """Where a trace shows votes only later, the answer stands for the vote."""
    known = server((1, 1), cluster(vote_follows_grant=True), term=2, handling=asks())
    assert sort_of(RULES["VoteIsGranted"](known, voted(True))) == HELD
