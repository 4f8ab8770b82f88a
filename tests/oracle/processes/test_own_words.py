"""Tests of what the author of a lab is told of its end."""

import pytest

from model.subject import SubjectError
from oracle.processes.line_process import (
    ProcessDiedError,
    ProcessHungError,
    ProcessOutputError,
    unanswered,
)
from oracle.processes.own_words import own_words

ENDED = "ended with exit code 2"
PANIC = "panic: no log at raft.go:7"
LOOP = "endless loop: a goroutine runs for seconds and never blocks, begun at raft.go:7"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (unanswered(ProcessDiedError(""), b"", ENDED), f"S2: the lab {ENDED}"),
        (unanswered(ProcessDiedError(""), b"", ENDED, PANIC), f"S2: {PANIC}; the lab {ENDED}"),
        (unanswered(ProcessDiedError(""), b"", ENDED, f"raft-oracle: {LOOP}"), f"S2: {LOOP}"),
        (unanswered(ProcessHungError(""), b"", "went on"), "S2: the lab went on"),
        (ProcessOutputError("2 lines"), "S2: the lab wrote into a file that it has not opened"),
        (SubjectError("a vote for nobody"), ""),
    ],
)
def test_an_end_is_told_with_its_cause_first(error: SubjectError, told: str) -> None:
    """At which server, why, and how; what we ended ourselves, and what is no end, is none."""
    assert own_words(error, "the lab", "S2") == told
    assert own_words(error, "the lab") == told.removeprefix("S2: ")
    assert own_words(error, "the lab", line="it wrote this last") == told.removeprefix("S2: ")
    assert own_words(error, "") == "", "an adapter has the words of its protocol"


def test_a_refusal_of_ours_is_its_line() -> None:
    """Who cannot be driven is told why; that the process has ended is nothing new."""
    refused = unanswered(ProcessDiedError(""), b"", "ended with exit code 64")
    assert own_words(refused, "the lab", line="found no applyCh") == "found no applyCh"
