"""One move of a played run: the actions so far, and what they come to.

The browser keeps the actions and sends them all each time. They are run from a fresh start, so that
the server remembers nothing and two browsers do not see each other.
"""

from typing import Final

import msgspec
from attrs import evolve

from model.actions import Action, Schedule
from model.failures import NotReproducedError
from model.runs.execution import Execution
from model.schedule import SavedSchedule, ScheduleError, dump_action, load_actions
from oracle.formats.schedule_text import check_length, clauses, read_action, schedule_text
from oracle.hunting.plan import HuntPlan
from oracle.hunting.play_safely import play_safely
from oracle.subjects.naming import absolute
from oracle.terminal.usage import UsageError

MOST_ACTIONS: Final = 5_000
"""That are run for one click."""


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a browser asks for: the actions so far, and some more as text, if any."""

    actions: list[dict[str, object]] = []
    more: str = ""


class Answered(msgspec.Struct, frozen=True):
    """What became of them."""

    execution: Execution | None
    actions: list[dict[str, object]]
    text: str
    """The schedule as text, to be saved."""
    error: str | None = None
    """Why nothing was run; then the actions are those of before."""


def answer(plan: HuntPlan, asked: Asked) -> Answered:
    """Run what was asked for; what cannot be read or run is told, and nothing is lost."""
    servers = plan.target.servers
    try:
        before = load_actions(asked.actions, "actions", servers)
    except ScheduleError as error:
        return Answered(None, [], "", str(error))
    try:
        actions = (*before, *read_more(asked.more, servers))
    except ScheduleError as error:
        return refused(plan, before, str(error))
    if len(actions) > MOST_ACTIONS:
        expected = f"expected at most {MOST_ACTIONS}"
        return refused(plan, before, f"found {len(actions)} actions, {expected}")
    try:
        played = play_safely(plan, actions)
    except (NotReproducedError, UsageError) as error:
        return refused(plan, before, str(error))
    return Answered(
        played.execution,
        dumped(actions),
        written(plan, actions),
        played.trace.strip() if played.execution is None else None,
    )


def refused(plan: HuntPlan, before: Schedule, complaint: str) -> Answered:
    """The actions of before, and why no more were run."""
    return Answered(None, dumped(before), written(plan, before), complaint)


def read_more(text: str, servers: int) -> Schedule:
    """Actions as somebody types them."""
    check_length(text)
    found: list[Action] = []
    for line in text.splitlines():
        found += [read_action(words, servers) for words in clauses(line)]
    return tuple(found)


def dumped(actions: Schedule) -> list[dict[str, object]]:
    """Actions as the browser keeps them."""
    return [dump_action(action) for action in actions]


def written(plan: HuntPlan, actions: Schedule) -> str:
    """The schedule as text."""
    return schedule_text(
        SavedSchedule(
            target=evolve(plan.target, subject=absolute(plan.target.subject)),
            subject_version=plan.version,
            driver="written",
            seed=0,
            property=None,
            actions=actions,
        )
    )
