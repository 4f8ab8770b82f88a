"""Systems to explore in tests, and one way to ask any engine for the same search."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from attrs import evolve, field, frozen

from model.explorer.engines.choice import make_engine
from model.explorer.engines.tables import Tables
from model.explorer.search.breadth_first import BreadthFirstSearch
from model.explorer.search.reference_search import reference_search
from model.explorer.search.result import SearchLimits, SearchResult, never_stop
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.raft_order import RaftOrder, reference_target
from model.explorer.systems.system import State, System, successors
from model.mutants import MUTANT_BY_NAME
from tests.require import needs

EVERYTHING: Final = SearchLimits()
needs_kernel: Final = needs("kernel")
COMPILED_OR_NOT: Final = ("numpy", pytest.param("kernel", marks=needs_kernel))


@frozen
class Case:
    """A search that is small enough to be made in several ways."""

    name: str
    raft_order: RaftOrder
    symmetry: bool = True
    violates: str = ""
    """The property that does not hold."""
    limits: SearchLimits = field(default=EVERYTHING)


def raft_order(
    servers: int = 3,
    settings: dict[str, str] | None = None,
    mutant: str | None = None,
    reduce: bool = True,
    ignore: frozenset[str] = frozenset(),
    **bounds: int,
) -> RaftOrder:
    """A cluster within bounds; those that are not named are as small as they can be."""
    smallest = {"max_term": 1, "max_inbox": 1, "client_requests": 0}
    return RaftOrder(
        target=reference_target(
            servers,
            settings or (dict(MUTANT_BY_NAME[mutant].settings) if mutant else {}),
            ignore,
            mutant,
        ),
        bounds=Bounds(**{**smallest, **bounds}),
        reduce=reduce,
    )


def system(servers: int = 3, **wanted: Any) -> RaftSystem:
    """The system of such an order."""
    return raft_order(servers, **wanted).make()


def explored_by(
    name: str,
    system: System,
    symmetry: bool = True,
    limits: SearchLimits = EVERYTHING,
    workers: int = 1,
    chunk: int | None = None,
) -> SearchResult:
    """What the engine of this name finds; `reference` is the search over plain objects."""
    if name == "reference":
        return reference_search(system, limits, symmetry)
    engine = make_engine(name, system, symmetry, workers)
    engine.chunk = chunk or engine.chunk
    found = BreadthFirstSearch(engine).run(limits, never_stop)
    engine.close()
    return found


def comparable(found: SearchResult) -> tuple[SearchResult, str]:
    """All that engines agree on: of a violation not its wording, which may name another witness."""
    broken = "" if found.broken is None else found.broken.property
    return evolve(found, broken=None, kinds=dict(found.kinds)), broken


def filled_tables(system: System, symmetry: bool = True) -> Tables:
    """The tables after everything was explored."""
    engine = make_engine("numpy", system, symmetry, 1)
    BreadthFirstSearch(engine).run(EVERYTHING, never_stop)
    return engine.tables


def reachable(system: System) -> Iterator[State]:
    """Every state, breadth first; states are the same only if they are equal."""
    first = system.initial()
    seen, frontier = {first}, [first]
    while frontier:
        yield from frontier
        following = []
        for state in frontier:
            for successor in successors(system, state):
                if successor.state is not None and successor.state not in seen:
                    seen.add(successor.state)
                    following.append(successor.state)
        frontier = following
