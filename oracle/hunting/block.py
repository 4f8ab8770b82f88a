"""A block of runs, which one process does at a time."""

import os
import pickle
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from attrs import evolve, frozen

from model.actions import Action, Schedule
from model.drivers.walker import walk
from model.failures import NotReproducedError, PropertyViolatedError, failure_of_subject
from model.world.macro_actions import Cluster
from oracle.hunting.hang_timer import watched
from oracle.hunting.plan import HuntPlan
from oracle.subjects.guarded import exception_in_one_line
from properties.property import Violation

RUNS_IN_BLOCK = 64
EXAMPLES_IN_BLOCK = 20

OnAction = Callable[[Action | None], None]


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


@frozen(kw_only=True)
class Limit:
    """Where a block may end early: what comes after that would not be counted."""

    deadline: float | None = None
    """By the system's clock."""
    steps: int | None = None
    """Micro steps of the block alone."""

    def is_reached(self, steps: Sequence[int]) -> bool:
        """Whether a block whose runs took so many steps may end."""
        if self.steps is not None and sum(steps) >= self.steps:
            return True
        return self.deadline is not None and time.time() > self.deadline


def run_block(plan: HuntPlan, number: int, limit: Limit) -> Block:
    """Do block `number`, which may end early."""
    return run_block_with(plan, number, limit, None)


def run_block_recording(plan: HuntPlan, number: int, path: str) -> Block:
    """Do block `number`, and write each start and each action to a file before it happens."""
    with open(path, "wb", buffering=0) as file:
        return run_block_with(plan, number, Limit(), lambda action: _write(file.fileno(), action))


def _write(descriptor: int, action: Action | None) -> None:
    os.write(descriptor, pickle.dumps(action))


def read_recorded(path: str) -> Schedule:
    """The actions of the last run that a file holds."""
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


def run_block_with(plan: HuntPlan, number: int, limit: Limit, on_action: OnAction | None) -> Block:
    """Do a block with a new cluster, which is closed at the end."""
    plan = plan.of_block(number)
    try:
        cluster = plan.cluster()
    except Exception as error:
        if plan.target.subject.isolation != "fork":
            raise
        detail = f"create() raised {exception_in_one_line(error)}"
        failure = evolve(failure_of_subject(error, "create"), detail=detail)
        return Block(number, (0,), violation=failure, isolate=True)
    latest = follow(cluster, on_action)
    with watching(plan):
        if plan.driver == "walker":
            block = walk_block(cluster, plan, number, limit)
        else:
            block = hypothesis_block(cluster, plan, number)
        failure_to_close = closed(cluster)
    if block.violation is not None:
        hung = block.violation.cause == "hung" and plan.target.subject.isolation != "process"
        return evolve(block, isolate=hung)
    if failure_to_close is None or failure_to_close.is_among(plan.target.ignore):
        return block
    schedule = tuple(latest)
    return evolve(block, violation=failure_to_close, schedule=schedule, isolate=True)


def watching(plan: HuntPlan) -> AbstractContextManager[None]:
    """Watch a subject in this process; for an adapter's process, each call has its own limit."""
    return nullcontext() if plan.target.subject.isolation == "process" else watched()


def follow(cluster: Cluster, on_action: OnAction | None) -> list[Action]:
    """The actions of the latest run, kept up to date; each is reported before it happens."""
    latest: list[Action] = []

    def follow_action(action: Action | None) -> None:
        if action is None:
            latest.clear()
        else:
            latest.append(action)
        if on_action is not None:
            on_action(action)

    cluster.on_action = follow_action
    return latest


def closed(cluster: Cluster) -> Violation | None:
    """Close the subject; a violation where that fails."""
    try:
        cluster.call_subject(cluster.subject.close)
    except PropertyViolatedError as violated:
        return violated.violation
    return None


def walk_block(cluster: Cluster, plan: HuntPlan, number: int, limit: Limit) -> Block:
    """Random runs, each named by the seed and its number."""
    steps: list[int] = []
    for run_number in range(number * RUNS_IN_BLOCK, (number + 1) * RUNS_IN_BLOCK):
        before = cluster.micro_steps
        violation, schedule = walk(cluster, plan.seed, run_number, plan.runs == "rival-leaders")
        steps.append(cluster.micro_steps - before)
        if violation is not None and not violation.is_among(plan.target.ignore):
            return Block(
                number, tuple(steps), frozenset(cluster.checker.reached), violation, schedule
            )
        if limit.is_reached(steps):
            break
    return Block(number, tuple(steps), frozenset(cluster.checker.reached))


def hypothesis_block(cluster: Cluster, plan: HuntPlan, number: int) -> Block:
    """Examples of the rule machine, from a seed of their own.

    Hypothesis is imported here: it takes as long as a third of all that a hunt imports.
    """
    from hypothesis.errors import Flaky

    from model.drivers.rule_machine import examples_of_block

    try:
        name = f"{plan.seed}/{number}"
        failure = examples_of_block(cluster, name, EXAMPLES_IN_BLOCK, plan.target.ignore)
    except Flaky as error:
        first = str(error).splitlines()[0]
        raise NotReproducedError(f"the same example failed and then did not: {first}") from error
    steps = (cluster.micro_steps,)
    if failure is None:
        return Block(number, steps, frozenset(cluster.checker.reached))
    return Block(number, steps, frozenset(cluster.checker.reached), *failure)
