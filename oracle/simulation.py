"""`raft-oracle explore --simulate`: random walks where there is too much to see it all.

May import: model, time, oracle.
"""

import time

from model.explorer.result import Explored
from model.explorer.simulate import Plan, Simulation
from oracle.exploration import Account, Glance, Order, Report
from oracle.interrupt import Interruption


def simulate(order: Order, plan: Plan, report: Report, interruption: Interruption) -> Account:
    """Walk until a violation is in sight, or so many moves are made."""
    system = order.system()
    started = time.monotonic()

    def watch(simulation: Simulation) -> str:
        seconds = time.monotonic() - started
        moves, distinct = simulation.moves, simulation.fingerprints.length
        report(Glance(1, plan.moves, moves, distinct, simulation.counts.generated, seconds, 0, ()))
        return "an interrupt" if interruption.came else ""

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
        interrupted=interruption.came,
        walks=walked,
    )
