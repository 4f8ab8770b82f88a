"""What a hunt that finds nothing says that it has checked."""

import pytest

from model.subject import NetworkKind
from model.target import Reference, Target
from model.world.macro_actions import PROGRESS
from oracle.commands.hunt_report import judged
from oracle.hunting.plan import HuntPlan
from properties.view import LOG, REFERENCE_OBSERVES, ROLE


def plan_of(
    observes: frozenset[str], network: NetworkKind = "any", ignore: frozenset[str] = frozenset()
) -> HuntPlan:
    """A hunt of a subject that shows so much."""
    return HuntPlan(
        target=Target(subject=Reference(), servers=3, network=network, ignore=ignore),
        version="1",
        made_for="any",
        observes=observes,
    )


def test_progress_is_checked_where_it_can_be_seen() -> None:
    """The reference shows all that it takes."""
    plan = plan_of(REFERENCE_OBSERVES)
    names, not_checked = judged(plan, plan.checker())
    assert PROGRESS in names
    assert PROGRESS not in [each.property for each in not_checked]


def test_progress_is_not_checked_where_it_cannot_be_seen() -> None:
    """What is missing is named, as with every property."""
    plan = plan_of(frozenset({ROLE, LOG}))
    names, not_checked = judged(plan, plan.checker())
    assert PROGRESS not in names
    (progress,) = [each for each in not_checked if each.property == PROGRESS]
    assert progress.missing == ("commit_index",)


@pytest.mark.parametrize("network", ["any", "fifo"])
def test_progress_is_neither_where_it_is_not_looked_for(network: NetworkKind) -> None:
    """On a fifo network no run ends with a fair schedule; and what is ignored is said apart."""
    ignored = frozenset({PROGRESS}) if network == "any" else frozenset()
    plan = plan_of(REFERENCE_OBSERVES, network, ignored)
    names, not_checked = judged(plan, plan.checker())
    assert PROGRESS not in [*names, *(each.property for each in not_checked)]
