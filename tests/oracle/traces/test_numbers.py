"""A line of a trace costs what it says, and not how high the numbers in it are."""

import gzip
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from oracle.traces.formats import AUTO
from oracle.traces.lines import MOST_SERVERS, TraceError
from oracle.traces.verdict import Kind, check_trace
from tests.oracle.command import ROOT

TRACES = ROOT / "tests/data/traces"
LINES = 150
FURTHEST = 2**64 - 1
"""As many entries fit into no memory, and as many rounds into no day."""

Path = tuple[str | int, ...]


def numbers(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where the whole numbers in an event are."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inside in pairs:
            yield from numbers(inside, (*path, key))
    elif type(value) is int:
        yield path


def with_number(line: bytes, path: Path, number: int) -> bytes:
    """The event with another number there."""
    event = json.loads(line)
    place = event
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = number
    return json.dumps(event).encode()


def kinds(lines: list[bytes]) -> Iterator[tuple[int, Path]]:
    """One place for each kind of number in each kind of event."""
    seen = set()
    for place, line in enumerate(lines):
        event = json.loads(line)
        inside = event["event"]
        name = inside if isinstance(inside, str) else inside["name"]
        for path in numbers(event):
            kind = (name, *(key for key in path if isinstance(key, str)))
            if kind not in seen:
                seen.add(kind)
                yield place, path


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize(
    "name",
    [
        "etcd-raft-3.7.0-joint.ndjson.gz",
        "hashicorp-raft-1.8.0-snapshot-keeps-conflict.jsonl.gz",
    ],
)
def test_a_number_that_underflowed_ends_in_a_verdict(name: str, partial: bool) -> None:
    """No loop and no list is as long as a number from outside; most are rejected at once."""
    lines = gzip.decompress((TRACES / name).read_bytes()).splitlines()[:LINES]
    ends = []
    for place, path in kinds(lines):
        changed = with_number(lines[place], path, FURTHEST)
        with suppress(TraceError):  # where a format says how high a number may be
            ends.append(check_trace([*lines[:place], changed, *lines[place + 1 :]], AUTO, partial))
    assert len(ends) > 20


NODE = (
    '{"tag":"trace","event":{"name":"%s","nid":"%s","state":{"term":0,"vote":"0","commit":0},'
    '"role":"StateFollower","log":0,"conf":[["1","x"],[]]%s}}'
)
BEAT = ',"msg":{"type":"MsgHeartbeat","term":0,"from":"1","to":"x"}'


def test_a_node_may_have_any_name() -> None:
    """Nodes are gone through in the order of their numbers, which a name need not be."""
    lines = [NODE % ("InitState", "1", ""), NODE % ("SendAppendEntriesRequest", "1", BEAT)]
    verdict = check_trace([each.encode() for each in lines], ignore=frozenset({"OnlyLeadersLead"}))
    assert verdict.kind is Kind.ACCEPTED


def test_a_trace_of_more_servers_than_any_cluster_has_is_refused() -> None:
    """What is known of each is kept, and a file may name as many as it has bytes."""
    facts = [f'{{"event":"crash","server":"s{each}"}}' for each in range(MOST_SERVERS + 1)]
    nodes = [NODE % ("InitState", each, "") for each in range(1, MOST_SERVERS + 2)]
    for lines in (facts, nodes):
        with pytest.raises(TraceError, match=r"^line [\d,]+: found more than 1,000 servers"):
            check_trace([each.encode() for each in lines])


def test_a_trace_of_empty_lines_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte may unpack to a billion of them."""
    monkeypatch.setattr("oracle.traces.verdict.MOST_EMPTY", 100)
    first = b'{"event":"start","server":"S1","term":0}'
    check_trace([first, *[b"\n"] * 100, first])
    for lines in ([first, *[b"\n"] * 101], [b" \n"] * 101):
        with pytest.raises(TraceError, match="found 100 empty lines"):
            check_trace(lines)
