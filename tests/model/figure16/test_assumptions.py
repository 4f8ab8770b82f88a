"""What is assumed of Figure 16's experiment, as it is simulated and as it is said."""

from attrs import evolve

from model.figure16.assumptions import ASSUMED, statements, writes_of_logcabin
from model.figure16.timed_cluster import Span
from raft_core import (
    AppendEntries,
    Configuration,
    ElectionTimeout,
    Entry,
    Event,
    Log,
    PersistentState,
    RequestVote,
    State,
    restart,
    s1,
    s2,
    step,
)

FIRST = restart(s1, Configuration(servers=5), PersistentState())


def test_writes_are_those_of_logcabin() -> None:
    """One for a newer term, one for a vote granted to another, two for entries, none otherwise."""

    def writes(state: State, event: Event) -> int:
        return writes_of_logcabin(state, event, step(state, event)[0])

    assert writes(FIRST, ElectionTimeout()) == 1
    assert writes(FIRST, RequestVote(s2, s1, 1, 0, 0)) == 2
    in_term = evolve(FIRST, current_term=1)
    assert writes(in_term, RequestVote(s2, s1, 1, 0, 0)) == 1
    assert writes(evolve(in_term, voted_for=s2), RequestVote(s2, s1, 1, 0, 0)) == 0
    longer = evolve(in_term, log=Log.of([Entry(1, "v1")]))
    assert writes(longer, RequestVote(s2, s1, 2, 0, 0)) == 1
    assert writes(in_term, AppendEntries(s2, s1, 1, 0, 0, (Entry(1, "v1"),), 0)) == 2
    assert writes(in_term, AppendEntries(s2, s1, 1, 0, 0, (), 0)) == 0


def test_statements_name_the_times_that_are_assumed() -> None:
    """What is printed follows what is simulated."""
    said = " ".join(statements(evolve(ASSUMED, write=Span(7, 9), lateness=Span(0, 0.5))))
    assert "7 to 9 ms" in said
    assert "0 to 0.5 ms" in said
