"""Replies that their receiver does not wait for any more, which `--reduce` throws away.

A reply is stale if its term is not newer than its receiver's and the receiver cannot wait for it
in that term any more. It changes nothing now and never will: terms only rise, a follower does not
become the candidate or leader of its own term, and a leader does not become its candidate. Without
stale replies there are many times fewer states, and everything that the other messages do remains.
That this holds for a mutant too is checked and not assumed: see
model.explorer.search.reduction_check.
"""

from attrs import frozen

from raft_core import (
    AppendEntriesResponse,
    ExtendedMessage,
    RequestVoteResponse,
    Role,
    State,
    Term,
)


@frozen
class TermAndRole:
    """A server's term and its role in it, which decide what replies are stale for it."""

    term: Term
    role: Role


def term_and_role_of(state: State) -> TermAndRole:
    """The part of a server's state that decides what replies are stale for it."""
    return TermAndRole(state.current_term, state.role)


def is_reply(message: ExtendedMessage) -> bool:
    """Whether a message is of a kind that can be stale."""
    return isinstance(message, RequestVoteResponse | AppendEntriesResponse)


def is_stale_for(receiver: TermAndRole, message: ExtendedMessage) -> bool:
    """Whether a message is a reply that its receiver does not wait for any more."""
    if not isinstance(message, RequestVoteResponse | AppendEntriesResponse):
        return False
    if message.term != receiver.term:
        return message.term < receiver.term
    if isinstance(message, RequestVoteResponse):
        return receiver.role is not Role.CANDIDATE or not message.vote_granted
    return receiver.role in (Role.FOLLOWER, Role.PRE_CANDIDATE)
