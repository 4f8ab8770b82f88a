"""A run as rows of words: the calls of an adapter, and the states that the breach rests on.

A message is named by its link and its label, not by its place: so a run of a program that has
changed goes on as long as it sends the same. The last row is the state that was found to be wrong,
with what was sent in that step; of a call that failed there is none, as it is enough to make it.
"""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from model.runs.execution import NOT_SEEN, Execution, ServerState, Step, states_by_step
from model.runs.told_entries import LONGEST
from oracle.terminal.wording import MOST_TEXT

Row: TypeAlias = tuple[str, str, str, str]
NO_CALL: Final = frozenset({"Drop", "Cut", "Partition", "Heal"})
"""Actions of the network alone: what they keep from arriving is not received."""
TIMEOUTS: Final = {
    "ElectionTimeout": "election_timeout",
    "HeartbeatTimeout": "heartbeat_timeout",
}


def rows_of(execution: Execution, failed: bool) -> tuple[Row, ...]:
    """The rows of a run; none where it takes more than the six calls of every adapter.

    `failed` says that a call failed in the last step.
    """
    if any(len(each.text) > MOST_TEXT for each in execution.messages):
        return ()  # such a text is cut off, and would not be found again
    logs = (state.log or () for step in execution.steps for state in step.states.values())
    if any(len(content) > LONGEST for log in logs for _, content in log):
        return ()  # nor would this
    rows: list[Row] = []
    up = {name: state.is_up for name, state in execution.start.items()}
    last = len(execution.steps) - 1
    for place, (step, states) in enumerate(
        zip(execution.steps, states_by_step(execution), strict=True)
    ):
        called = tuple(calls_of(step, execution, up)) if not step.is_round else ()
        if not called and step.action["action"] not in NO_CALL and step.message is None:
            return ()
        rows += called
        up = {name: state.is_up for name, state in states.items()}
        if place == last and not failed:
            rows += [ended(name, states[name], step, execution) for name in concerned(step)]
        elif step.rests_on:
            rows += [("was", name, in_one_line(states[name]), "") for name in concerned(step)]
    return tuple(rows) if rows and (failed or rows[-1][0] == "broken") else ()


def calls_of(step: Step, execution: Execution, up: Mapping[str, bool]) -> Iterator[Row]:
    """The calls of one step: none if it is about the network alone, or not one of the six."""
    name, server = str(step.action["action"]), step.server or ""
    if step.message is not None:
        message = execution.messages[step.message]
        if step.server is not None and name in ("Deliver", "Duplicate"):
            what = "receive" if name == "Deliver" else "copy"
            yield what, server, message.source, message.text
    elif name in TIMEOUTS:
        yield TIMEOUTS[name], server, "", ""
    elif name == "ClientRequest":
        yield "client_request", server, str(step.action["command"]), ""
    elif name == "Crash":
        yield "crash", server, "", ""
    elif name == "Restart":
        if up[server]:
            yield "crash", server, "", ""
        yield "restart", server, "", ""


def concerned(step: Step) -> tuple[str, ...]:
    """The server whose state a step is about, if it is about one."""
    return (step.server,) if step.server is not None else ()


def ended(name: str, state: ServerState, step: Step, execution: Execution) -> Row:
    """How a server stood after the step that broke something, and what was sent in it."""
    sent = (execution.messages[number] for number in step.sent)
    told = "; ".join(f"{each.destination} {each.text}" for each in sent)
    return "broken", name, in_one_line(state), told


def in_one_line(state: ServerState) -> str:
    """What there is to be seen of a server, as the programs write it too."""
    vote = "-" if state.voted_for in (None, NOT_SEEN) else state.voted_for
    log = "".join(f" {term}:{command}" for term, command in state.log or ())
    indexes = f"{state.commit_index} {state.last_applied}"
    return f"{state.role} {state.current_term} {vote} {indexes} |{log}"
