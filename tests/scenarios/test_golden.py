"""The shorter stories as traces, compared byte for byte with golden/*.txt.

After an intended change, write them anew and read the difference:

    RAFT_ORACLE_WRITE_GOLDEN=1 pytest tests/scenarios/test_golden.py
"""

import os
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from model.actions import Schedule
from model.mutants import MUTANT_BY_NAME
from model.reference.variant import REFERENCE, Protocol
from model.runs.render import render
from model.runs.run import run
from model.subject import NetworkKind
from raft_core import SERVERS
from tests.paper.test_figure_8 import WAYS
from tests.scenarios.cluster import new_cluster
from tests.scenarios.schedules import STORIES

GOLDEN: Final = Path(__file__).parent / "golden"
WRITE: Final = os.environ.get("RAFT_ORACLE_WRITE_GOLDEN") == "1"
NETWORK_OF: Final[dict[str, NetworkKind]] = {
    "split_vote": "fifo",
    "re_election": "fifo",
    "leader_crash": "fifo",
    "impatient_follower": "any",
    "no_majority": "any",
    "concurrent_requests": "any",
    "rejoin": "fifo",
    "vote_and_crash": "any",
}
"""The stories that gain from being read, and the network on which they say more."""


def trace_of(
    schedule: Schedule,
    servers: int,
    network: NetworkKind,
    protocol: Protocol = REFERENCE,
    ignore: tuple[str, ...] = (),
) -> str:
    """The trace of a schedule from a fresh start."""
    cluster = new_cluster(servers, network, protocol=protocol, ignore=ignore)
    return render(cluster.subject, run(cluster, schedule), f"{servers} servers, {network} network")


def check_golden(name: str, trace: str) -> None:
    """Compare a trace with its file, or write it where that is asked for."""
    path = GOLDEN / f"{name}.txt"
    if WRITE:
        path.write_bytes(trace.encode())
    assert path.read_bytes().decode() == trace


@pytest.mark.parametrize("name", sorted(NETWORK_OF))
def test_trace_of_a_story_is_the_golden_one(name: str) -> None:
    """Sections 5.2 and 5.3: three servers act out each story in just these messages."""
    schedule = tuple(chain.from_iterable(STORIES[name](SERVERS[:3])))
    check_golden(name, trace_of(schedule, 3, NETWORK_OF[name]))


@pytest.mark.parametrize("stage", ["d", "e"])
def test_trace_of_figure_8_is_the_golden_one(stage: str) -> None:
    """Figure 8: both ways to its end, on a network that keeps the order."""
    check_golden(f"figure_8_{stage}", trace_of(WAYS[stage], 5, "fifo"))


def test_trace_of_figure_8_gone_wrong_is_the_golden_one() -> None:
    """Figure 8(d): an entry committed by counting, and the leader without it, in one trace."""
    protocol = MUTANT_BY_NAME["commits-older-term"].protocol()
    trace = trace_of(WAYS["d"], 5, "fifo", protocol, ("OwnTermCommits",))
    assert trace.startswith("LeaderCompleteness violated")
    check_golden("figure_8_gone_wrong", trace)


def test_every_golden_file_has_its_test() -> None:
    """No file is left over from a story that is not told any more."""
    told = {*NETWORK_OF, "figure_8_d", "figure_8_e", "figure_8_gone_wrong"}
    told |= {"partial_switch_without", "partial_switch_with"}  # tests/scenarios/test_outages.py
    assert {path.stem for path in GOLDEN.iterdir()} <= told
