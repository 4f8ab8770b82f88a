"""The walker with all properties, none, every feature, and rules; and the bare step function."""

from bench.timing import Measured, Work, take_turns, timed
from model.drivers.walker import walk
from model.reference.cluster import ReferenceFactory
from model.reference.variant import REFERENCE
from model.subject import SubjectFactory, observes_with
from model.world.macro_actions import Cluster
from properties.checker import PROPERTIES, Checker
from properties.property import Property
from properties.rules.conforms import CONFORMS
from raft_core import Event, State

RUNS = 150


Settings = dict[str, str]
EVERYTHING: Settings = {"features": "on"}
MEANINGS: Settings = {"meanings": "on"}


def new_cluster(
    factory: SubjectFactory,
    servers: int,
    properties: tuple[Property, ...],
    settings: Settings | None = None,
) -> Cluster:
    """A cluster that checks just these properties, and rules where messages are set to mean."""
    subject = factory.create(servers, settings or {})
    checker = Checker(servers, observes_with(factory, settings or {}), properties)
    if (settings or {}).get("meanings") != "on":
        checker.ignored = frozenset({CONFORMS})
    return Cluster(subject, servers, factory.network, checker)


def walking(
    factory: SubjectFactory,
    servers: int,
    properties: tuple[Property, ...],
    settings: Settings | None = None,
) -> Work:
    """Runs of the walker: the same ones at every call."""
    return walks(new_cluster(factory, servers, properties, settings), RUNS)


def walks(cluster: Cluster, runs: int) -> Work:
    """So many runs of the walker in a cluster: the same ones at every call."""

    def work() -> int:
        before = cluster.micro_steps
        for number in range(runs):
            walk(cluster, 0, number)
        return cluster.micro_steps - before

    return timed(work)


def bare_steps(servers: int) -> Work:
    """The calls of `step` that those runs make, again, with nothing around them."""
    calls: list[tuple[State, Event]] = []
    cluster = new_cluster(ReferenceFactory(), servers, ())
    subject = cluster.subject
    step = REFERENCE.step

    def recorded(state: State, event: Event) -> object:
        calls.append((state, event))
        return step(state, event)

    subject._step = recorded  # type: ignore[attr-defined]  # only here, to collect the calls
    for number in range(RUNS):
        walk(cluster, 0, number)

    def work() -> int:
        for state, event in calls:
            step(state, event)
        return len(calls)

    return timed(work)


def measure(servers: int = 3) -> dict[str, Measured]:
    """All of them in turn."""
    factory = ReferenceFactory()
    return take_turns(
        {
            "walker, all properties": walking(factory, servers, PROPERTIES),
            "walker, no properties": walking(factory, servers, ()),
            "bare step": bare_steps(servers),
            "properties and rules": walking(factory, servers, PROPERTIES, MEANINGS),
            "every feature on, all properties": walking(factory, servers, PROPERTIES, EVERYTHING),
            "every feature on, and rules": walking(
                factory, servers, PROPERTIES, EVERYTHING | MEANINGS
            ),
        }
    )
