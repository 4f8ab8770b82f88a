"""All engines find the same: the search over plain objects, NumPy, and compiled code."""

from typing import Any, Final

import pytest

from model.explorer.engines import kernel
from model.explorer.search.result import SearchLimits
from model.explorer.systems.raft_tla import RaftTla
from tests.model.explorer.arbitrary import AnySystem
from tests.model.explorer.cases import (
    COMPILED_OR_NOT,
    Case,
    comparable,
    explored_by,
    needs_kernel,
    raft_order,
)
from tests.model.explorer.systems.test_raft_tla import SMALL, TLC_COUNTS

QUIET: Final = {"leader_stickiness": "on", "check_quorum": "on"}
LEASES: Final = {**QUIET, "reads": "on", "leases": "on"}
GROWING: Final = {"single_server_changes": "on", "initial_voters": "2"}
ALL_BUDGETS: Final[dict[str, Any]] = {
    "client_requests": 1,
    "restarts": 1,
    "compactions": 1,
    "membership_changes": 1,
    "transfers": 1,
}

RANDOM_SYSTEMS: Final = 25

CASES: Final = (
    Case("restarts", raft_order(2, client_requests=1, restarts=1, max_term=2)),
    Case("drops", raft_order(3, client_requests=1, drops=1)),
    Case("drops, every name", raft_order(3, client_requests=1, drops=1), symmetry=False),
    Case("duplicates", raft_order(2, client_requests=1, duplicates=1, drops=1), symmetry=False),
    Case("two requests", raft_order(2, client_requests=2, max_inbox=2)),
    Case("three servers", raft_order(3, max_inbox=2)),
    Case("three servers, every reply", raft_order(3, max_inbox=2, reduce=False)),
    Case("restarts, every reply", raft_order(2, client_requests=1, restarts=1, reduce=False)),
    Case(
        "snapshots",
        raft_order(2, {"snapshots": "on"}, client_requests=1, compactions=1, max_term=2),
    ),
    Case("pre-vote", raft_order(2, {"pre_vote": "on"}, client_requests=1, max_term=2)),
    Case("a server joins", raft_order(3, GROWING, client_requests=1, membership_changes=1)),
    Case("joint consensus", raft_order(2, {"joint_consensus": "on"}, membership_changes=1)),
    Case("transfer", raft_order(2, {"leadership_transfer": "on"}, client_requests=1, transfers=1)),
    Case("clocks", raft_order(2, QUIET, ticks=1)),
    Case("leases", raft_order(2, LEASES, ticks=1), symmetry=False),
    Case(
        "votes twice",
        raft_order(3, mutant="double-vote", max_inbox=2, **ALL_BUDGETS),
        violates="ElectionSafety",
    ),
    Case(
        "votes twice, every name",
        raft_order(3, mutant="double-vote", max_inbox=2),
        symmetry=False,
        violates="ElectionSafety",
    ),
    Case(
        "acknowledges too much",
        raft_order(3, mutant="whole-log-acknowledged", max_inbox=2, **ALL_BUDGETS),
        violates="CommittedOnQuorum",
    ),
    Case(
        "commit index falls",
        raft_order(2, mutant="commit-index-falls", max_term=2, **ALL_BUDGETS),
        violates="CommitMonotonic",
    ),
    Case(
        "fails",
        raft_order(2, mutant="half-elects", ignore=frozenset({"ElectionSafety"})),
        violates="SubjectFailed",
    ),
    Case("depth", raft_order(3, max_inbox=2), limits=SearchLimits(depth=6)),
    Case("more than enough states", raft_order(3, max_inbox=2), limits=SearchLimits(states=50)),
    Case("just enough states", raft_order(3, max_inbox=2), limits=SearchLimits(states=61)),
)

LARGER: Final = (
    Case("two terms", raft_order(3, client_requests=1, max_inbox=2, max_term=2)),
    Case("every name", raft_order(3, client_requests=1, max_inbox=2), symmetry=False),
    Case(
        "forgotten configuration",
        raft_order(3, mutant="stale-configuration-kept", max_inbox=2, **ALL_BUDGETS),
        violates="MembershipAgrees",
    ),
    Case("no-op", raft_order(3, {"no_op": "on"}, client_requests=1, max_inbox=2)),
)

SPLIT: Final = (CASES[1], CASES[6], CASES[15])
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
larger = pytest.mark.parametrize("case", LARGER, ids=lambda case: str(case.name))
to_split = pytest.mark.parametrize("case", SPLIT, ids=lambda case: str(case.name))


@pytest.fixture(scope="module")
def by_reference() -> dict[str, object]:
    """What the reference found in each case, once."""
    return {}


@pytest.mark.parametrize("engine", COMPILED_OR_NOT)
@every_case
def test_engine_finds_what_the_reference_finds(
    case: Case, engine: str, by_reference: dict[str, object]
) -> None:
    """Verdict, counts, levels, kinds, what was reached, and the path are the reference's."""
    system = case.raft_order.make()
    if case.name not in by_reference:
        slow = explored_by("reference", system, case.symmetry, case.limits)
        by_reference[case.name] = comparable(slow)
    found = explored_by(engine, system, case.symmetry, case.limits)
    assert comparable(found) == by_reference[case.name]
    assert comparable(found)[1] == case.violates


@pytest.mark.parametrize("engine", COMPILED_OR_NOT)
def test_engine_needs_no_meaning(engine: str) -> None:
    """Systems that are drawn at random: refusals of all kinds meet in one move, in any order."""
    verdicts = set()
    for seed in range(RANDOM_SYSTEMS):
        system = AnySystem(seed)
        expected = comparable(explored_by("reference", system))
        assert comparable(explored_by(engine, system)) == expected, f"seed {seed}"
        assert comparable(explored_by(engine, system, chunk=3)) == expected, f"seed {seed}"
        verdicts.add(expected[0].verdict)
    assert verdicts == {"exhausted", "violated"}


@needs_kernel
@larger
def test_compiled_engine_finds_what_numpy_finds(case: Case) -> None:
    """The same over some hundred thousand states, too many for the reference."""
    system = case.raft_order.make()
    found = [comparable(explored_by(each, system, case.symmetry)) for each in ("numpy", "kernel")]
    assert found[0] == found[1]
    assert found[0][1] == case.violates


@pytest.mark.parametrize("engine", COMPILED_OR_NOT)
@to_split
def test_small_chunks_change_nothing(case: Case, engine: str) -> None:
    """Seven states at a time, so that every level is split."""
    system = case.raft_order.make()
    whole = explored_by(engine, system, case.symmetry)
    assert explored_by(engine, system, case.symmetry, chunk=7) == whole


@pytest.mark.parametrize("engine", COMPILED_OR_NOT)
@to_split
def test_workers_change_nothing(case: Case, engine: str) -> None:
    """Three workers, also where a chunk has fewer states than workers."""
    system = case.raft_order.make()
    alone = comparable(explored_by(engine, system, case.symmetry))
    assert comparable(explored_by(engine, system, case.symmetry, workers=3)) == alone
    assert comparable(explored_by(engine, system, case.symmetry, workers=3, chunk=2)) == alone


@needs_kernel
def test_workers_change_nothing_on_a_larger_scale() -> None:
    """Threads that mark the same set at the same time find each state once."""
    system = LARGER[0].raft_order.make()
    alone, together = (explored_by("kernel", system, workers=each) for each in (1, 3))
    assert comparable(together) == comparable(alone)


@needs_kernel
@to_split
def test_room_that_runs_out_changes_nothing(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Buffers that grow, and a list of missing pairs that is full at once."""
    system = case.raft_order.make()
    roomy = comparable(explored_by("kernel", system, case.symmetry))
    monkeypatch.setattr(kernel, "CANDIDATES", 4)
    monkeypatch.setattr(kernel, "MISSING", 1)
    assert comparable(explored_by("kernel", system, case.symmetry)) == roomy


@pytest.mark.parametrize("engine", COMPILED_OR_NOT)
@pytest.mark.parametrize(("history", "symmetry"), list(SMALL))
def test_two_servers_of_the_specification_are_counted(
    engine: str, history: bool, symmetry: bool
) -> None:
    """Ongaro's specification with two servers, as the reference counts it."""
    found = explored_by(engine, RaftTla(servers=2, history=history), symmetry)
    counts = (found.generated, found.distinct, len(found.levels))
    assert counts == SMALL[history, symmetry]


@needs_kernel
@pytest.mark.parametrize(("history", "symmetry"), list(TLC_COUNTS))
def test_compiled_engine_counts_what_tlc_counts(history: bool, symmetry: bool) -> None:
    """Ongaro's specification: generated and distinct states as TLC counts them."""
    found = explored_by("kernel", RaftTla(history=history), symmetry)
    counts = (found.generated, found.distinct, len(found.levels))
    assert counts == TLC_COUNTS[history, symmetry]


@pytest.mark.parametrize("history", [False, True])
def test_numpy_counts_what_tlc_counts(history: bool) -> None:
    """The same without compiled code, with symmetry."""
    found = explored_by("numpy", RaftTla(history=history))
    counts = (found.generated, found.distinct, len(found.levels))
    assert counts == TLC_COUNTS[history, True]
