"""The fast walker: random schedules from a seed, thousands of steps a second.

A run is named by (seed, number), and the same name gives the same schedule everywhere.
"""

from random import Random
from typing import Final

from model.actions import Action, Schedule
from model.drivers.action_source import source_of_run
from model.drivers.run_profile import DrawBelow
from model.failures import PropertyViolatedError
from model.world.macro_actions import Cluster
from properties.property import Violation

SETTLES: Final = 8
"""One run in so many ends with a fair schedule, on networks that lose and reorder."""


def choices_of_run(seed: int, number: int) -> DrawBelow:
    """The source of choices that (seed, number) names."""
    draw = Random(f"{seed}/{number}").random
    return lambda limit: int(draw() * limit)


def walk(
    cluster: Cluster, seed: int, number: int, rival_leaders: bool = False
) -> tuple[Violation | None, Schedule]:
    """One run from a fresh start: the violation, if any, and the actions that led there.

    `rival_leaders` makes it a run of rival leaders, which otherwise one run in four is.
    """
    actions: list[Action] = []
    try:
        cluster.reset()
        with cluster.judging_meanwhile():
            wander(cluster, choices_of_run(seed, number), rival_leaders, actions)
    except PropertyViolatedError as violated:
        return violated.violation, tuple(actions[: cluster.applied])
    return None, tuple(actions)


def wander(
    cluster: Cluster, draw_below: DrawBelow, rival_leaders: bool, actions: list[Action]
) -> None:
    """Draw a run's actions, note each, and apply it."""
    source = source_of_run(draw_below, cluster, rival_leaders)
    for _ in range(source.profile.length):
        action = source.next_action()
        actions.append(action)
        cluster.apply(action)
    if not cluster.network.fifo and not draw_below(SETTLES):
        actions.append(source.settle())
        cluster.apply(actions[-1])
