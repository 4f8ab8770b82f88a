"""Trace checking: lines a second, of facts that a walk of the reference wrote and of etcd's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.timing import Measured, Work, take_turns, timed
from model.drivers.walker import walk
from model.reference.cluster import ReferenceFactory
from model.setup import Setup
from oracle.traces.etcd.format import EtcdLine
from oracle.traces.events.export import trace_of
from oracle.traces.lines import lines_of
from oracle.traces.verdict import Kind, Options, check_files, check_trace

RUNS: Final = 40
ETCD_TRACE: Final = (
    Path(__file__).parent.parent / "tests" / "data" / "traces" / "etcd-raft-3.7.0-joint.ndjson.gz"
)
Run = Sequence[bytes]


def walked(runs: int = RUNS) -> list[Run]:
    """Runs of the walker over three servers, each as a trace of facts."""
    setup = Setup(factory=ReferenceFactory(), servers=3, network="any")
    cluster = setup.cluster()
    return [
        trace_of(cluster, lambda each, number=number: walk(each, 0, number))  # type: ignore[misc]  # of a loop
        for number in range(runs)
    ]


def checking(runs: Sequence[Run]) -> Work:
    """Check each of these traces; a step is a line."""

    def work() -> int:
        return sum(checked(run) for run in runs)

    return timed(work)


def checked(run: Run) -> int:
    """How many events one accepted trace has."""
    verdict = check_trace(run)
    assert verdict.kind is Kind.ACCEPTED
    return verdict.events


def merging(runs: Sequence[Run]) -> Work:
    """Check each of these traces in a file for each server; a step is a line."""
    files = [split(run) for run in runs]

    def work() -> int:
        return sum(check_files(dict(each), Options()).events for each in files)

    return timed(work)


def split(run: Run) -> Mapping[str, Run]:
    """A trace as a file for each server, each with the header."""
    files = dict[str, list[bytes]]()
    for line in run[1:]:
        files.setdefault(msgspec.json.decode(line)["server"], [run[0]]).append(line)
    return files


def decoding(run: Run) -> Work:
    """Only read the lines, which is what no check can do without."""
    decode = msgspec.json.Decoder(EtcdLine).decode

    def work() -> int:
        for line in run:
            decode(line)
        return len(run)

    return timed(work)


def measure() -> dict[str, Measured]:
    """Both formats, and what it takes to decode one."""
    etcd, runs = tuple(lines_of(ETCD_TRACE)), walked()
    return take_turns(
        {
            "etcd, decoded only": decoding(etcd),
            "etcd, every rule": checking([etcd]),
            "facts, every rule": checking(runs),
            "facts, a file a server": merging(runs),
        },
        rounds=3,
    )
