"""The hunt: blocks of runs on all cores, taken in order, until one fails or the budget is spent.

Runs are numbered, and what counts is the failing run with the lowest number: so the finding
depends on the seed alone, not on how many workers there are or which was faster. A finding is
on disk before it is shrunk.

A subject that ends its process takes a worker with it; the block is then done again in a
process that reports each action before it happens, so that the last one is known.

May import: concurrent.futures, multiprocessing, signal, time, attrs, typing, model, oracle.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from attrs import define, evolve, field, frozen

from model.schedule import dump_schedule
from oracle.artefacts import Artefacts, Store, saved_schedule
from oracle.isolated import investigate_death, shrink_death
from oracle.plan import Block, Plan, investigate, work


@frozen(kw_only=True)
class Budget:
    """How far a hunt goes: so many seconds, or so many micro steps."""

    seconds: float | None = None
    steps: int | None = None


@define
class Tally:
    """What a hunt has done so far."""

    runs: int = 0
    steps: int = 0
    reached: set[str] = field(factory=set)
    started: float = field(factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self.started

    def add(self, block: Block, limit: int | None) -> bool:
        """Count a block's runs up to the limit of steps; whether all of them counted."""
        self.reached |= block.reached
        for steps in block.steps:
            if limit is not None and self.steps >= limit:
                return False
            self.runs += 1
            self.steps += steps
        return True


@frozen
class Outcome:
    """How a hunt ended."""

    tally: Tally
    artefacts: Artefacts | None
    folder: Path | None
    """Where the artefacts are, if they could be written."""
    interrupted: bool


Report = Callable[[Tally], None]


class InterruptedHuntError(BaseException):
    """SIGINT or SIGTERM: end the hunt, keep what it found."""


def hunt(plan: Plan, budget: Budget, workers: int, store: Store, report: Report) -> Outcome:
    """Hunt until the first violation or the end of the budget."""
    tally = Tally()
    handlers = {each: signal.signal(each, _interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    artefacts, folder = None, None
    interrupted = False
    queue: dict[int, Future[Block]] = {}
    try:
        failing = search(plan, budget, workers, tally, report, queue)
        if failing is not None:
            artefacts = provisional(plan, failing)
            folder = store.write(artefacts.files)
            artefacts = examine(plan, failing)
            folder = store.write(artefacts.files)
    except InterruptedHuntError:
        interrupted = True
        failing = finished_failure(queue)
        if artefacts is None and failing is not None:
            artefacts = provisional(plan, failing)
            folder = store.write(artefacts.files)
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
    return Outcome(tally, artefacts, folder, interrupted)


def _interrupt(number: int, frame: object) -> None:
    raise InterruptedHuntError


def finished_failure(queue: "dict[int, Future[Block]]") -> Block | None:
    """The first failure among blocks that are done and whose turn had not come."""
    for _, future in sorted(queue.items()):
        if future.done() and not future.cancelled() and future.exception() is None:
            block = future.result()
            if block.violation is not None:
                return block
    return None


def search(
    plan: Plan,
    budget: Budget,
    workers: int,
    tally: Tally,
    report: Report,
    queue: "dict[int, Future[Block]]",
) -> Block | None:
    """The first block, in order, with a failing run; None at the end of the budget."""
    deadline = None if budget.seconds is None else time.time() + budget.seconds
    submitted = 0
    pool = new_pool(workers)
    try:
        for number in range(10**9):
            while submitted < number + 2 * workers:
                queue[submitted] = pool.submit(work, plan, submitted, deadline)
                submitted += 1
            try:
                block = await_block(queue[number], tally, report)
                del queue[number]
            except BrokenProcessPool:
                block = investigate_death(plan, number)
                pool = new_pool(workers)
                queue.clear()
                submitted = number + 1
            counted = tally.add(block, budget.steps)
            report(tally)
            if block.violation is not None and counted:
                return block
            if is_spent(budget, tally, deadline):
                return None
    finally:
        stop(pool)
    return None


def is_spent(budget: Budget, tally: Tally, deadline: float | None) -> bool:
    """Whether the budget is used up."""
    if budget.steps is not None and tally.steps >= budget.steps:
        return True
    return deadline is not None and time.time() >= deadline


def await_block(future: "Future[Block]", tally: Tally, report: Report) -> Block:
    """Wait for a block, and go on reporting meanwhile."""
    while True:
        try:
            return future.result(timeout=0.5)
        except TimeoutError:
            if future.done():
                raise
            report(tally)


def new_pool(workers: int) -> ProcessPoolExecutor:
    """Processes that leave signals to this one."""
    return ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=ignore_signals
    )


def ignore_signals() -> None:
    """Ctrl-C reaches every process of the terminal; only the hunt itself answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def stop(pool: ProcessPoolExecutor) -> None:
    """End the workers at once: what they do is not needed any more."""
    processes = list((pool._processes or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        if process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)


def provisional(plan: Plan, block: Block) -> Artefacts:
    """A finding as it was found."""
    assert block.violation is not None
    saved = saved_schedule(plan, block.violation, block.schedule, found=block.schedule)
    length = len(block.schedule)
    trace = f"{block.violation.property} violated: {block.violation.detail}\nNot shrunk.\n"
    return Artefacts(
        violation=block.violation,
        found=length,
        macro=length,
        micro=length,
        trace=trace,
        files={"schedule.json": dump_schedule(saved), "trace.txt": trace.encode()},
    )


def examine(plan: Plan, block: Block) -> Artefacts:
    """Shrink a finding, in a process of its own."""
    pool = new_pool(1)
    try:
        return pool.submit(investigate, plan, block).result()
    except BrokenProcessPool:
        return provisional(plan, evolve(block, schedule=shrink_death(plan, block.schedule)))
    finally:
        stop(pool)
