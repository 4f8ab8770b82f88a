"""Durable, then sent: whatever a crash takes, no message is ahead of its sender's disk.

Judged on the steps that random runs of the reference take, with all features on and with none:
for each of them, every place of a crash, every loss, and every write that the disk may refuse.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from model.drivers.walker import walk
from model.mutants.disks import counts_unsynced_entries, requests_votes_before_durable
from model.reference.cluster import ReferenceFactory
from model.reference.disk import (
    Disk,
    Operation,
    Send,
    Sync,
    carry_out,
    goes_on_after_failed_write,
    operations_of,
    writes_of,
)
from model.reference.variant import REFERENCE, OperationsOf
from model.setup import Setup
from raft_core import (
    AnyMessage,
    AppendEntries,
    AppendEntriesResponse,
    ClientResponse,
    ConfirmLeadershipResponse,
    ExtendedEvent,
    ExtendedMessage,
    InstallSnapshot,
    InstallSnapshotResponse,
    NotLeader,
    PersistentState,
    RequestVote,
    RequestVoteResponse,
    State,
    TimeoutNow,
    persistent_state,
)
from tests.model.reference.disks import folded

Sent = tuple[AnyMessage, ...]
FEATURES: Final[tuple[dict[str, str], ...]] = ({}, {"features": "on"})
in_every_feature_set = pytest.mark.parametrize("settings", FEATURES, ids=("plain", "features"))
runs = st.integers(0, 100_000)


@frozen
class Step:
    """One step of the reference: its arguments, and what it returned."""

    before: State
    event: ExtendedEvent
    after: State
    messages: Sent

    def operations(self, of: OperationsOf = operations_of) -> tuple[Operation, ...]:
        """What the server does with it."""
        return of(self.before, self.event, self.after, self.messages)


def steps_of_run(number: int, settings: dict[str, str], servers: int = 3) -> list[Step]:
    """Every step that servers take in one random run."""
    steps: list[Step] = []

    def noted(state: State, event: ExtendedEvent) -> tuple[State, Sent]:
        after, messages = REFERENCE.step(state, event)
        steps.append(Step(state, event, after, messages))
        return after, messages

    factory = ReferenceFactory(protocol=evolve(REFERENCE, step=noted))
    setup = Setup(factory=factory, servers=servers, network="any", settings=settings)
    assert walk(setup.cluster(), 41, number)[0] is None
    return steps


def is_vouched_for(message: AnyMessage, stored: PersistentState, after: State) -> bool:
    """Whether a disk bears out all that a message says of its sender. Figure 2, State."""
    if isinstance(message, NotLeader):
        return True
    if isinstance(message, ClientResponse):
        return holds_as(stored, after, message.index)
    return stored.current_term == message.term and holds_what_it_says(message, stored, after)


def holds_what_it_says(message: ExtendedMessage, stored: PersistentState, after: State) -> bool:
    """Whether the vote or the entries that a message speaks of are on its sender's disk."""
    match message:
        case RequestVoteResponse(vote_granted=True):
            return stored.voted_for == message.destination
        case RequestVote():
            end = (message.last_log_index, message.last_log_term)
            own = stored.voted_for == message.source
            return own and (stored.log.last_index, stored.log.last_term) == end
        case AppendEntriesResponse(success=True):
            return holds_as(stored, after, message.match_index)
        case AppendEntries():
            return holds_as(stored, after, message.prev_log_index + len(message.entries))
        case InstallSnapshot() | InstallSnapshotResponse(installed=True):
            return stored.log.last_index >= message.last_included_index
        case _:
            return True


def holds_as(stored: PersistentState, after: State, index: int) -> bool:
    """Whether the disk has the same log as the server, up to this entry."""
    return min(index, after.log.last_index) <= stored.log.common_last_index(after.log)


def crashes(
    disk: Disk, operations: tuple[Operation, ...]
) -> Iterator[tuple[PersistentState, Sent]]:
    """What is found and what has left after a crash at any place, with any loss."""
    for until in range(len(operations) + 1):
        carried = carry_out(disk, operations, until, -1, False)
        for lost in range(len(carried.disk.unsynced) + 1):
            yield carried.disk.after_crash(lost), carried.sent


def refusals(
    disk: Disk, operations: tuple[Operation, ...]
) -> Iterator[tuple[PersistentState, Sent]]:
    """What is found and what has left where any of the writes is refused."""
    for refused in range(len(operations)):
        carried = carry_out(disk, operations, -1, refused, goes_on_after_failed_write())
        for lost in range(len(carried.disk.unsynced) + 1):
            yield carried.disk.after_crash(lost), carried.sent


def broken_promises(
    steps: Iterable[Step], of: OperationsOf = operations_of
) -> list[tuple[Step, AnyMessage]]:
    """The messages that a crash or a refused write leaves ahead of their sender's disk."""
    found = []
    for each in steps:
        disk, operations = Disk(persistent_state(each.before)), each.operations(of)
        for stored, sent in (*crashes(disk, operations), *refusals(disk, operations)):
            found += [
                (each, message)
                for message in sent
                if not is_vouched_for(message, stored, each.after)
            ]
    return found


# The order of operations


@in_every_feature_set
@given(run=runs)
def test_writes_come_before_the_one_sync_and_messages_after_it(
    settings: dict[str, str], run: int
) -> None:
    """Figure 2, State: nothing is sent before all that the step changed is synced."""
    for each in steps_of_run(run, settings):
        writes = writes_of(each.before, each.event, each.after)
        syncs = (Sync(),) if writes else ()
        assert each.operations() == (*writes, *syncs, *map(Send, each.messages))


@in_every_feature_set
@given(run=runs)
def test_writes_are_the_whole_difference(settings: dict[str, str], run: int) -> None:
    """Done one after the other they lead from the disk before to what has to be on it after."""
    for each in steps_of_run(run, settings):
        stored = folded(
            persistent_state(each.before), writes_of(each.before, each.event, each.after)
        )
        after = persistent_state(each.after)
        assert (stored.current_term, stored.voted_for) == (after.current_term, after.voted_for)
        assert stored.log == after.log


@in_every_feature_set
@given(run=runs)
def test_disk_is_never_ahead_of_its_term(settings: dict[str, str], run: int) -> None:
    """Whichever writes a crash leaves, no entry and no vote is of a term that is not there."""
    for each in steps_of_run(run, settings):
        for stored, _ in crashes(Disk(persistent_state(each.before)), each.operations()):
            assert stored.log.last_term <= stored.current_term
            if stored.voted_for not in (None, each.before.voted_for):
                assert stored.current_term == each.after.current_term


# The contract


@in_every_feature_set
@given(run=runs)
def test_no_message_is_ahead_of_its_senders_disk(settings: dict[str, str], run: int) -> None:
    """Figure 2, State: wherever the crash falls and whatever it takes, what was said holds."""
    assert broken_promises(steps_of_run(run, settings)) == []


@in_every_feature_set
def test_contract_is_judged_on_every_kind_of_promise(settings: dict[str, str]) -> None:
    """The claim above is about votes, acknowledgements, leaders' entries and snapshots."""
    sent = [
        message
        for run in range(60)
        for each in steps_of_run(run, settings)
        for message in each.messages
    ]
    kinds = {type(message) for message in sent}
    assert {RequestVote, RequestVoteResponse, AppendEntries, AppendEntriesResponse} <= kinds
    if settings:
        assert {InstallSnapshotResponse, ConfirmLeadershipResponse, TimeoutNow} <= kinds
    assert any(isinstance(each, RequestVoteResponse) and each.vote_granted for each in sent)


def without_sync(
    before: State, event: ExtendedEvent, after: State, messages: Sent
) -> tuple[Operation, ...]:
    """Sends what is written and not synced."""
    operations = operations_of(before, event, after, messages)
    return tuple(each for each in operations if not isinstance(each, Sync))


def send_first(
    before: State, event: ExtendedEvent, after: State, messages: Sent
) -> tuple[Operation, ...]:
    """Sends, then writes and syncs."""
    operations = operations_of(before, event, after, messages)
    return tuple(sorted(operations, key=lambda each: not isinstance(each, Send)))


@pytest.mark.parametrize(
    "mistake", [without_sync, send_first, requests_votes_before_durable, counts_unsynced_entries]
)
def test_contract_notices_who_sends_too_early(mistake: OperationsOf) -> None:
    """Without a sync, or with one that comes late, some message is ahead of its sender's disk."""
    steps = [each for run in range(10) for each in steps_of_run(run, {})]
    assert broken_promises(steps, mistake) != []
