"""Scoring the mutants: how fast each is caught, and how short its schedule gets.

Each mutant is hunted with all properties, as a user would. Where another property than the
listed one fails first, a second hunt checks the listed one alone, so that lengths compare.
"""

import time
from collections.abc import Iterator
from itertools import count

from attrs import frozen

from model.actions import Schedule
from model.drivers.rule_machine import examples_of_block
from model.drivers.walker import walk
from model.mutants import MUTANT_BY_NAME, Mutant
from model.runs.shrink import shrink
from model.target import Reference, TargetRequest
from model.world.macro_actions import Cluster
from oracle.hunting.block import EXAMPLES_IN_BLOCK
from oracle.hunting.investigate import shortest_of
from oracle.subjects.registry import BROKEN_NAMES, make_setup
from properties.property import Violation

LIMIT = 120.0
LIMIT_OF_TURNS = 600.0
"""Seconds until a mutant counts as survived; more for those that need runs of turns."""


@frozen(kw_only=True)
class Score:
    """One hunt of one mutant: the property that caught it, or None where it survived."""

    property: str | None
    driver: str
    seconds: float
    steps: int
    micro: int


Found = tuple[Violation, Schedule, int]


def score_mutant(name: str, seed: int, driver: str) -> tuple[Score, Score | None]:
    """Hunt a mutant with all properties, and with the listed one alone where lengths compare."""
    mutant = MUTANT_BY_NAME[name]
    first = score_with(mutant, seed, driver, frozenset())
    if first.property in (None, mutant.listed_property) or not mutant.listed_actions:
        return first, None
    others = frozenset(BROKEN_NAMES) - {mutant.listed_property}
    return first, score_with(mutant, seed, driver, others)


def score_with(mutant: Mutant, seed: int, driver: str, ignore: frozenset[str]) -> Score:
    """Hunt a mutant until it is caught or the time is up; then shrink."""
    setup = make_setup(
        TargetRequest(
            subject=Reference(), servers=mutant.servers, ignore=ignore, mutant=mutant.name
        )
    )
    cluster = setup.cluster()
    started = time.perf_counter()
    limit = LIMIT_OF_TURNS if mutant.turns else LIMIT
    for outcome in attempts(cluster, mutant, seed, driver, ignore):
        if outcome is not None or time.perf_counter() - started > limit:
            break
    seconds, steps = time.perf_counter() - started, cluster.micro_steps
    if outcome is None:
        return Score(property=None, driver=driver, seconds=seconds, steps=steps, micro=0)
    violation, schedule, number = outcome
    best = shrink(cluster, schedule, violation)
    best = shortest_of(cluster, seed, number + 1, mutant.turns, best)
    return Score(
        property=violation.property,
        driver=driver,
        seconds=seconds,
        steps=steps,
        micro=len(best.micro),
    )


def attempts(
    cluster: Cluster, mutant: Mutant, seed: int, driver: str, ignore: frozenset[str]
) -> Iterator[Found | None]:
    """Runs of the walker, or blocks of the rule machine's examples, without end."""
    for number in count():
        if driver == "walker":
            violation, schedule = walk(cluster, seed, number, mutant.turns)
            failed = violation is not None and violation.property not in ignore
            yield (violation, schedule, number) if violation is not None and failed else None
        else:
            found = examples_of_block(cluster, f"{seed}/{number}", EXAMPLES_IN_BLOCK, ignore)
            yield (*found, number) if found is not None else None
