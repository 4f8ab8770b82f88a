"""Breadth-first search over plain objects: slow, short, and what the fast engines must equal.

Nothing is remembered but the states: every move is worked out anew, every state is kept in
full, and two states are the same if their bytes are.

May import: collections, typing, model.explorer.
"""

from collections import Counter
from collections.abc import Hashable

from model.explorer.result import Explored, Limits
from model.explorer.system import Broken, Renaming, State, System, successors

Key = tuple[tuple[str, int, bytes], ...]


def key_under(system: System, state: State, renaming: Renaming) -> Key:
    """All of a state with its servers renamed, as bytes in the order of the new names."""
    return tuple(
        sorted(
            (
                place.kind,
                -1 if place.server is None else renaming[place.server],
                system.encode(number, state[number], renaming),
            )
            for number, place in enumerate(system.places)
        )
    )


def search(system: System, limits: Limits, symmetry: bool = True) -> Explored:
    """Explore all that can be reached, a level at a time; a violation ends it after its level."""
    renamings = system.renamings if symmetry else system.renamings[:1]
    initial = system.initial()
    origin: dict[Key, tuple[Key, int] | None] = {}
    frontier = {min(key_under(system, initial, each) for each in renamings): initial}
    origin[next(iter(frontier))] = None
    levels, generated, kinds, notes = [1], 1, Counter[str](), set[Hashable]()
    broken: tuple[Broken, Key, int] | None = None
    stopped_at = ""
    while frontier and broken is None and not stopped_at:
        if len(levels) > limits.depth:
            stopped_at = "depth"
            break
        following: dict[Key, State] = {}
        for key, state in frontier.items():
            for number, successor in enumerate(successors(system, state)):
                generated += 1
                kinds[successor.offer.kind] += 1
                if successor.outcome is not None and successor.outcome.note is not None:
                    notes.add(successor.outcome.note)
                if successor.broken is not None and broken is None:
                    broken = (successor.broken, key, number)
                if successor.state is not None:
                    reached = min(key_under(system, successor.state, each) for each in renamings)
                    if reached not in origin:
                        origin[reached] = (key, number)
                        following[reached] = successor.state
        frontier = following
        if frontier:
            levels.append(len(frontier))
        if frontier and len(origin) >= limits.states:
            stopped_at = "states"
    return Explored(
        verdict="violated" if broken else "stopped" if stopped_at else "exhausted",
        distinct=len(origin),
        generated=generated,
        levels=tuple(levels),
        kinds=kinds,
        notes=frozenset(notes),
        broken=broken[0] if broken else None,
        path=path_to(origin, broken[1], broken[2]) if broken else (),
        stopped_at="" if broken else stopped_at,
    )


def path_to(origin: dict[Key, tuple[Key, int] | None], key: Key, last: int) -> tuple[int, ...]:
    """The moves from the initial state to the state of this key, and one more."""
    path = [last]
    while (step := origin[key]) is not None:
        key, number = step
        path.append(number)
    return tuple(reversed(path))
