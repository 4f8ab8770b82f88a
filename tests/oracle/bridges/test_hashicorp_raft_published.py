"""hashicorp/raft by messages: what has been published of it is found, in any version."""

from pathlib import Path

import pytest
from attrs import evolve

from model.actions import (
    ChangeMembership,
    Deliver,
    Elect,
    ElectionTimeout,
    Sync,
)
from model.failures import PropertyViolatedError
from model.target import Bridge, TargetRequest
from oracle.subjects.registry import BROKEN_NAMES
from properties.rules.conforms import CONFORMS
from raft_core import s1, s2, s3
from tests.oracle.command import is_refused, raft_oracle
from tests.oracle.walks import cluster_after, first_violation
from tests.require import needs_bridge
from tests.sources import ROOT

FINDINGS = ROOT / "docs" / "findings"
MENDS = (
    *("conflicting-log", "deposed-loop", "entry-refused", "older-answers", "older-snapshot"),
    *("stale-log", "stray-hand-over", "torn-vote"),
)
MOST_RUNS = 1_500


def mends_but(name: str) -> str:
    """All mends but one, as the setting takes them."""
    return "+".join(each for each in MENDS if each != name)


pytestmark = needs_bridge("hashicorp-raft")


@pytest.mark.parametrize(
    ("finding", "breaks"),
    [("snapshot-keeps-conflict", "LogMatching"), ("vote-torn", "LeaderCompleteness")],
)
def test_published_mistakes_are_replayed(finding: str, breaks: str, tmp_path: Path) -> None:
    """#697 and #661 break what their pages say, in 17 steps each."""
    schedule = FINDINGS / f"hashicorp-raft-{finding}.json"
    done = raft_oracle(tmp_path, "replay", str(schedule))
    assert done.code == 1, done.err
    assert f"{breaks} violated at step 17" in done.out


@pytest.mark.once
def test_a_vote_that_nobody_gave_is_found_by_a_hunt() -> None:
    """#661, once it is not mended: a server that crashed inside a step shows an older vote."""
    settings = {"mend": mends_but("torn-vote"), "crash_inside": "on"}
    others = frozenset(BROKEN_NAMES) - {"VoteIsKept", CONFORMS}
    violation = first_violation("hashicorp-raft", MOST_RUNS, settings=settings, ignore=others)
    assert violation is not None
    assert "had asked" in violation.detail


@pytest.mark.once
@pytest.mark.parametrize("version", [{}, {"version": "1.7.2"}], ids=str)
def test_a_kept_suffix_is_found_by_a_hunt(version: dict[str, str]) -> None:
    """#697, once it is not mended, in the newest version and in the oldest that can be built."""
    settings = {"mend": mends_but("conflicting-log"), **version}
    others = frozenset(BROKEN_NAMES) - {"LogMatching"}
    violation = first_violation("hashicorp-raft", MOST_RUNS, 3, settings, ignore=others)
    assert violation is not None
    assert violation.property == "LogMatching"


@pytest.mark.once
def test_a_server_without_a_vote_stands_in_older_versions() -> None:
    """#483: a change that it has not seen committed takes its vote, and its timer runs out."""
    learns = ChangeMembership(s1, (s1, s2), (s3,))
    schedule = (Elect(s1), Sync(s1), learns, Deliver(s1, s3, -1), ElectionTimeout(s3))
    request = TargetRequest(subject=Bridge("hashicorp-raft"), settings={"version": "1.3.0"})
    with pytest.raises(PropertyViolatedError, match="TermHasCause violated: S3: term 2 -> 3"):
        cluster_after(request, schedule)
    cluster_after(evolve(request, settings={}), schedule)


HAND_OVER = """
subject hashicorp-raft
breaks Progress
elect S1
sync S1
transfer_leadership S1 S2
drop S1 -> S2 -1
heartbeat_timeout S1
settle
"""


@pytest.mark.once
@pytest.mark.parametrize(
    ("versions", "said"),
    [
        ("1.3.3..1.3.4", "Progress came with 1.3.4: in 1.3.3 it was not broken"),
        ("1.3.4..1.3.7", "Progress is mended in 1.3.7: 1.3.6 breaks"),
    ],
)
def test_a_leader_whose_hand_over_failed_takes_no_more_requests(
    versions: str, said: str, tmp_path: Path
) -> None:
    """#493: came with 1.3.4, whose leaders end a hand-over only where it succeeds."""
    (tmp_path / "hand-over.txt").write_text(HAND_OVER)
    done = raft_oracle(tmp_path, "replay", "hand-over.txt", "--versions", versions)
    assert done.code == 1, done.err
    assert said in " ".join(done.out.split())


def test_another_version_is_built(tmp_path: Path) -> None:
    """The report names it; with the other mends it is clean, as the newest is."""
    words = ("--set", "version=1.7.3", "--steps", "2000", "--workers", "1")
    done = raft_oracle(tmp_path, "hunt", "hashicorp-raft", *words)
    assert done.code == 0, done.out
    assert "hashicorp-raft 1.7.3, 3 servers" in done.out


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("1.2.0", "found '1.2.0', expected a version of github.com/hashicorp/raft from 1.3.0 on"),
        ("newest", "found 'newest', expected a version"),
        ("1.7.999", "1.7.999"),
    ],
)
def test_a_version_that_cannot_be_had_is_wrong_usage(
    version: str, said: str, tmp_path: Path
) -> None:
    """One line says which, and what was expected or what Go said."""
    done = raft_oracle(tmp_path, "hunt", "hashicorp-raft", "--set", f"version={version}")
    assert is_refused(done)
    assert said in done.err
