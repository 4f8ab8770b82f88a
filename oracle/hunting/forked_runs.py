"""Subjects that hang or die: every run in a process of its own, measured from outside.

A process that is forked for one run counts its calls of the subject in memory that it shares.
Where it ends or stops in a call, the number of that call is known. The run is then done once
more with a fuse, which raises in place of just that call: so a death is a violation like any
other, at its step, with a trace.
"""

import mmap
import os
import pickle
import select
import signal
import time
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, Literal

from attrs import evolve, frozen

from model.actions import Action, Schedule
from model.failures import (
    SUBJECT_FAILED,
    LongRunError,
    NotReproducedError,
    failure_of_subject,
)
from model.runs.run import Run, run
from model.runs.shrink import Shrunk, ddmin
from model.setup import Setup
from model.subject import SubjectError, observes_with
from model.world.macro_actions import Cluster
from oracle.hunting.block import Block, closed
from oracle.hunting.ending_budget import SHORTENED, EndingBudget, budget_of_hang
from oracle.hunting.findings import Artefacts, artefacts_of
from oracle.hunting.investigate import Played, in_words, played
from oracle.hunting.plan import HuntPlan
from oracle.hunting.shrink_board import ShrinkBoard
from oracle.processes.line_process import manner_of_end
from oracle.subjects.guarded import Meter, guarded
from oracle.terminal.usage import patience
from properties.property import Violation

ATTEMPTS = 400
"""Processes that may be spent on shrinking a death."""
FIRST_CALL = 1
"""The creation of the cluster counts as a call."""
NUMBERS = Struct("=QQ?d")

Task = Callable[[Cluster], object]


@frozen
class Fuse:
    """Which call of the subject raises in place of being made, and with which words."""

    call: int
    how: str
    cause: Literal["hung", "died"]


class SharedMeter(Meter):
    """Counts calls in shared memory, and blows the fuse. Descriptions of packets do not count."""

    def __init__(self, memory: mmap.mmap, fuse: Fuse | None) -> None:
        self._memory = memory
        self._fuse = fuse
        self._calls = self._events = 0
        self._slowest = 0.0
        self._entered = 0.0

    def enter(self, name: str) -> None:
        """A call begins."""
        self._calls += name != "describe"
        if self._fuse is not None and self._calls == self._fuse.call:
            raise SubjectError(f"{name}() {self._fuse.how}", name, self._fuse.cause)
        self._entered = time.perf_counter()
        self._write(inside=True)

    def leave(self) -> None:
        """The call has ended."""
        self._slowest = max(self._slowest, time.perf_counter() - self._entered)
        self._write(inside=False)

    def _write(self, inside: bool) -> None:
        self._events += 1
        NUMBERS.pack_into(self._memory, 0, self._events, self._calls, inside, self._slowest)


@frozen
class Ending:
    """How a process that ran a schedule ended."""

    kind: Literal["done", "hung", "died"]
    how: str
    call: int
    """The last call of the subject."""
    slowest: float
    """Seconds of the slowest call that returned."""
    answer: Any = None

    def is_like(self, other: "Ending") -> bool:
        """Whether two processes ended the same way."""
        return self.kind == other.kind != "done" and self.how == other.how

    def fuse(self) -> Fuse | None:
        """The fuse that stops the same task before the call in which it ended; None if done."""
        return None if self.kind == "done" else Fuse(self.call, self.how, self.kind)


def forked(setup: Setup, task: Task, patient: float, fuse: Fuse | None = None) -> Ending:
    """Do a task with a new cluster in a forked process."""
    memory = mmap.mmap(-1, NUMBERS.size)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        answer_into(writer, setup, task, SharedMeter(memory, fuse))
    os.close(writer)
    try:
        data, hung = read_answer(reader, memory, patient)
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    _, call, _, slowest = NUMBERS.unpack_from(memory)
    if hung:
        return Ending("hung", "did not return", call, slowest)
    try:
        answer = pickle.loads(data)
    except Exception:
        return Ending("died", manner_of_death(os.waitstatus_to_exitcode(status)), call, slowest)
    if isinstance(answer, Exception):
        raise answer
    return Ending("done", "", call, slowest, answer)


def answer_into(writer: int, setup: Setup, task: Task, meter: SharedMeter) -> None:
    """In the forked process: do the task, write its answer, and end."""
    try:
        meter.enter("create")
        subject = setup.factory.create(setup.servers, setup.settings)
        meter.leave()
        guard = guarded(subject, setup.servers, observes_with(setup.factory, setup.settings))
        guard.meter = meter
        cluster = Cluster(guard, setup.servers, setup.network, setup.checker())
        data = pickle.dumps(task(cluster))
    except LongRunError as error:
        data = pickle.dumps(error)
    except Exception as error:
        data = pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))
    try:
        while data:
            data = data[os.write(writer, data) :]
    finally:
        os._exit(0)


def read_answer(reader: int, memory: mmap.mmap, patient: float) -> tuple[bytes, bool]:
    """What the process writes until its end, and whether it was given up in a call."""
    pieces: list[bytes] = []
    last, since = -1, time.monotonic()
    while True:
        if select.select([reader], [], [], min(patient / 4, 0.1))[0]:
            piece = os.read(reader, 1 << 16)
            if not piece:
                return b"".join(pieces), False
            pieces.append(piece)
        events, _, inside, _ = NUMBERS.unpack_from(memory)
        if events != last or not inside:
            last, since = events, time.monotonic()
        elif time.monotonic() - since > patient:
            return b"", True


def death_of_subject(exit_code: int) -> Violation:
    """The failure of a subject whose process did not answer any more."""
    error = SubjectError(f"the subject {manner_of_death(exit_code)}", cause="died")
    return failure_of_subject(error)


def manner_of_death(exit_code: int) -> str:
    """How a process that did not answer ended, with the subject of the sentence left out."""
    how = manner_of_end(exit_code)
    if exit_code >= 0:
        return f"ended its process{how.removeprefix('ended')}"
    return f"ended its process: {how.removeprefix('was ')}"


def to_the_end(schedule: Schedule) -> Task:
    """Run a schedule and close the subject: the violation, and the resolved micro actions."""

    def task(cluster: Cluster) -> tuple[Violation | None, Schedule]:
        outcome = run_and_close(cluster, schedule)
        return outcome.violation, tuple(each.action for each in outcome.happenings)

    return task


def run_and_close(cluster: Cluster, schedule: Schedule) -> Run:
    """Run a schedule; a subject that cannot be closed after it has failed, too."""
    outcome = run(cluster, schedule)
    failure = closed(cluster)
    return outcome if outcome.violation is not None else evolve(outcome, violation=failure)


def play_forked(plan: HuntPlan, schedule: Schedule) -> Played:
    """As oracle.hunting.investigate.play, whatever the subject does."""
    setup = plan.setup()

    def task(cluster: Cluster) -> Played:
        return played(plan, cluster, schedule)

    ending = forked(setup, task, patience())
    if ending.kind != "done":
        ending = forked(setup, task, patience(), ending.fuse())
    if ending.kind != "done":
        raise NotReproducedError(f"the same schedule ended otherwise the second time: {ending.how}")
    result: Played = ending.answer
    return result


def investigate_forked(plan: HuntPlan, block: Block, board: str) -> Artefacts:
    """Shrink a schedule at which the subject hangs, dies, or fails to close."""
    assert block.violation is not None
    shrinker = DeathShrinker(plan, block, ShrinkBoard(board))
    macro = shrinker.smallest(block.schedule)
    micro = shrinker.micro_of(macro)
    smallest = shrinker.smallest(micro)
    if shrinker.is_shortened and not shrinker.fails(smallest, patience()):
        macro, smallest = block.schedule, shrinker.micro_of(block.schedule)
    return shrinker.artefacts(macro, smallest)


class DeathShrinker:
    """The search for a small schedule that ends a process in the same way as the one found."""

    def __init__(self, plan: HuntPlan, block: Block, board: ShrinkBoard) -> None:
        self.plan = plan
        self.board = board
        self.found = block.schedule
        self.setup = plan.setup()
        self.first = forked(self.setup, to_the_end(self.found), patience())
        if not self._is_failure(self.first) or self.first.call == FIRST_CALL:
            then = self.first.how or in_words(self.first.answer[0])
            raise NotReproducedError(
                f"the same {len(self.found)} actions gave first {in_words(block.violation)}, "
                f"then {then}"
            )
        budget = EndingBudget(patience(), ATTEMPTS)
        self.is_shortened = self.first.kind == "hung"
        if self.is_shortened:
            budget = budget_of_hang(budget.patience, self.first.slowest)
        self.patient, self.left = budget.patience, budget.attempts

    def smallest(self, schedule: Schedule) -> Schedule:
        """A part of the schedule that still fails, as small as the attempts allow."""

        length = len(schedule)

        def fails(candidate: Sequence[Action]) -> bool:
            nonlocal length
            self.left -= 1
            if self.left < 0 or not self.board.goes_on(length):
                return False
            is_failing = self.fails(tuple(candidate), self.patient)
            length = len(candidate) if is_failing else length
            return is_failing

        return tuple(ddmin(schedule, fails))

    def fails(self, schedule: Schedule, patient: float) -> bool:
        """Whether a schedule ends as the first one did."""
        ending = forked(self.setup, to_the_end(schedule), patient)
        if self.first.kind == "done":
            return self._is_failure(ending)
        return ending.is_like(self.first)

    def micro_of(self, schedule: Schedule) -> Schedule:
        """The micro actions up to the one at which the process ends."""
        micro: Schedule = self._with_fuse(schedule, to_the_end(schedule)).answer[1]
        if self.fails(micro, self.patient):
            return micro
        with_last = (*micro, *schedule[-1:])  # a step that fails half-way may not be among them
        return with_last if self.fails(with_last, self.patient) else schedule

    def artefacts(self, macro: Schedule, micro: Schedule) -> Artefacts:
        """All files, made in a process that has a fuse."""

        def task(cluster: Cluster) -> Artefacts:
            outcome = run_and_close(cluster, micro)
            assert outcome.violation is not None
            actions = tuple(each.action for each in outcome.happenings)
            shrunk = Shrunk(outcome.violation, self.found, macro, actions, outcome)
            return artefacts_of(self.plan, cluster.subject, shrunk, micro, note)

        note = (SHORTENED if self.is_shortened else "") + self.board.note()
        made: Artefacts = self._with_fuse(micro, task).answer
        return made

    def _with_fuse(self, schedule: Schedule, task: Task) -> Ending:
        ending = forked(self.setup, to_the_end(schedule), self.patient)
        again = forked(self.setup, task, patience(), ending.fuse())
        if again.kind != "done":
            raise NotReproducedError(f"a schedule that {ending.how} then {again.how}")
        return again

    def _is_failure(self, ending: Ending) -> bool:
        """Whether a process died or hung, or reported a failure of the subject."""
        if ending.kind != "done":
            return True
        violation = ending.answer[0]
        return violation is not None and violation.property == SUBJECT_FAILED
