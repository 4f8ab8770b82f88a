"""Raft in which followers ask: a leader says where its log ends, and sends entries on request.

A heartbeat carries no entries. A follower that does not hold the leader's last entry refuses it,
and the refusal, which says where to go on, is the request that the leader answers. `MISTAKEN`
followers compare lengths and no terms: who holds as many entries as the leader asks for nothing.

    raft-oracle hunt examples/protocols/pull_replication.py
    raft-oracle hunt examples/protocols/pull_replication.py:MISTAKEN
"""

from attrs import evolve

from raft_core import AnyMessage, AppendEntries, AppendEntriesResponse, Log, State
from raft_core.replication import (
    append_entries_to,
    is_awaiting_answer,
    next_request_to,
    receive_append_entries_response,
)
from raft_oracle import ReferenceFactory, with_replaced


def where_the_log_ends(state: State) -> tuple[AppendEntries, ...]:
    """A heartbeat for every other server: the leader's last entry, and what is committed."""
    after_the_last = (state.log.last_index + 1,) * len(state.next_index)
    at_the_end = evolve(state, next_index=after_the_last)
    return tuple(append_entries_to(at_the_end, other) for other in state.others)


def answer_every_pull(
    state: State, response: AppendEntriesResponse
) -> tuple[State, tuple[AnyMessage, ...]]:
    """A refusal asks for entries, and gets them each time: no heartbeat will bring them."""
    after, sent = receive_append_entries_response(state, response)
    is_pull = is_awaiting_answer(state, response) and not response.success
    return after, sent or ((next_request_to(after, response.source),) if is_pull else ())


def is_as_long(log: Log, request: AppendEntries) -> bool:
    """Whether the log reaches as far as the leader says, whatever stands there."""
    return log.last_index >= request.prev_log_index


PULL = with_replaced(
    {
        "raft_core.replication.append_entries_to_all": where_the_log_ends,
        "raft_core.replication.receive_append_entries_response": answer_every_pull,
    }
)
FACTORY = ReferenceFactory(PULL)
MISTAKEN = ReferenceFactory(
    with_replaced("raft_core.replication.has_matching_prev_entry", is_as_long, base=PULL)
)
