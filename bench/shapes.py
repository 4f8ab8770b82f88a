"""What each shape of a run finds: mutant by shape, and runs until the first that fails.

`make shapes`, or `python -m bench.shapes [MUTANT...]`, prints the table; without names it is of all
mutants, and takes half an hour. A run has one shape alone: single actions, turns of rival leaders,
turns of a leader gone stale, or single actions and then a fair schedule.
"""

import sys
from collections.abc import Callable, Sequence
from itertools import count
from typing import Final

from attrs import evolve

from model.drivers.action_source import ActionSource
from model.drivers.run_profile import profile_of_run, profile_with_rivals
from model.drivers.walker import choices_of_run
from model.failures import PropertyViolatedError
from model.mutants import MUTANT_BY_NAME, Mutant
from model.reference.cluster import ReferenceFactory
from model.setup import Setup
from model.world.macro_actions import Cluster

RUNS: Final = 300
"""Runs of each shape before a mutant counts as missed by it."""
ACTIONS: Final = 60
SEED: Final = 0

Shape = Callable[[Cluster, int], None]


def wandering(cluster: Cluster, number: int) -> ActionSource:
    """A source of single actions: the first profile of this run's that has no rivals."""
    for tried in count():
        draw_below = choices_of_run(SEED, number * 1_000 + tried)
        profile = profile_of_run(draw_below, cluster.members, cluster.network.fifo, cluster.offers)
        if not profile.rivals:
            return ActionSource(draw_below, cluster, profile)
    raise AssertionError("count() ends")


def single_actions(cluster: Cluster, number: int) -> None:
    """Single actions alone."""
    source = wandering(cluster, number)
    for _ in range(ACTIONS):
        cluster.apply(source.next_action())


def fair_schedule(cluster: Cluster, number: int) -> None:
    """Half as many single actions, and then the end of all faults."""
    source = wandering(cluster, number)
    for _ in range(ACTIONS // 2):
        cluster.apply(source.next_action())
    cluster.apply(source.settle())


def turns_of(name: str) -> Shape:
    """Turns of one kind, a method of RivalTurns, one after the other."""

    def play(cluster: Cluster, number: int) -> None:
        draw_below = choices_of_run(SEED, number)
        profile = profile_with_rivals(draw_below, cluster.members, cluster.offers)
        source = ActionSource(draw_below, cluster, profile)
        for _ in range(ACTIONS):
            if not source.turn and source.turns is not None:
                source.turn = getattr(source.turns, name)()[::-1]
            cluster.apply(source.next_action())

    return play


SHAPES: Final[dict[str, Shape]] = {
    "single": single_actions,
    "rivals": turns_of("rival_turn"),
    "stale": turns_of("stale_turn"),
    "fair": fair_schedule,
}


def runs_to_first(mutant: Mutant, name: str) -> int | None:
    """Runs of a shape until the first that fails; None where none of them does."""
    factory = ReferenceFactory(protocol=mutant.protocol())
    setup = Setup(factory=factory, servers=mutant.servers, network="any", settings=mutant.settings)
    cluster = evolve(setup, mutant=mutant.name).cluster()
    if name == "stale" and not cluster.has_clients:
        return None
    for number in range(RUNS):
        try:
            cluster.reset()
            SHAPES[name](cluster, number)
        except PropertyViolatedError:
            return number + 1
    return None


def main(names: Sequence[str]) -> None:
    """Print a row for each mutant."""
    print(f"| mutant | {' | '.join(SHAPES)} |\n|---|{'---:|' * len(SHAPES)}")
    for name in names or MUTANT_BY_NAME:
        mutant = MUTANT_BY_NAME[name]
        found = (runs_to_first(mutant, shape) for shape in SHAPES)
        print(f"| {name} | {' | '.join(str(each or '-') for each in found)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
