"""The first rule of Raft that a finding breaks, of the reference, a mutant, or a changed one.

The rules make a hunt two to three times as slow, so that it goes without them. A schedule that was
shrunk is run once more with them: they name what is wrong long before it costs an entry.
"""

from typing import Final

from attrs import evolve

from model.actions import Schedule
from model.runs.run import run
from oracle.hunting.checked_properties import is_reference
from oracle.hunting.plan import HuntPlan
from oracle.subjects.registry import BROKEN_NAMES
from properties.property import Violation
from properties.rules.conforms import CONFORMS, RULE_NAMES
from properties.view import MEANINGS

NOT_RULES: Final = frozenset(BROKEN_NAMES) - {CONFORMS, *RULE_NAMES}


def first_wrong_rule(plan: HuntPlan, schedule: Schedule, violation: Violation) -> str:
    """A sentence that names the rule and the step; empty where the rules have no other word."""
    if not is_reference(plan) or MEANINGS in plan.observes or violation.cause is not None:
        return ""
    target = evolve(
        plan.target,
        settings={**plan.target.settings, "meanings": "on"},
        ignore=plan.target.ignore | NOT_RULES,
    )
    judged = evolve(plan, target=target, observes=plan.observes | {MEANINGS}, property_files=())
    cluster = judged.cluster()
    try:
        outcome = run(cluster, schedule)
    finally:
        cluster.subject.close()
    found = outcome.violation
    if found is None or found.property == violation.property:
        return ""
    what = f"{found.property} ({found.source}). {found.detail}"
    return f"\nBy Raft's rules, first wrong at step {len(outcome.records)}: {what}"
