"""The facts format: easy to write, checked as far as it goes, and frozen."""

import json
from pathlib import Path
from typing import Any

import pytest

from oracle.traces.events.format import json_schema
from oracle.traces.lines import TraceError
from oracle.traces.verdict import Kind, Verdict, check_trace

SCHEMA = Path(__file__).parents[4] / "oracle" / "schemas" / "facts-v1.json"
HEADER = {"event": "trace", "servers": [1, 2, 3]}


def judged(*lines: dict[str, Any], partial: bool = False) -> Verdict:
    """The verdict on these lines."""
    return check_trace([json.dumps(line).encode() for line in lines], partial=partial)


def at(server: int, event: str, **fields: Any) -> dict[str, Any]:
    """A line of a server."""
    return {"server": server, "event": event, **fields}


def told(server: int, event: str, peer: int, **message: Any) -> dict[str, Any]:
    """A message sent or received."""
    return at(server, event, **{"to" if event == "send" else "from": peer, "message": message})


def rule_of(verdict: Verdict) -> str:
    """The rule that a rejected trace breaks."""
    assert verdict.rule is not None
    return verdict.rule.name


ELECTION = [
    HEADER,
    at(1, "term", term=1, voted_for=1),
    at(1, "role", role="candidate"),
    told(1, "send", 2, type="request_vote", term=1, last_log_index=0, last_log_term=0),
    told(2, "receive", 1, type="request_vote", term=1, last_log_index=0, last_log_term=0),
    at(2, "term", term=1, voted_for=1),
    told(2, "send", 1, type="request_vote_response", term=1, vote_granted=True),
    told(1, "receive", 2, type="request_vote_response", term=1, vote_granted=True),
    at(1, "leader", term=1),
    at(1, "append", index=1, term=1, digest="set x"),
]


def test_the_schema_is_current() -> None:
    """oracle/schemas/facts-v1.json is what the classes of the format say."""
    assert SCHEMA.read_text(encoding="utf-8") == json_schema()


def test_an_election_is_accepted() -> None:
    """Term, vote, role and messages, as a student would write them."""
    verdict = judged(*ELECTION)
    assert verdict.kind is Kind.ACCEPTED
    assert (verdict.events, verdict.servers, verdict.highest_term) == (10, ("1", "2"), 1)
    assert verdict.held["LeaderHasMajority"] == 1


def test_a_leader_without_votes_is_rejected() -> None:
    """The line, the rule, what was seen, and what would have been legal."""
    verdict = judged({**HEADER, "messages": "all"}, *ELECTION[1:7], ELECTION[8])
    assert (verdict.kind, rule_of(verdict), verdict.number) == (
        Kind.REJECTED,
        "LeaderHasMajority",
        8,
    )
    assert verdict.broken is not None
    assert verdict.broken.legal == "a majority of 1, 2, 3"


def test_what_is_not_told_is_not_held_against_it() -> None:
    """Without messages and configuration there is less to check, and nothing to reject."""
    verdict = judged(
        at(1, "term", term=1), at(1, "leader"), at(1, "append", index=1, term=1), at(2, "crash")
    )
    assert verdict.kind is Kind.ACCEPTED
    assert ("LeaderHasMajority", "the configuration") in verdict.lacking


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ([at(2, "term", term=2, voted_for=2), at(2, "term", term=1)], "TermRises"),
        ([at(2, "commit", index=1)], "CommitWithinLog"),
        ([at(1, "append", index=2, term=1), at(1, "append", index=2, term=1)], "EntriesInOrder"),
        (
            [at(1, "append", index=2, term=1), at(1, "truncate", **{"from": 2})],
            "LeaderKeepsEntries",
        ),
        ([at(1, "apply", index=1)], "CommittedIsApplied"),
        ([told(2, "send", 3, type="append_entries", term=1)], "OnlyLeadersLead"),
        ([told(3, "receive", 1, type="request_vote", term=2)], "ReceivedWasSent"),
        ([at(1, "crash"), at(1, "start", term=0)], "TermIsKept"),
        ([at(1, "crash"), told(1, "send", 2, type="heartbeat", term=1)], "SentByItself"),
    ],
)
def test_what_raft_forbids_is_rejected(lines: list[dict[str, Any]], rule: str) -> None:
    """Each after an election; the last line is the first that is impossible."""
    verdict = judged(*ELECTION, *lines)
    assert (rule_of(verdict), verdict.number) == (rule, len(ELECTION) + len(lines))


def test_restarts_keep_what_was_written() -> None:
    """A start may repeat what is on the disk, or say nothing of it."""
    again = [at(2, "crash"), at(2, "start"), at(2, "term", term=1, voted_for=2)]
    assert rule_of(judged(*ELECTION, *again)) == "VoteOnce"
    stored = at(2, "start", term=1, voted_for=1, last_index=0)
    assert judged(*ELECTION, at(2, "crash"), stored).kind is Kind.ACCEPTED


def test_servers_apply_the_same() -> None:
    """The first content applied at an index is compared, also with servers that show no log."""
    lines = [at(server, "apply", index=1, digest=digest) for server, digest in ((1, "a"), (2, "b"))]
    verdict = judged(*lines, partial=True)
    assert verdict.kind is Kind.ACCEPTED  # the log of a piece may be another's
    commits = [at(server, "commit", index=1) for server in (1, 2)]
    logs = [at(1, "leader", term=1), at(1, "append", index=1, term=1)]
    verdict = judged(*logs, *commits[:1], *lines[:1], at(2, "append", index=1, term=1))
    assert rule_of(verdict) == "EntriesInOrder"
    copied = [at(2, "term", term=1), at(2, "append", index=1, term=1)]
    verdict = judged(*logs, commits[0], lines[0], *copied, commits[1], lines[1])
    assert rule_of(verdict) == "StateMachineSafety"


def test_a_gap_in_the_count_leaves_the_rest_unknown() -> None:
    """Unless the trace is said to be partial."""
    lines = [at(1, "term", term=1, seq=1), at(1, "term", term=3, seq=3)]
    verdict = judged(*lines)
    assert (verdict.kind, verdict.number) == (Kind.UNKNOWN, 2)
    assert verdict.missing == "events of server 1: seq 3 follows 1"
    assert judged(*lines, partial=True).kind is Kind.ACCEPTED


def test_lines_in_no_common_order_are_checked_server_by_server() -> None:
    """A receipt may then stand before its sending; two leaders of a term stay impossible."""
    header = {"event": "trace", "order": "per-server", "messages": "all"}
    receipt = told(2, "receive", 1, type="request_vote", term=1)
    assert judged(header, receipt, at(2, "term", term=1)).kind is Kind.ACCEPTED
    assert judged({**header, "order": "total"}, receipt).kind is Kind.REJECTED
    leaders = [
        line
        for server in (1, 2)
        for line in (
            at(server, "term", term=1, voted_for=server),
            at(server, "role", role="candidate"),
            at(server, "leader"),
        )
    ]
    assert rule_of(judged({"event": "trace", "order": "per-server"}, *leaders)) == "ElectionSafety"


@pytest.mark.parametrize(
    ("lines", "told_of_it"),
    [
        ([b"{"], "line 1: not JSON"),
        ([b""], "found no event"),
        ([b'{"event":"term","server":1,"term":1}', b"nonsense"], "line 2: not JSON"),
        ([b'{"event":"vote","server":1}'], "line 1: a trace of an unknown kind, whose first event"),
        ([b'{"event":"term","server":1}'], "line 1: Object missing required field `term`"),
        ([b'{"event":"term","server":1,"term":-1}'], "line 1: Expected `int` >= 0"),
        ([b'{"event":"trace","version":2}'], "line 1: Invalid enum value 2"),
        ([b'{"event":"crash","server":1}', b'{"event":"trace"}'], "line 2: unknown event"),
        ([b"[" * 100_000], "line 1: not JSON"),
        ([b'{"event":"crash","server":"\xff"}'], "line 1: not JSON"),
    ],
)
def test_what_is_no_trace_is_refused(lines: list[bytes], told_of_it: str) -> None:
    """With the line, and what is wrong with it."""
    with pytest.raises(TraceError, match="^" + told_of_it):
        check_trace(lines)


def test_a_message_may_be_sent_late() -> None:
    """What a leader's thread sends after its step-down is permitted where the trace says so."""
    request = {"type": "append_entries", "term": 1, "prev_log_index": 0, "entries": []}
    stale = told(1, "send", 2, **request)
    after = (*ELECTION, at(1, "term", term=2))
    assert rule_of(judged(*after, stale)) == "SentInOwnTerm"
    assert judged(*after, {**stale, "late": True}).kind is Kind.ACCEPTED
    other = told(2, "send", 1, **request)
    assert rule_of(judged(*after, {**other, "late": True})) == "LateIsOfOwnTerm"
