"""What a finding needs of what was drawn for it: fewer servers and plainer settings may do.

A schedule of seven servers is long even where every action is needed, as majorities are large. So
some servers are left out, and those that stay take the names of the first ones.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from attrs import evolve, fields, frozen

from model.actions import Action, ChangeMembership, Schedule
from model.runs.run import violation_of
from model.runs.shrink import Shrunk
from model.schedule import servers_of
from oracle.hunting.plan import HuntPlan
from oracle.hunting.shrink_effort import Purse
from properties.property import Violation
from raft_core import SERVERS, Server


@frozen
class Needed:
    """Conditions of which a finding needs all, and a schedule that leads to it under them."""

    plan: HuntPlan
    schedule: Schedule
    violation: Violation
    kept: tuple[Server, ...] = SERVERS
    """Who takes part, by the names that they had; they are called S1, S2 and so on by now."""


def simplest(plan: HuntPlan, best: Shrunk, purse: Purse) -> Needed | None:
    """What a finding needs of what was drawn for it; None if it needs all.

    One condition after the other is given up, as long as the same schedule breaks the same.
    """
    needed: Needed | None = None
    again = True
    while again:
        schedules = (best.macro, best.micro) if needed is None else (needed.schedule,)
        candidates = (needed.plan if needed else plan).simpler()
        found = (under(each, schedules, best.violation.property, purse) for each in candidates)
        simpler = next((each for each in found if each is not None), None)
        if simpler is not None and needed is not None:
            simpler = evolve(simpler, kept=tuple(needed.kept[each] for each in simpler.kept))
        again, needed = simpler is not None, simpler or needed
    return needed


def fewer_servers(plan: HuntPlan) -> list[HuntPlan]:
    """The plans with fewer servers than were drawn, the fewest first, if any were drawn."""
    return [each for each in plan.simpler() if each.target.servers < plan.target.servers]


def on_fewer_servers(plan: HuntPlan, schedule: Schedule, name: str, purse: Purse) -> Needed | None:
    """The fewest servers on which what is left of a schedule breaks the same property."""
    found = (under(each, (schedule,), name, purse) for each in fewer_servers(plan))
    return next((each for each in found if each is not None), None)


def under(plan: HuntPlan, schedules: Sequence[Schedule], name: str, purse: Purse) -> Needed | None:
    """The first of these schedules that breaks the property under the plan's conditions."""
    cluster = plan.cluster()
    goes_on = purse.goes_on(cluster)
    try:
        for schedule in schedules:
            for kept in subsets(schedule, plan.target.servers):
                if not goes_on(len(schedule)):
                    return None
                renamed = on_servers(schedule, kept)
                violation = violation_of(cluster, renamed)
                if violation is not None and violation.property == name:
                    return Needed(plan, renamed, violation, kept)
    finally:
        cluster.subject.close()
    return None


def subsets(schedule: Schedule, size: int) -> Iterator[tuple[Server, ...]]:
    """So many of the servers that a schedule names: all, if there are no more."""
    named = {server for action in schedule for server in servers_of(action)}
    if max(named, default=0) < size:
        yield SERVERS[:size]
    else:
        yield from combinations(sorted(named), min(size, len(named)))


def on_servers(schedule: Schedule, kept: tuple[Server, ...]) -> Schedule:
    """What is left of a schedule on some of its servers, which take the names of the first ones."""
    name = {server: SERVERS[place] for place, server in enumerate(kept)}
    return tuple(_on_servers(each, name) for each in schedule if _is_left(each, name))


def _is_left(action: Action, name: dict[Server, Server]) -> bool:
    """Whether an action still says something: both ends of a link are there, and some voters."""
    values = (getattr(action, each.name) for each in fields(type(action)))
    if any(isinstance(each, Server) and each not in name for each in values):
        return False
    return not isinstance(action, ChangeMembership) or any(each in name for each in action.voters)


def _on_servers(action: Action, name: dict[Server, Server]) -> Action:
    """An action of servers that are there, by their new names."""
    changed: dict[str, Any] = {}
    for each in fields(type(action)):
        value = getattr(action, each.name)
        if isinstance(value, Server):
            changed[each.name] = name[value]
        elif isinstance(value, tuple):
            changed[each.name] = tuple(name[server] for server in value if server in name)
    return evolve(action, **changed)
