"""Workers without Dask: they send, stop and count through the objects that `meet` gives them."""

import asyncio
from typing import Any

import pytest
from attrs import frozen

from model.explorer.spread.worker import Worker, version
from tests.model.explorer.dask_cases import SYSTEMS, by_one_process


@frozen
class Arrived:
    """A parcel that was delivered at once."""

    def result(self) -> None:
        """There is nothing to wait for."""


class Peer:
    """Another worker, as one sees it: what is sent is received in the same moment."""

    def __init__(self) -> None:
        self.worker: Worker | None = None
        self.parcels = 0

    def receive(self, parcel: Any) -> Arrived:
        """Deliver a parcel."""
        assert self.worker is not None
        self.parcels += 1
        asyncio.run(self.worker.receive(parcel))
        return Arrived()


def workers_of(name: str, owners: int) -> tuple[list[Worker], list[Peer]]:
    """Workers that know each other."""
    peers = [Peer() for _ in range(owners)]
    workers = [Worker(SYSTEMS[name], True, "numpy", each, owners) for each in range(owners)]
    for peer, worker in zip(peers, workers, strict=True):
        peer.worker = worker
        assert worker.meet(peers) == version()
    return workers, peers


def test_workers_count_together_what_one_process_counts() -> None:
    """Level after level, until none of them has found a new state."""
    workers, peers = workers_of("restarts", 2)
    alone = by_one_process("restarts")
    levels = [1]
    while True:
        assert [each.expand() for each in workers] == [(), ()]
        new = sum(each.settle().distinct for each in workers) - sum(levels)
        if not new:
            break
        levels.append(new)
    assert tuple(levels) == alone.levels
    counted = [each.counted() for each in workers]
    assert 1 + sum(each.generated for each in counted) == alone.generated
    assert frozenset().union(*(each.notes for each in counted)) == alone.notes
    assert all(peer.parcels for peer in peers)


def test_worker_that_is_stopped_expands_nothing() -> None:
    """The level stays as it is."""
    (worker,), _ = workers_of("restarts", 1)
    asyncio.run(worker.stop())
    assert worker.expand() == ()
    progress = asyncio.run(worker.progress())
    assert (progress.distinct, progress.generated) == (1, 0)


@pytest.mark.parametrize("owners", [1, 3])
def test_each_state_leads_back_to_the_initial_one(owners: int) -> None:
    """Asked for its origin, a worker names the owner of the parent, and its number there."""
    workers, _ = workers_of("restarts", owners)
    for _ in range(3):
        for worker in workers:
            worker.expand()
        for worker in workers:
            worker.settle()
    owner = next(each for each, worker in enumerate(workers) if worker.share.trail.length)
    state, moves = workers[owner].share.trail.length - 1, 0
    while owner >= 0:
        owner, state, _ = workers[owner].origin(state)
        moves += 1
    assert moves <= 4
