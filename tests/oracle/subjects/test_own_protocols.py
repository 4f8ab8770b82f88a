"""The examples of protocols: each holds what it promises, and the mistake in each is found."""

from pathlib import Path
from typing import Final

import pytest

from model.explorer.running.exploration import explore
from model.explorer.running.specification import ExecutionOptions, ExplorationSpec
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft_order import RaftOrder, reference_target
from model.reference.variant import Protocol
from oracle.subjects.own_system import load_model
from tests.oracle.command import ROOT
from tests.oracle.walks import first_violation

FOLDER: Final = ROOT / "examples/protocols"
FLEXIBLE: Final = str(FOLDER / "flexible_quorums.py")
PULL: Final = str(FOLDER / "pull_replication.py")
NO_MAJORITY: Final = frozenset({"CommittedOnQuorum"})


@pytest.mark.parametrize(
    ("subject", "servers", "ignore", "settings"),
    [
        (FLEXIBLE, 4, NO_MAJORITY, {}),
        (FLEXIBLE, 4, NO_MAJORITY, {"pre_vote": "on", "no_op": "on"}),
        (PULL, 3, frozenset(), {}),
        (PULL, 3, frozenset(), {"sessions": "on", "check_quorum": "on"}),
    ],
)
def test_protocol_holds_what_it_promises(
    subject: str, servers: int, ignore: frozenset[str], settings: dict[str, str]
) -> None:
    """Under every kind of run, with and without features."""
    found = first_violation(subject, 60, servers=servers, settings=settings, ignore=ignore)
    assert found is None


@pytest.mark.parametrize(
    ("subject", "servers", "expected"),
    [(f"{FLEXIBLE}:MISTAKEN", 4, "ElectionSafety"), (f"{PULL}:MISTAKEN", 3, "CommittedOnQuorum")],
)
def test_mistake_is_found(subject: str, servers: int, expected: str) -> None:
    """Within a few runs."""
    found = first_violation(subject, 30, servers=servers)
    assert found is not None
    assert found.property == expected


def test_mistake_is_found_by_the_explorer_too() -> None:
    """By a shortest way: a server with an entry of another term counts as one that has it."""
    protocol = load_model(Path(PULL), "MISTAKEN", PULL)
    assert isinstance(protocol, Protocol)
    bounds = Bounds(max_term=3, max_inbox=2, client_requests=2)
    order = RaftOrder(target=reference_target(3), bounds=bounds, own=protocol)
    found = explore(ExplorationSpec(model=order), ExecutionOptions(), lambda _: None, lambda: False)
    assert found.search.broken is not None
    assert found.search.broken.property == "CommittedOnQuorum"


def test_page_names_every_example() -> None:
    """And nothing that is not there."""
    page = (FOLDER / "README.md").read_text()
    for each in FOLDER.glob("*.py"):
        assert f"[{each.name}]({each.name})" in page
