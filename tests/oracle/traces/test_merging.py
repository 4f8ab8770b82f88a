"""Several files, one for each server, are one trace: causes say in which order, and not clocks."""

import json
from collections.abc import Mapping

import pytest

from oracle.traces.lines import TraceError
from oracle.traces.verdict import Kind, Options, Verdict, check_files
from tests.oracle.traces.etcd.test_etcd import TRACES
from tests.oracle.traces.runs import ALL_FEATURES, WHOLE_STEPS, traced

MUTANTS = [
    ("double-vote", 0, "VoteIsGranted"),
    ("floor-half-elects", 0, "LeaderHasMajority"),
    ("truncates-without-conflict", 0, "EndGoesEarly"),
    ("commits-older-term", 1, "LeaderCommitsOwnTerm"),
    ("vote-not-persisted", 1, "VoteIsKept"),
]


def split(lines: tuple[bytes, ...], messages: str = "all") -> dict[str, list[bytes]]:
    """A trace as one file for each server, each with a header unless there is to be none."""
    header = json.dumps({**json.loads(lines[0]), "messages": messages}).encode()
    files = dict[str, list[bytes]]()
    for line in lines[1:]:
        server = json.loads(line)["server"]
        files.setdefault(server, [header] if messages else []).append(line)
    return files


def judged(files: Mapping[str, list[bytes]]) -> Verdict:
    """The verdict on files."""
    return check_files(dict(files), Options())


@pytest.mark.parametrize("messages", ["all", "some", ""])
@pytest.mark.parametrize("settings", [{}, ALL_FEATURES, WHOLE_STEPS])
def test_traces_of_raft_are_accepted_in_parts(settings: dict[str, str], messages: str) -> None:
    """However late a file is; also where not every message is written down."""
    for number in range(3):
        lines = traced(number, 4, settings).lines
        some = [line for line in lines if b'"send"' not in line]
        files = split(lines if messages else tuple(some), messages)
        verdict = judged(dict(reversed(files.items())))
        assert verdict.kind is Kind.ACCEPTED, verdict
        assert verdict.events == sum(map(len, files.values()))


@pytest.mark.parametrize(("mutant", "number", "rule"), MUTANTS)
def test_a_mutant_is_rejected_in_parts(mutant: str, number: int, rule: str) -> None:
    """By its rule, at a line of one of the files."""
    files = split(traced(number, mutant=mutant).lines)
    verdict = judged(files)
    assert verdict.rule is not None
    assert verdict.rule.name == rule
    assert list(files.values())[verdict.file][verdict.number - 1].decode().strip() == verdict.line


def test_what_nobody_sends_is_rejected_after_all_else() -> None:
    """A receipt waits for its message; once nothing else can go on, it was never sent."""
    files = split(traced(0, 3).lines)
    lines = next(iter(files.values()))
    place = next(place for place, line in enumerate(lines) if b'"event":"receive"' in line)
    told = json.loads(lines[place])
    told["message"]["term"] += 40
    lines[place] = json.dumps(told).encode()
    verdict = judged(files)
    assert verdict.rule is not None
    assert (verdict.rule.name, verdict.number) == ("ReceivedWasSent", place + 1)


def test_parts_of_one_servers_log_are_read_one_after_the_other() -> None:
    """A log that was rotated, in the order in which its parts are named, or of their own count."""
    files = split(traced(0, 3).lines, messages="some")
    old, new = files.pop("S1"), list[bytes]()
    middle = len(old) // 2
    parts = {"S1.0": old[:middle], "S1.1": old[middle:]}
    assert judged({**files, **parts}).kind is Kind.ACCEPTED
    counted = [
        json.dumps({**json.loads(line), "seq": number}).encode()
        for number, line in enumerate(old[1:], start=1)
    ]
    new, older = counted[middle:], counted[:middle]
    assert judged({"new": new, "older": older, **files}).kind is Kind.ACCEPTED


def test_traces_of_etcd_are_merged_too() -> None:
    """Each node's own log, of a trace with restarts and one with joint configurations."""
    for lines in TRACES.values():
        files = dict[str, list[bytes]]()
        for line in lines:
            files.setdefault(json.loads(line)["event"]["nid"], []).append(line)
        assert judged(files).kind is Kind.ACCEPTED
    with pytest.raises(TraceError, match="two formats"):
        check_files({"a": [line], "b": [b'{"event":"crash","server":1}']}, Options())
