"""A disk that takes its time: a step's writes complete when the schedule says, in their order.

Steps go on meanwhile. What a message vouches for has to be durable before it leaves (Figure 2,
"updated on stable storage before responding to RPCs"), so it waits with the writes. A leader's
requests need not wait for its own entries, which it counts only once they are written (thesis,
section 10.2.1). A crash takes along whatever is still under way.
"""

from attrs import frozen

from model.reference.disk import Operation, Send, Sync
from raft_core import (
    AnyMessage,
    AppendEntries,
    ClientResponse,
    ConfirmLeadership,
    InstallSnapshot,
    NotLeader,
    State,
    TimeoutNow,
    WriteCompleted,
)
from raft_core.evolve import evolve


@frozen
class UnderWay:
    """The writes of one step, the messages that wait for them, and what the server is told then."""

    operations: tuple[Operation, ...]
    completed: WriteCompleted


OfLeader = AppendEntries | InstallSnapshot | ConfirmLeadership | TimeoutNow
"""A leader's term is durable, as its own vote was counted; what these messages carry beside it, the
leader counts only once that is durable."""
ToClient = ClientResponse | NotLeader
"""Clients are told what a majority holds."""
Queue = tuple[UnderWay, ...]
"""The writes of one server that are under way, the oldest first."""


def must_wait(message: AnyMessage, writes: tuple[Operation, ...]) -> bool:
    """Whether a message may leave only when these writes, all that are under way, are done."""
    return bool(writes) and not isinstance(message, OfLeader | ToClient)


def queued(
    queue: Queue, operations: tuple[Operation, ...], after: State
) -> tuple[tuple[Operation, ...], Queue]:
    """What a step does at once, and all that is under way after it."""
    under_way = (*writes_in(queue), *writes_of(operations))
    at_once = tuple(
        each
        for each in operations
        if isinstance(each, Send) and not must_wait(each.message, under_way)
    )
    later = tuple(each for each in operations if each not in at_once)
    if not later:
        return at_once, queue
    if queue and not writes_of(operations):
        last = evolve(queue[-1], operations=(*queue[-1].operations, *later))
        return at_once, (*queue[:-1], last)
    completed = WriteCompleted(after.current_term, after.log.last_index)
    return at_once, (*queue, UnderWay(later, completed))


def writes_in(queue: Queue) -> tuple[Operation, ...]:
    """All writes that are under way."""
    return tuple(write for each in queue for write in writes_of(each.operations))


def writes_of(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """The writes among a step's operations."""
    return tuple(each for each in operations if not isinstance(each, Send | Sync))


def completed(queue: Queue) -> tuple[UnderWay, Queue]:
    """The oldest writes, which are done now with what waited for them, and those that are left."""
    return queue[0], queue[1:]
