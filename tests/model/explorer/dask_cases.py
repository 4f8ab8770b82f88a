"""Systems that are cheap to explore, what one process finds, and shares without a cluster."""

from collections.abc import Callable, Mapping
from functools import cache, partial
from random import Random
from typing import Final

from model.explorer.engines.choice import make_engine
from model.explorer.search.breadth_first import BreadthFirstSearch
from model.explorer.search.result import SearchLimits, SearchResult, never_stop
from model.explorer.spread.share import Parcel, WorkerShare
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft_order import RaftOrder, reference_target
from model.explorer.systems.raft_tla import RaftTla
from model.explorer.systems.system import System

RESTARTS: Final = RaftOrder(bounds=Bounds(client_requests=0, restarts=1)).make
MUTANT: Final = RaftOrder(
    target=reference_target(mutant="double-vote"), bounds=Bounds(restarts=1)
).make
SPECIFICATION: Final = partial(RaftTla, servers=2, max_messages=2, history=True)
SYSTEMS: Final[Mapping[str, Callable[[], System]]] = {
    "restarts": RESTARTS,
    "mutant": MUTANT,
    "raft.tla": SPECIFICATION,
}


@cache
def by_one_process(
    name: str, symmetry: bool = True, limits: SearchLimits | None = None
) -> SearchResult:
    """What a search in one process finds."""
    engine = make_engine("numpy", SYSTEMS[name](), symmetry, 1)
    return BreadthFirstSearch(engine).run(limits or SearchLimits(), never_stop)


def shares_of(name: str, owners: int, engine: str = "numpy") -> list[WorkerShare]:
    """Every worker's share, at the start."""
    make = SYSTEMS[name]
    return [
        WorkerShare(make_engine(engine, make(), True, 1), each, owners) for each in range(owners)
    ]


def finish_level(shares: list[WorkerShare], random: Random) -> None:
    """Expand a level with parcels of any size, that come late and in any order of the senders."""
    under_way: list[list[tuple[int, Parcel]]] = [[] for _ in shares]
    for share, mine in zip(shares, under_way, strict=True):
        share.engine.chunk = random.choice([7, 100, 1000])
        while share.advance():
            mine += share.parcels(least=random.choice([1, 50, 1000]))
        mine += share.parcels(least=1)
    while any(under_way):
        mine = random.choice([each for each in under_way if each])
        receiver, parcel = mine.pop(0)
        shares[receiver].accept(parcel)
        shares[receiver].tidy()
