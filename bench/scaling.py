"""Cost per step as the log grows, and as the cluster does.

May import: model, properties, raft_core, bench.
"""

from bench.timing import Measured, Work, take_turns
from bench.walker import RUNS, new_cluster, walking
from model.reference import ReferenceCluster, ReferenceFactory
from model.walker import walk
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
        restart(server, subject.configuration, stored) for server in cluster.members
    ]

    cluster.reset()
    # A run starts by telling the properties of the whole log; that is no step, so it is done
    # once, and the runs below go on from there.
    started = list(cluster.checker.histories)
    cluster.checker.reset = lambda: setattr(cluster.checker, "histories", list(started))  # type: ignore[method-assign]

    def work() -> int:
        before = cluster.micro_steps
        for number in range(RUNS):
            walk(cluster, 0, number)
        return cluster.micro_steps - before

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
