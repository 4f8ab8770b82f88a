"""What a client hears from a server that does not lead. Section 8."""

import pytest

from raft_core import ClientRequest, NotLeader, Server, State, s1, s2, s3, step
from tests.raft_core.build import (
    after,
    append_entries,
    candidate,
    follower,
    leader_of,
    request_vote,
)


@pytest.mark.parametrize("leader", [None, s2, s3])
def test_follower_names_the_leader_it_knows(leader: Server | None) -> None:
    """A follower sends the client to the leader, or says that it knows none."""
    state = follower(2, (1,), leader=leader)
    assert step(state, ClientRequest("x")) == (state, (NotLeader(s1, "x", leader),))


def test_candidate_knows_no_leader_to_name() -> None:
    """A candidate cannot send the client anywhere."""
    state = candidate(2)
    assert step(state, ClientRequest("x")) == (state, (NotLeader(s1, "x", None),))


def test_names_the_leader_it_heard_of_last() -> None:
    """The sender of the newest term's AppendEntries is who clients are sent to."""
    state = after(follower(2), append_entries(2), append_entries(3, source=s3))
    assert step(state, ClientRequest("x"))[1] == (NotLeader(s1, "x", s3),)


@pytest.mark.parametrize("state", [follower(2, leader=s3), leader_of(2)])
def test_forgets_the_leader_of_an_older_term(state: State) -> None:
    """A newer term without a leader yet is one in which clients are sent nowhere."""
    behind = after(state, request_vote(3))
    assert step(behind, ClientRequest("x"))[1] == (NotLeader(s1, "x", None),)
