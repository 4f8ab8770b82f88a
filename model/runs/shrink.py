"""Shrinking: from any failing schedule to one in which every action is needed.

Delta debugging (Zeller and Hildebrandt, 2002) over lists of actions, twice: over the macro
schedule, for a story that a person can read, and over the resolved micro actions, for the
shortest trace. While micro actions are left out, messages are found by what they say; where
that no longer exists, because a term earlier fell away, by their place on the link.

A candidate counts only if it breaks the same property. There is no time limit, so that the
result is the same on every machine; `attempts` bounds the number of candidates. Whoever watches
may end it early: what is shortest by then is the result.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeAlias, TypeVar

from attrs import astuple, field, frozen

from model.actions import (
    Action,
    ClientRequest,
    Deliver,
    Drop,
    Duplicate,
    MicroAction,
    Schedule,
    Settle,
)
from model.failures import NotReproducedError
from model.runs.run import Run, rerun, run, violation_of
from model.world.macro_actions import Cluster
from model.world.records import Happening
from properties.property import Violation
from raft_core.evolve import evolve

ATTEMPTS = 4_000
FEWER_ROUNDS = 6
"""Rounds of the fair schedule at the end of a schedule, while it is shrunk."""

GoesOn: TypeAlias = Callable[[int], bool]
"""Called before each candidate with the length of the shortest one so far: whether to try it."""

Item = TypeVar("Item")
Names: TypeAlias = tuple[Hashable, ...]
"""Happenings, as a key."""


@frozen
class Shrunk:
    """A violation with its schedules, as found and as small as they got."""

    violation: Violation
    found: Schedule
    macro: Schedule
    micro: tuple[MicroAction, ...]
    run: Run = field(repr=False)
    """The run of `micro`, for its trace."""
    is_later: bool = False
    """Whether it comes of a later run than the first that failed."""


def to_the_end(_: int) -> bool:
    """Try all candidates that there are."""
    return True


def shrink(
    cluster: Cluster,
    found: Schedule,
    violation: Violation,
    attempts: int = ATTEMPTS,
    goes_on: GoesOn = to_the_end,
) -> Shrunk:
    """The smallest schedules that still break the property of `violation`.

    A fair schedule in which nothing comes about takes as long as hundreds of other actions. So it
    is shrunk with fewer rounds, if the result stands with all of them.
    """
    if (sooner := with_fewer_rounds(cluster, found, violation)) is not None:
        shrunk = shrunk_by(cluster, *sooner, attempts, goes_on)
        whole = with_all_rounds(cluster, shrunk, rounds_of(found), violation)
        if whole is not None:
            return evolve(whole, found=found)
    return shrunk_by(cluster, found, violation, attempts, goes_on)


def with_fewer_rounds(
    cluster: Cluster, found: Schedule, violation: Violation
) -> tuple[Schedule, Violation] | None:
    """A schedule whose fair schedule is shorter, with what it breaks, if that is the same."""
    if rounds_of(found) <= FEWER_ROUNDS:
        return None
    sooner = with_rounds(found, FEWER_ROUNDS)
    broken = violation_of(cluster, sooner)
    return (sooner, broken) if broken is not None and is_same(broken, violation) else None


def rounds_of(schedule: Sequence[Action]) -> int:
    """How many rounds the fair schedule has at the end of a schedule; none where there is none."""
    last = schedule[-1] if schedule else None
    return last.rounds if isinstance(last, Settle) else 0


def with_rounds(schedule: Sequence[Item], rounds: int) -> tuple[Item, ...]:
    """A schedule whose fair schedule at the end, if there is one, has so many rounds."""
    return tuple(
        evolve(each, rounds=rounds) if isinstance(each, Settle) and place == len(schedule) else each
        for place, each in enumerate(schedule, start=1)
    )


def with_all_rounds(
    cluster: Cluster, shrunk: Shrunk, rounds: int, violation: Violation
) -> Shrunk | None:
    """What was shrunk with fewer rounds, with so many; None where that breaks something else."""
    macro, micro = with_rounds(shrunk.macro, rounds), with_rounds(shrunk.micro, rounds)
    outcome = run(cluster, micro)
    if outcome.violation is None or not is_same(outcome.violation, violation):
        return None
    if not is_same(violation_of(cluster, macro), violation):
        macro = micro
    return Shrunk(outcome.violation, shrunk.found, macro, micro, outcome)


def shrunk_by(
    cluster: Cluster, found: Schedule, violation: Violation, attempts: int, goes_on: GoesOn
) -> Shrunk:
    """The smallest schedules, after so many attempts, that break the property of `violation`."""
    first = run(cluster, found)
    if first.violation != violation:
        raise NotReproducedError(
            f"the same schedule of {len(found)} actions first gave {name_of(violation)}, "
            f"then {name_of(first.violation)}"
        )
    budget = Budget(attempts, goes_on, len(found))
    breaks = macro_test(cluster, violation, budget)
    macro = shrink_macro(found, breaks)
    macro_run = run(cluster, macro)
    micro_run = shrink_micro(cluster, macro_run if macro_run.violation else first, budget)
    found_violation = micro_run.violation
    if found_violation is None:
        raise NotReproducedError("a schedule that failed while it was shrunk no longer fails")
    micro = tuple(happening.action for happening in micro_run.happenings)
    return Shrunk(found_violation, found, macro, micro, micro_run)


def shrunk_macro(
    cluster: Cluster, found: Schedule, violation: Violation, goes_on: GoesOn
) -> Schedule:
    """The smallest schedule of macro actions: the first half of what `shrink` does, as quickly."""
    if (sooner := with_fewer_rounds(cluster, found, violation)) is not None:
        macro = with_rounds(shrunk_macro(cluster, *sooner, goes_on), rounds_of(found))
        if is_same(violation_of(cluster, macro), violation):
            return macro
    budget = Budget(ATTEMPTS, goes_on, len(found))
    return shrink_macro(found, macro_test(cluster, violation, budget))


def name_of(violation: Violation | None) -> str:
    """A violation's property, or that there is none."""
    return violation.property if violation else "no violation"


def is_same(found: Violation | None, wanted: Violation) -> bool:
    """Whether the same is broken; of a subject's failures, whether the same call failed alike."""
    if found is None or found.property != wanted.property:
        return False
    return (found.call, found.error) == (wanted.call, wanted.error)


class Budget:
    """How many candidates may still be tried, and how long the shortest one is that failed."""

    def __init__(self, attempts: int, goes_on: GoesOn, length: int) -> None:
        self.left = attempts
        self.goes_on = goes_on
        self.length = length

    def spend(self) -> bool:
        """Whether one more may be tried; if so, it is counted."""
        self.left -= 1
        return self.left >= 0 and self.goes_on(self.length)


def macro_test(
    cluster: Cluster, violation: Violation, budget: Budget
) -> Callable[[Sequence[Action]], bool]:
    """Whether a schedule breaks the same property; each that does not is run once."""
    in_vain: set[tuple[Action, ...]] = set()

    def breaks(candidate: Sequence[Action]) -> bool:
        schedule = tuple(candidate)
        if schedule in in_vain or not budget.spend():
            return False
        if is_same(violation_of(cluster, schedule), violation):
            budget.length = len(schedule)
            return True
        in_vain.add(schedule)
        return False

    return breaks


def shrink_macro(schedule: Schedule, breaks: Callable[[Sequence[Action]], bool]) -> Schedule:
    """Leave out actions and make the rest plainer, until neither is possible."""
    while True:
        shorter = simplified(tuple(ddmin(schedule, breaks)), breaks)
        if shorter == schedule:
            return schedule
        schedule = shorter


def simplified(schedule: Schedule, breaks: Callable[[Sequence[Action]], bool]) -> Schedule:
    """The same schedule with plainer actions where those break the property too."""
    for position, action in enumerate(schedule):
        for plainer in action.plainer():
            candidate = (*schedule[:position], plainer, *schedule[position + 1 :])
            if breaks(candidate):
                schedule = candidate
                break
    renamed = with_commands_in_order(schedule)
    return renamed if renamed != schedule and breaks(renamed) else schedule


def with_commands_in_order(schedule: Schedule) -> Schedule:
    """The same requests with commands v1, v2, and so on."""
    names: dict[str, str] = {}
    for action in schedule:
        if isinstance(action, ClientRequest):
            names.setdefault(action.command, f"v{len(names) + 1}")
    return tuple(
        ClientRequest(each.server, names[each.command]) if isinstance(each, ClientRequest) else each
        for each in schedule
    )


def shrink_micro(cluster: Cluster, failing: Run, budget: Budget) -> Run:
    """Leave out micro actions until none can go, then pairs of them, again and again."""
    search = MicroSearch(cluster, failing, budget)
    length = 0
    while length != len(search.best.records):
        length = len(search.best.records)
        ddmin(search.best.happenings, search.breaks)
        remove_pairs(search)
        repeat_instead(search)
    keep_no_copies(search)
    return search.best


class MicroSearch:
    """The shortest failing run so far, and the test that improves it."""

    def __init__(self, cluster: Cluster, failing: Run, budget: Budget) -> None:
        assert failing.violation is not None
        self.cluster = cluster
        self.best = failing
        self.violation = failing.violation
        self.budget = budget
        self._in_vain: set[Names] = set()
        """Happenings of which it is known that they do not break the property."""

    def breaks(self, candidate: Sequence[Happening]) -> bool:
        """Whether these happenings still break the property, by content or by place."""
        return self._tries(candidate) or self._tries([by_place(each) for each in candidate])

    def _tries(self, candidate: Sequence[Happening]) -> bool:
        names = names_of(candidate)
        if names in self._in_vain or not self.budget.spend():
            return False
        outcome = rerun(self.cluster, candidate)
        if not is_same(outcome.violation, self.violation):
            happened = outcome.happenings
            places = names_of([by_place(each) for each in happened])
            self._in_vain |= {names, names_of(happened), places}
            return False
        if len(outcome.records) <= len(self.best.records):
            self.best = outcome
            self.budget.length = len(outcome.records)
        return True


def names_of(happenings: Sequence[Happening]) -> Names:
    """What a replay goes by: not the place of a message that is found by what it says."""
    return tuple(
        [
            each.action
            if each.packet is None
            else (type(each.action), each.packet.source, each.packet.destination, each.packet.label)
            for each in happenings
        ]
    )


def by_place(happening: Happening) -> Happening:
    """The same micro action, its message named by its place on the link."""
    match happening.action:
        case Deliver() | Duplicate() | Drop():
            return evolve(happening, packet=None)
        case _:
            return happening


def keep_no_copies(search: MicroSearch) -> None:
    """Let messages arrive without a copy that stays in flight, where the copy is not needed."""
    for position, happening in enumerate(search.best.happenings):
        if isinstance(happening.action, Duplicate):
            plain = evolve(happening, action=Deliver(*astuple(happening.action)))
            items = search.best.happenings
            search.breaks([*items[:position], plain, *items[position + 1 :]])


def repeat_instead(search: MicroSearch) -> None:
    """Let a message arrive twice in place of another action, which may have sent it again."""
    if search.cluster.network.fifo or len(search.best.records) > 40:
        return
    length = 0
    while length != len(search.best.records):
        items = search.best.happenings
        length = len(items)
        for first, happening in enumerate(items):
            if not isinstance(happening.action, Deliver):
                continue
            copied = evolve(happening, action=Duplicate(*astuple(happening.action)))
            twice = (*items[:first], copied, *items[first + 1 :])
            if any(search.breaks((*twice[:left], *twice[left + 1 :])) for left in range(length)):
                break


def remove_pairs(search: MicroSearch) -> None:
    """Leave out two actions at a time: a message sent in vain, and its arrival."""
    improved = True
    while improved and len(search.best.records) <= 60:
        items = search.best.happenings
        improved = any(
            search.breaks([*items[:first], *items[first + 1 : second], *items[second + 1 :]])
            for first in range(len(items))
            for second in range(first + 1, len(items))
        ) and len(search.best.records) < len(items)


def ddmin(items: Sequence[Item], breaks: Callable[[Sequence[Item]], bool]) -> Sequence[Item]:
    """A part of `items` that still breaks, and from which no single item can go.

    Works on chunks from large to small. Zeller and Hildebrandt, "Simplifying and isolating
    failure-inducing input", 2002.
    """
    size = max(len(items) // 2, 1)
    while items:
        start, shorter = 0, False
        while start < len(items):
            candidate = [*items[:start], *items[start + size :]]
            if breaks(candidate):
                items, shorter = candidate, True
            else:
                start += size
        if size == 1 and not shorter:
            break
        size = max(size // 2, 1)
    return items
