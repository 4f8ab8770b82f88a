"""The rules of receipts, restarts, snapshots, and what is applied."""

from typing import Any

import pytest

from properties.rules.life import (
    APPLY_RULES,
    RECEIVE_RULES,
    SNAPSHOT_RULES,
    START_RULES,
)
from properties.rules.vocabulary import Meaning, Place, Stored
from raft_core import s1, s2, s3
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

RULES = {
    rule.name: rule.check for rule in (*RECEIVE_RULES, *START_RULES, *SNAPSHOT_RULES, *APPLY_RULES)
}


@pytest.mark.parametrize(
    ("known", "about", "expected"),
    [
        ({}, message("heartbeat"), HELD),
        ({}, message("heartbeat", destination=s3), BROKEN),
        ({"running": False}, message("heartbeat"), BROKEN),
    ],
)
def test_receipts(known: dict[str, Any], about: Meaning, expected: str) -> None:
    """A message reaches S1."""
    assert sort_of(RULES["ReceivedByItself"](server(**known), about)) == expected


def test_what_is_received_was_sent() -> None:
    """Repeated as often as may be, but as it was; unless nobody can know any more."""
    among = cluster()
    known, check = server((), among), RULES["ReceivedWasSent"]
    told = message("heartbeat", term=2, commit=0, key=("heartbeat", 2))
    assert sort_of(check(known, told)) == BROKEN
    among.sent[told.key] = told
    assert sort_of(check(known, told)) == HELD
    other = message("heartbeat", term=1, commit=0, key=("heartbeat", 1))
    assert sort_of(check(known, other)) == BROKEN
    among.discarded_terms[s1] = 2
    assert sort_of(check(known, other)) == LACKING
    among.total_order = False
    assert sort_of(check(known, other)) == SILENT


@pytest.mark.parametrize(
    ("rule", "stored", "expected"),
    [
        ("TermIsKept", Stored(term=2), HELD),
        ("TermIsKept", Stored(term=1), BROKEN),
        ("TermIsKept", Stored(term=3), BROKEN),
        ("VoteIsKept", Stored(term=2, vote=s3), HELD),
        ("VoteIsKept", Stored(term=2, vote=s2), BROKEN),
        ("LogIsKept", Stored(last_index=2), HELD),
        ("LogIsKept", Stored(last_index=1), BROKEN),
        ("RestartCommitsKnown", Stored(commit=1), HELD),
        ("RestartCommitsKnown", Stored(commit=2), BROKEN),
        ("TermIsKept", Stored(), SILENT),
    ],
)
def test_restarts(rule: str, stored: Stored, expected: str) -> None:
    """A server in term 2 that voted for S3 starts again; of its log 1@1 2@1, 1 is committed."""
    known = server((1, 1), term=2, vote=s3, commit=1)
    assert sort_of(RULES[rule](known, stored)) == expected


@pytest.mark.parametrize(
    ("known", "last_index", "expected"),
    [
        ({"led_from": 2}, 2, HELD),
        ({"led_from": 2}, 1, BROKEN),
        ({"led_from": 2, "acknowledged": 3}, 2, BROKEN),
        ({"led_from": 2, "commit": 3}, 2, BROKEN),
        ({"led_from": 3}, 2, BROKEN),
    ],
)
def test_a_leader_may_write_its_own_entries_later(
    known: dict[str, Any], last_index: int, expected: str
) -> None:
    """What it has neither acknowledged nor committed may be gone. Thesis, section 10.2.1."""
    about = server((1, 1, 2, 3), **{"term": 3, "commit": 1, **known})
    assert sort_of(RULES["LogIsKept"](about, Stored(last_index=last_index))) == expected


@pytest.mark.parametrize(
    ("rule", "stored", "expected"),
    [
        ("TermIsKept", Stored(term=4), HELD),
        ("TermIsKept", Stored(term=3), HELD),
        ("TermIsKept", Stored(term=2), BROKEN),
        ("VoteIsKept", Stored(term=3, vote=s2), HELD),
        ("VoteIsKept", Stored(term=3, vote=s3), BROKEN),
        ("VoteIsKept", Stored(term=4, vote=s3), SILENT),
        ("LogIsKept", Stored(term=3, last_index=2), HELD),
        ("LogIsKept", Stored(term=3, last_index=1), BROKEN),
    ],
)
def test_restarts_where_states_show_before_they_are_durable(
    rule: str, stored: Stored, expected: str
) -> None:
    """Then a server must remember at least what its answers have told others."""
    known = server((1, 1, 1), cluster(exact_restart=False), term=4)
    known.arrived_vote, known.arrived_match = (3, s2), (3, 2)
    assert sort_of(RULES[rule](known, stored)) == expected


@pytest.mark.parametrize(
    ("rule", "known", "place", "expected"),
    [
        ("SnapshotIsKnown", {}, Place(1, 1), HELD),
        ("SnapshotIsKnown", {}, Place(1, None), HELD),
        ("SnapshotIsKnown", {}, Place(1, 2), BROKEN),
        ("SnapshotIsKnown", {}, Place(2, 1), BROKEN),
        ("SnapshotIsKnown", {"offered": (5, 2)}, Place(5, 2), HELD),
        ("SnapshotIsKnown", {"offered": (5, 2)}, Place(4, 2), BROKEN),
        ("SnapshotReplacesConflict", {}, Place(1, 1), HELD),
        ("SnapshotReplacesConflict", {}, Place(1, 2), BROKEN),
        ("SnapshotReplacesConflict", {}, Place(5, 2), HELD),
        ("CommittedIsApplied", {}, Place(1, 1), HELD),
        ("CommittedIsApplied", {}, Place(2, 1), BROKEN),
        ("AppliedInOrder", {}, Place(1, 1), HELD),
        ("AppliedInOrder", {"applied": 1}, Place(1, 1), BROKEN),
        ("AppliedInOrder", {"applied": None}, Place(1, 1), LACKING),
        ("AppliedAsStored", {}, Place(1, 1), HELD),
        ("AppliedAsStored", {}, Place(1, 2), BROKEN),
    ],
)
def test_places(rule: str, known: dict[str, Any], place: Place, expected: str) -> None:
    """Snapshots and applied entries of a server with the log 1@1 2@1, of which 1 is committed."""
    about = server((1, 1), term=2, commit=1, **known)
    assert sort_of(RULES[rule](about, place)) == expected
