"""A trace that refers to what is not there is refused: pictures would look for it."""

import json
import re
from collections.abc import Callable
from typing import Any, Final

import pytest

from oracle.formats.trace_json import read_trace, trace_json
from oracle.formats.trace_places import MOST_SERVERS
from tests.oracle.formats.found import execution

Change = Callable[[Any], object]
FAR: Final = 2**70
CHANGES: Final[dict[str, Change]] = {
    "messages[0]: found place": lambda trace: trace["messages"][0].update(sent_in=FAR),
    "messages[1]: found place -1": lambda trace: trace["messages"][1].update(arrived_in=[-1]),
    "messages[2]: found place": lambda trace: trace["messages"][2].update(lost_in=10**9),
    "messages[0]: found no such": lambda trace: trace["messages"][0].update(source="S9"),
    "steps[0]: found place": lambda trace: trace["steps"][0].update(message=FAR),
    "steps[1]: found place -1": lambda trace: trace["steps"][1].update(sent=[-1]),
    "steps[0]: found no such": lambda trace: trace["steps"][0].update(server="S9"),
    "steps[1]: found no such": lambda trace: trace["steps"][1].update(cut=[["S1", "S9"]]),
    "steps[0].label": lambda trace: trace["steps"][0].update(label="first"),
    "steps[0].label: found '.5', expected": lambda trace: trace["steps"][0].update(label=".5"),
    "steps[2].label: found '999": lambda trace: trace["steps"][2].update(label="9" * 5000),
    "steps[1].label: found place 1,": lambda trace: (
        trace["steps"][0].update(label="2") or trace["steps"][1].update(label="1")
    ),
    "messages[1]: found place 3": lambda trace: trace["messages"][1].update(sent_in=3),
    "start.S1: found role": lambda trace: trace["start"]["S1"].update(role="king"),
    ".states.S2: found role": lambda trace: trace["steps"][-1]["states"]["S2"].update(role="king"),
    "groups[0]: found place 0": lambda trace: trace.update(
        groups=[{"title": "", "first": 0, "last": 1}]
    ),
    "ends: found place": lambda trace: trace.update(ends=[FAR]),
    "in_flight: found place": lambda trace: trace.update(in_flight=[FAR]),
    "start: found no such": lambda trace: trace.update(start={}),
    "steps: found 151 of 1,000 servers": lambda trace: trace.update(
        servers=["S1"] * MOST_SERVERS, steps=trace["steps"][:1] * 151
    ),
    "servers: found": lambda trace: trace.update(servers=["S1"] * (MOST_SERVERS + 1)),
}


@pytest.mark.parametrize("expected", CHANGES)
def test_trace_that_refers_to_nothing_is_refused(expected: str) -> None:
    """The line says where, what was found, and what was expected."""
    trace = json.loads(trace_json(execution()))
    CHANGES[expected](trace)
    with pytest.raises(ValueError, match=re.escape(expected)):
        read_trace(json.dumps(trace).encode())
