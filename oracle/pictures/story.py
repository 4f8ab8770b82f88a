"""A schedule's story told along its execution: the stages as titles, and what was expected."""

from collections.abc import Iterator

from msgspec.structs import replace

from model.runs.execution import Execution, Group, ServerState, states_by_step
from oracle.formats.schedule_text import Story


def with_stages(execution: Execution, story: Story) -> Execution:
    """The execution with the stages of its story in place of what groups were found in it."""
    stages = [stage for stage in story.stages if stage.after <= len(execution.ends)]
    if not stages:
        return execution
    begins = [position_after(execution, stage.after) + 1 for stage in stages]
    ends = [*begins[1:], len(execution.steps) + 1]
    groups, before = [], ""  # a stage in which nothing happens is told with the next one
    for stage, first, end in zip(stages, begins, ends, strict=True):
        title = f"{before} {stage.title}".strip()
        if first < end:
            groups.append(Group(title=title, first=first, last=end - 1, is_stage=True))
        before = "" if first < end else title
    return replace(execution, groups=tuple(groups))


def position_after(execution: Execution, actions: int) -> int:
    """The position that was reached after so many actions."""
    return execution.ends[actions - 1] if actions else 0


def unmet(execution: Execution, story: Story) -> Iterator[str]:
    """Every expectation that was not met, with what was found, or that its moment never came."""
    states = [dict(execution.start), *states_by_step(execution)]
    for expected in story.expectations:
        if expected.after > len(execution.ends):
            yield f"{expected.in_words()}, but the run ended before"
            continue
        server = states[position_after(execution, expected.after)][str(expected.server)]
        found = field_in_words(server, expected.name)
        if found != expected.value:
            yield f"{expected.in_words()}, found {found}"


def field_in_words(state: ServerState, name: str) -> str:
    """One thing of a server, as expectations write it; a dash for none."""
    if name == "log":
        entries = enumerate(state.log or (), start=state.snapshot_index + 1)
        return ",".join(f"{index}@{term}" for index, (term, _) in entries) or "-"
    values = {
        "role": state.role if state.is_up else "down",
        "term": state.current_term,
        "vote": state.voted_for or "-",
        "commit": state.commit_index,
        "applied": state.last_applied,
    }
    return str(values[name])
