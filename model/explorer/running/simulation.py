"""`raft-oracle explore --simulate`: random walks where there is too much to see it all."""

import time
from collections.abc import Callable

from model.explorer.running.exploration import Account, Glance, Order, Report
from model.explorer.search.random_walks import Plan, Simulation
from model.explorer.search.result import Explored


def simulate(
    order: Order, plan: Plan, report: Report, is_interrupted: Callable[[], bool]
) -> Account:
    """Walk until a violation is in sight, or so many moves are made."""
    system = order.system()
    started = time.monotonic()

    def watch(simulation: Simulation) -> str:
        seconds = time.monotonic() - started
        moves, distinct = simulation.moves, simulation.fingerprints.length
        report(Glance(1, plan.moves, moves, distinct, simulation.counts.generated, seconds, 0, ()))
        return "an interrupt" if is_interrupted() else ""

    walked = Simulation(system, plan, order.symmetry).run(watch)
    explored = Explored(
        verdict=walked.verdict,
        distinct=walked.distinct,
        generated=walked.generated,
        levels=(),
        kinds=walked.kinds,
        notes=walked.notes,
        broken=walked.broken,
        path=walked.path,
        stopped_at=walked.stopped_at,
    )
    return Account(
        order=order,
        system=system,
        explored=explored,
        engine="numpy",
        workers=1,
        seconds=time.monotonic() - started,
        bytes=0,
        renamings=len(system.renamings) if order.symmetry else 1,
        interrupted=is_interrupted(),
        walks=walked,
    )
