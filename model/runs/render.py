"""Traces: an execution as text that a person debugs with, the same bytes every time."""

from collections.abc import Mapping
from textwrap import wrap

from model.runs.execution import Execution, Group, Origin, ServerState, Step, states_by_step
from model.runs.recorded import execution_of
from model.runs.run import Run
from model.subject import Subject
from raft_core import SERVERS

WIDTH = 99
"""Characters of a line in files, and wherever nothing is known of who reads."""
NARROWEST = 60
WIDEST = 200
INSET = 2
"""Before a step that stands under a heading."""


def render(subject: Subject, outcome: Run, heading: str = "") -> str:
    """The text of a recorded run."""
    origin = Origin(subject="", subject_version="", network="any")
    return text_of(execution_of(subject, outcome, len(SERVERS), origin), heading)


def text_of(execution: Execution, heading: str = "", width: int = WIDTH) -> str:
    """The whole trace: verdict, heading, one row a step, and the servers at the end."""
    width = min(max(width, NARROWEST), WIDEST)
    headings = [part for line in heading.splitlines() for part in wrap(line, width)]
    lines = [*verdict(execution, width), *headings, ""]
    lines += table_of_steps(execution, width)
    states = last_states(execution)
    if states:
        lines += ["", *table_of_servers(states, width)]
    lines += places_in_code(execution, width)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def counted_steps(execution: Execution) -> list[Step]:
    """The steps that a trace numbers: those of a fair schedule count as one."""
    return [step for step in execution.steps if not step.is_round]


def verdict(execution: Execution, width: int) -> list[str]:
    """What was broken, where, and where that is written."""
    violation, steps = execution.verdict, counted_steps(execution)
    if violation is None:
        return [f"No violation in {len(steps)} steps."]
    where = f"at step {len(steps)}" if steps else "while starting"
    if steps and steps[-1].server in violation.servers and steps[-1].handler:
        name, place = steps[-1].handler
        where += f", in {name} ({place})"
    first = f"{violation.property} violated {where}: {violation.detail}"
    return [*wrap(first, width), *wrap(f"{violation.source}: {violation.statement}", width), ""]


def places_in_code(execution: Execution, width: int) -> list[str]:
    """Where in the subject's code the messages of a run were handled, if that is known."""
    places = sorted({" ".join(step.handler) for step in execution.steps if step.handler})
    return ["", *wrap(f"In the code: {', '.join(places)}", width)] if places else []


def table_of_steps(execution: Execution, width: int) -> list[str]:
    """One row for each micro step; the row that broke the property is marked.

    An election or a round of replication stands under a line that names it, and is set in.
    """
    lines = [f"     {'action':<{action_width(width)}} change"]
    groups: dict[int, list[Group]] = {}
    for group in execution.groups:
        groups.setdefault(group.first, []).append(group)
    last_inside = 0
    for position, step in enumerate(execution.steps, start=1):
        for group in groups.get(position, ()):
            if group.is_stage or not step.is_round:
                lines += heading(group, width)
                last_inside = 0 if group.is_stage else group.last
        if step.is_round:
            continue
        verdict = execution.verdict if position == len(execution.steps) else None
        broken = verdict.property if verdict else None
        lines += rows(step, broken, width, INSET if position <= last_inside else 0)
    return lines


def heading(group: Group, width: int) -> list[str]:
    """What stands above the steps of a group: of a stage, a sentence of its author."""
    if not group.is_stage:
        return [f"     {group.title}:"]
    return ["", *(f"     {line}" for line in wrap(group.title, width - 5))]


def action_width(width: int) -> int:
    """The part of a line that what happened may take; what it changed has the rest."""
    return width * 17 // 30


def rows(step: Step, broken: str | None, width: int, inset: int) -> list[str]:
    """One step: what happened, what it changed, and whether it is the one to blame."""
    half, margin = action_width(width), " " * inset
    left = wrap(step.text, half, initial_indent=margin, subsequent_indent=margin + "  ")
    text = step.change + ("  <-- " + broken if broken else "")
    right = wrap(text.strip(), width - half - 6, subsequent_indent="  ")
    height = max(len(left), len(right), 1)
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    numbers = [f"{step.label:>3}"] + ["   "] * (height - 1)
    return [
        f"{mark}  {action:<{half}} {effect}"
        for mark, action, effect in zip(numbers, left, right, strict=True)
    ]


def last_states(execution: Execution) -> dict[str, ServerState]:
    """Every server that acted, as it was seen last."""
    acted = {server for step in execution.steps for server in step.states}
    last = execution.start
    for states in states_by_step(execution):
        last = states
    return {server: last[server] for server in execution.servers if server in acted}


def table_of_servers(states: Mapping[str, ServerState], width: int = WIDTH) -> list[str]:
    """Role, term, vote and log of each server at the end; of one that is down, its disk."""
    roles = {name: state.role if state.is_up else "down" for name, state in states.items()}
    role_width = max(9, *map(len, roles.values()))
    about_logs = "log as index@term (| after commit_index)" if width >= WIDTH else "log"
    lines = [f"     {'role':<{role_width}}  term  voted_for  {about_logs}"]
    for server, state in states.items():
        vote = state.voted_for or "-"
        left = f"{server:<4} {roles[server]:<{role_width}}  {state.current_term:>4}  {vote:<9}  "
        logs = wrap(log_text(state), max(20, width - len(left))) or ["|"]
        lines.append(left + logs[0])
        lines += [" " * len(left) + line for line in logs[1:]]
    return lines


def log_text(state: ServerState) -> str:
    """A log with a bar after the committed part."""
    first, log = state.snapshot_index + 1, state.log or ()
    parts = [f"[snapshot to {state.snapshot_index}]"] if state.snapshot_index else []
    if state.commit_index < first:
        parts.append("|")
    for index, (term, _) in enumerate(log, start=first):
        parts.append(f"{index}@{term}")
        if index == state.commit_index:
            parts.append("|")
    if state.commit_index > state.snapshot_index + len(log):
        parts.append(f"... | commit_index {state.commit_index}")
    return " ".join(parts)
