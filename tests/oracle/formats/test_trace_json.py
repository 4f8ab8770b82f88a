"""Tests of a trace as JSON."""

import json

from oracle.formats.trace_json import trace_json
from tests.oracle.formats.found import SAVED, SCHEDULE, played


def test_trace_has_a_step_for_each_micro_action_and_its_violation() -> None:
    """Numbers start at 1, and the server that acted is shown after its step."""
    subject, outcome = played()
    trace = json.loads(trace_json(subject, outcome, SAVED))
    assert [step["step"] for step in trace["steps"]] == list(range(1, len(outcome.records) + 1))
    assert [step["action"] for step in trace["steps"]] == [type(each).__name__ for each in SCHEDULE]
    assert trace["violation"]["property"] == "ElectionSafety"
    last = trace["steps"][-1]
    assert (last["after"]["server"], last["after"]["role"]) == ("s2", "leader")
    assert last["message"].startswith("RequestVoteResponse")


def test_trace_says_what_ran() -> None:
    """Whoever reads it needs no other file."""
    subject, outcome = played()
    trace = json.loads(trace_json(subject, outcome, SAVED))
    assert (trace["format"], trace["version"]) == ("raft-oracle trace", 1)
    assert (trace["subject"], trace["subject_version"]) == ("reference", "0.1.0")
