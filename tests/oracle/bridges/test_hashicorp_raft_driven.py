"""hashicorp/raft by messages: it keeps all properties, and its mutants are caught.

Go builds the library that its module proxy has, with the patched standard library; without it these
tests are skipped, and say so.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from model.actions import (
    Action,
    ChangeMembership,
    ClientRequest,
    Compact,
    Crash,
    CrashInside,
    Deliver,
    Elect,
    ElectionTimeout,
    Restart,
    Settle,
    Sync,
    TransferLeadership,
)
from model.failures import PropertyViolatedError
from model.target import Bridge, TargetRequest
from model.world.macro_actions import Cluster
from oracle.bridging.build import built_command
from oracle.bridging.description import find_bridge
from raft_core import Role, s1, s2, s3
from tests.oracle.walks import cluster_after, first_violation
from tests.require import needs_bridge

BRIDGE = find_bridge("hashicorp-raft")
MOST_RUNS = 1_500
SEEDS = {"acknowledges-before-written": 1}
"""Seeds from which a mistake is caught within so many runs, where 0 takes longer."""
SETTINGS: tuple[dict[str, str], ...] = (
    {},
    {"pre_vote": "on"},
    {"sticky": "on", "max_append": "64"},
    {"trailing": "0"},
)

pytestmark = needs_bridge("hashicorp-raft")


def after(schedule: Sequence[Action], **settings: str) -> Cluster:
    """A new cluster to which this has happened."""
    request = TargetRequest(subject=Bridge("hashicorp-raft"), settings=settings)
    return cluster_after(request, schedule)


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("servers", [3, 5])
def test_the_library_keeps_all_properties(servers: int, settings: dict[str, str]) -> None:
    """Some runs of every kind find nothing that is not known."""
    assert first_violation("hashicorp-raft", 40, servers, settings) is None


def test_a_lagging_server_gets_a_snapshot() -> None:
    """Its log begins after what the snapshot covers, and it has applied what the leader has."""
    cluster = after(
        [
            Elect(s1, unreachable=(s3,)),
            ClientRequest(s1, "v1"),
            Sync(s1, unreachable=(s3,)),
            Sync(s1, unreachable=(s3,)),
            Compact(s1, 0),
            Settle(),
        ]
    )
    leader, lagging = cluster.views[s1], cluster.views[s3]
    assert lagging.log.snapshot_index == leader.log.snapshot_index > 0
    assert lagging.last_applied == leader.last_applied


def test_a_restart_keeps_what_is_on_the_disk() -> None:
    """Term, vote, log, snapshot and configuration are as before."""
    changed: list[Action] = [
        Elect(s1),
        ChangeMembership(s1, (s1, s2), (s3,)),
        Settle(),
        Compact(s1, 0),
        ClientRequest(s1, "v2"),
        Crash(s1),
    ]
    before = after(changed[:-1]).views[s1]
    again = after([*changed, Restart(s1)]).views[s1]
    assert (again.current_term, again.voted_for) == (before.current_term, before.voted_for)
    assert again.log == before.log
    assert before.log.snapshot_index > 0


def test_a_leader_hands_over() -> None:
    """Its target stands at once, without asking before."""
    cluster = after(
        [Elect(s1), Sync(s1), Sync(s1), TransferLeadership(s1, s2), Deliver(s1, s2, -1)]
    )
    assert cluster.views[s2].voted_for == s2
    assert cluster.views[s2].current_term == 3


def test_nobody_stands_for_the_leader_of_an_earlier_term() -> None:
    """TimeoutNow of a deposed leader is obeyed by the library, and held off unless asked not to."""
    schedule: list[Action] = [
        Elect(s1),
        Sync(s1),
        Sync(s1),
        TransferLeadership(s1, s2),
        Elect(s3),
        Sync(s3),
        Deliver(s1, s2, -1),
    ]
    assert after(schedule).views[s2].role is Role.FOLLOWER
    with pytest.raises(PropertyViolatedError, match="TransferWasAsked violated: S2: request_vote"):
        after(schedule, mend="none")


def test_an_election_timeout_goes_on_past_what_a_loop_of_an_earlier_term_sends() -> None:
    """A leader that was deposed sends heartbeats until its call ends, and stands all the same."""
    deposed: list[Action] = [
        Elect(s2),
        ElectionTimeout(s1),
        Deliver(s2, s1, -1),
        Deliver(s1, s2, -1),
        ElectionTimeout(s2),
    ]
    cluster = after(deposed)
    assert "Heartbeat t2" in {packet.label for packet in cluster.network.packets()}
    assert cluster.views[s2].role is Role.CANDIDATE


@pytest.mark.parametrize(("writes", "term", "last"), [(0, 1, 1), (1, 2, 1), (3, 2, 1)])
def test_a_crash_inside_a_step_shows_the_disk(writes: int, term: int, last: int) -> None:
    """A candidate writes its term, and its vote in two parts: a crash falls between them."""
    cluster = after([CrashInside(s1, writes), ElectionTimeout(s1)], crash_inside="on")
    assert not cluster.running[s1]
    cluster.apply(Restart(s1))
    assert cluster.views[s1].role is Role.FOLLOWER
    assert (cluster.views[s1].current_term, cluster.views[s1].log.last_index) == (term, last)


def test_a_schedule_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    """What one process answers, another does, whatever it has done before."""
    commands = recorded(tmp_path)
    first = answers_to(commands)
    assert len(first) > 400
    assert answers_to(commands) == first
    assert answers_to(commands * 2) == first * 2


def recorded(folder: Path) -> list[bytes]:
    """The commands of some random runs, as the processes of an adapter get them."""
    (program,) = built_command("hashicorp-raft")
    spy = folder / "spy"
    spy.write_text(f"#!/bin/sh\ntee '{folder}/commands'$$ | '{program}'\n")
    spy.chmod(0o755)
    assert first_violation(f"-- {spy}", 6, 3) is None
    kept = b"".join(each.read_bytes() for each in folder.glob("commands*"))
    lines = kept.splitlines(keepends=True)
    return [line for line in lines if msgspec.json.decode(line)["op"] != "hello"]


def answers_to(commands: Sequence[bytes]) -> list[bytes]:
    """What a new process answers, which gets a command when it has answered the one before."""
    found = []
    with subprocess.Popen(
        built_command("hashicorp-raft"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for command in commands:
            process.stdin.write(command)
            process.stdin.flush()
            found.append(process.stdout.readline())
        process.stdin.close()
    return found


@pytest.mark.once
@pytest.mark.parametrize("mutant", [each.name for each in BRIDGE.mutants])
def test_mutants_are_caught(mutant: str) -> None:
    """Every mistake built into the library breaks what its description says."""
    planted = BRIDGE.mutant(mutant)
    wanted, seed = planted.breaks, SEEDS.get(mutant, 0)
    assert first_violation("hashicorp-raft", MOST_RUNS, mutant=mutant, wanted=wanted, seed=seed)
