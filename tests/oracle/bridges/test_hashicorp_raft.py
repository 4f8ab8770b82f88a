"""hashicorp/raft in a running cluster: its trace is accepted, and its mutants' are rejected.

Go builds the library that its module proxy has; without it these tests are skipped, and say so.
"""

import gzip
import json
import re
import subprocess
from pathlib import Path

import pytest

from oracle.bridging.build import built_command
from oracle.bridging.description import find_bridge
from oracle.commands.trace import TRACE, VERDICT
from tests.oracle.command import Done, is_refused, raft_oracle
from tests.require import needs_bridge

BRIDGE = find_bridge("hashicorp-raft")
DATA = Path(__file__).parents[2] / "data" / "traces"
SECONDS = "30"
"""Most mutants are rejected within few of them."""
QUICK = ("vote-unsaved", "half-quorum", "double-vote")
"""Mutants of elections, which come first."""

needs_go = needs_bridge("hashicorp-raft")


def traced(directory: Path, *arguments: str) -> Done:
    """What `raft-oracle trace` says of the library."""
    return raft_oracle(directory, "trace", "hashicorp-raft", *arguments)


@needs_go
@pytest.mark.parametrize("servers", ["1", "3", "5"])
def test_the_library_is_accepted(tmp_path: Path, servers: str) -> None:
    """Elections, partitions, restarts and changes of members are all as Raft permits."""
    done = traced(tmp_path, "--servers", servers, "--seconds", "4", "--seed", "1")
    assert done.code == 0, done.out + done.err
    assert BRIDGE.library_version() in done.out.splitlines()[0]
    assert "Accepted: " in done.out
    assert list(tmp_path.iterdir()) == []


@needs_go
@pytest.mark.parametrize("name", QUICK)
def test_mutants_are_rejected(tmp_path: Path, name: str) -> None:
    """The rule is the one that hunts break as well, and the trace is kept up to there."""
    done = traced(tmp_path, "--mutant", name, "--seconds", SECONDS, "--out", "kept")
    assert done.code == 1, done.out + done.err
    found = re.search(r"Rejected at line (\d+): (\w+)\.", done.out)
    assert found is not None
    assert found[2] == BRIDGE.mutant(name).breaks
    lines = gzip.decompress((tmp_path / "kept" / TRACE).read_bytes()).splitlines()
    assert len(lines) >= int(found[1])
    assert done.out.startswith((tmp_path / "kept" / VERDICT).read_text())


@needs_go
def test_a_trace_tells_what_happened(tmp_path: Path) -> None:
    """Every kind of event is in it, and the lines of a server are counted without a gap."""
    command = [*built_command("hashicorp-raft", mode="trace"), "--seconds", "4", "--seed", "2"]
    out = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    facts = [json.loads(line) for line in out.splitlines()]
    expected = {"start", "term", "role", "append", "commit", "apply", "send", "receive"}
    assert expected <= {fact["event"] for fact in facts}
    for server in {fact["server"] for fact in facts[1:]}:
        counts = [fact["seq"] for fact in facts[1:] if fact["server"] == server]
        assert counts == list(range(1, len(counts) + 1))


@needs_go
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--seconds", "0"), "seconds: found 0, expected more than 0"),
        (("--seconds", "nan"), "seconds: found nan, expected more than 0"),
        (("--servers", "99"), "servers: found 99, expected 1 to 9"),
        (("--servers", "0"), "servers: found 0, expected 1 to 9"),
        (("--set", "trailing"), "set: found 'trailing', expected KEY=VALUE"),
        (("--set", "nix=1"), 'set: found "nix", expected one of crash, faults'),
        (("--set", "trailing=-1"), 'trailing: found "-1", expected a number from 0'),
        (("--set", "faults=fire"), 'faults: found "fire", expected none, all, or some'),
        (("--ignore", "Nix"), "ignore: found 'Nix', expected one of "),
        (("--mutant", "nix"), "mutant: found 'nix', expected one of hashicorp-raft's"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], expected: str
) -> None:
    """One line says what was found and what was expected."""
    done = traced(tmp_path, *arguments)
    assert is_refused(done), done.out + done.err
    assert expected in done.err


def test_adapters_write_no_trace(tmp_path: Path) -> None:
    """A trace of an adapter is refused, with the command that hunts it."""
    done = raft_oracle(tmp_path, "trace", "etcd-raft")
    assert is_refused(done)
    assert "use `raft-oracle hunt etcd-raft`" in done.err


def test_the_list_says_how_it_is_judged(tmp_path: Path) -> None:
    """`bridges` lists the command, and no colours of Maven's among the toolchains."""
    done = raft_oracle(tmp_path, "bridges")
    assert "judged by its trace: raft-oracle trace hashicorp-raft" in done.out
    assert "[1m" not in done.out


@pytest.mark.parametrize(
    ("name", "ignore", "rule"),
    [
        ("entry-of-snapshot-refused", (), "AppendIsRefused"),
        ("snapshot-keeps-conflict", ("--ignore", "AppendIsRefused"), "SnapshotReplacesConflict"),
        ("vote-torn", (), "VoteIsKept"),
    ],
)
def test_its_mistakes_are_found_in_its_traces(
    tmp_path: Path, name: str, ignore: tuple[str, ...], rule: str
) -> None:
    """docs/findings describes each; the last line is the one that Raft does not permit."""
    path = DATA / f"hashicorp-raft-1.8.0-{name}.jsonl.gz"
    done = raft_oracle(tmp_path, "check-trace", str(path), *ignore)
    last = len(gzip.decompress(path.read_bytes()).splitlines())
    assert done.code == 1
    assert f"Rejected at line {last}: {rule}." in done.out
