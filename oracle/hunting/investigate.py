"""What a hunt does with a finding: shrink it, look at its neighbours, and replay it."""

from attrs import evolve, frozen
from msgspec.structs import replace

from model.actions import Schedule
from model.drivers.walker import walk
from model.failures import NotReproducedError
from model.runs.execution import Execution
from model.runs.recorded import verdict_of
from model.runs.render import text_of
from model.runs.run import run, violation_of
from model.runs.shrink import GoesOn, Shrunk, is_same, shrink, shrunk_macro, to_the_end
from model.world.macro_actions import Cluster
from oracle.hunting.block import RUNS_IN_BLOCK, Block, closed, watching
from oracle.hunting.findings import Artefacts, artefacts_of, recorded
from oracle.hunting.first_wrong_rule import first_wrong_rule
from oracle.hunting.needed import Needed, fewer_servers, on_fewer_servers, on_servers, simplest
from oracle.hunting.plan import HuntPlan
from oracle.hunting.process_end_shrink import artefacts_of_end, is_end
from oracle.hunting.shrink_board import ShrinkBoard
from oracle.hunting.shrink_effort import Purse
from oracle.hunting.standard_error import text_of_errors, with_standard_error
from properties.property import Violation

NEIGHBOURS = 200
"""How far to look after the first failing run, as a later failure may shrink shorter.

It is three times as many runs as it took to find the first, and NEIGHBOURS more, but no more steps
than the plan's effort has for them.
"""
FAILURES = 10
"""Failing runs that are shrunk at most."""


def investigate(plan: HuntPlan, block: Block, board: str) -> Artefacts:
    """Shrink what a block found, and what its neighbours find; keep the shortest.

    Whoever waits sees on the board how far it is, and may end it there. NotReproducedError where
    the same schedule does not fail again.
    """
    assert block.violation is not None
    purse = Purse(ShrinkBoard(board), plan.effort.shrinking, plan.effort.start)
    cluster = plan.cluster()
    try:
        with watching(plan):
            check_repeats(cluster, block.schedule, block.violation)
            if is_end(block.violation):
                return artefacts_of_end(plan, cluster, block.schedule, block.violation, purse)
            goes_on = purse.goes_on(cluster)
            schedule, violation = ready_for_fewer_servers(plan, cluster, block, goes_on)
            needed = on_fewer_servers(plan, schedule, block.violation.property, purse)
            if needed is None:
                best = shrink(cluster, schedule, violation, goes_on=goes_on)
                best = evolve(best, found=block.schedule)
                needed = simplest(plan, best, purse)
                if needed is None:
                    return made_of(plan, cluster, block, best, purse)
    finally:
        cluster.subject.close()
    return under_less(needed, block, purse)


def ready_for_fewer_servers(
    plan: HuntPlan, cluster: Cluster, block: Block, goes_on: GoesOn
) -> tuple[Schedule, Violation]:
    """What to try on fewer servers, and what it breaks: as found, if there are none fewer."""
    assert block.violation is not None
    if not fewer_servers(plan):
        return block.schedule, block.violation
    macro = shrunk_macro(cluster, block.schedule, block.violation, goes_on)
    return macro, violation_of(cluster, macro) or block.violation


def under_less(needed: Needed, block: Block, purse: Purse) -> Artefacts:
    """The files of a finding that needs less than what was drawn for it, shrunk once more."""
    plan = needed.plan
    cluster = plan.cluster()
    try:
        with watching(plan):
            goes_on = purse.goes_on(cluster)
            best = shrink(cluster, needed.schedule, needed.violation, goes_on=goes_on)
            best = evolve(best, found=on_servers(block.schedule, needed.kept))
            less = simplest(plan, best, purse)
            if less is None:
                return made_of(plan, cluster, block, best, purse)
    finally:
        cluster.subject.close()
    return under_less(less, block, purse)


def made_of(
    plan: HuntPlan, cluster: Cluster, block: Block, best: Shrunk, purse: Purse
) -> Artefacts:
    """The files of the shortest schedule, with what its subject wrote to its standard error."""
    if plan.driver == "walker":
        first = block.number * RUNS_IN_BLOCK + len(block.steps)
        others = Purse(purse.board, plan.effort.neighbours, plan.effort.start)
        turns, goes_on = plan.runs == "rival-leaders", others.goes_on(cluster)
        best = shortest_of(cluster, plan.seed, first, turns, best, goes_on)
    # A step that fails half-way may not be among the recorded ones.
    repeats = violation_of(cluster, best.micro) == best.violation
    actions = best.micro if repeats else best.macro
    note = purse.note() + first_wrong_rule(plan, actions, best.violation)
    made = artefacts_of(plan, cluster.subject, best, actions, note)
    return with_standard_error(made, cluster)


def check_repeats(cluster: Cluster, schedule: Schedule, violation: Violation) -> None:
    """NotReproducedError, which says what differed, where a schedule does not fail the same way."""
    for _ in range(2):
        again = violation_of(cluster, schedule)
        if again != violation:
            raise NotReproducedError(
                f"the same {len(schedule)} actions gave first {in_words(violation)}, "
                f"then {in_words(again)}"
            )


def in_words(violation: Violation | None) -> str:
    """A violation in one line."""
    return f"{violation.property} ({violation.detail})" if violation else "no violation"


def shortest_of(
    cluster: Cluster,
    seed: int,
    first: int,
    turns: bool,
    best: Shrunk,
    goes_on: GoesOn = to_the_end,
) -> Shrunk:
    """The shortest of this and what the next runs find of the same property.

    Than one that takes a single action, none can be found that is much shorter.
    """
    failures = 1
    for run_number in range(first, 4 * first + NEIGHBOURS):
        if len(best.macro) == 1 or failures == FAILURES or not goes_on(len(best.micro)):
            break
        violation, schedule = walk(cluster, seed, run_number, turns)
        if violation is not None and is_same(violation, best.violation):
            other = shrink(cluster, schedule, violation, goes_on=goes_on)
            if len(other.micro) < len(best.micro):
                best = evolve(other, is_later=True)
            failures += 1
    return best


@frozen
class Played:
    """What came of a schedule: its trace, and the violation, if any."""

    trace: str
    violation: Violation | None
    execution: Execution | None = None
    """None where the subject's process ended, and took it along."""
    errors: str = ""
    """What the subject wrote to its standard error, if it failed; the trace ends with it."""


def play(plan: HuntPlan, schedule: Schedule) -> Played:
    """Run a schedule in this process."""
    cluster = plan.cluster()
    with watching(plan):
        return played(plan, cluster, schedule)


def played(plan: HuntPlan, cluster: Cluster, schedule: Schedule) -> Played:
    """Run a schedule to its end, the closing of the subject included, and render it."""
    outcome = run(cluster, schedule, is_bounded=True)
    heading = heading_of_replay(plan)
    execution = recorded(plan, cluster.subject, outcome, heading, is_bounded=True)
    errors = text_of_errors(cluster, outcome.violation)
    failure_to_close = closed(cluster)
    violation = outcome.violation or failure_to_close
    execution = replace(execution, verdict=verdict_of(violation))
    return Played(text_of(execution, heading) + errors, violation, execution, errors)


def heading_of_replay(plan: HuntPlan) -> str:
    """One line on what was run."""
    return f"{plan.world()}.\n{plan.caveat()}".rstrip()
