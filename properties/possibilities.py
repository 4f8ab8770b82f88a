"""Linearizability step by step: all that may be the case after what clients have seen so far.

The judgement of `properties/linearizability.py` as a fold: Lowe's just-in-time linearization
(2017, section 5) with all branches at once. A call only adds to what is pending. An answer keeps
the worlds in which the operation has taken effect with this output, and for that lets pending
operations take effect, in every order, before it. What need not have happened yet is put off.

The work grows with what is pending, so say which operations are abandoned as soon as it is known.
May import: attrs, properties.
"""

from collections.abc import Hashable, Iterator, Sequence

from attrs import frozen

from properties.specification import KEY_VALUE, Specification
from raft_core.evolve import evolve

Effects = frozenset[tuple[int, str]]
"""Pending operations that have taken effect, each with the output that its client will see."""
World = tuple[Hashable, Effects]
"""A state that the machine may be in, and which pending operations made it so."""


@frozen
class Possibilities:
    """Everything that may be the case with one key: the pending operations, and the worlds.

    Operations are named by numbers, each used once. Those in `abandoned` will not be answered.
    """

    pending: tuple[tuple[int, str], ...]
    worlds: frozenset[World]
    abandoned: frozenset[int] = frozenset()


def possibilities_at_start(specification: Specification = KEY_VALUE) -> Possibilities:
    """Before the first call: one world, in the initial state."""
    return Possibilities((), frozenset({(specification.initial, frozenset())}))


def invoked(possibilities: Possibilities, operation: int, command: str) -> Possibilities:
    """After a call: one more operation may take effect, and none has to."""
    if any(operation == each for each, _ in possibilities.pending):
        raise ValueError(f"operation: found {operation}, which is pending, expected a new number")
    return evolve(possibilities, pending=(*possibilities.pending, (operation, command)))


def responded(
    possibilities: Possibilities,
    operation: int,
    output: str | None,
    specification: Specification = KEY_VALUE,
) -> Possibilities | None:
    """After an answer; None if it is possible in no world. An output of None is not known."""
    worlds = frozenset(
        (state, effects)
        for state, effects, _ in answers(possibilities, operation, output, specification)
    )
    if not worlds:
        return None
    pending = tuple(each for each in possibilities.pending if each[0] != operation)
    return simplest(Possibilities(pending, worlds, possibilities.abandoned), specification)


def abandoned(
    possibilities: Possibilities, operation: int, specification: Specification = KEY_VALUE
) -> Possibilities:
    """After it is certain that a pending operation will not be answered.

    It may still take effect, or never. The judgement is right without this call too, but
    keeps more worlds.
    """
    command_of(possibilities, operation)
    gone = possibilities.abandoned | {operation}
    return simplest(evolve(possibilities, abandoned=gone), specification)


def possible_outputs(
    possibilities: Possibilities, operation: int, specification: Specification = KEY_VALUE
) -> tuple[str, ...]:
    """Every output with which a pending operation could be answered now, sorted."""
    all_ways = evolve(specification, is_read=lambda *_: False)
    given = {given for *_, given in answers(possibilities, operation, None, all_ways)}
    return tuple(sorted(given))


def answers(
    possibilities: Possibilities, operation: int, output: str | None, specification: Specification
) -> Iterator[tuple[Hashable, Effects, str]]:
    """The ways in which an operation may be answered: the world that is left, and the output."""
    others = [each for each in possibilities.pending if each[0] != operation]
    command = command_of(possibilities, operation)
    is_read = specification.is_read(command, output)
    known = set(possibilities.worlds)
    worlds = list(known)
    while worlds:
        state, effects = worlds.pop()
        taken = dict(effects)
        if operation in taken:
            if output is None or output == taken[operation]:
                yield state, effects - {(operation, taken[operation])}, taken[operation]
            continue
        following, given = specification.apply(state, command)
        if output is None or output == given:
            yield following, effects, given
            if is_read:
                continue  # what could happen before a read that fits can happen after it
        for world in grown(state, effects, others, specification):
            if world not in known:
                known.add(world)
                worlds.append(world)


def grown(
    state: Hashable,
    effects: Effects,
    pending: Sequence[tuple[int, str]],
    specification: Specification,
) -> Iterator[World]:
    """The worlds in which one more pending operation has taken effect."""
    taken = dict(effects)
    for operation, command in pending:
        if operation not in taken:
            changed, output = specification.apply(state, command)
            yield changed, effects | {(operation, output)}


def command_of(possibilities: Possibilities, operation: int) -> str:
    """The command of a pending operation."""
    for each, command in possibilities.pending:
        if each == operation:
            return command
    raise ValueError(f"operation: found {operation}, expected the number of a pending one")


def simplest(possibilities: Possibilities, specification: Specification) -> Possibilities:
    """The same without worlds that add nothing, and without what was abandoned and is over."""
    worlds, gone = possibilities.worlds, possibilities.abandoned
    pending = dict(possibilities.pending)
    if len(worlds) > 1:
        worlds = frozenset(
            (state, effects)
            for state, effects in worlds
            if not any(
                (state, effects - {effect}) in worlds
                and can_wait(effect, state, pending, gone, specification)
                for effect in effects
            )
        )
    if not gone:
        return evolve(possibilities, worlds=worlds)
    over = frozenset.intersection(*(effects for _, effects in worlds))
    over = frozenset(effect for effect in over if effect[0] in gone)
    ended = {operation for operation, _ in over}
    ended |= {each for each in gone if specification.is_read(pending[each], None)}
    return Possibilities(
        pending=tuple(each for each in possibilities.pending if each[0] not in ended),
        worlds=frozenset(
            (state, frozenset(effect for effect in effects if effect[0] not in ended))
            for state, effects in worlds
        ),
        abandoned=gone - ended,
    )


def can_wait(
    effect: tuple[int, str],
    state: Hashable,
    pending: dict[int, str],
    gone: frozenset[int],
    specification: Specification,
) -> bool:
    """Whether a world with an effect adds nothing to the same world without it.

    An operation that nobody waits for any more may as well not have happened; one that changes
    nothing here can still take effect with the same output, when an answer demands it.
    """
    operation, output = effect
    return operation in gone or specification.apply(state, pending[operation]) == (state, output)
