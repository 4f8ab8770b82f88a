"""Stale replies: by term and role, which replies nobody waits for; and once stale, always stale."""

import pytest

from model.explorer.systems.raft import AddMessages
from model.explorer.systems.stale_replies import (
    TermAndRole,
    is_reply,
    is_stale_for,
    term_and_role_of,
)
from raft_core import (
    AppendEntriesResponse,
    ExtendedMessage,
    RequestVote,
    RequestVoteResponse,
    Role,
    s1,
    s2,
)
from tests.model.explorer.cases import filled_tables, system

GRANTED = RequestVoteResponse(s2, s1, 2, vote_granted=True)
REFUSED = RequestVoteResponse(s2, s1, 2, vote_granted=False)
APPENDED = AppendEntriesResponse(s2, s1, 2, success=True)


@pytest.mark.parametrize(
    ("reply", "waiting"),
    [(GRANTED, {Role.CANDIDATE}), (REFUSED, set()), (APPENDED, {Role.CANDIDATE, Role.LEADER})],
)
@pytest.mark.parametrize("role", [Role.FOLLOWER, Role.CANDIDATE, Role.LEADER])
def test_replies_of_the_same_term_are_for_one_role(
    reply: ExtendedMessage, waiting: set[Role], role: Role
) -> None:
    """A vote is for a candidate, and an acknowledgement for a candidate or a leader."""
    assert is_stale_for(TermAndRole(2, role), reply) == (role not in waiting)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("reply", [GRANTED, REFUSED, APPENDED])
def test_another_term_decides_alone(reply: ExtendedMessage, role: Role) -> None:
    """A reply of an older term is stale, and one of a newer term is not."""
    assert is_stale_for(TermAndRole(3, role), reply)
    assert not is_stale_for(TermAndRole(1, role), reply)


def test_requests_are_never_stale() -> None:
    """Each request has an answer, if only a refusal."""
    request = RequestVote(s2, s1, 1, last_log_index=0, last_log_term=0)
    assert not is_reply(request)
    assert not is_stale_for(TermAndRole(9, Role.FOLLOWER), request)


def test_stale_reply_stays_stale_in_every_step_of_the_reference() -> None:
    """No step of a server makes it wait again for a reply that it did not wait for."""
    tables = filled_tables(system(2, max_term=2, max_inbox=2, client_requests=1, reduce=False))
    sent = {
        each
        for label in tables.labels()
        if isinstance(label, AddMessages)
        for each in label.messages
    }
    steps = [(term_and_role_of(old), term_and_role_of(new)) for old, new in tables.reactions(s1)]
    stale = [
        (after, reply)
        for before, after in steps
        for reply in sent
        if reply.destination == s1 and is_stale_for(before, reply)
    ]
    assert stale
    assert all(is_stale_for(after, reply) for after, reply in stale)
