"""Linearizability: every operation seems to take effect at once, between its call and its answer.

Herlihy and Wing (1990); what Raft promises to clients, section 8 of the paper and sections 6.3 and
6.4 of the thesis. This judges a whole history; `properties/possibilities.py` judges step by step.
May import: attrs, enum, properties.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from enum import Enum
from typing import Final

from attrs import frozen

from properties.history import Moment, Operation
from properties.specification import KEY_VALUE, Specification
from properties.wing_gong import Outcome, Search

DEFAULT_ATTEMPTS: Final = 1_500_000
"""Some seconds, and about two hundred megabytes, for one key at the worst."""


class Verdict(Enum):
    """What is known of a history."""

    LINEARIZABLE = "linearizable"
    NOT_LINEARIZABLE = "not linearizable"
    UNKNOWN = "unknown"


@frozen
class Candidate:
    """An operation that could have been next, and what it would have given there."""

    operation: Operation
    gives: str


@frozen
class Counterexample:
    """Why there is no linearization of a key's operations: how far one gets, and what stops it.

    `order` is the longest beginning of a linearization, counted in answered operations; it leads
    to `state`. Before the answer at `deadline` one of `candidates` has to take effect: those that
    were answered gave something else, and with the others one gets no further.
    """

    key: str
    operations: int
    order: tuple[Operation, ...]
    state: Hashable
    deadline: Moment
    candidates: tuple[Candidate, ...]


@frozen
class Judgement:
    """The verdict on a history, and what was judged: keys are counted up to the first that fails.

    `undecided` are the keys for which the attempts did not suffice.
    """

    verdict: Verdict
    operations: int
    unanswered: int
    keys: int
    attempts: int
    undecided: tuple[str, ...] = ()
    counterexample: Counterexample | None = None


def check(
    history: Iterable[Operation],
    specification: Specification = KEY_VALUE,
    attempts: int = DEFAULT_ATTEMPTS,
    report: Callable[[int, int], None] = lambda done, keys: None,
) -> Judgement:
    """Judge a history, key by key; for each key at most so many operations are tried.

    A bound on attempts, and none on time, gives the same verdict on every machine. How many keys
    are done, and how many there are, is reported before each.
    """
    parts = by_key(history, specification)
    tried, undecided, counterexample = 0, [], None
    for done, (key, operations) in enumerate(parts.items()):
        report(done, len(parts))
        outcome = Search(operations, specification).run(attempts)
        tried += outcome.attempts
        if outcome.found is None:
            undecided.append(key)
        elif not outcome.found:
            counterexample = counterexample_of(key, operations, outcome, specification)
            break
    return Judgement(
        verdict=verdict_of(counterexample, undecided),
        operations=sum(map(len, parts.values())),
        unanswered=sum(each.responded is None for part in parts.values() for each in part),
        keys=len(parts),
        attempts=tried,
        undecided=tuple(undecided),
        counterexample=counterexample,
    )


def by_key(
    history: Iterable[Operation], specification: Specification
) -> dict[str, list[Operation]]:
    """The operations on each key, keys in order of appearance."""
    parts: dict[str, list[Operation]] = {}
    for number, operation in enumerate(history, start=1):
        try:
            key = specification.key_of(operation.command)
        except ValueError as error:
            raise ValueError(f"operation {number}: {error}") from None
        parts.setdefault(key, []).append(operation)
    return parts


def verdict_of(counterexample: Counterexample | None, undecided: Sequence[str]) -> Verdict:
    """One key that fails decides, whatever is not known of others."""
    if counterexample is not None:
        return Verdict.NOT_LINEARIZABLE
    return Verdict.UNKNOWN if undecided else Verdict.LINEARIZABLE


def counterexample_of(
    key: str, operations: Sequence[Operation], outcome: Outcome, specification: Specification
) -> Counterexample:
    """What stands in the way where the search got furthest."""
    rest = without(operations, outcome.order)
    deadline = min(each.responded for each in rest if each.responded is not None)
    return Counterexample(
        key=key,
        operations=len(operations),
        order=outcome.order,
        state=outcome.state,
        deadline=deadline,
        candidates=tuple(
            Candidate(operation, specification.apply(outcome.state, operation.command)[1])
            for operation in rest
            if operation.invoked <= deadline
        ),
    )


def without(operations: Sequence[Operation], done: Sequence[Operation]) -> list[Operation]:
    """The operations that are not done, each as often as it occurs; first called, first listed."""
    rest = sorted(operations, key=lambda each: each.invoked)
    for operation in done:
        rest.remove(operation)
    return rest
