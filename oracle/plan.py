"""A hunt's plan, and the work on it that one process does: small values that travel by pickle.

May import: attrs, typing, model, oracle.
"""

import time
from collections.abc import Mapping

from attrs import frozen

from model.actions import Schedule
from model.cluster import Cluster
from model.machines import examples_of_block
from model.setup import Setup
from model.shrink import Shrunk, shrink
from model.subject import NetworkKind
from model.walker import walk
from oracle.artefacts import Artefacts, artefacts_of
from oracle.subjects import make_setup
from oracle.watch import watched
from properties.property import Violation

RUNS_IN_BLOCK = 64
EXAMPLES_IN_BLOCK = 20
NEIGHBOURS, NEIGHBOUR_STEPS = 200, 300_000
"""How many runs after a failing one are looked at too, as the shortest trace may come from
another: as many again as it took to find the first, and these; but no more than these steps,
shrinking included."""
FAILURES = 5
"""Failing runs that are shrunk at most."""


@frozen(kw_only=True)
class Plan:
    """What to hunt, and how; from it every process makes the same cluster."""

    subject: str
    servers: int
    network: NetworkKind
    settings: Mapping[str, str]
    ignore: frozenset[str]
    mutant: str | None
    seed: int
    driver: str
    shape: str = "mixed"
    """`turns`: the walker makes runs of turns only."""

    def setup(self) -> Setup:
        """The setup that the plan names."""
        return make_setup(
            self.subject,
            self.servers,
            self.network,
            dict(self.settings),
            self.ignore,
            self.mutant,
        )


@frozen
class Block:
    """What a block of runs did, in the order of their numbers, up to the first that failed."""

    number: int
    steps: tuple[int, ...]
    """Micro steps of each run."""
    reached: frozenset[str] = frozenset()
    violation: Violation | None = None
    schedule: Schedule = ()


def work(plan: Plan, number: int, deadline: float | None) -> Block:
    """Do block `number`; a deadline, by the system's clock, may end it early."""
    cluster = plan.setup().cluster()
    try:
        return work_on(cluster, plan, number, deadline)
    finally:
        cluster.subject.close()


def work_on(cluster: Cluster, plan: Plan, number: int, deadline: float | None) -> Block:
    """Do block `number` with this cluster."""
    with watched(cluster):
        if plan.driver == "walker":
            return walk_block(cluster, plan, number, deadline)
        return hypothesis_block(cluster, plan, number)


def walk_block(cluster: Cluster, plan: Plan, number: int, deadline: float | None) -> Block:
    """Random runs, each named by the seed and its number."""
    steps: list[int] = []
    for run_number in range(number * RUNS_IN_BLOCK, (number + 1) * RUNS_IN_BLOCK):
        before = cluster.micro_steps
        violation, schedule = walk(cluster, plan.seed, run_number, plan.shape == "turns")
        steps.append(cluster.micro_steps - before)
        if violation is not None and violation.property not in plan.ignore:
            return Block(
                number, tuple(steps), frozenset(cluster.checker.reached), violation, schedule
            )
        if deadline is not None and time.time() > deadline:
            break
    return Block(number, tuple(steps), frozenset(cluster.checker.reached))


def hypothesis_block(cluster: Cluster, plan: Plan, number: int) -> Block:
    """Examples of the rule machine, from a seed of their own."""
    failure = examples_of_block(cluster, f"{plan.seed}/{number}", EXAMPLES_IN_BLOCK, plan.ignore)
    steps = (cluster.micro_steps,)
    if failure is None:
        return Block(number, steps, frozenset(cluster.checker.reached))
    return Block(number, steps, frozenset(cluster.checker.reached), *failure)


def investigate(plan: Plan, block: Block) -> Artefacts:
    """Shrink what a block found, and what its neighbours find; keep the shortest.

    NotReproducedError where the same schedule does not fail again.
    """
    assert block.violation is not None
    cluster = plan.setup().cluster()
    try:
        with watched(cluster):
            best = shrink(cluster, block.schedule, block.violation)
            if plan.driver == "walker":
                first = block.number * RUNS_IN_BLOCK + len(block.steps)
                best = shortest_of(cluster, plan.seed, first, plan.shape == "turns", best)
            return artefacts_of(plan, cluster, best)
    finally:
        cluster.subject.close()


def shortest_of(cluster: Cluster, seed: int, first: int, turns: bool, best: Shrunk) -> Shrunk:
    """The shortest of this and what the next runs find of the same property."""
    failures = 1
    last_step = cluster.micro_steps + NEIGHBOUR_STEPS
    for run_number in range(first, 2 * first + NEIGHBOURS):
        violation, schedule = walk(cluster, seed, run_number, turns)
        if violation is not None and violation.property == best.violation.property:
            other = shrink(cluster, schedule, violation)
            if len(other.micro) < len(best.micro):
                best = other
            failures += 1
        if failures == FAILURES or cluster.micro_steps > last_step:
            break
    return best
