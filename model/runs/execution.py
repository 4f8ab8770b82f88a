"""An execution: all that any picture of a run shows, as plain data.

The text of a trace, the page with its space-time diagram, and every other format are drawn from
this one structure, so that they cannot tell different stories. It knows no subject: strings,
numbers, and positions in its own lists.

A step's position is its place in `steps`, counted from 1; position 0 is the start, at which all
servers began. The steps of a fair schedule that counts as one step stand before it and are marked
by `is_round`.
"""

from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

import msgspec

FORMAT: Final = "raft-oracle trace"
VERSION: Final = 2

ServerName: TypeAlias = str
"""A server as traces call it: `S1`."""
LogEntry: TypeAlias = tuple[int, str]
"""The term of an entry and its command."""
MOST_EVIDENCE: Final = 8
"""Steps that a breach rests on that are told in words: the latest are closest to it."""
NOT_SEEN: Final = "?"
"""The vote of a server that does not show it."""


class Plain(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What all parts have in common: what is as usual is not written."""


class ServerState(Plain, frozen=True, kw_only=True):
    """One server after a step (Figure 2, State); of one that is down, what its disk holds."""

    is_up: bool = True
    role: str
    current_term: int
    voted_for: ServerName | None = None
    """None for nobody, NOT_SEEN where votes are not observed."""
    commit_index: int
    last_applied: int
    snapshot_index: int = 0
    log: tuple[LogEntry, ...] | None = None
    """The entries from `snapshot_index + 1` on; None where they are as before the step."""
    next_index: tuple[int, ...] = ()
    """By server, while it leads."""
    match_index: tuple[int, ...] = ()
    configuration: str | None = None


class Message(Plain, frozen=True, kw_only=True):
    """A message: what it says, when it was sent, and what became of it."""

    source: ServerName
    destination: ServerName
    text: str
    kind: str = ""
    """One of the kinds of the rules, such as `append_entries`; empty where nobody says."""
    fields: Mapping[str, object] = {}
    """What it says, in the paper's words; empty where nobody says."""
    sent_in: int
    arrived_in: tuple[int, ...] = ()
    """More than once if it was duplicated."""
    lost_in: int | None = None
    """The step in which it was lost, or got to a server that was down."""
    is_cut_off: bool = False
    """Whether it was sent on a link that let nothing pass."""


class Step(Plain, frozen=True, kw_only=True):
    """A micro action, and what came of it."""

    label: str
    """Its number in the trace; in a fair schedule also the number within it, as in `7.2`."""
    action: Mapping[str, object]
    """As in a schedule: its name, then its fields."""
    text: str
    server: ServerName | None = None
    """The server at which something happened; None where it is about links or about all."""
    change: str = ""
    states: Mapping[ServerName, ServerState] = {}
    """The servers of which something changed, as they were afterwards."""
    message: int | None = None
    """The message that arrived, was copied or was lost: its place in `messages`."""
    sent: tuple[int, ...] = ()
    """The messages that were sent: their places in `messages`."""
    cut: tuple[tuple[ServerName, ServerName], ...] = ()
    """The links on which nothing passes after this step."""
    crashed: bool = False
    """Whether the server crashed within the step."""
    answers: tuple[str, ...] = ()
    """What clients were told."""
    handler: tuple[str, str] | None = None
    """The function of the subject's code that handled the message, and where that stands."""
    rests_on: tuple[str, ...] = ()
    """What the broken property rests on in this step, in a few words each."""
    is_round: bool = False
    is_quiet: bool = False
    """Whether nothing came of it, nor of the messages that it sent."""


class Group(Plain, frozen=True, kw_only=True):
    """Steps that belong together, such as an election; positions, both included."""

    title: str
    first: int
    last: int
    is_stage: bool = False
    """Whether the title is a sentence of the schedule's author."""


class Verdict(Plain, frozen=True, kw_only=True):
    """What was broken, in the last step."""

    property: str
    statement: str
    source: str
    detail: str
    servers: tuple[ServerName, ...]


class Origin(Plain, frozen=True, kw_only=True):
    """What ran, and where the schedule comes from."""

    subject: str
    subject_version: str
    network: str
    settings: Mapping[str, str] = {}
    mutant: str | None = None
    ignore: tuple[str, ...] = ()
    driver: str = ""
    seed: int | None = None
    heading: str = ""
    """The same in sentences."""
    commands: tuple[str, ...] = ()
    """What to type to see it again."""


class Execution(Plain, frozen=True, kw_only=True):
    """A run of a cluster, from its start to its end or to the step that broke something."""

    origin: Origin
    verdict: Verdict | None
    servers: tuple[ServerName, ...]
    start: Mapping[ServerName, ServerState]
    steps: tuple[Step, ...]
    messages: tuple[Message, ...]
    groups: tuple[Group, ...]
    ends: tuple[int, ...] = ()
    """The position that was reached with each action of the schedule, where that was counted."""
    in_flight: tuple[int, ...] = ()
    """The messages that could still arrive at the end: link by link, the oldest of a link first."""
    macro: tuple[str, ...] = ()
    """The shortest schedule in macro actions, a line each; empty where none is known."""
    format: Literal["raft-oracle trace"] = FORMAT
    version: Literal[2] = VERSION


def states_by_step(execution: Execution) -> Iterator[dict[ServerName, ServerState]]:
    """All servers after each step, every log filled in."""
    states = dict(execution.start)
    for step in execution.steps:
        for server, state in step.states.items():
            log = states[server].log if state.log is None else state.log
            states[server] = msgspec.structs.replace(state, log=log)
        yield dict(states)


def cause(execution: Execution) -> Iterator[str]:
    """How the breach came about, in sentences: the property, what it rests on, the last step."""
    verdict = execution.verdict
    if verdict is None:
        return
    yield f"{verdict.property}: {verdict.statement} ({verdict.source})"
    rests = [f"{what} in step {step.label}" for step in execution.steps for what in step.rests_on]
    if rests:
        yield f"Before it: {'; '.join(rests[-MOST_EVIDENCE:])}."
    if execution.steps:
        last = execution.steps[-1]
        came = f": {last.change}" if last.change else ""
        yield f"Then, in step {last.label}: {last.text}{came}."


def until(execution: Execution, number: int) -> Execution:
    """An execution up to the step of this number; without a verdict where it goes on."""
    kept = [step for step in execution.steps if int(step.label.split(".")[0]) <= number]
    end = len(kept)
    if end == len(execution.steps):
        return execution
    messages = tuple(
        msgspec.structs.replace(
            message,
            arrived_in=tuple(place for place in message.arrived_in if place <= end),
            lost_in=None if message.lost_in is None or message.lost_in > end else message.lost_in,
        )
        for message in execution.messages
        if message.sent_in <= end  # they are numbered in the order in which they were sent
    )
    groups = tuple(group for group in execution.groups if group.last <= end)
    return msgspec.structs.replace(
        execution, steps=tuple(kept), messages=messages, groups=groups, verdict=None, macro=()
    )
