"""The work on a plan that one process does: a block of runs, and the shrinking of a finding."""

import os
import pickle
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from attrs import evolve, frozen
from hypothesis.errors import Flaky

from model.actions import Action, Schedule
from model.drivers.rule_machine import examples_of_block
from model.drivers.walker import walk
from model.failures import PropertyViolatedError, failure_of_subject
from model.runs.render import render, verdict
from model.runs.run import Run, run, violation_of
from model.runs.shrink import NotReproducedError, Shrunk, shrink
from model.world.macro_actions import Cluster
from oracle.hunting.findings import Artefacts, artefacts_of
from oracle.hunting.hang_timer import watched
from oracle.hunting.patient_shrink import artefacts_of_end, is_end, told_by, with_standard_error
from oracle.hunting.plan import Plan
from oracle.subjects.guarded import told
from oracle.subjects.registry import is_child, is_file
from properties.property import Violation

RUNS_IN_BLOCK = 64
EXAMPLES_IN_BLOCK = 20
NEIGHBOURS, NEIGHBOUR_STEPS = 200, 300_000
"""How many runs after a failing one are looked at too, as the shortest trace may come from
another: three times as many as it took to find the first, and these; but no more than these
steps, shrinking included."""
FAILURES = 10
"""Failing runs that are shrunk at most."""

Tell = Callable[[Action | None], None]


@frozen
class Block:
    """What a block of runs did, in the order of their numbers, up to the first that failed."""

    number: int
    steps: tuple[int, ...]
    """Micro steps of each run."""
    reached: frozenset[str] = frozenset()
    violation: Violation | None = None
    schedule: Schedule = ()
    isolate: bool = False
    """The subject hung, or died, or could not be closed: it is examined in processes of its own."""


def work(plan: Plan, number: int, deadline: float | None) -> Block:
    """Do block `number`; a deadline, by the system's clock, may end it early."""
    return work_told(plan, number, deadline, None)


def work_and_tell(plan: Plan, number: int, path: str) -> Block:
    """Do block `number`, and write each start and each action to a file before it happens."""
    with open(path, "wb", buffering=0) as file:
        return work_told(plan, number, None, lambda action: _write(file.fileno(), action))


def _write(descriptor: int, action: Action | None) -> None:
    os.write(descriptor, pickle.dumps(action))


def read_told(path: str) -> Schedule:
    """The actions of the last run that a file tells of."""
    actions: list[Action] = []
    with open(path, "rb") as file:
        while True:
            try:
                action = pickle.load(file)
            except (EOFError, pickle.UnpicklingError):
                return tuple(actions)
            if action is None:
                actions = []
            else:
                actions.append(action)


def work_told(plan: Plan, number: int, deadline: float | None, tell: Tell | None) -> Block:
    """Do a block with a new cluster, which is closed at the end."""
    try:
        cluster = plan.setup().cluster()
    except Exception as error:
        if not is_file(plan.subject):
            raise
        detail = f"create() raised {told(error)}"
        failure = evolve(failure_of_subject(error, "create"), detail=detail)
        return Block(number, (0,), violation=failure, isolate=True)
    latest = follow(cluster, tell)
    with watching(plan):
        if plan.driver == "walker":
            block = walk_block(cluster, plan, number, deadline)
        else:
            block = hypothesis_block(cluster, plan, number)
        failure_to_close = closed(cluster)
    if block.violation is not None:
        hung = block.violation.cause == "hung" and not is_child(plan.subject)
        return evolve(block, isolate=hung)
    if failure_to_close is None or failure_to_close.property in plan.ignore:
        return block
    schedule = tuple(latest)
    return evolve(block, violation=failure_to_close, schedule=schedule, isolate=True)


def watching(plan: Plan) -> AbstractContextManager[None]:
    """Watch a subject in this process; one that is behind a command is waited for in its calls."""
    return nullcontext() if is_child(plan.subject) else watched()


def follow(cluster: Cluster, tell: Tell | None) -> list[Action]:
    """The actions of the latest run, kept up to date; each is told before it happens."""
    latest: list[Action] = []

    def follow_action(action: Action | None) -> None:
        if action is None:
            latest.clear()
        else:
            latest.append(action)
        if tell is not None:
            tell(action)

    cluster.on_action = follow_action
    return latest


def closed(cluster: Cluster) -> Violation | None:
    """Close the subject; a violation where that fails."""
    try:
        cluster.call_subject(cluster.subject.close)
    except PropertyViolatedError as violated:
        return violated.violation
    return None


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
    try:
        name = f"{plan.seed}/{number}"
        failure = examples_of_block(cluster, name, EXAMPLES_IN_BLOCK, plan.ignore)
    except Flaky as error:
        first = str(error).splitlines()[0]
        raise NotReproducedError(f"the same example failed and then did not: {first}") from error
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
        with watching(plan):
            check_repeats(cluster, block.schedule, block.violation)
            if is_end(block.violation):
                return artefacts_of_end(plan, cluster, block.schedule, block.violation)
            best = shrink(cluster, block.schedule, block.violation)
            if plan.driver == "walker":
                first = block.number * RUNS_IN_BLOCK + len(block.steps)
                best = shortest_of(cluster, plan.seed, first, plan.shape == "turns", best)
            # A step that fails half-way may not be among the recorded ones.
            repeats = violation_of(cluster, best.micro) == best.violation
            actions = best.micro if repeats else best.macro
            return with_standard_error(artefacts_of(plan, cluster.subject, best, actions), cluster)
    finally:
        cluster.subject.close()


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


def shortest_of(cluster: Cluster, seed: int, first: int, turns: bool, best: Shrunk) -> Shrunk:
    """The shortest of this and what the next runs find of the same property."""
    failures = 1
    last_step = cluster.micro_steps + NEIGHBOUR_STEPS
    for run_number in range(first, 4 * first + NEIGHBOURS):
        violation, schedule = walk(cluster, seed, run_number, turns)
        if violation is not None and violation.property == best.violation.property:
            other = shrink(cluster, schedule, violation)
            if len(other.micro) < len(best.micro):
                best = other
            failures += 1
        if failures == FAILURES or cluster.micro_steps > last_step:
            break
    return best


@frozen
class Played:
    """What came of a schedule: its trace, and the violation, if any."""

    trace: str
    violation: Violation | None


def play(plan: Plan, schedule: Schedule) -> Played:
    """Run a schedule in this process."""
    cluster = plan.setup().cluster()
    with watching(plan):
        return played(plan, cluster, schedule)


def played(plan: Plan, cluster: Cluster, schedule: Schedule) -> Played:
    """Run a schedule to its end, the closing of the subject included, and render it."""
    outcome = run(cluster, schedule)
    trace = render(cluster.subject, outcome, heading_of_replay(plan))
    trace += told_by(cluster, outcome.violation)
    failure_to_close = closed(cluster)
    if outcome.violation is None and failure_to_close is not None:
        outcome = Run(outcome.records, failure_to_close)
        trace = "\n".join(verdict(outcome)) + trace[trace.index("\n") :]
    return Played(trace, outcome.violation)


def heading_of_replay(plan: Plan) -> str:
    """One line on what was run."""
    return f"{plan.world()}.\n{plan.caveat()}".rstrip()
