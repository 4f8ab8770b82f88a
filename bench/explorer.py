"""The explorer's engines on growing bounds: states per second, and bytes per state."""

import time
import tracemalloc

from attrs import frozen

from model.explorer.engines.choice import make_engine
from model.explorer.engines.kernel import why_not
from model.explorer.search.breadth_first import BreadthFirstSearch
from model.explorer.search.reference_search import reference_search
from model.explorer.search.result import SearchLimits
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft_order import RaftOrder
from model.explorer.systems.system import System

FEW = 6_000
"""States after which the reference search stops: its rate does not depend on how far it goes."""
BOUNDS = {
    "terms to 1, inbox 2": Bounds(max_term=1, max_inbox=2),
    "terms to 2, inbox 2": Bounds(max_term=2, max_inbox=2),
    "terms to 2, inbox 3": Bounds(max_term=2, max_inbox=3),
    "terms to 2, inbox 3, a restart": Bounds(max_term=2, max_inbox=3, restarts=1),
}


@frozen
class Row:
    """One engine on one bound; `whole` says whether it went on until nothing was left."""

    bound: str
    engine: str
    distinct: int
    seconds: float
    bytes: float
    whole: bool

    @property
    def rate(self) -> float:
        """Distinct states per second."""
        return self.distinct / self.seconds


def measure_reference(bound: str, system: System) -> Row:
    """The reference search on its first states; memory in another run, as tracing takes time."""
    started = time.perf_counter()
    explored = reference_search(system, SearchLimits(states=FEW))
    seconds = time.perf_counter() - started
    tracemalloc.start()
    again = reference_search(system, SearchLimits(states=FEW // 6))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    whole = explored.verdict == "exhausted"
    return Row(bound, "reference", explored.distinct, seconds, peak / again.distinct, whole)


def measure_engine(name: str, bound: str, system: System) -> Row:
    """An engine to the end, and the most memory that its states took, without its tables."""
    most = 0

    def watch(search: BreadthFirstSearch) -> None:
        nonlocal most
        most = max(most, search.bytes)

    started = time.perf_counter()
    engine = make_engine(name, system, symmetry=True, workers=1)
    explored = BreadthFirstSearch(engine).run(SearchLimits(), watch)
    seconds = time.perf_counter() - started
    engine.close()
    return Row(bound, name, explored.distinct, seconds, most / explored.distinct, True)


def measure() -> list[Row]:
    """Every engine on every bound, side by side."""
    rows = []
    for bound, bounds in BOUNDS.items():
        system = RaftOrder(bounds=bounds).make()
        rows.append(measure_reference(bound, system))
        rows.append(measure_engine("numpy", bound, RaftOrder(bounds=bounds).make()))
        if not why_not():
            rows.append(measure_engine("kernel", bound, RaftOrder(bounds=bounds).make()))
    return rows


def table(rows: list[Row]) -> str:
    """States per second, their ratio to the reference on the same bound, and bytes per state."""
    title = "Explorer, all properties, symmetry and reduction, 1 request, one core"
    lines = [title]
    lines.append(f"  {'':<42} {'distinct':>11}  {'states/s':>10} {'ratio':>7} {'bytes':>7}")
    for row in rows:
        base = next(each for each in rows if each.bound == row.bound)
        lines.append(
            f"  {row.bound + ', ' + row.engine:<42} {row.distinct:>11,}"
            f"{'' if row.whole else '+':<1} {row.rate:>10,.0f} {row.rate / base.rate:>7.0f} "
            f"{row.bytes:>7,.0f}"
        )
    lines.append("  + the reference stops after its first states")
    if why_not():
        lines.append(f"  no kernel: {why_not()}")
    return "\n".join(lines) + "\n"
