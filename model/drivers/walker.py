"""The fast walker: random schedules from a seed, thousands of steps a second.

A run is named by (seed, number), and the same name gives the same schedule everywhere.
"""

from random import Random
from typing import Final

from model.actions import Action, Schedule
from model.drivers.action_source import Chooser
from model.drivers.run_profile import Below, temper_of, turns_temper
from model.failures import PropertyViolatedError
from model.world.macro_actions import Cluster
from properties.property import Violation

SETTLES: Final = 8
"""One run in so many ends with a fair schedule, on networks that lose and reorder."""


def choices_of_run(seed: int, number: int) -> Below:
    """The source of choices that (seed, number) names."""
    draw = Random(f"{seed}/{number}").random
    return lambda limit: int(draw() * limit)


def walk(
    cluster: Cluster, seed: int, number: int, turns: bool = False
) -> tuple[Violation | None, Schedule]:
    """One run from a fresh start: the violation, if any, and the actions that led there.

    `turns` makes it a run of turns, which otherwise one run in four is.
    """
    actions: list[Action] = []
    try:
        cluster.reset()
        wander(cluster, choices_of_run(seed, number), turns, actions)
    except PropertyViolatedError as violated:
        return violated.violation, tuple(actions)
    return None, tuple(actions)


def wander(cluster: Cluster, below: Below, turns: bool, actions: list[Action]) -> None:
    """Draw a run's actions, note each, and apply it."""
    if turns:
        temper = turns_temper(below, cluster.members)
    else:
        temper = temper_of(below, cluster.members, cluster.network.fifo, cluster.offers)
    chooser = Chooser(below, cluster, temper)
    for _ in range(temper.length):
        action = chooser.next_action()
        actions.append(action)
        cluster.apply(action)
    if not cluster.network.fifo and not below(SETTLES):
        actions.append(chooser.settle())
        cluster.apply(actions[-1])
