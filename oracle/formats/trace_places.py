"""Whether what a trace refers to is there: its steps, messages and servers.

Pictures look all of these up by place and name, and a trace may come from anybody.
"""

import re
from collections.abc import Iterable
from typing import Final

from model.runs.execution import Execution, ServerName, ServerState
from raft_core import Role

MOST_SERVERS: Final = 1_000
"""As many as a picture has room for, and far more than any cluster has."""

MOST_STATES: Final = 150_000
"""Of servers after steps, in all: more than the longest run that is told shows, or a page."""
MOST_STEPS: Final = 10**9
"""The number of a step that no file has room for."""
LABEL: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,10})?")
"""The number of a step, and of one within a fair schedule, as 7.2."""
ROLES: Final = tuple(role.value for role in Role)


def check_places(execution: Execution) -> None:
    """ValueError names the first place or server that a trace refers to, and does not have."""
    if len(execution.servers) > MOST_SERVERS:
        found = f"found {len(execution.servers):,}"
        raise ValueError(f"servers: {found}, expected at most {MOST_SERVERS:,}")
    if len(execution.servers) * len(execution.steps) > MOST_STATES:
        found = f"found {len(execution.steps):,} of {len(execution.servers):,} servers"
        raise ValueError(f"steps: {found}, expected at most {MOST_STATES:,} states of a server")
    known = frozenset(execution.servers)
    check_names("start", (each for each in execution.servers if each not in execution.start), ())
    check_names("start", execution.start, known)
    check_steps(execution, known)
    for server, state in execution.start.items():
        check_role(f"start.{server}", state)
    last = len(execution.steps)
    for number, message in enumerate(execution.messages):
        where = f"messages[{number}]"
        check_names(where, (message.source, message.destination), known)
        lost = () if message.lost_in is None else (message.lost_in,)
        check_numbers(where, (message.sent_in,), 0, last)
        check_numbers(where, message.arrived_in, message.sent_in + 1, last)
        check_numbers(where, lost, message.sent_in, last)
        if message.sent_in and number not in execution.steps[message.sent_in - 1].sent:
            step = f"steps[{message.sent_in - 1}]"
            raise ValueError(f"{where}: found sent_in {message.sent_in}, which {step} does not say")
    for number, group in enumerate(execution.groups):
        check_numbers(f"groups[{number}]", (group.first, group.last), 1, last)
    check_numbers("ends", execution.ends, 0, last)
    check_numbers("in_flight", execution.in_flight, 0, len(execution.messages) - 1)


def check_steps(execution: Execution, known: frozenset[ServerName]) -> None:
    """The messages and servers of every step are there, and it has a number."""
    before = 0
    for number, step in enumerate(execution.steps):
        where = f"steps[{number}]"
        if LABEL.fullmatch(step.label) is None:
            raise ValueError(f"{where}.label: found {step.label!r}, expected a number, as 7 or 7.2")
        whole = int(step.label.split(".")[0])
        check_numbers(f"{where}.label", (whole,), before, MOST_STEPS)
        before = whole
        for server, state in step.states.items():
            check_role(f"{where}.states.{server}", state)
        acting = () if step.server is None else (step.server,)
        links = (server for link in step.cut for server in link)
        check_names(where, (*acting, *step.states, *links), known)
        moved = () if step.message is None else (step.message,)
        check_numbers(where, (*moved, *step.sent), 0, len(execution.messages) - 1)
        for each in step.sent:
            check_numbers(f"messages[{each}]", (execution.messages[each].sent_in,), 0, number + 1)


def check_role(where: str, state: ServerState) -> None:
    """ValueError where a server is what none can be."""
    if state.role not in ROLES:
        raise ValueError(f"{where}: found role {state.role!r}, expected one of {', '.join(ROLES)}")


def check_names(where: str, names: Iterable[ServerName], known: Iterable[ServerName]) -> None:
    """ValueError names the first server that is not one of those that are known."""
    for each in names:
        if each not in known:
            raise ValueError(f"{where}: found no such server as {each!r}, expected one of servers")


def check_numbers(where: str, numbers: Iterable[int], least: int, most: int) -> None:
    """ValueError names the first number that is no place in a list."""
    for each in numbers:
        if not least <= each <= most:
            raise ValueError(f"{where}: found place {each}, expected {least} to {most}")
