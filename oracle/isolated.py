"""Subjects that end their process: find the action that did it, from a process outside.

May import: multiprocessing, attrs, typing, model, oracle.
"""

import multiprocessing
from collections.abc import Sequence
from multiprocessing.connection import Connection

from model.actions import Action, Schedule
from model.cluster import SUBJECT_FAILED
from model.run import violation_of
from model.shrink import ddmin
from oracle.plan import Block, Plan, work_on
from oracle.watch import watched
from properties.property import Violation

ATTEMPTS = 60
"""Processes that may be spent on shrinking: each costs as much as thousands of steps."""


def investigate_death(plan: Plan, number: int) -> Block:
    """Do a block again in a process that tells each action before it happens."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=tell, args=(plan, number, sender))
    process.start()
    sender.close()
    actions: list[Action] = []
    block = None
    try:
        while True:
            told = receiver.recv()
            if isinstance(told, Block):
                block = told
            elif told is None:
                actions = []
            else:
                actions.append(told)
    except EOFError:
        process.join()
    if block is not None:
        return block
    return Block(number, (len(actions),), frozenset(), death(process.exitcode), tuple(actions))


def tell(plan: Plan, number: int, sender: Connection) -> None:
    """In the process that may die: do the block, telling each start and each action first."""
    cluster = plan.setup().cluster()
    reset, apply = cluster.reset, cluster.apply

    def told_reset() -> None:
        sender.send(None)
        reset()

    def told_apply(action: Action) -> None:
        sender.send(action)
        apply(action)

    cluster.reset, cluster.apply = told_reset, told_apply  # type: ignore[method-assign]
    sender.send(work_on(cluster, plan, number, None))


def shrink_death(plan: Plan, schedule: Schedule) -> Schedule:
    """A part of the schedule that still ends the process, each candidate in one of its own."""
    left = ATTEMPTS

    def dies(candidate: Sequence[Action]) -> bool:
        nonlocal left
        left -= 1
        return left >= 0 and exit_code_of(plan, tuple(candidate)) != 0

    return tuple(ddmin(schedule, dies))


def exit_code_of(plan: Plan, schedule: Schedule) -> int | None:
    """How a process ends that runs this schedule."""
    process = multiprocessing.get_context("spawn").Process(target=play, args=(plan, schedule))
    process.start()
    process.join()
    return process.exitcode


def play(plan: Plan, schedule: Schedule) -> None:
    """In a process of its own: run a schedule; what else it breaks does not matter here."""
    cluster = plan.setup().cluster()
    with watched(cluster):
        violation_of(cluster, schedule)


def death(exit_code: int | None) -> Violation:
    """The end of a process as a violation."""
    how = f"was killed by signal {-exit_code}" if exit_code and exit_code < 0 else "exited"
    code = f" with code {exit_code}" if exit_code is not None and exit_code >= 0 else ""
    return Violation(
        SUBJECT_FAILED,
        "An implementation goes on running whatever the network and its disks do.",
        "the port's contract",
        f"the process of the subject {how}{code}.",
    )
