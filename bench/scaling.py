"""Cost per step as the log grows, and as the cluster does."""

import time

from attrs import evolve

from bench.timing import Measured, Work, Worked, take_turns
from bench.walker import RUNS, new_cluster, walking
from model.drivers.walker import choices_of_run, wander
from model.reference.cluster import ReferenceCluster, ReferenceFactory
from properties.checker import PROPERTIES
from raft_core import Entry, Log, PersistentState, restart

LOG_LENGTHS = (10, 100, 1_000, 10_000)
CLUSTER_SIZES = (3, 5, 7, 9)


def with_log(length: int, servers: int = 3) -> Work:
    """The same runs of the walker, from servers that all start with a log of this length."""
    cluster = new_cluster(ReferenceFactory(), servers, PROPERTIES)
    subject = cluster.subject
    assert isinstance(subject, ReferenceCluster)
    log = Log.of(Entry(1, f"old{index}") for index in range(1, length + 1))
    stored = PersistentState(current_term=1, log=log)
    subject._initial = [
        evolve(
            restart(server, subject.configuration, stored), commit_index=length, last_applied=length
        )
        for server in cluster.members
    ]

    def work() -> Worked:
        before, seconds = cluster.micro_steps, 0.0
        for number in range(RUNS):
            cluster.reset()  # shows the properties the whole log, which is no step of the runs
            started = time.perf_counter()
            wander(cluster, choices_of_run(0, number), False, [])
            seconds += time.perf_counter() - started
        return cluster.micro_steps - before, seconds

    return work


def measure_logs() -> dict[str, Measured]:
    """All log lengths in turn."""
    return take_turns({f"log of {length:,}": with_log(length) for length in LOG_LENGTHS})


def measure_clusters() -> dict[str, Measured]:
    """All cluster sizes in turn."""
    factory = ReferenceFactory()
    return take_turns(
        {f"{size} servers": walking(factory, size, PROPERTIES) for size in CLUSTER_SIZES}
    )
