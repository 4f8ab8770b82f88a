"""Which runs become rows of calls, and what stands in the rows."""

from msgspec.structs import replace

from model.actions import (
    Action,
    ClientRequest,
    Deliver,
    Drop,
    Duplicate,
    ElectionTimeout,
    Restart,
)
from oracle.formats.adapter_tests.rows import rows_of
from raft_core import s1, s2, s3
from tests.oracle.pictures.drawn import executed

ELECTION: tuple[Action, ...] = (ElectionTimeout(s1), Deliver(s1, s2), Deliver(s2, s1))


def test_calls_name_messages_by_what_they_say() -> None:
    """A message that is lost is no call; the last row has the state and what was sent."""
    rows = rows_of(executed(ElectionTimeout(s1), Drop(s1, s3), Duplicate(s1, s2)), failed=False)
    assert rows == (
        ("election_timeout", "S1", "", ""),
        ("copy", "S2", "S1", "RequestVote t1 last 0@0"),
        ("broken", "S2", "follower 1 S1 0 0 |", "S1 RequestVoteResponse t1 granted"),
    )


def test_a_running_server_that_restarts_is_crashed_first() -> None:
    """As the adapter is told; entries are shown with their terms."""
    rows = rows_of(executed(*ELECTION, ClientRequest(s1, "v1"), Restart(s1)), failed=False)
    assert rows[-3:] == (
        ("crash", "S1", "", ""),
        ("restart", "S1", "", ""),
        ("broken", "S1", "follower 1 S1 0 0 | 1:v1", ""),
    )
    assert ("client_request", "S1", "v1", "") in rows


def test_of_a_call_that_fails_it_is_enough_to_make_it() -> None:
    """The test fails there by itself."""
    assert rows_of(executed(ElectionTimeout(s1)), failed=True) == (
        ("election_timeout", "S1", "", ""),
    )


def test_what_takes_more_than_six_calls_has_no_rows() -> None:
    """Nor has a run that breaks something at no server, or whose labels are cut off."""
    run = executed(ElectionTimeout(s1))
    step = replace(run.steps[0], action={"action": "Compact", "server": "s1"})
    assert rows_of(replace(run, steps=(step,)), failed=False) == ()
    assert rows_of(executed(ElectionTimeout(s1), Drop(s1, s3)), failed=False) == ()
    message = replace(run.messages[0], text="x" * 400)
    assert rows_of(replace(run, messages=(message,)), failed=False) == ()
