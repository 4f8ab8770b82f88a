"""Messages in one line each: what a reader of a trace needs, in the words of the figures."""

from typing import get_args

import pytest

from model.reference.describe import describe
from raft_core import (
    AppendEntries,
    AppendEntriesResponse,
    ConfirmLeadership,
    ConfirmLeadershipResponse,
    Conflict,
    ExtendedMessage,
    InstallSnapshot,
    InstallSnapshotResponse,
    Membership,
    NoOp,
    PreVote,
    PreVoteResponse,
    RequestVote,
    RequestVoteResponse,
    TimeoutNow,
    s1,
    s2,
    s3,
)
from raft_core.entry import Entry
from tests.raft_core.build import entries_after

ROWS = (("value", "x", "1"), ("value", "y", "2"))
LINES: list[tuple[ExtendedMessage, str]] = [
    (RequestVote(s1, s2, 2, 3, 1), "RequestVote t2 last 3@1"),
    (RequestVote(s1, s2, 2, 3, 1, by_transfer=True), "RequestVote t2 last 3@1 by transfer"),
    (RequestVoteResponse(s1, s2, 2, True), "RequestVoteResponse t2 granted"),
    (RequestVoteResponse(s1, s2, 2, False), "RequestVoteResponse t2 refused"),
    (PreVote(s1, s2, 2, 3, 1), "PreVote t2 last 3@1"),
    (PreVoteResponse(s1, s2, 2, True), "PreVoteResponse t2 granted"),
    (PreVoteResponse(s1, s2, 2, False), "PreVoteResponse t2 refused"),
    (AppendEntries(s1, s2, 2, 3, 1, (), 3), "AppendEntries t2 prev 3@1 commit 3"),
    (
        AppendEntries(s1, s2, 2, 3, 1, entries_after(3, (1, 2)), 0),
        "AppendEntries t2 prev 3@1 entries 4@1 5@2 commit 0",
    ),
    (
        AppendEntries(s1, s2, 2, 0, 0, (Entry(2, NoOp()), Entry(2, Membership((s1, s3)))), 0),
        "AppendEntries t2 prev 0@0 entries 1@2 2@2 commit 0",
    ),
    (AppendEntriesResponse(s1, s2, 2, True, 5), "AppendEntriesResponse t2 match 5"),
    (AppendEntriesResponse(s1, s2, 2, False), "AppendEntriesResponse t2 refused"),
    (
        AppendEntriesResponse(s1, s2, 2, False, conflict=Conflict(1, 4)),
        "AppendEntriesResponse t2 refused from 4",
    ),
    (
        InstallSnapshot(s1, s2, 2, 7, 1, None, 2, ROWS, False),
        "InstallSnapshot t2 to 7@1 rows 2..4",
    ),
    (
        InstallSnapshot(s1, s2, 2, 7, 1, Membership((s1,)), 4, ROWS[:1], True),
        "InstallSnapshot t2 to 7@1 rows 4..5 done",
    ),
    (
        InstallSnapshotResponse(s1, s2, 2, 7, 4, installed=False),
        "InstallSnapshotResponse t2 to 7 from row 4",
    ),
    (
        InstallSnapshotResponse(s1, s2, 2, 7, 0, installed=True),
        "InstallSnapshotResponse t2 to 7 installed",
    ),
    (TimeoutNow(s1, s2, 2), "TimeoutNow t2"),
    (ConfirmLeadership(s1, s2, 2, 9), "ConfirmLeadership t2 round 9"),
    (ConfirmLeadershipResponse(s1, s2, 2, 9), "ConfirmLeadershipResponse t2 round 9"),
]


@pytest.mark.parametrize(("message", "line"), LINES, ids=[line for _, line in LINES])
def test_message_is_told_in_one_line(message: ExtendedMessage, line: str) -> None:
    """Its name, its term, and what it is about; who and to whom stand before it in a trace."""
    assert describe(message) == line


def test_every_message_is_told_in_words_of_its_own() -> None:
    """None falls through to how its class prints."""
    assert {type(message) for message, _ in LINES} == set(get_args(ExtendedMessage))
    assert all(str(message) != line for message, line in LINES)


def test_different_messages_read_differently() -> None:
    """Two lines that are the same would be one riddle."""
    assert len({line for _, line in LINES}) == len(LINES)


@pytest.mark.parametrize("label", ["hello", 7, ("a", 1)])
def test_anything_else_is_told_as_it_prints(label: object) -> None:
    """A label that is no message of the reference is no error."""
    assert describe(label) == str(label)
