"""What each shape of a run finds: mutant by shape, and runs until the first that fails.

`make shapes`, or `python -m bench.shapes [MUTANT...]`, prints the table; without names it is of all
mutants, on all cores, and takes some minutes. A run has one shape alone, on the
servers and with the settings that the mutant lists. Below it: how many mutants each shape finds,
and those that no other does.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from typing import Final

import click
from attrs import evolve

from model.drivers.action_source import ActionSource
from model.drivers.clients import Planned
from model.drivers.rival_turns import RivalTurns
from model.drivers.run_profile import profile_of_run, profile_with_rivals
from model.drivers.walker import choices_of_run
from model.failures import PropertyViolatedError
from model.mutants import MUTANT_BY_NAME
from model.reference.cluster import ReferenceFactory
from model.setup import Setup
from model.world.macro_actions import Cluster
from oracle.commands.main import run
from oracle.terminal.choices import not_one_of
from oracle.terminal.usage import UsageError
from raft_core import Server

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


def fair_schedule(waits: bool) -> Shape:
    """Half as many single actions, and then the end of all faults."""

    def play(cluster: Cluster, number: int) -> None:
        source = wandering(cluster, number)
        for _ in range(ACTIONS // 2):
            cluster.apply(source.next_action())
        cluster.apply(evolve(source.settle(), waits=waits))

    return play


class Alone(RivalTurns):
    """A leader that goes stale alone: all others hear of its successor."""

    def left_behind(self, around: tuple[Server, ...], learners: int = 0) -> tuple[Server, ...]:
        """Nobody."""
        return ()


Turn = Callable[[RivalTurns], list[Planned]]


def turns_of(kind: type[RivalTurns], turn: Turn) -> Shape:
    """Turns of one kind, one after the other."""

    def play(cluster: Cluster, number: int) -> None:
        draw_below = choices_of_run(SEED, number)
        profile = profile_with_rivals(draw_below, cluster.members, cluster.offers)
        source = ActionSource(draw_below, cluster, profile)
        turns = kind(source, profile)
        for _ in range(ACTIONS):
            source.turn = source.turn or turn(turns)[::-1]
            cluster.apply(source.next_action())

    return play


SHAPES: Final[dict[str, Shape]] = {
    "single": single_actions,
    "rivals": turns_of(RivalTurns, RivalTurns.rival_turn),
    "stale, alone": turns_of(Alone, RivalTurns.stale_turn),
    "stale": turns_of(RivalTurns, RivalTurns.stale_turn),
    "early": turns_of(RivalTurns, RivalTurns.early_turn),
    "fair": fair_schedule(waits=False),
    "fair, waits": fair_schedule(waits=True),
}


def runs_to_first(name: str) -> list[int | None]:
    """For each shape, the runs until the first that fails; None where none of them does."""
    mutant = MUTANT_BY_NAME[name]
    factory = ReferenceFactory(protocol=mutant.protocol())
    setup = Setup(factory=factory, servers=mutant.servers, network="any", settings=mutant.settings)
    cluster = evolve(setup, mutant=mutant.name).cluster()
    return [
        None if needs_clients(shape) and not cluster.has_clients else first_run(cluster, play)
        for shape, play in SHAPES.items()
    ]


def needs_clients(shape: str) -> bool:
    """Whether a shape is about what clients read."""
    return shape.startswith(("stale", "early"))


def first_run(cluster: Cluster, play: Shape) -> int | None:
    """The number of the first run that fails, from 1; None where none of them does."""
    for number in range(RUNS):
        try:
            cluster.reset()
            play(cluster, number)
        except PropertyViolatedError:
            return number + 1
    return None


@click.command()
@click.argument("names", nargs=-1, metavar="[MUTANT]...")
def main(names: tuple[str, ...]) -> None:
    """Print a row for each mutant, and then what each shape finds."""
    for name in names:
        if name not in MUTANT_BY_NAME:
            raise UsageError(f"mutant: {not_one_of(name, MUTANT_BY_NAME)}")
    names = names or tuple(MUTANT_BY_NAME)
    found: dict[str, list[int | None]] = {}
    print(f"| mutant | {' | '.join(SHAPES)} |\n|---|{'---:|' * len(SHAPES)}")
    with ProcessPoolExecutor() as pool:
        for name, firsts in zip(names, pool.map(runs_to_first, names), strict=True):
            found[name] = firsts
            print(f"| {name} | {' | '.join(str(each or '-') for each in firsts)} |", flush=True)
    print()
    for place, shape in enumerate(SHAPES):
        alone = [name for name, firsts in found.items() if is_alone(place, firsts)]
        by_it = sum(firsts[place] is not None for firsts in found.values())
        print(f"{shape}: {by_it}, and no other shape: {', '.join(alone) or 'none'}")


def is_alone(place: int, firsts: Sequence[int | None]) -> bool:
    """Whether the shape at a place finds a mutant, and no other does."""
    return [each is not None for each in firsts] == [other == place for other in range(len(firsts))]


if __name__ == "__main__":
    run(main, "python -m bench.shapes")
