"""How a schedule is shrunk at which an adapter's process ends, or has to be ended."""

from typing import Final

from attrs import evolve

from model.actions import Schedule
from model.runs.run import run
from model.runs.shrink import ATTEMPTS, shrink
from model.world.macro_actions import Cluster
from oracle.adapter.subject import AdapterSubject
from oracle.hunting.ending_budget import SHORTENED, EndingBudget, budget_of_hang
from oracle.hunting.findings import Artefacts, artefacts_of
from oracle.hunting.plan import HuntPlan
from oracle.hunting.shrink_effort import Purse
from oracle.hunting.standard_error import with_standard_error
from properties.property import Violation

ENDS: Final = frozenset({"died", "hung", "output"})
"""Causes of a failure after which an adapter's process is no more."""


def is_end(violation: Violation) -> bool:
    """Whether a violation says that an adapter's process ended."""
    return violation.cause in ENDS


def artefacts_of_end(
    plan: HuntPlan,
    cluster: Cluster,
    schedule: Schedule,
    violation: Violation,
    purse: Purse,
) -> Artefacts:
    """Shrink a schedule at which an adapter's process ends, or has to be ended."""
    subject = cluster.subject
    assert isinstance(subject, AdapterSubject)
    patience, note = subject.patience, ""
    budget = EndingBudget(patience, ATTEMPTS)
    if violation.cause == "hung":
        budget, note = budget_of_hang(patience, subject.seconds_of_call), SHORTENED
    subject.patience = budget.patience
    best = shrink(cluster, schedule, violation, budget.attempts, purse.goes_on(cluster))
    subject.patience = patience
    actions: Schedule = best.micro
    for actions in (best.micro, best.macro, schedule):
        outcome = run(cluster, actions)
        if outcome.violation == violation:
            break
    micro = tuple(happening.action for happening in outcome.happenings)
    best = evolve(best, run=outcome, micro=micro, violation=outcome.violation or violation)
    made = artefacts_of(plan, subject, best, actions, note + purse.note())
    return with_standard_error(made, cluster)
