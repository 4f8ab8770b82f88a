"""A reference cluster to play schedules on, and what a scenario asks of it afterwards.

`play` checks every property after every step: a scenario that comes to its end broke none.
"""

from collections.abc import Iterable
from typing import Final

from attrs import frozen

from model.actions import Action, ClientRequest, Elect, Heal, Restart, Schedule, Sync
from model.reference.cluster import ReferenceFactory
from model.reference.variant import REFERENCE, Protocol
from model.runs.run import recording
from model.setup import Setup
from model.subject import NetworkKind
from model.world.macro_actions import Cluster
from raft_core import (
    AppendEntries,
    AppendEntriesResponse,
    Command,
    Entry,
    Index,
    Log,
    Role,
    Server,
    Term,
)
from tests.raft_core.build import terms_of

NETWORKS: Final[tuple[NetworkKind, ...]] = ("any", "fifo")
SETTLING_ROUNDS = 40
"""Enough for a log of 100 entries, one entry a request: a round is two Syncs."""


class UnsettledError(AssertionError):
    """A healed cluster did not come to one leader and equal logs."""


def new_cluster(
    servers: int,
    network: NetworkKind,
    *,
    protocol: Protocol = REFERENCE,
    max_entries: int = 64,
    ignore: Iterable[str] = (),
) -> Cluster:
    """A cluster in which nothing has happened yet; `ignore` names properties not to check."""
    setup = Setup(
        factory=ReferenceFactory(protocol=protocol),
        servers=servers,
        network=network,
        settings={"max_entries": str(max_entries)},
        ignore=frozenset(ignore),
    )
    cluster = setup.cluster()
    cluster.reset()
    return cluster


def play(cluster: Cluster, schedule: Iterable[Action]) -> None:
    """Let actions happen, one after the other; PropertyViolatedError ends a scenario."""
    for action in schedule:
        cluster.apply(action)


def running(cluster: Cluster) -> tuple[Server, ...]:
    """The servers that are up."""
    return tuple(server for server in cluster.members if cluster.running[server])


def leaders(cluster: Cluster) -> tuple[Server, ...]:
    """The running servers that believe that they lead, of whatever term."""
    return tuple(server for server in running(cluster) if cluster.views[server].role is Role.LEADER)


def terms(cluster: Cluster) -> tuple[Term, ...]:
    """The current term of every server."""
    return tuple(view.current_term for view in cluster.views)


def log_terms(cluster: Cluster) -> tuple[tuple[Term, ...], ...]:
    """The terms of every server's entries, as the paper's figures show them."""
    return tuple(terms_of(view.log) for view in cluster.views)


def commit_indexes(cluster: Cluster) -> tuple[Index, ...]:
    """How far every server knows the log to be committed."""
    return tuple(view.commit_index for view in cluster.views)


def commands_of(log: Log) -> tuple[Command, ...]:
    """The commands of a log, in order."""
    return tuple(str(entry.command) for entry in log.entries)


def committed_commands(cluster: Cluster, server: Server) -> tuple[Command, ...]:
    """The commands that one server knows to be committed, in order."""
    view = cluster.views[server]
    return commands_of(view.log)[: view.commit_index]


def agreed_commands(cluster: Cluster) -> tuple[Command, ...]:
    """What every server has committed; AssertionError where one differs from another."""
    first, *others = [committed_commands(cluster, server) for server in cluster.members]
    assert others == [first] * len(others)
    return first


def is_settled(cluster: Cluster) -> bool:
    """Whether one server leads, all are in its term, and all logs are equal."""
    views = cluster.views
    return (
        len(leaders(cluster)) == 1 and len({(view.current_term, view.log) for view in views}) == 1
    )


def settle(cluster: Cluster) -> Server:
    """Restart and heal all, then elect and replicate until all agree; the leader.

    The server with the most up-to-date log (section 5.4.1) stands whenever no one leads, and
    also where a leader was not enough: it alone leaves no follower with entries beyond its own.
    """
    down = [server for server in cluster.members if not cluster.running[server]]
    play(cluster, (Heal(), *map(Restart, down)))
    for _ in range(SETTLING_ROUNDS):
        leading = max(leaders(cluster), key=lambda one: terms(cluster)[one], default=None)
        if leading is not None:
            play(cluster, (Sync(leading), Sync(leading)))
            if is_settled(cluster):
                return leading
        if len(leaders(cluster)) != 1 or len(set(terms(cluster))) > 1 or surplus(cluster):
            play(cluster, (Elect(most_up_to_date(cluster)),))
    raise UnsettledError(f"no agreement after {SETTLING_ROUNDS} rounds: {log_terms(cluster)}")


def surplus(cluster: Cluster) -> bool:
    """Whether some follower's log is more up-to-date than that of the one leader."""
    return most_up_to_date(cluster) not in leaders(cluster)


def most_up_to_date(cluster: Cluster) -> Server:
    """A server that can win every vote, a leader before others. Section 5.4.1."""
    views = cluster.views
    return max(
        cluster.members,
        key=lambda one: (
            views[one].log.last_term,
            views[one].log.last_index,
            one in leaders(cluster),
        ),
    )


def agree(cluster: Cluster, *commands: Command) -> Server:
    """Settle, have the leader accept commands, and settle again until all have committed them."""
    leader = settle(cluster)
    play(cluster, [ClientRequest(leader, command) for command in commands])
    leader = settle(cluster)
    play(cluster, (Sync(leader), Sync(leader)))
    return leader


@frozen
class Traffic:
    """The requests that one server received, and how many of them it refused."""

    requests: int
    refusals: int


def play_counting(cluster: Cluster, schedule: Schedule, follower: Server) -> Traffic:
    """Play a schedule, and count the AppendEntries that a follower received and refused."""
    with recording(cluster) as records:
        play(cluster, schedule)
    contents = [
        packet.content for record in records if (packet := record.happening.packet) is not None
    ]
    return Traffic(
        requests=sum(
            isinstance(content, AppendEntries) and content.destination == follower
            for content in contents
        ),
        refusals=sum(
            isinstance(content, AppendEntriesResponse)
            and content.source == follower
            and not content.success
            for content in contents
        ),
    )


class Memory:
    """Every entry that some server knew to be committed, to ask for it at the end."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.committed: set[tuple[Index, Entry]] = set()

    def note(self) -> None:
        """Look at all servers once more."""
        for server in running(self.cluster):
            view = self.cluster.views[server]
            last = min(view.commit_index, view.log.last_index)
            for index in range(view.log.first_index, last + 1):
                self.committed.add((index, view.log.entry_at(index)))

    def lost(self, server: Server) -> list[Index]:
        """The indexes at which this server does not hold what was committed."""
        log = self.cluster.views[server].log
        return sorted(
            index
            for index, entry in self.committed
            if index > log.last_index or log.entry_at(index) != entry
        )
