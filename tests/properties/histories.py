"""Small histories, and a judgement of them that is too plain to be wrong."""

from collections.abc import Sequence
from itertools import chain, combinations, permutations
from random import Random

from properties.history import Operation
from properties.possibilities import abandoned, invoked, possibilities_at_start, responded
from properties.specification import KEY_VALUE, Specification

OUTPUTS = {
    "get x": ("", "1", "2", "11", "21"),
    "set x 1": ("",),
    "set x 2": ("",),
    "append x 1": ("1", "11", "21"),
    "cas x 1 2": ("ok", "fail"),
}


def answered(client: int, command: str, invoked: int, responded: int, output: str) -> Operation:
    """An operation with its answer."""
    return Operation(client, command, invoked, responded, output)


def unanswered(client: int, command: str, invoked: int) -> Operation:
    """An operation without an answer."""
    return Operation(client, command, invoked, None, None)


def random_history(random: Random, most: int = 5) -> list[Operation]:
    """Up to so many operations on one key: any times, any of the outputs that may occur."""
    operations = random.randint(1, most)
    places = random.sample(range(2 * operations), 2 * operations)
    history = []
    for client in range(operations):
        call, answer = sorted(places[2 * client : 2 * client + 2])
        command = random.choice(["get x", *OUTPUTS])
        if random.random() < 0.2:
            history.append(unanswered(client, command, call))
        else:
            output = None if random.random() < 0.1 else random.choice(OUTPUTS[command])
            history.append(Operation(client, command, call, answer, output))
    return history


def is_linearizable(history: Sequence[Operation]) -> bool:
    """Brute force: every order of the answered operations with any of the others."""
    must = [each for each in history if each.responded is not None]
    may = [each for each in history if each.responded is None]
    chosen = chain.from_iterable(combinations(may, size) for size in range(len(may) + 1))
    return any(
        keeps_order(order) and explains(order)
        for some in chosen
        for order in permutations([*must, *some])
    )


def keeps_order(order: Sequence[Operation]) -> bool:
    """Whether no operation stands after one that was called after it had been answered."""
    return all(
        later.responded is None or later.responded >= earlier.invoked
        for earlier, later in combinations(order, 2)
    )


def explains(order: Sequence[Operation], specification: Specification = KEY_VALUE) -> bool:
    """Whether the operations, one after the other, give their outputs."""
    state = specification.initial
    for operation in order:
        state, output = specification.apply(state, operation.command)
        if operation.output not in (None, output):
            return False
    return True


def folds(
    history: Sequence[Operation],
    patience: float | None = None,
    specification: Specification = KEY_VALUE,
) -> bool:
    """The judgement of the fold; after `patience` a client that gets no answer gives up."""
    ends = [(each.invoked, 0, number) for number, each in enumerate(history)]
    for number, each in enumerate(history):
        if each.responded is not None:
            ends.append((each.responded, 1, number))
    events: list[tuple[float, int, int]] = [*ends]
    if patience is not None:
        lost = [pair for pair in enumerate(history) if pair[1].responded is None]
        events += [(each.invoked + patience, 2, number) for number, each in lost]
    here = possibilities_at_start(specification)
    for _, kind, number in sorted(events):
        if kind == 0:
            here = invoked(here, number, history[number].command)
        elif kind == 2:
            here = abandoned(here, number, specification)
        else:
            after = responded(here, number, history[number].output, specification)
            if after is None:
                return False
            here = after
    return True
