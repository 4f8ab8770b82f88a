"""How a schedule is shrunk at which an adapter's process ends, or has to be ended."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
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
from oracle.processes.family import ENDLESS_VARIABLE
from oracle.processes.last_words import ENDLESS
from oracle.processes.process_pool import put_back
from properties.property import Violation

ENDS: Final = frozenset({"died", "hung", "output"})
"""Causes of a failure after which an adapter's process is no more."""
SHORTER: Final = "1000"
ATTEMPTS_AT_LOOP: Final = 100
"""Candidates that are tried at an endless loop; those that come to it take a second each."""


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
    if ENDLESS in violation.detail:
        budget, note = EndingBudget(patience, ATTEMPTS_AT_LOOP), SHORTENED
    subject.patience = budget.patience
    with sooner_endless():
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


@contextmanager
def sooner_endless() -> Iterator[None]:
    """Let the processes that are started meanwhile take a loop for an endless one sooner."""
    before = os.environ.get(ENDLESS_VARIABLE)
    os.environ[ENDLESS_VARIABLE] = SHORTER
    try:
        yield
    finally:
        put_back(ENDLESS_VARIABLE, before)
