"""Which steps of an execution belong together, and of which nothing comes."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from model.runs.execution import Group, Message, Step

FEWEST: Final = 3
"""Steps that are worth a heading of their own."""


def quiet_ones(steps: Sequence[Step], messages: Sequence[Message]) -> tuple[Step, ...]:
    """The steps, those marked that changed nothing, and whose messages did not either.

    What was lost counts as nothing; so do heartbeats that a follower answers as always.
    """
    effect = [False] * (len(steps) + 1)
    marked = []
    for position in range(len(steps), 0, -1):
        step = steps[position - 1]
        tells = bool(step.change or step.answers or step.rests_on or step.states)
        tells |= step.message is None and not step.sent
        later = [arrival for number in step.sent for arrival in messages[number].arrived_in]
        is_last = position == len(steps)
        effect[position] = tells or is_last or any(effect[arrival] for arrival in later)
        marked.append(replace(step, is_quiet=not effect[position]))
    return tuple(reversed(marked))


def groups_of(steps: Sequence[Step], messages: Sequence[Message]) -> tuple[Group, ...]:
    """Elections and rounds of replication, each as a run of steps, and fair schedules."""
    groups = []
    position = 1
    while position <= len(steps):
        last = last_of_group(steps, messages, position)
        if last - position + 1 >= FEWEST:
            groups.append(
                Group(title=title_of(steps[position - 1 : last]), first=position, last=last)
            )
        position = last + 1
    return tuple(groups)


def last_of_group(steps: Sequence[Step], messages: Sequence[Message], first: int) -> int:
    """The position of the last step that belongs to the one at `first`."""
    begun = steps[first - 1]
    if begun.is_round:
        return next(at for at in range(first, len(steps) + 1) if not steps[at - 1].is_round)
    if begun.action["action"] not in ("ElectionTimeout", "HeartbeatTimeout"):
        return first
    last = first
    for position in range(first + 1, len(steps) + 1):
        step = steps[position - 1]
        if step.message is None or step.is_round or messages[step.message].sent_in < first:
            break
        message = messages[step.message]
        if begun.server not in (message.source, message.destination):
            break
        last = position
    return last


def title_of(steps: Sequence[Step]) -> str:
    """What a group comes to."""
    first = steps[0]
    if first.is_round:
        return f"{len(steps) - 1} steps of a fair schedule"
    server = first.server or ""
    states = [step.states[server] for step in steps if server in step.states]
    if first.action["action"] == "HeartbeatTimeout":
        return f"{server}'s round of heartbeats"
    if states and states[-1].role == "leader":
        return f"{server} is elected in term {states[-1].current_term}"
    term = states[-1].current_term if states else None
    return f"{server} asks for votes" + (f" in term {term}" if term else "")
