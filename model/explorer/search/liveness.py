"""Liveness within bounds: whether every state can still reach a goal once all faults have stopped.

Every state of an exploration is asked, also those that faults led to; on the way to the goal only
moves of some kinds count. Bounds cut ways off: where no term is left, nobody can be elected. So a
state that finds no way within the bounds is asked again in a roomier system, the same with wider
bounds, and is one of three:

- at the bound: with that much more room, it finds a way;
- a dead end: all that it can reach with more room was looked at, and no goal is there;
- undecided: there was more to look at than was allowed.

So what is asked is AG EF goal, in the words of CTL. That a way exists does not mean that it is
taken: states that may go round in circles are live as long as a way leads out of the circle.

With symmetry the graph is one of classes of states. That is no loss: a renaming of servers leads
from ways to ways and from goals to goals, so that either all states of a class have one or none.

Each graph keeps 4 bytes of a state for each of its places and 14 more, and 8 of each way on while
no goal is known from there; for three servers all comes to some 360 bytes a state at the peak,
with the exploration. Positions are 32-bit numbers.
"""

from collections.abc import Callable, Hashable
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from model.explorer.engines.engine import Engine, Numbers, Rows, ThreadPool
from model.explorer.engines.numpy_engine import NO_OUTCOME, Candidates, expand, fingerprints_of
from model.explorer.engines.tables import Tables
from model.explorer.search.breadth_first import BreadthFirstSearch
from model.explorer.search.result import SearchLimits, SearchResult
from model.explorer.systems.system import System

CHUNK: Final = 1 << 14
"""How many states are expanded at a time."""
MOST: Final = 5_000_000
"""How many states of the roomier system may be looked at by default."""
ABSENT: Final = -1
"""In place of the position of a state that is not in the graph."""


@frozen
class LivenessGoal:
    """Which moves are made once faults have stopped, and which outcomes are the goal.

    `first` is a kind that is tried alone before all others: of these moves only the first is made
    wherever there is one. That finds most ways at little cost, and rules none out.
    """

    kinds: frozenset[str]
    is_goal: Callable[[Hashable], bool]
    first: str


@frozen(kw_only=True)
class LivenessResult:
    """How many states can still reach the goal, and how many cannot or are not known to.

    `can_reach` do so within the bounds, `at_bound` with more room, `dead_ends` not at all; of the
    `undecided`, more lay ahead than was looked at. `path` leads to a dead end by the fewest moves.
    """

    search: SearchResult
    states: int
    can_reach: int
    at_bound: int
    dead_ends: int
    undecided: int
    looked_at: int
    """States of the roomier system that were looked at."""
    path: tuple[int, ...] | None = None


class StateGraph:
    """States, and the ways between them as far as they were followed.

    Ways out of states that are known to reach the goal are forgotten.
    """

    def __init__(self, tables: Tables, goal: LivenessGoal, width: int) -> None:
        self.tables = tables
        self.goal = goal
        self.pool = ThreadPool(1)
        self.rows: Rows = np.zeros((0, width), dtype=np.int32)
        self.reaches: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        """Whether the goal can be reached from a state, as far as is known."""
        self.is_followed: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._sorted: NDArray[np.uint64] = np.zeros(0, dtype=np.uint64)
        self._positions: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self._is_goal: list[bool] = []
        self._forget_ways()

    def _forget_ways(self) -> None:
        self.sources: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self.targets: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self.is_followed[:] = False

    def find(self, fingerprints: NDArray[np.uint64]) -> NDArray[np.int32]:
        """The positions of states by their fingerprints, or ABSENT."""
        if not len(self._sorted):
            return np.full(len(fingerprints), ABSENT, dtype=np.int32)
        places = np.minimum(np.searchsorted(self._sorted, fingerprints), len(self._sorted) - 1)
        found = self._sorted[places] == fingerprints
        return np.where(found, self._positions[places], np.int32(ABSENT))

    def add(self, rows: Rows, fingerprints: NDArray[np.uint64]) -> None:
        """States that are not there yet; one that comes more than once is added once."""
        new, firsts = np.unique(fingerprints, return_index=True)
        positions = np.argsort(np.argsort(firsts)) + len(self.rows)
        places = np.searchsorted(self._sorted, new)
        self._sorted = np.insert(self._sorted, places, new)
        self._positions = np.insert(self._positions, places, positions)
        self.rows = np.concatenate([self.rows, rows[np.sort(firsts)]])
        nothing = np.zeros(len(new), dtype=bool)
        self.reaches = np.concatenate([self.reaches, nothing])
        self.is_followed = np.concatenate([self.is_followed, nothing])

    def pursue(self, roots: Numbers, grows: bool, narrow: bool, most: int) -> None:
        """Look for ways from the roots to the goal, until all are found, or there are no more.

        It follows `narrow`ly, or all moves; where the graph does not grow, among its states only.
        """
        self._forget_ways()
        while len(self.rows) <= most:
            frontier = np.flatnonzero(self.open_from(roots))
            if not len(frontier):
                return
            self._follow(frontier, grows, narrow, most)
            spread_marks(self.reaches, self.targets, self.sources)
            rest = ~self.reaches[self.sources]
            self.sources, self.targets = self.sources[rest], self.targets[rest]

    def open_from(self, roots: Numbers) -> NDArray[np.bool_]:
        """States that were not followed yet, on ways from roots that do not reach the goal."""
        wanted = np.zeros(len(self.rows), dtype=bool)
        wanted[roots] = ~self.reaches[roots]
        spread_marks(wanted, self.sources, self.targets)
        is_open: NDArray[np.bool_] = wanted & ~self.reaches & ~self.is_followed
        return is_open

    def is_dead(self, roots: Numbers) -> NDArray[np.bool_]:
        """Of each root, whether all that it reaches was followed, and no goal is there."""
        hopeful = self.reaches | self.open_from(roots)
        spread_marks(hopeful, self.targets, self.sources)
        is_dead: NDArray[np.bool_] = ~hopeful[roots]
        return is_dead

    def _follow(self, frontier: Numbers, grows: bool, narrow: bool, most: int) -> None:
        """Make the moves of the states of a frontier, and note where they lead."""
        ways: list[tuple[NDArray[np.int32], NDArray[np.uint64]]] = []
        new: list[tuple[Rows, NDArray[np.uint64]]] = []
        for start in range(0, len(frontier), CHUNK):
            if len(self.rows) + sum(len(rows) for rows, _ in new) > most:
                break
            chunk = frontier[start : start + CHUNK]
            self.is_followed[chunk] = True
            made = self._moves(chunk, narrow)
            ways.append((chunk[made.parents].astype(np.int32), made.fingerprints))
            if grows:
                unknown = np.flatnonzero(self.find(made.fingerprints) == ABSENT)
                _, firsts = np.unique(made.fingerprints[unknown], return_index=True)
                kept = unknown[np.sort(firsts)]
                new.append((made.rows[kept], made.fingerprints[kept]))
        if new:
            self.add(
                np.concatenate([rows for rows, _ in new]),
                np.concatenate([fingerprints for _, fingerprints in new]),
            )
        sources = np.concatenate([each for each, _ in ways])
        targets = np.concatenate([self.find(fingerprints) for _, fingerprints in ways])
        leads_on = (targets != ABSENT) & (targets != sources)
        self.sources = np.concatenate([self.sources, sources[leads_on]])
        self.targets = np.concatenate([self.targets, targets[leads_on]])

    def _moves(self, chunk: Numbers, narrow: bool) -> Candidates:
        """The moves that count, of states from which none of them is the goal."""
        made = expand(self.tables, self.rows[chunk], self.pool)
        kinds = self.tables.offer_kind.array[made.offers]
        counts = np.array([each in self.goal.kinds for each in self.tables.kinds])
        counts = counts[kinds] & (made.flags == 0)
        self.reaches[chunk[made.parents[counts & self._are_goals(made.outcomes)]]] = True
        counts &= ~self.reaches[chunk[made.parents]]
        if narrow:
            firsts = np.array([each == self.goal.first for each in self.tables.kinds])[kinds]
            counts &= are_narrow(made.parents, firsts & counts)
        return made.chosen(counts)

    def _are_goals(self, outcomes: Numbers) -> NDArray[np.bool_]:
        notes = self.tables.notes[len(self._is_goal) :]
        self._is_goal += [note is not None and self.goal.is_goal(note) for note in notes]
        known = np.array([False, *self._is_goal])
        is_goal: NDArray[np.bool_] = known[outcomes - NO_OUTCOME]
        return is_goal


def are_narrow(parents: Numbers, firsts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of each state the first move that is to be tried alone, or all moves if it has none."""
    chosen = np.flatnonzero(firsts)
    states, places = np.unique(parents[chosen], return_index=True)
    kept: NDArray[np.bool_] = ~np.isin(parents, states)
    kept[chosen[places]] = True
    return kept


def spread_marks(marks: NDArray[np.bool_], sources: Numbers, targets: Numbers) -> None:
    """Mark all that can be reached from what is marked."""
    while True:
        fires = marks[sources]
        if not fires.any():
            return
        marks[targets[fires]] = True
        sources, targets = sources[~fires], targets[~fires]


def check_liveness(
    engine: Engine, roomier: System, goal: LivenessGoal, limits: SearchLimits, most: int = MOST
) -> LivenessResult:
    """Explore with an engine whose tables are empty, and ask every state that was found.

    `roomier` is the same system with wider bounds. It may lack components that decide nothing about
    which moves can be made. `most` is how many states may be looked at there, beside those that
    were found here.
    """
    search = BreadthFirstSearch(engine)
    kept = [search.frontier]

    def keep(search: BreadthFirstSearch) -> None:
        if search.position == 0:
            kept.append(search.frontier)

    searched = search.run(limits, keep)
    states = np.concatenate(kept)
    within = StateGraph(engine.tables, goal, states.shape[1])
    within.add(states, fingerprints_of(engine.tables, states))
    within.pursue(np.arange(len(states)), grows=False, narrow=False, most=len(states))
    beyond, roots = with_more_room(within, roomier, most)
    is_dead, reaches = beyond.is_dead(roots), beyond.reaches[roots]
    dead = np.flatnonzero(is_dead)
    live = int(np.count_nonzero(within.reaches))
    reached = int(np.count_nonzero(reaches))
    return LivenessResult(
        search=searched,
        states=len(states),
        can_reach=live,
        at_bound=reached - live,
        dead_ends=len(dead),
        undecided=len(states) - reached - len(dead),
        looked_at=len(beyond.rows),
        path=search.trail.path_to(int(dead[0]), 0)[:-1] if len(dead) else None,
    )


def with_more_room(within: StateGraph, roomier: System, most: int) -> tuple[StateGraph, Numbers]:
    """The states in the roomier system, pursued from those that do not reach the goal yet.

    The second value says, for each state, where it is in this graph.
    """
    tables = Tables(roomier, symmetry=len(within.tables.renamings) > 1)
    rows = moved(within.tables, within.rows, tables)
    fingerprints = fingerprints_of(tables, rows)
    beyond = StateGraph(tables, within.goal, rows.shape[1])
    beyond.add(rows, fingerprints)
    roots = beyond.find(fingerprints)
    beyond.reaches[roots[within.reaches]] = True
    most += len(beyond.rows)
    for narrow in (True, False):
        beyond.pursue(roots, grows=True, narrow=narrow, most=most)
    return beyond, roots


def moved(tables: Tables, rows: Rows, others: Tables) -> Rows:
    """Rows of one system as rows of another that has some of its components."""
    columns = []
    for place, wanted in enumerate(others.system.components):
        held, numbers = np.unique(
            rows[:, tables.system.components.index(wanted)], return_inverse=True
        )
        known = [others.number_of(place, tables.values[each]) for each in held]
        columns.append(np.array(known, dtype=np.int32)[numbers])
    return np.stack(columns, axis=1)
