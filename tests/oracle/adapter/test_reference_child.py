"""The positive control: the reference behind the protocol is judged as it is in this process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import evolve

from model.drivers.walker import walk
from model.mutants import MUTANT_BY_NAME
from model.reference.cluster import ReferenceFactory
from model.schedule import load_schedule
from model.setup import Setup
from model.target import Command
from model.world.macro_actions import Cluster
from oracle.adapter.factory import AdapterFactory, adapter_factory
from oracle.adapter.wire import decode_reply
from oracle.subjects.naming import absolute, read_subject
from tests.oracle.command import ADAPTERS, environment, raft_oracle

REFERENCE = (sys.executable, str(ADAPTERS / "reference_child.py"))
RUNS = 12
MUTANTS = (
    "double-vote",
    "commit-index-falls",
    "snapshot-keeps-conflict",
    "counts-unsynced-entries",
    "stale-configuration-kept",
    "learners-counted",
    "command-executed-twice",
)


@contextmanager
def both(mutant: str | None, settings: dict[str, str]) -> Iterator[tuple[Cluster, Cluster]]:
    """The same cluster in this process, and behind the protocol; rules judge both."""
    words = [f"{name}={value}" for name, value in settings.items()]
    options = [part for word in words for part in ("--set", word)]
    here, servers = ReferenceFactory(), 3
    if mutant is not None:
        known = MUTANT_BY_NAME[mutant]
        here, servers = evolve(here, protocol=known.protocol()), known.servers
        settings = {**known.settings, **settings}
        options += ["--mutant", mutant]
    there = adapter_factory((*REFERENCE, *options), 10.0)
    one, other = (
        Setup(factory=factory, servers=servers, network="any", settings=chosen).cluster()
        for factory, chosen in ((here, settings | {"meanings": "on"}), (there, {}))
    )
    try:
        yield one, other
    finally:
        other.subject.close()
        end(there)


def end(factory: AdapterFactory) -> None:
    """End an adapter's processes."""
    for process in factory.adapter.idle:
        process.stop()


@pytest.mark.parametrize(
    "settings",
    [{}, {"features": "on"}, {"disk_faults": "on"}, {"disk_faults": "on", "async_writes": "on"}],
    ids=str,
)
def test_runs_are_the_same_behind_the_protocol(settings: dict[str, str]) -> None:
    """The walker, which reacts to what it sees, makes the same runs to the same end."""
    with both(None, settings) as (here, there):
        for number in range(RUNS):
            found, actions = walk(here, 0, number)
            assert (found, actions) == walk(there, 0, number)
            assert found is None
            assert here.micro_steps == there.micro_steps
            for mine, yours in zip(here.views, there.views, strict=True):
                assert mine.current_term == yours.current_term
                assert mine.commit_index == yours.commit_index
                assert mine.match_index == yours.match_index
                assert len(mine.log.entries) == len(yours.log.entries)
        assert here.checker.reached == there.checker.reached


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutant_breaks_the_same_behind_the_protocol(mutant: str) -> None:
    """The first run that breaks a property breaks the same one, at the same servers."""
    with both(mutant, {}) as (here, there):
        for number in range(800):
            found, actions = walk(here, 0, number)
            if number % 20 and found is None:
                continue
            also, same_actions = walk(there, 0, number)
            assert actions == same_actions
            if found is not None:
                assert also is not None
                assert (also.property, also.servers) == (found.property, found.servers)
                return
            assert also is None
    pytest.fail("no run broke a property")


def test_finding_is_shrunk_replayed_and_a_test(tmp_path: Path) -> None:
    """The schedule is that of the mutant in this process; its test starts the command again."""
    limits = ("--budget", "60s", "--workers", "1")
    chosen = ("--mutant", "double-vote", "--set", "meanings=on")
    here = raft_oracle(tmp_path, "hunt", *chosen, *limits, "--out", "here")
    words = (*REFERENCE, "--mutant", "double-vote")
    there = raft_oracle(tmp_path, "hunt", *limits, "--out", "there", "--", *words)
    assert (here.code, there.code) == (1, 1), there
    one, other = (
        load_schedule((tmp_path / name / "schedule.json").read_bytes(), read_subject)
        for name in ("here", "there")
    )
    assert (one.property, one.actions, one.macro) == (other.property, other.actions, other.macro)
    assert other.target.subject.text == Command(words).text
    again = raft_oracle(tmp_path, "replay", "there/schedule.json")
    assert again.code == 1
    assert "VoteIsGranted violated at step 3" in again.out
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "there/test_regression.py",
        ],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"test_vote_is_granted_holds" in done.stdout


def test_settings_reach_the_adapter(tmp_path: Path) -> None:
    """Those that it lists pass; others, and values that do not fit, are one line."""
    words = ("--steps", "500", "--workers", "1", "--", *REFERENCE)
    assert raft_oracle(tmp_path, "hunt", "--set", "max_entries=1", *words).code in (0, 2)
    unknown = raft_oracle(tmp_path, "hunt", "--set", "colour=red", *words)
    assert (unknown.code, unknown.out) == (64, "")
    assert "set: found 'colour', expected a setting of reference: async_writes" in unknown.err
    wrong = raft_oracle(tmp_path, "hunt", "--set", "max_entries=none", *words)
    assert (wrong.code, wrong.out) == (64, "")
    assert "setting max_entries: found 'none'" in wrong.err


def test_command_is_named_so_that_it_is_found_from_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths become absolute; what is looked up in PATH, and flags, stay as they are."""
    (tmp_path / "adapter.py").touch()
    monkeypatch.chdir(tmp_path)
    subject = absolute(Command(("python3", "adapter.py", "--flag", "a b", "./none")))
    words = ("python3", f"{tmp_path}/adapter.py", "--flag", "a b", "./none")
    assert subject == Command(words)
    assert absolute(read_subject("-- ./adapter.py")) == Command((f"{tmp_path}/adapter.py",))


def test_message_goes_back_as_it_came() -> None:
    """Any JSON may be a message; its bytes are not touched."""
    line = b'{"sent":[{"to":"S2","label":"m","message":{"b": 1.50,"a":[null]}}]}'
    assert bytes(decode_reply(line).sent[0].message) == b'{"b": 1.50,"a":[null]}'
