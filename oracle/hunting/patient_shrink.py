"""Adapters that failed: their last words, and how to shrink the end of a process.

A new process for every candidate is dear, and one that hangs is dearer: so fewer candidates are
tried, and while a hang is shrunk, a call is given less time to return.
"""

from typing import Final

from attrs import evolve

from model.actions import Schedule
from model.runs.run import run
from model.runs.shrink import ATTEMPTS, shrink
from model.world.macro_actions import Cluster
from oracle.adapter.subject import AdapterSubject
from oracle.hunting.findings import Artefacts, artefacts_of
from oracle.hunting.plan import HuntPlan
from oracle.hunting.standard_error import with_standard_error
from properties.property import Violation

SHRINKING_SECONDS: Final = 30.0
"""About as much waiting may be spent on shrinking a hang."""
SLOWEST_TIMES: Final = 20
SHORTEST_PATIENCE: Final = 0.2
"""While a hang is shrunk, a call may take 20 times what the slowest one took, and this at least."""
SHORTENED: Final = "\nWhile it was shrunk, calls were given less time to return than before."
ENDS: Final = frozenset({"died", "hung", "output"})
"""Causes of a failure after which an adapter's process is no more."""


def is_end(violation: Violation) -> bool:
    """Whether an adapter's process ended by what a violation tells."""
    return violation.cause in ENDS


def artefacts_of_end(
    plan: HuntPlan, cluster: Cluster, schedule: Schedule, violation: Violation
) -> Artefacts:
    """Shrink a schedule at which an adapter's process ends, or has to be ended."""
    subject = cluster.subject
    assert isinstance(subject, AdapterSubject)
    patience, attempts, note = subject.patience, ATTEMPTS, ""
    if violation.cause == "hung":
        shorter = max(SHORTEST_PATIENCE, SLOWEST_TIMES * subject.seconds_of_call)
        subject.patience = min(patience, shorter)
        attempts, note = int(SHRINKING_SECONDS / subject.patience), SHORTENED
    best = shrink(cluster, schedule, violation, attempts)
    subject.patience = patience
    actions: Schedule = best.micro
    for actions in (best.micro, best.macro, schedule):
        outcome = run(cluster, actions)
        if outcome.violation == violation:
            break
    micro = tuple(happening.action for happening in outcome.happenings)
    best = evolve(best, run=outcome, micro=micro, violation=outcome.violation or violation)
    return with_standard_error(artefacts_of(plan, subject, best, actions, note), cluster)
