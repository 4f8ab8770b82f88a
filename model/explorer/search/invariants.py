"""Invariants of whole states, judged once for all states that look the same to them.

An invariant sees a part of the value at each place. Values have numbers, so a chunk of states is a
matrix of such parts, of which most rows were judged before.
"""

from collections.abc import Hashable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from model.explorer.engines.engine import Rows
from model.explorer.engines.tables import Tables
from model.explorer.systems.system import Broken, Invariant, State, System, invariants_of

BITS: Final = 63
"""Of the number that stands for all that an invariant sees of a state."""


def broken_in(system: System, state: State) -> Broken | None:
    """The first invariant of a system that does not hold in a state."""
    for each in invariants_of(system):
        if detail := each.broken(seen_of(each, state)):
            return Broken(each.name, detail)
    return None


def seen_of(invariant: Invariant, state: State) -> tuple[Hashable, ...]:
    """What an invariant sees of a state, by place."""
    return tuple(invariant.sees(place, value) for place, value in enumerate(state))


class InvariantJudge:
    """Holds the states of a search against the invariants of its system."""

    def __init__(self, tables: Tables) -> None:
        self._judges = [Judged(each, tables) for each in invariants_of(tables.system)]

    def first_broken(self, rows: Rows) -> tuple[int, Broken] | None:
        """The first of these states in which an invariant does not hold, and which."""
        found = [broken for each in self._judges if (broken := each.first_broken(rows))]
        return min(found, key=lambda broken: broken[0], default=None)


class Judged:
    """One invariant, with what it was seen to say."""

    def __init__(self, invariant: Invariant, tables: Tables) -> None:
        self._invariant, self._tables = invariant, tables
        self._numbers: dict[tuple[int, Hashable], int] = {}
        self._part_of: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        """By the number of a value, that of what is seen of it."""
        self._details: dict[Any, str] = {}
        """By the parts that are seen of a state, what is broken; nothing where it holds."""

    def first_broken(self, rows: Rows) -> tuple[int, Broken] | None:
        """The first of these states in which it does not hold."""
        if not len(rows):
            return None
        keys, firsts, inverse = self._kinds(rows)
        broken = np.zeros(len(keys), dtype=bool)
        for number, (key, first) in enumerate(zip(keys, firsts.tolist(), strict=True)):
            detail = self._details.get(key)
            if detail is None:
                detail = self._details[key] = self._judge(rows[first])
            broken[number] = bool(detail)
        if not broken.any():
            return None
        place = int(np.flatnonzero(broken[inverse])[0])
        return place, Broken(self._invariant.name, self._details[keys[inverse[place]]])

    def _kinds(self, rows: Rows) -> tuple[list[Any], NDArray[Any], NDArray[Any]]:
        """States by what is seen of them: keys, the first state of each, and each state's key."""
        self._learn()
        parts = self._part_of[rows]
        seen = np.flatnonzero(parts.any(axis=0))
        width = BITS // max(len(seen), 1)
        if len(self._numbers) >> width:
            _, firsts, inverse = np.unique(parts, axis=0, return_index=True, return_inverse=True)
            keys: list[Any] = [each.tobytes() for each in parts[firsts]]
            return keys, firsts, inverse.ravel()
        packed = np.zeros(len(rows), dtype=np.int64)
        for column in seen:
            packed = (packed << width) | parts[:, column]
        numbers, firsts, inverse = np.unique(packed, return_index=True, return_inverse=True)
        return [(*seen.tolist(), width, each) for each in numbers.tolist()], firsts, inverse

    def _learn(self) -> None:
        """Look at the values that the tables have got since; 0 is what shows nothing."""
        tables, new = self._tables, []
        for number in range(len(self._part_of), len(tables.values)):
            place = int(tables.place_of.array[number])
            part = self._invariant.sees(place, tables.values[number])
            key = place, part
            known = 0 if part is None else self._numbers.setdefault(key, len(self._numbers) + 1)
            new.append(known)
        if new:
            self._part_of = np.concatenate([self._part_of, np.array(new, dtype=np.int64)])

    def _judge(self, row: NDArray[np.int32]) -> str:
        """What it says of a state."""
        state = tuple(self._tables.values[each] for each in row.tolist())
        return self._invariant.broken(seen_of(self._invariant, state))
