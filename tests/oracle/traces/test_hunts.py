"""The same rules judge hunts: each step of a cluster whose messages carry their meaning."""

import pytest

from model import actions
from model.drivers.walker import walk
from model.mutants import MUTANTS
from model.reference.cluster import ReferenceFactory
from model.reference.variant import REFERENCE
from model.runs.run import recording
from model.setup import Setup
from model.world.world import StepRecord
from oracle.traces.meanings import meaning_in
from properties.rules.conforms import BrokenRule, Conforms
from tests.oracle.traces.runs import ALL_FEATURES

BY_NAME = {mutant.name: mutant for mutant in MUTANTS}


def judged(rules: Conforms, record: StepRecord) -> tuple[BrokenRule, ...]:
    """What the rules say of one micro step."""
    action, packet = record.happening.action, record.happening.packet
    if isinstance(action, actions.Crash):
        rules.crash(action.server)
    if record.server is None or record.before is None or record.after is None:
        return ()
    if isinstance(action, actions.Restart):
        return rules.start(record.server, record.after)
    received = None if packet is None else meaning_in(packet)
    sent = [meaning for each in record.sent if (meaning := meaning_in(each)) is not None]
    if record.crashed:
        rules.crash_inside(record.server, sent)
        return ()
    return rules.step(record.server, record.before, received, record.after, sent, record.facts)


def broken_in(number: int, mutant: str = "", features: bool = False) -> list[str]:
    """The rules that are broken in the walk of this number, in order."""
    protocol, servers = REFERENCE, 3
    settings = ALL_FEATURES if features else {}
    if mutant:
        protocol, servers = BY_NAME[mutant].protocol(), BY_NAME[mutant].servers
        settings = dict(BY_NAME[mutant].settings)
    factory = ReferenceFactory(protocol)
    setup = Setup(factory=factory, servers=servers, network="any", settings=settings)
    cluster = setup.cluster()
    cluster.reset()
    rules = Conforms(cluster.members)
    for server in cluster.members:
        assert rules.start(server, cluster.views[server]) == ()
    with recording(cluster) as records:
        walk(cluster, 0, number)
    return [each.rule.name for record in records for each in judged(rules, record)]


@pytest.mark.parametrize("features", [False, True])
def test_a_hunt_of_the_reference_breaks_no_rule(features: bool) -> None:
    """With all features and with none."""
    assert [broken_in(number, features=features) for number in range(10)] == [[]] * 10


@pytest.mark.parametrize(
    ("mutant", "number", "rule"),
    [
        ("double-vote", 0, "VoteIsGranted"),
        ("floor-half-elects", 0, "LeaderHasMajority"),
        ("truncates-without-conflict", 0, "OnlyConflictsGo"),
        ("commits-older-term", 1, "LeaderCommitsOwnTerm"),
    ],
)
def test_a_hunt_of_a_mutant_names_its_rule(mutant: str, number: int, rule: str) -> None:
    """The first rule that is broken is the mutant's."""
    assert broken_in(number, mutant)[0] == rule
