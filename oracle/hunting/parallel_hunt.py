"""The hunt: blocks of runs on all cores, taken in order, until one fails or the budget is spent.

Runs are numbered, and what counts is the failing run with the lowest number: so the finding
depends on the seed alone, not on how many workers there are or which was faster. A finding is
on disk before it is shrunk.

A subject that ends its process takes a worker with it; the block is then done again in a
process that logs each action before it happens, so that the fatal one is known.
"""

import time
from collections.abc import Callable
from pathlib import Path

from attrs import define, evolve, field, frozen

from model.failures import NotReproducedError
from oracle.hunting.block import Block, Limit, read_recorded, run_block, run_block_recording
from oracle.hunting.findings import Artefacts, counted, saved_schedule
from oracle.hunting.forked_runs import death_of_subject, investigate_forked, manner_of_death
from oracle.hunting.investigate import investigate
from oracle.hunting.plan import HuntPlan
from oracle.hunting.shrink_board import ShrinkBoard, Shrinking
from oracle.hunting.shrink_effort import Effort
from oracle.processes.process_pool import MOMENT, Died, ProcessPool, unwrapped
from oracle.processes.signals import Interruption, SecondChance, SignalledError, interruptible
from oracle.terminal.usage import LOADING_SECONDS, patience
from oracle.terminal.wording import printable
from properties.property import Violation

AHEAD = 2
"""Blocks that are begun for each worker before the first of them is needed."""
TELLING_SECONDS = 0.3
"""Seconds to wait, after a worker's death, for a signal that may be meant for the hunt too."""


@frozen(kw_only=True)
class Budget:
    """How far a hunt goes: so many seconds, or so many micro steps."""

    seconds: float | None = None
    steps: int | None = None

    def left(self, done: "Tally") -> float | None:
        """The seconds that are left to hunt; None for a budget of steps.

        Time goes by while findings are shrunk, too, but half of it is for the hunt.
        """
        if self.seconds is None:
            return None
        return max(self.seconds - done.shrunk, self.seconds / 2) - done.seconds


@define
class Tally:
    """What a hunt has done so far."""

    runs: int = 0
    steps: int = 0
    blocks: dict[int, int] = field(factory=dict)
    """By number: how many runs of a block counted."""
    reached: set[str] = field(factory=set)
    started: float = field(factory=time.monotonic)
    """By a clock that stands still while a finding is shrunk."""
    shrunk: float = 0.0
    """Seconds for which findings were shrunk."""
    found: Violation | None = None
    """What is being shrunk, if anything is."""
    shrinking: Shrinking | None = None
    """How far that is."""

    @property
    def seconds(self) -> float:
        """How long it has hunted, and shrunk what is being shrunk now."""
        return time.monotonic() - self.started

    @property
    def elapsed(self) -> float:
        """How long it has taken in all."""
        return self.seconds + self.shrunk

    @property
    def extent(self) -> str:
        """How far it has come, in words."""
        return f"{counted(self.steps, 'step')} of {counted(self.runs, 'run')}"

    @property
    def rate(self) -> float:
        """Micro steps a second."""
        return self.steps / max(self.seconds, 0.001)

    def add(self, block: Block, limit: int | None) -> bool:
        """Count a block's runs up to the limit of steps; whether all of them counted."""
        self.reached |= block.reached
        for steps in block.steps:
            if limit is not None and self.steps >= limit:
                return False
            self.runs += 1
            self.blocks[block.number] = self.blocks.get(block.number, 0) + 1
            self.steps += steps
        return True


@frozen(kw_only=True)
class Start:
    """Where a hunt begins: at a block, with what was done before."""

    number: int = 0
    done: Tally = field(factory=Tally)


@frozen
class Outcome:
    """How a hunt ended."""

    tally: Tally
    artefacts: Artefacts | None
    folder: Path | None
    """Where the artefacts are, if they could be written."""
    interrupted: bool
    found: Violation | None = None
    """The violation as it was found: shrunk, it may break at another step."""
    rest: Start | None = None
    """Where to go on past what was found."""


@frozen
class Found:
    """A failing run, as it is told before it is shrunk."""

    violation: Violation
    actions: int
    tally: Tally


Report = Callable[[Tally], None]
Keep = Callable[[Artefacts, Violation], Path | None]
"""Stores a finding, which was found as this violation, and says where."""
Tell = Callable[[Found], None]


EffortOf = Callable[[Violation], Effort]
"""What may be spent on shrinking a finding."""


def tell_nobody(_: Found) -> None:
    """Nobody waits for what is found."""


def hunt(
    plan: HuntPlan,
    budget: Budget,
    workers: int,
    keep: Keep,
    report: Report,
    start: Start | None = None,
    tell: Tell = tell_nobody,
    effort: EffortOf | None = None,
) -> Outcome:
    """Hunt until the first violation or the end of the budget, from the first block or from later.

    What was done before `start` counts towards the budget. What is found is told at once; a signal
    that comes while it is shrunk ends the shrinking, and a second one ends all.
    """
    start = start or Start()
    tally = start.done
    artefacts, folder, found, rest = None, None, None, None
    interrupted = False
    with interruptible() as interruption, ProcessPool(workers) as pool:
        search = BlockSearch(plan, budget, pool, start, report, interruption)
        try:
            failing = search.first_failing()
            if failing is not None:
                assert failing.violation is not None
                found, seconds = failing.violation, tally.seconds
                drawn = plan.of_block(failing.number)
                artefacts = provisional(drawn, failing)
                folder = keep(artefacts, found)  # before it is told: what is told is never lost
                tell(Found(found, len(failing.schedule), tally))
                drawn = evolve(drawn, effort=effort(found) if effort else plan.effort)
                artefacts = examine(drawn, failing, search, folder)
                folder = keep(artefacts, found)
                rest = search.rest(seconds)
        except SignalledError:
            interrupted = True
            failing = search.failure_ahead()
            if artefacts is None and failing is not None:
                drawn = plan.of_block(failing.number)
                artefacts, found = provisional(drawn, failing), failing.violation
                folder = keep(artefacts, artefacts.violation)
    if interrupted or interruption.came:  # even while all processes were ended
        interrupted, rest = True, None
    return Outcome(tally, artefacts, folder, interrupted, found, rest)


class BlockSearch:
    """The search for the first block, in order, that has a failing run."""

    def __init__(
        self,
        plan: HuntPlan,
        budget: Budget,
        pool: ProcessPool,
        start: Start,
        report: Report,
        interruption: Interruption,
    ) -> None:
        self.plan = plan
        self.budget = budget
        self.pool = pool
        self.tally = tally = start.done
        self.interruption = interruption
        self.report = report
        left = budget.left(tally)
        self.deadline = None if left is None else time.time() + left
        self.limit = Limit(deadline=self.deadline, steps=budget.steps)
        self.answers: dict[object, object] = {}
        self.submitted = self.number = start.number
        """The block whose turn it is."""
        self.before = tally.runs, tally.steps
        """Runs and steps before that block."""

    def first_failing(self) -> Block | None:
        """The block; None at the end of the budget."""
        while True:
            number = self.number
            while self.submitted < number + AHEAD * self.pool.size:
                self.pool.submit(self.submitted, run_block, self.plan, self.submitted, self.limit)
                self.submitted += 1
            answer = self._await(number)
            if answer is None:
                return None
            block = self._investigate_death(number, answer) if type(answer) is Died else answer
            assert isinstance(block, Block)
            self.before = self.tally.runs, self.tally.steps
            counted = self.tally.add(block, self.budget.steps)
            self.report(self.tally)
            if block.violation is not None and counted:
                return block
            if self._is_spent():
                return None
            self.number += 1

    def rest(self, seconds: float) -> Start:
        """Where to go on, past what was found when the hunt was so many seconds old.

        The same block is done again, so it is not counted twice; the time of shrinking is apart.
        """
        tally, (runs, steps) = self.tally, self.before
        done = Tally(
            runs=runs,
            steps=steps,
            blocks={each: ran for each, ran in tally.blocks.items() if each < self.number},
            reached=set(tally.reached),
            started=time.monotonic() - seconds,
            shrunk=tally.shrunk + tally.seconds - seconds,
        )
        return Start(number=self.number, done=done)

    def failure_ahead(self) -> Block | None:
        """The first failure among blocks that are done and whose turn had not come."""
        self.answers |= self.pool.wait(0)
        blocks = [each for each in self.answers.values() if isinstance(each, Block)]
        failing = [block for block in blocks if block.violation is not None]
        return min(failing, key=lambda block: block.number, default=None)

    def _await(self, number: int) -> object:
        """The answer to a block; None where it comes much too late for the budget."""
        while number not in self.answers:
            self.answers |= self.pool.wait(MOMENT)
            self.interruption.check()
            self.report(self.tally)
            if self.deadline is not None and self._is_hopeless(self.deadline):
                return None
        self.interruption.check()
        return unwrapped(self.answers.pop(number))

    def _is_hopeless(self, deadline: float) -> bool:
        """Whether a call that still is not back would have been found to hang by now."""
        return time.time() > deadline + LOADING_SECONDS + 3 * patience()

    def _is_spent(self) -> bool:
        if self.budget.steps is not None and self.tally.steps >= self.budget.steps:
            return True
        return self.deadline is not None and time.time() >= self.deadline

    def _investigate_death(self, number: int, died: Died) -> Block:
        """Do a block again in a process that logs each action before it happens."""
        until = time.monotonic() + TELLING_SECONDS
        while time.monotonic() < until:
            self.interruption.check()
            time.sleep(MOMENT)
        path = f"{self.pool.scratch}/actions-{number}"
        self.pool.stop()
        self.submitted = number + 1
        self.answers.clear()
        answer = self.pool.run(
            self.interruption,
            run_block_recording,
            self.plan,
            number,
            path,
            report=lambda: self.report(self.tally),
        )
        if isinstance(answer, Block):
            return answer
        failure = death_of_subject(answer.exit_code)
        if failure.is_among(self.plan.target.ignore):
            return Block(number, (0,))
        schedule = read_recorded(path)
        return Block(number, (len(schedule),), frozenset(), failure, schedule, isolate=True)


def provisional(plan: HuntPlan, block: Block, why: str = "") -> Artefacts:
    """A finding as it was found."""
    assert block.violation is not None
    saved = saved_schedule(plan, block.violation, block.schedule, found=block.schedule)
    length = len(block.schedule)
    trace = (
        f"{block.violation.property} violated: {block.violation.detail}\n"
        f"Not shrunk: {why or 'the hunt was ended before'}. Its {length} actions are in "
        "schedule.json; `raft-oracle replay` prints their trace.\n"
    )
    return Artefacts(
        violation=block.violation,
        found=length,
        macro=length,
        micro=length,
        trace=trace,
        files={"trace.txt": printable(trace).encode()},
        saved=saved,
    )


def examine(plan: HuntPlan, block: Block, search: BlockSearch, folder: Path | None) -> Artefacts:
    """Shrink a finding, in a process of its own; a signal ends that, and what is shortest stays.

    So does the clock, where the plan says after how many seconds.
    """
    search.pool.stop()
    tally = search.tally
    task = investigate_forked if block.isolate else investigate
    board = ShrinkBoard.made(f"{search.pool.scratch}/shrinking")
    patient = SecondChance(search.interruption, board.end)
    seconds = plan.effort.seconds
    until = None if seconds is None else time.monotonic() + seconds

    def report() -> None:
        if until is not None and time.monotonic() > until:
            board.end()
        tally.found, tally.shrinking = block.violation, board.read()
        search.report(tally)

    try:
        answer = search.pool.run(patient, task, plan, block, board.path, report=report)
    except NotReproducedError as error:
        raise NotReproducedError(f"{error}; they are in {folder}/schedule.json") from error
    if isinstance(answer, Died):
        why = f"while it was being shrunk, the subject {manner_of_death(answer.exit_code)}"
        return provisional(plan, block, why)
    artefacts: Artefacts = answer
    return artefacts
