"""Scoring the mutants: how fast each is caught, what it needs, and how short its schedule gets.

Each mutant is hunted with all properties, as a user would, who turns on the feature that has the
mistake and leaves all else to the hunt. Where another property than the listed one fails first, a
second hunt checks the listed one alone, so that lengths compare.
"""

import tempfile
import time
from itertools import count

from attrs import evolve, frozen

from model.mutants import MUTANT_BY_NAME, Mutant
from model.target import Reference, Target, TargetRequest
from oracle.hunting.block import Limit, run_block
from oracle.hunting.investigate import investigate
from oracle.hunting.plan import Driver, make_plan
from oracle.hunting.shrink_board import ShrinkBoard
from oracle.hunting.swarm import swarm_of
from oracle.subjects.registry import BROKEN_NAMES

LIMIT = 120.0
"""Seconds of a core until a mutant counts as survived."""
PLAIN = 3
"""Servers of the cluster with which a hunt begins."""


@frozen(kw_only=True)
class Score:
    """One hunt of one mutant: the property that caught it, or None where it survived.

    Its seconds are those of one core, whatever else the machine does; they end before shrinking.
    """

    property: str | None
    driver: str
    seconds: float
    steps: int
    micro: int
    conditions: str = ""
    """What the shortest schedule needs of what was drawn: servers, and settings."""


def score_mutant(name: str, seed: int, driver: Driver) -> tuple[Score, Score | None]:
    """Hunt a mutant with all properties, and with the listed one alone where lengths compare."""
    mutant = MUTANT_BY_NAME[name]
    first = score_with(mutant, seed, driver, frozenset())
    if first.property in (None, mutant.listed_property) or not mutant.listed_actions:
        return first, None
    others = frozenset(BROKEN_NAMES) - {mutant.listed_property}
    return first, score_with(mutant, seed, driver, others)


def score_with(mutant: Mutant, seed: int, driver: Driver, ignore: frozenset[str]) -> Score:
    """Hunt a mutant, block by block as a hunt does, until it is caught or the time is up.

    Nothing is set but what turns on the feature that has the mistake.
    """
    wanted = TargetRequest(subject=Reference(), ignore=ignore, mutant=mutant.name)
    plan = make_plan(evolve(wanted, servers=PLAIN), seed, driver)
    plan = evolve(plan, target=evolve(plan.target, settings=mutant.feature()))
    plan = evolve(plan, swarm=swarm_of(wanted, plan.target, plan.defaults))
    started, steps = time.process_time(), 0
    for number in count():
        block = run_block(plan, number, Limit())
        steps += sum(block.steps)
        seconds = time.process_time() - started
        if block.violation is not None or seconds > LIMIT:
            break
    if block.violation is None:
        return Score(property=None, driver=driver, seconds=seconds, steps=steps, micro=0)
    with tempfile.NamedTemporaryFile() as board:
        made = investigate(plan.of_block(block.number), block, ShrinkBoard.made(board.name).path)
    return Score(
        property=block.violation.property,
        driver=driver,
        seconds=seconds,
        steps=steps,
        micro=made.micro,
        conditions=needed(made.saved.target, mutant),
    )


def needed(target: Target, mutant: Mutant) -> str:
    """What a finding needs: its servers, what the mutant's feature takes, and what was drawn."""
    feature = mutant.feature()
    settings = sorted(target.settings.items(), key=lambda each: each[0] not in feature)
    return " ".join((f"{target.servers} servers", *(f"{name}={value}" for name, value in settings)))
