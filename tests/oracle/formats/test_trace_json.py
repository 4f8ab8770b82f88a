"""Tests of a trace as JSON."""

import json

import msgspec

from oracle.formats.trace_json import read_trace, trace_json
from tests.oracle.formats.found import SCHEDULE, execution


def test_trace_has_a_step_for_each_micro_action_and_its_violation() -> None:
    """Numbers start at 1, and the server that acted is shown after its step."""
    trace = json.loads(trace_json(execution()))
    assert [step["label"] for step in trace["steps"]] == [
        str(1 + at) for at in range(len(SCHEDULE))
    ]
    assert [step["action"]["action"] for step in trace["steps"]] == [
        type(each).__name__ for each in SCHEDULE
    ]
    assert trace["verdict"]["property"] == "ElectionSafety"
    last = trace["steps"][-1]
    assert (last["server"], last["states"]["S2"]["role"]) == ("S2", "leader")
    message = trace["messages"][last["message"]]
    assert message["kind"] == "request_vote_response"
    assert message["fields"] == {"term": 1, "vote_granted": True}


def test_trace_says_what_ran() -> None:
    """Whoever reads it needs no other file."""
    trace = json.loads(trace_json(execution()))
    assert (trace["format"], trace["version"]) == ("raft-oracle trace", 2)
    origin = trace["origin"]
    assert (origin["subject"], origin["subject_version"]) == ("reference", "0.1.0")


def test_trace_is_read_as_it_was_written() -> None:
    """What is left out because it is as usual comes back."""
    assert read_trace(trace_json(execution())) == execution()


def test_trace_holds_nothing_that_a_terminal_obeys() -> None:
    """Such characters are written as escapes, and come back."""
    hostile = msgspec.structs.replace(execution(), macro=("\x9b31m\u202e\x7f\U000e0001 é",))
    written = trace_json(hostile)
    assert written.decode().replace("\n", "").isprintable()
    assert read_trace(written) == hostile
