"""Tests of a rejected trace as a picture: its last lines, the culprit last."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from model.runs.execution import states_by_step
from oracle.pictures.traced import MOST_ENTRIES, MOST_LINES
from oracle.traces.verdict import Kind, Verdict, check_trace
from tests.oracle.command import ROOT, raft_oracle
from tests.oracle.traces.runs import drawn

ETCD: Final = ROOT / "tests/data/traces/etcd-raft-3.7.0-joint.ndjson.gz"
FACTS: Final = ROOT / "tests/data/traces/hashicorp-raft-1.8.0-vote-torn.jsonl.gz"


def etcd_lines() -> Iterator[bytes]:
    """A trace of etcd's in which one line says that far too much is committed."""
    for number, line in enumerate(gzip.decompress(ETCD.read_bytes()).splitlines(True), start=1):
        yield re.sub(rb'"commit":\d+', b'"commit":99', line, count=1) if number == 400 else line


def judged(lines: Iterator[bytes]) -> Verdict:
    """The verdict on a trace that is rejected."""
    verdict = check_trace(lines)
    assert verdict.kind is Kind.REJECTED
    return verdict


def test_last_lines_of_etcds_trace_are_drawn_up_to_the_culprit() -> None:
    """A step a line, each at its server; what the culprit says is what the rule names."""
    verdict = judged(etcd_lines())
    execution = drawn("t.ndjson", etcd_lines(), verdict)
    assert len(execution.steps) == MOST_LINES
    assert execution.steps[-1].label == str(verdict.number) == "400"
    assert execution.verdict is not None
    assert execution.verdict.property == "CommitWithinLog"
    *_, last = states_by_step(execution)
    assert last[execution.steps[-1].server or ""].commit_index == 99
    assert max(state.current_term for state in execution.start.values()) == 2


def test_messages_go_from_where_they_were_sent_to_where_they_arrived() -> None:
    """Each receipt finds what was sent, on the same link and with the same content."""
    execution = drawn("t.ndjson", etcd_lines(), judged(etcd_lines()))
    arrived = [each for each in execution.messages if each.arrived_in and each.sent_in]
    assert len(arrived) > 5
    for message in arrived:
        sender, receiver = (
            execution.steps[message.sent_in - 1],
            execution.steps[message.arrived_in[0] - 1],
        )
        assert (sender.server, receiver.server) == (message.source, message.destination)
        assert sender.text.split("term=")[1] == receiver.text.split("term=")[1]


def facts_lines() -> list[bytes]:
    """A trace of facts that ends with a commit of what no log has."""
    lines = gzip.decompress(FACTS.read_bytes()).splitlines(True)
    place = max(at for at, line in enumerate(lines) if b'"event":"commit"' in line)
    return [*lines[:place], re.sub(rb'"index":\d+', b'"index":9999', lines[place])]


def test_facts_are_drawn_with_terms_votes_and_logs() -> None:
    """What lines say of a server is shown of it."""
    lines = facts_lines()
    verdict = judged(iter(lines))
    execution = drawn("t.jsonl", iter(lines), verdict)
    assert execution.steps[-1].label == str(verdict.number)
    *_, last = states_by_step(execution)
    assert any(state.log for state in last.values())
    assert max(state.current_term for state in last.values()) == verdict.highest_term


def test_a_server_starts_with_what_its_line_says_of_its_disk() -> None:
    """Its vote, and its log as far as it goes; the step is a restart, as in a schedule's run."""
    said = (
        {"event": "start", "term": 1},
        {"event": "append", "index": 1, "term": 1},
        {"event": "append", "index": 2, "term": 1},
        {"event": "start", "term": 1, "voted_for": "S9", "last_index": 1},
    )
    lines = [json.dumps({"server": "S1", **each}).encode() for each in said]
    verdict = judged(iter(lines))
    assert verdict.number == 4
    execution = drawn("t.jsonl", iter(lines), verdict)
    *_, last = states_by_step(execution)
    assert last["S1"].voted_for == "S9"
    assert last["S1"].log == ((1, ""),)
    assert [step.action["action"] for step in execution.steps] == [*["Line"] * 3, "Restart"]


def test_a_long_log_is_drawn_from_near_its_end() -> None:
    """However long a trace is, each line takes the same time and memory; what is cut off is said.

    What no line tells of is not there either: entries before a gap, and those that were truncated.
    """
    length = 50_000
    lines = [
        {"event": "start", "term": 1, "last_index": 0, "commit": 0},
        *({"event": "append", "index": index, "term": 1} for index in range(1, length)),
        {"event": "truncate", "from": length - 3},
        {"event": "append", "index": length - 3, "term": 1, "digest": "again"},
        {"event": "term", "term": 0},
    ]
    raw = [json.dumps({"server": "S1", **each}).encode() for each in lines]
    execution = drawn("t.jsonl", iter(raw), judged(iter(raw)))
    *_, last = states_by_step(execution)
    log, before = last["S1"].log or (), last["S1"].snapshot_index
    assert MOST_ENTRIES <= len(log) < 2 * MOST_ENTRIES
    assert before + len(log) == length - 3
    assert log[-2:] == ((1, ""), (1, "again"))
    assert "only the end is drawn" in execution.origin.heading
    assert f"lines {len(raw) - MOST_LINES + 1} to {len(raw)}." in execution.origin.heading


def test_page_of_a_rejected_trace_is_stored(tmp_path: Path) -> None:
    """Its place is told after the verdict, and `show` draws what lies beside it."""
    (tmp_path / "t.ndjson").write_bytes(b"".join(etcd_lines()))
    done = raft_oracle(tmp_path, "check-trace", "t.ndjson")
    assert done.code == 1, done.err
    page = tmp_path / done.out.splitlines()[-1].removeprefix("Page: ")
    assert b"CommitWithinLog" in page.read_bytes()
    shown = raft_oracle(tmp_path, "show", str(page.with_name("trace.json")), "--as", "text")
    assert shown.out.startswith("CommitWithinLog violated")
    accepted = raft_oracle(tmp_path, "check-trace", str(ETCD))
    assert "Page:" not in accepted.out
