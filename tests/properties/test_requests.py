"""The rules of what a server sends by itself, each kept, broken, and without what it needs."""

from typing import Any

import pytest

from properties.rules.requests import LATE_RULES, REQUEST_RULES
from properties.rules.vocabulary import Meaning
from raft_core import Role, s1, s2
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

RULES = {rule.name: rule.check for rule in (*REQUEST_RULES, *LATE_RULES)}
LEADER, CANDIDATE = Role.LEADER, Role.CANDIDATE


def sent(kind: str, **fields: Any) -> Meaning:
    """S1 sends a message to S2, in term 2 if nothing else is said."""
    return message(kind, **{"source": s1, "destination": s2, "term": 2, **fields})


@pytest.mark.parametrize(
    ("rule", "known", "about", "expected"),
    [
        ("SentByItself", {}, sent("heartbeat"), HELD),
        ("SentByItself", {}, sent("heartbeat", source=s2), BROKEN),
        ("SentByItself", {"running": False}, sent("heartbeat"), BROKEN),
        ("SentInOwnTerm", {}, sent("heartbeat"), HELD),
        ("SentInOwnTerm", {}, sent("heartbeat", term=3), BROKEN),
        ("SentInOwnTerm", {"term": None}, sent("heartbeat"), LACKING),
        ("SentInOwnTerm", {}, sent("pre_vote", term=3), SILENT),
        ("OnlyLeadersLead", {"role": LEADER}, sent("append_entries"), HELD),
        ("OnlyLeadersLead", {}, sent("append_entries"), BROKEN),
        ("OnlyLeadersLead", {"role": None}, sent("append_entries"), LACKING),
        ("OnlyCandidatesAsk", {"role": CANDIDATE, "vote": s1}, sent("request_vote"), HELD),
        ("OnlyCandidatesAsk", {"role": CANDIDATE, "vote": s2}, sent("request_vote"), BROKEN),
        ("OnlyCandidatesAsk", {"role": LEADER}, sent("request_vote"), BROKEN),
        ("RequestTellsLog", {}, sent("request_vote", index=2, log_term=1), HELD),
        ("RequestTellsLog", {}, sent("request_vote", index=1, log_term=1), BROKEN),
        ("RequestTellsLog", {}, sent("request_vote", index=2, log_term=2), BROKEN),
        ("RequestTellsLog", {}, sent("request_vote"), LACKING),
        ("TransferWasAsked", {}, sent("request_vote"), SILENT),
        ("TransferWasAsked", {"asked_term": 1}, sent("request_vote", by_transfer=True), HELD),
        ("TransferWasAsked", {"asked_term": 0}, sent("request_vote", by_transfer=True), BROKEN),
        ("TransferWasAsked", {}, sent("request_vote", by_transfer=True), BROKEN),
        ("TransferWasAsked", {"missed": True}, sent("request_vote", by_transfer=True), LACKING),
        ("PreviousEntryIsOwn", {}, sent("append_entries", index=2, log_term=1), HELD),
        ("PreviousEntryIsOwn", {}, sent("append_entries", index=2, log_term=2), BROKEN),
        ("PreviousEntryIsOwn", {}, sent("append_entries", index=3, log_term=1), BROKEN),
        ("PreviousEntryIsOwn", {}, sent("append_entries", index=2), LACKING),
        ("EntriesAreOwn", {}, sent("append_entries", index=1, terms=(1,)), HELD),
        ("EntriesAreOwn", {}, sent("append_entries", index=1, terms=(2,)), BROKEN),
        ("EntriesAreOwn", {}, sent("append_entries", index=1, terms=(1, 1)), BROKEN),
        ("EntriesAreOwn", {}, sent("append_entries", index=1, terms=()), SILENT),
        ("CommitIsOwn", {"commit": 1}, sent("append_entries", index=1, commit=1), HELD),
        ("CommitIsOwn", {"commit": 1}, sent("append_entries", index=1, commit=2), BROKEN),
        ("CommitIsOwn", {"commit": 2, "match": {s2: 1}}, sent("heartbeat", commit=1), HELD),
        ("CommitIsOwn", {"commit": 2, "match": {s2: 1}}, sent("heartbeat", commit=2), BROKEN),
        ("CommitIsOwn", {"commit": None}, sent("heartbeat", commit=2), LACKING),
        ("SnapshotIsCommitted", {"commit": 1}, sent("install_snapshot", index=1), HELD),
        ("SnapshotIsCommitted", {"commit": 1}, sent("install_snapshot", index=2), BROKEN),
        (
            "SnapshotIsCommitted",
            {"commit": 1},
            sent("install_snapshot", index=1, log_term=2),
            BROKEN,
        ),
        ("SuccessorIsComplete", {"match": {s2: 2}}, sent("timeout_now"), HELD),
        ("SuccessorIsComplete", {"match": {s2: 1}}, sent("timeout_now"), BROKEN),
        ("SuccessorIsComplete", {}, sent("timeout_now", index=2, log_term=1), HELD),
        ("SuccessorIsComplete", {}, sent("timeout_now", index=1, log_term=1), BROKEN),
    ],
)
def test_requests(rule: str, known: dict[str, Any], about: Meaning, expected: str) -> None:
    """S1, in term 2 with the log 1@1 2@1, sends a message."""
    assert sort_of(RULES[rule](server((1, 1), **{"term": 2, **known}), about)) == expected


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        (sent("append_entries", term=1), HELD),
        (sent("append_entries", term=2), BROKEN),
        (sent("append_entries", term=3), BROKEN),
        (sent("append_entries", term=0), LACKING),
        (sent("request_vote", term=2), HELD),
        (sent("request_vote", term=3), BROKEN),
        (sent("timeout_now", term=None), SILENT),
        (sent("pre_vote", term=3), SILENT),
    ],
)
def test_late_requests(about: Meaning, expected: str) -> None:
    """S1, which led term 1 and not term 2, sends a message that it made before."""
    known = server((1, 1), cluster(leaders={1: s1, 2: s2}), term=2)
    known.cluster.server_of(s2).term = 1
    assert sort_of(RULES["LateIsOfOwnTerm"](known, about)) == expected
