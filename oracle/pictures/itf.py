"""An execution as ITF, the trace format of Apalache and Quint: a state of all servers a step.

See Apalache's ADR 015. Numbers are {"#bigint"}, functions are {"#map"}.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from model.runs.execution import Execution, ServerState, states_by_step
from oracle.terminal.wording import printable, printable_json

VARIABLES: Final[Mapping[str, Callable[[ServerState], object]]] = {
    "role": lambda state: state.role,
    "isUp": lambda state: state.is_up,
    "currentTerm": lambda state: number(state.current_term),
    "votedFor": lambda state: state.voted_for or "nobody",
    "commitIndex": lambda state: number(state.commit_index),
    "lastApplied": lambda state: number(state.last_applied),
    "snapshotIndex": lambda state: number(state.snapshot_index),
    "log": lambda state: [
        {"term": number(term), "command": command} for term, command in state.log or ()
    ],
}
"""By variable of the trace, what it says of one server."""


def itf(execution: Execution) -> bytes:
    """The trace; the variable `action` says what led to a state."""
    verdict = execution.verdict
    texts = ["start", *(step.text for step in execution.steps)]
    states = [execution.start, *states_by_step(execution)]
    document = {
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            "description": printable(verdict.detail if verdict else "no violation"),
            "source": printable(execution.origin.subject),
        },
        "vars": ["action", *VARIABLES],
        "states": [
            in_json({"#meta": {"index": place}, "action": text, **variables(servers)})
            for place, (text, servers) in enumerate(zip(texts, states, strict=True))
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def in_json(state: Mapping[str, object]) -> msgspec.Raw:
    """A state as it is written, which takes less memory than its parts until all are there."""
    return msgspec.Raw(printable_json(msgspec.json.encode(state).decode()))


def variables(servers: Mapping[str, ServerState]) -> dict[str, object]:
    """Every variable as a function from servers."""
    return {
        name: {"#map": [[server, value(state)] for server, state in servers.items()]}
        for name, value in VARIABLES.items()
    }


def number(value: int) -> dict[str, str]:
    """A whole number of any size."""
    return {"#bigint": str(value)}
