"""The same rules judge hunts: each step of a cluster whose messages carry their meaning."""

import pytest

from model.drivers.walker import walk
from model.mutants import MUTANTS
from model.reference.cluster import ReferenceFactory
from model.reference.variant import REFERENCE
from model.setup import Setup
from model.subject import NetworkKind
from properties.checker import BY_NAME
from properties.property import Violation
from raft_core import FEATURES
from tests.oracle.traces.runs import ALL_FEATURES

MUTANT_OF = {mutant.name: mutant for mutant in MUTANTS}
MEANINGS = {"meanings": "on"}


def broken_in(
    number: int, mutant: str = "", features: bool = False, ignore: frozenset[str] = frozenset()
) -> Violation | None:
    """What is broken first in the walk of this number."""
    protocol, servers = REFERENCE, 3
    settings = ALL_FEATURES if features else {}
    if mutant:
        protocol, servers = MUTANT_OF[mutant].protocol(), MUTANT_OF[mutant].servers
        settings = dict(MUTANT_OF[mutant].settings)
    setup = Setup(
        factory=ReferenceFactory(protocol),
        servers=servers,
        network="any",
        settings=settings | MEANINGS,
        ignore=ignore,
    )
    return walk(setup.cluster(), 0, number)[0]


@pytest.mark.parametrize("features", [False, True])
def test_a_hunt_of_the_reference_breaks_no_rule(features: bool) -> None:
    """With all features and with none."""
    assert [broken_in(number, features=features) for number in range(10)] == [None] * 10


@pytest.mark.parametrize("network", ["any", "fifo"])
@pytest.mark.parametrize("servers", [1, 2, 4, 5, 7])
@pytest.mark.parametrize("feature", [*FEATURES, "disk_faults", "async_writes"])
def test_no_feature_breaks_a_rule(feature: str, servers: int, network: NetworkKind) -> None:
    """Each alone, in clusters of any size, on both networks."""
    setup = Setup(
        factory=ReferenceFactory(),
        servers=servers,
        network=network,
        settings={feature: "on", **MEANINGS},
    )
    assert [walk(setup.cluster(), 4, number)[0] for number in range(2)] == [None] * 2


@pytest.mark.parametrize(
    ("mutant", "number", "rule"),
    [
        ("double-vote", 0, "VoteIsGranted"),
        ("floor-half-elects", 0, "LeaderHasMajority"),
        ("truncates-without-conflict", 0, "EndGoesEarly"),
        ("commits-older-term", 1, "LeaderCommitsOwnTerm"),
    ],
)
def test_a_hunt_of_a_mutant_names_its_rule(mutant: str, number: int, rule: str) -> None:
    """The first rule that is broken is the mutant's."""
    broken = broken_in(number, mutant, ignore=frozenset(BY_NAME))
    assert broken is not None
    assert broken.property == rule
