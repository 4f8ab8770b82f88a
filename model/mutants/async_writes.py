"""Mistakes with writes that complete later: what is told, or counted, while they are under way."""

from typing import Final

from model.mutants.mutant import Mutant
from model.reference.disk import Operation, Send
from model.reference.slow_disk import Queue, UnderWay, must_wait, queued
from raft_core import (
    AnyMessage,
    AppendEntriesResponse,
    Index,
    InstallSnapshotResponse,
    Log,
    RequestVote,
    RequestVoteResponse,
    State,
)
from raft_core.evolve import evolve

ASYNC: Final = {"async_writes": "on"}
Acknowledgement = AppendEntriesResponse | InstallSnapshotResponse


def acknowledges_early(message: AnyMessage, writes: tuple[Operation, ...]) -> bool:
    """Acknowledges entries whose write is still under way."""
    return not isinstance(message, Acknowledgement) and must_wait(message, writes)


def votes_early(message: AnyMessage, writes: tuple[Operation, ...]) -> bool:
    """Grants a vote whose write is still under way."""
    return not isinstance(message, RequestVoteResponse) and must_wait(message, writes)


def asks_for_votes_early(message: AnyMessage, writes: tuple[Operation, ...]) -> bool:
    """Asks for votes while its own term and vote are still under way."""
    return not isinstance(message, RequestVote) and must_wait(message, writes)


def waits_for_own_writes_only(
    queue: Queue, operations: tuple[Operation, ...], after: State
) -> tuple[tuple[Operation, ...], Queue]:
    """Answers at once where a step writes nothing, though it tells of earlier writes.

    A request that is repeated finds its entries in memory, and gets its answer.
    """
    if all(isinstance(each, Send) for each in operations):
        return operations, queue
    return queued(queue, operations, after)


def counts_at_once(state: State, log: Log) -> Index:
    """Counts a leader's own entries while their write is under way."""
    return log.last_index


def completes_by_index(queue: Queue) -> tuple[UnderWay, Queue]:
    """Takes a completion for one of every later write that ends no later.

    An entry that was overwritten while its write was under way is then acknowledged by it.
    """
    done, *rest = queue
    later = tuple(each for each in rest if each.completed.index <= done.completed.index)
    told = tuple(one for each in later for one in each.operations if isinstance(one, Send))
    left = tuple(without_sends(each) if each in later else each for each in rest)
    return evolve(done, operations=(*done.operations, *told)), left


def without_sends(under_way: UnderWay) -> UnderWay:
    """Writes for which no message waits."""
    writes = tuple(each for each in under_way.operations if not isinstance(each, Send))
    return evolve(under_way, operations=writes)


MUTANTS: Final = (
    Mutant(
        number=100,
        name="acknowledges-before-written",
        rule="acknowledges entries whose write is still under way",
        replaces="model.reference.slow_disk.must_wait",
        replacement=acknowledges_early,
        listed_property="CommittedOnQuorum",
        servers=3,
        seen_in="camunda #4160, d-engine #446",
        settings=ASYNC,
    ),
    Mutant(
        number=101,
        name="votes-before-written",
        rule="grants a vote whose write is still under way",
        replaces="model.reference.slow_disk.must_wait",
        replacement=votes_early,
        listed_property="ElectionSafety",
        servers=3,
        seen_in="robustmq #2039",
        settings=ASYNC,
    ),
    Mutant(
        number=102,
        name="repeated-request-acknowledged-early",
        rule="answers at once where it writes nothing, whatever is under way",
        replaces="model.reference.slow_disk.queued",
        replacement=waits_for_own_writes_only,
        listed_property="CommittedOnQuorum",
        servers=3,
        seen_in="c5 #263",
        settings=ASYNC,
    ),
    Mutant(
        number=103,
        name="counts-unwritten-entries",
        rule="counts a leader's own entries while their write is under way",
        replaces="raft_core.replication.counted_at_once",
        replacement=counts_at_once,
        listed_property="CommittedOnQuorum",
        servers=3,
        seen_in="d-engine #446",
        settings=ASYNC,
    ),
    Mutant(
        number=104,
        name="completion-of-overwritten-entry",
        rule="takes a completed write for a later one that overwrites its entries",
        replaces="model.reference.slow_disk.completed",
        replacement=completes_by_index,
        listed_property="CommittedOnQuorum",
        servers=3,
        seen_in="etcd #1690",
        settings=ASYNC,
    ),
    Mutant(
        number=109,
        name="asks-for-votes-before-written",
        rule="asks for votes while its own term and vote are still under way",
        replaces="model.reference.slow_disk.must_wait",
        replacement=asks_for_votes_early,
        listed_property="LogMatching",
        servers=3,
        seen_in="etcd raft 3.7.0, SOFAJRaft #1241",
        settings=ASYNC,
    ),
)
