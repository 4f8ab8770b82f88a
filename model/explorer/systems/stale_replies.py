"""Replies that nobody waits for any more: what --reduce throws away.

A reply whose term is not newer than its receiver's, and that this receiver cannot wait for in
that term any more, changes nothing now and never will: terms only rise, a follower does not
become the candidate or leader of its own term, and a leader not its candidate. Without these
replies there are many times fewer states, and all that the others do is still there. That it
holds for a mutant too is looked at, not believed: see model.explorer.search.reduction_check.
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

Reply = RequestVoteResponse | AppendEntriesResponse


@frozen
class Deafness:
    """What decides which replies a server does not wait for: its term, and its role in it."""

    term: Term
    role: Role


def deafness_of(state: State) -> Deafness:
    """What this server does not wait for."""
    return Deafness(state.current_term, state.role)


def is_reply(message: ExtendedMessage) -> bool:
    """Whether a message may be of a kind that is thrown away."""
    return isinstance(message, Reply)


def is_deaf_to(deafness: Deafness, message: ExtendedMessage) -> bool:
    """Whether nobody waits for this reply."""
    if not isinstance(message, Reply) or message.term > deafness.term:
        return False
    if message.term < deafness.term:
        return True
    if isinstance(message, RequestVoteResponse):
        return deafness.role is not Role.CANDIDATE or not message.vote_granted
    return deafness.role in (Role.FOLLOWER, Role.PRE_CANDIDATE)
