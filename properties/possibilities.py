"""Linearizability step by step: all that may be the case after what clients have seen so far.

The judgement of `properties/linearizability.py` as a fold: Lowe's just-in-time linearization
(2017, section 5) with all branches at once. A call only adds to what is pending. An answer keeps
the worlds in which the operation has taken effect with this output, and for that lets pending
operations take effect, in every order, before it. What need not have happened yet is put off.
May import: attrs, properties.
"""

from collections.abc import Hashable, Iterator
from typing import Any

from attrs import frozen

from properties.specification import KEY_VALUE, Specification

Effects = frozenset[tuple[int, str]]
"""Pending operations that have taken effect, each with the output that its client will see."""
World = tuple[Hashable, Effects]
"""A state that the machine may be in, and which pending operations made it so."""


@frozen
class Possibilities:
    """Everything that may be the case with one key: the pending operations, and the worlds.

    Operations are named by numbers, which must differ while they are pending.
    """

    pending: tuple[tuple[int, str], ...]
    worlds: frozenset[World]


def possibilities_at_start(specification: Specification = KEY_VALUE) -> Possibilities:
    """Before the first call: one world, in the initial state."""
    return Possibilities((), frozenset({(specification.initial, frozenset())}))


def invoked(possibilities: Possibilities, operation: int, command: str) -> Possibilities:
    """After a call: one more operation may take effect, and none has to."""
    return Possibilities((*possibilities.pending, (operation, command)), possibilities.worlds)


def responded(
    possibilities: Possibilities,
    operation: int,
    output: str | None,
    specification: Specification = KEY_VALUE,
) -> Possibilities | None:
    """After an answer; None if it is possible in no world. An output of None is not known."""
    answered = frozenset(
        (state, effects)
        for given, state, effects in answers(possibilities, operation, specification)
        if output is None or given == output
    )
    if not answered:
        return None
    rest = tuple(each for each in possibilities.pending if each[0] != operation)
    if len(answered) > 1:
        answered = without_premature(answered, dict(rest), specification)
    return Possibilities(rest, answered)


def possible_outputs(
    possibilities: Possibilities, operation: int, specification: Specification = KEY_VALUE
) -> tuple[str, ...]:
    """Every output with which a pending operation could be answered now, sorted."""
    return tuple(
        sorted({given for given, _, _ in answers(possibilities, operation, specification)})
    )


def answers(
    possibilities: Possibilities, operation: int, specification: Specification
) -> Iterator[tuple[str, Hashable, Effects]]:
    """All ways in which an operation may be answered: its output, and the world that is left."""
    others = [each for each in possibilities.pending if each[0] != operation]
    command = dict(possibilities.pending)[operation]
    known = set(possibilities.worlds)
    worlds = list(known)
    while worlds:
        state, effects = worlds.pop()
        taken = dict(effects)
        if operation in taken:
            yield taken[operation], state, effects - {(operation, taken[operation])}
            continue
        following, given = specification.apply(state, command)
        yield given, following, effects
        for other, its_command in others:
            if other in taken:
                continue
            changed, its_output = specification.apply(state, its_command)
            world = (changed, effects | {(other, its_output)})
            if world not in known:
                known.add(world)
                worlds.append(world)


def without_premature(
    worlds: frozenset[World], pending: dict[int, str], specification: Specification
) -> frozenset[World]:
    """The worlds without those in which an operation changed nothing and could as well wait.

    Where the same world without its effect is there too, the operation can still take effect
    with the same output, when an answer demands it: nothing possible is lost.
    """

    def is_premature(state: Any, effects: Effects) -> bool:
        return any(
            (state, effects - {effect}) in worlds
            and specification.apply(state, pending[effect[0]]) == (state, effect[1])
            for effect in effects
        )

    return frozenset(world for world in worlds if not is_premature(*world))
