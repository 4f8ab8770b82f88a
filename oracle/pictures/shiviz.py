"""An execution as a log for ShiViz, with vector clocks, and its regular expression at the top.

Each event is two lines: the server with its clock, and what happened. A step at no server, such
as a partition, has no place in a diagram of servers and is left out; a lost message is sent there
and never received.
"""

import json
from collections.abc import Mapping
from typing import Final

from model.runs.execution import Execution, Step
from oracle.terminal.wording import visible

EXPRESSION: Final = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)"

Clock = dict[str, int]


def shiviz(execution: Execution) -> str:
    """The log: the expression, an empty line for the one between executions, then the events."""
    clocks: dict[str, Clock] = {server: {server: 0} for server in execution.servers}
    sent: dict[int, Clock] = {}
    lines = [EXPRESSION, ""]
    for server in execution.servers:
        tick(clocks[server], server)
        lines += [f"{server} {json.dumps(clocks[server])}", "starts"]
    for number, message in enumerate(execution.messages):
        if message.sent_in == 0:
            sent[number] = dict(clocks[message.source])
    for place, step in enumerate(execution.steps, start=1):
        if step.server is not None:
            clock = clocks[step.server]
            if step.message is not None and place in execution.messages[step.message].arrived_in:
                merge(clock, sent[step.message])
            tick(clock, step.server)
            lines += [f"{step.server} {json.dumps(clock)}", inert(event_of(step))]
        for number in step.sent:
            sent[number] = dict(clocks[execution.messages[number].source])
    return "\n".join(lines) + "\n"


def event_of(step: Step) -> str:
    """What happened, and what it changed."""
    return "; ".join(filter(None, (f"{step.label} {step.text}", step.change)))


def inert(event: str) -> str:
    """An event that is no markup in the page that shows it, and names no clock."""
    return visible(event).replace("<", "\u2039").replace("{", "(")


def tick(clock: Clock, server: str) -> None:
    """One more event at a server."""
    clock[server] += 1


def merge(clock: Clock, other: Mapping[str, int]) -> None:
    """What the receiver of a message has heard of since."""
    for server, count in other.items():
        clock[server] = max(clock.get(server, 0), count)
