"""Outages: link failures that stay, and what becomes of a cluster that has to live with them.

Safety never asks for time; liveness does. Here a failure stays for many rounds of an otherwise
fair schedule, and what counts is whether one leader keeps leading and commits. Paper and thesis
promise that wherever a majority is connected; without PreVote and CheckQuorum it is not so
("Raft does not Guarantee Liveness in the face of Network Faults", Decentralized Thoughts, 2020).
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Final, TypeAlias

from attrs import frozen

from model.actions import (
    OPTIONAL,
    Action,
    ChangeMembership,
    ClientRequest,
    Cut,
    Deliver,
    ElectionTimeout,
    Heal,
    HeartbeatTimeout,
    PassTime,
    Sync,
)
from model.world.fair_schedule import MOST_DELIVERED
from model.world.macro_actions import Cluster
from raft_core import Command, Role, Server, s1, s2, s3, s4, s5

Link: TypeAlias = tuple[Server, Server]
Order: TypeAlias = Callable[[int, tuple[Server, ...]], tuple[Server, ...]]
"""In which order the election timers of these servers run out in a round."""

HEARTBEATS: Final = 2
"""Heartbeat intervals in a round, which is an election timeout and a little more."""
TICKS: Final = 6
"""A heartbeat interval: more than half of the minimum election timeout, and less than all of it."""
FLAPPING_ROUNDS: Final = 3
"""A flapping link fails for all but the last round of so many."""


@frozen(kw_only=True)
class Outage:
    """A failure that stays, and whom it finds leading."""

    name: str
    summary: str
    servers: int
    leader: Server
    before: tuple[Action, ...] = ()
    """What happens once that server leads."""
    cut: tuple[Link, ...] = ()
    """The links on which nothing passes, each one way."""
    is_flapping: bool = False
    """Whether the links come back now and then."""
    is_idle: bool = False
    """Whether no client asks for anything meanwhile, so that all logs stay equal."""


@frozen
class Course:
    """What became of a cluster, round by round since the failure began."""

    elections: tuple[int, ...]
    """Leaders that were elected."""
    commits: tuple[int, ...]
    """Entries that came to be committed, as far as any server knows."""
    terms: int
    """How many terms were entered in all."""


def both_ways(*pairs: Link) -> tuple[Link, ...]:
    """The links of these pairs of servers, there and back."""
    return tuple(link for one, other in pairs for link in ((one, other), (other, one)))


def only_links(servers: tuple[Server, ...], *pairs: Link) -> tuple[Link, ...]:
    """All links that have to fail so that only those of these pairs work."""
    working = both_ways(*pairs)
    links = ((one, other) for one in servers for other in servers if one != other)
    return tuple(link for link in links if link not in working)


PARTIAL_SWITCH: Final = Outage(
    name="partial-switch",
    summary="a switch fails between the leader and one follower; a third reaches both",
    servers=3,
    leader=s3,
    cut=both_ways((s1, s3)),
    is_idle=True,
)
"""How etcd stood at Cloudflare ("A Byzantine failure in the real world", November 2020).

Without new entries both ends stay electable, and the third always hears one of them. With
requests, or a no-op in each term, an end that was cut off cannot win; then the third soon leads,
whom all can hear.
"""

DEAF_LEADER: Final = Outage(
    name="deaf-leader",
    summary="the leader can send, and receives nothing",
    servers=3,
    leader=s1,
    cut=((s2, s1), (s3, s1)),
)
MUTE_LEADER: Final = Outage(
    name="mute-leader",
    summary="the leader receives, and cannot send",
    servers=3,
    leader=s1,
    cut=((s1, s2), (s1, s3)),
)
FLAPPING_LINK: Final = Outage(
    name="flapping-link",
    summary="one follower comes and goes",
    servers=3,
    leader=s1,
    cut=both_ways((s3, s1), (s3, s2)),
    is_flapping=True,
)
REMOVED_SERVER: Final = Outage(
    name="removed-server",
    summary="a server is removed and does not know: nobody tells it anything any more",
    servers=4,
    leader=s1,
    before=(
        *(Cut(*link) for link in both_ways((s4, s1), (s4, s2), (s4, s3))),
        ChangeMembership(s1, (s1, s2, s3)),
        Sync(s1),
        Heal(),
    ),
)
"""Section 6, third issue; thesis, section 4.2.3."""

PARTLY_CONNECTED: Final = Outage(
    name="partly-connected",
    summary="the leader is in a connected majority; two others reach one server of it each",
    servers=5,
    leader=s3,
    cut=both_ways((s4, s1), (s4, s3), (s4, s5), (s5, s1), (s5, s2)),
)
"""The first example of Decentralized Thoughts, 2020-12-12."""
ONE_HUB: Final = Outage(
    name="one-hub",
    summary="all links fail but those of one follower: it alone reaches a majority",
    servers=5,
    leader=s4,
    cut=only_links((s1, s2, s3, s4, s5), (s2, s1), (s2, s3), (s2, s4), (s2, s5)),
)
"""The second example there: whoever hears a leader that leads nobody else never stands."""

OUTAGES: Final = (
    PARTIAL_SWITCH,
    DEAF_LEADER,
    MUTE_LEADER,
    FLAPPING_LINK,
    REMOVED_SERVER,
    PARTLY_CONNECTED,
    ONE_HUB,
)


def in_turn(number: int, servers: tuple[Server, ...]) -> tuple[Server, ...]:
    """Another server first in each round."""
    first = number % len(servers)
    return servers[first:] + servers[:first]


def endure(cluster: Cluster, outage: Outage, rounds: int, order: Order = in_turn) -> Course:
    """Let a cluster live with an outage; PropertyViolatedError where it breaks a property.

    It starts anew. First the leader is elected, and all is well for a round. ValueError says
    what the subject would have to offer for this outage to come about.
    """
    missing = sorted({type(each).__name__ for each in outage.before} & OPTIONAL - cluster.offers)
    if missing:
        raise ValueError(f"outage {outage.name}: the subject does not offer {', '.join(missing)}")
    cluster.reset()
    watch = Watch(cluster, order)
    watch.apply(ElectionTimeout(outage.leader))
    watch.deliver_everything()
    watch.fair_round(0, "" if outage.is_idle else "r0")
    for action in outage.before:
        watch.apply(action)
    elections, commits = [len(watch.led)], [watch.committed()]
    first_term = watch.latest_term()
    for number in range(1, rounds + 1):
        if outage.is_flapping and number % FLAPPING_ROUNDS == 0:
            watch.apply(Heal())
        else:
            for link in outage.cut:
                watch.cut(link)
        watch.fair_round(number, "" if outage.is_idle else f"r{number}")
        elections.append(len(watch.led))
        commits.append(watch.committed())
    return Course(steps_of(elections), steps_of(commits), watch.latest_term() - first_term)


def steps_of(totals: list[int]) -> tuple[int, ...]:
    """By how much a count went up each time."""
    return tuple(after - before for before, after in pairwise(totals))


class Watch:
    """Runs fair rounds, and knows whose election timer would run out in each."""

    def __init__(self, cluster: Cluster, order: Order) -> None:
        self.cluster = cluster
        self.order = order
        self.led: set[tuple[int, Server]] = set()
        """Every leader so far, with its term."""
        self.restarted: set[Server] = set()
        """The servers whose election timer restarted in this round: by a leader, or by a vote."""

    def fair_round(self, number: int, request: Command = "") -> None:
        """Heartbeats go out, a request comes in, and timers run out where nobody leads.

        One timer runs out after the other, so that no vote stays split for ever; whom a leader
        or a granted vote has reached by then, waits. At a leader a quorum is due.
        """
        self.restarted.clear()
        for beat in range(HEARTBEATS):
            self.apply(PassTime(TICKS))
            for leader in self.leaders():
                if request and beat == 0:
                    self.apply(ClientRequest(leader, request))
                self.apply(HeartbeatTimeout(leader))
            self.deliver_everything()
        for server in self.order(number, self.cluster.members):
            if server not in self.restarted:
                self.apply(ElectionTimeout(server))
                self.deliver_everything()

    def leaders(self) -> tuple[Server, ...]:
        """All servers that believe that they lead."""
        views = self.cluster.views
        return tuple(each for each in self.cluster.members if views[each].role is Role.LEADER)

    def committed(self) -> int:
        """The highest commit index of all."""
        return max(view.commit_index for view in self.cluster.views)

    def latest_term(self) -> int:
        """The highest term of all."""
        return max(view.current_term for view in self.cluster.views)

    def apply(self, action: Action) -> None:
        """Let something happen, and see who leads by then."""
        self.cluster.apply(action)
        views = self.cluster.views
        self.led.update((views[leader].current_term, leader) for leader in self.leaders())

    def cut(self, link: Link) -> None:
        """Let a link fail, if it works."""
        if link not in self.cluster.network.cut:
            self.apply(Cut(*link))

    def deliver_everything(self) -> None:
        """All that can arrive does, with what that provokes, until it is quiet."""
        network = self.cluster.network
        left, busy = MOST_DELIVERED, True
        while busy and left > 0:
            busy = False
            for source, destination in network.links:
                if (source, destination) in network.cut or (source, destination) in network.broken:
                    continue
                for _ in range(len(network.channels[source][destination])):
                    self.deliver(source, destination)
                    left, busy = left - 1, True

    def deliver(self, source: Server, destination: Server) -> None:
        """Let one message arrive, and see whether it restarts a timer. Section 5.2."""
        views = self.cluster.views
        voted_for = (views[destination].current_term, views[destination].voted_for)
        self.apply(Deliver(source, destination))
        sender, receiver = views[source], views[destination]
        same_term = sender.current_term == receiver.current_term
        hears = sender.role is Role.LEADER and receiver.role is Role.FOLLOWER and same_term
        votes = receiver.voted_for == source and same_term
        if hears or (votes and voted_for != (receiver.current_term, source)):
            self.restarted.add(destination)
