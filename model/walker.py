"""The fast walker: random schedules from a seed, thousands of steps a second.

A run is named by (seed, number), and the same name gives the same schedule everywhere. Each
run draws a temper first: how often each action occurs, who is slow, and in which order late
messages come. A run that does a few things often goes deeper than one that does everything a
little, and no one mix of actions reaches every mistake.

May import: random, attrs, typing, raft_core, model.
"""

from collections.abc import Callable
from random import Random
from typing import Final, TypeAlias

from attrs import frozen

from model.actions import (
    Action,
    ClientRequest,
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Elect,
    ElectionTimeout,
    Heal,
    HeartbeatTimeout,
    Partition,
    Restart,
    Schedule,
    Sync,
)
from model.cluster import Cluster, PropertyViolatedError
from properties.property import Violation
from raft_core import Role, Server

Below: TypeAlias = Callable[[int], int]
"""A source of choices: `below(n)` is a number from 0 to n - 1."""

WEIGHTS: Final[tuple[tuple[type[Action], int], ...]] = (
    (Deliver, 5),
    (Elect, 4),
    (ClientRequest, 4),
    (Sync, 4),
    (ElectionTimeout, 1),
    (HeartbeatTimeout, 1),
    (Duplicate, 1),
    (Drop, 1),
    (Restart, 1),
    (Crash, 1),
    (Partition, 1),
    (Cut, 1),
    (Heal, 1),
)
RARE: Final = frozenset({Crash, Partition, Cut, Drop})
"""Left out of half the runs each: they undo more than they break."""

SHORTEST, LONGEST = 20, 120
"""Actions in a run. Longer runs mostly repeat themselves: what is deep here is a matter of
a dozen well-chosen actions, and a fresh start costs less than a way back."""


@frozen
class Temper:
    """How one run behaves."""

    deck: tuple[type[Action], ...]
    """One is drawn for each action."""
    length: int
    slow: tuple[Server, ...]
    """Servers that macro actions often do not reach, so that their messages grow old."""
    patience: int
    """Out of 4 times, how often a macro action reaches everyone."""
    oldest_first: bool
    """Whether single deliveries take the oldest message, or any."""


def temper_of(below: Below, members: tuple[Server, ...], fifo: bool) -> Temper:
    """Draw how a run behaves."""
    deck: list[type[Action]] = []
    for kind, weight in WEIGHTS:
        if kind in RARE and below(2):
            continue
        deck += [kind] * (weight * (1, 2, 2, 4)[below(4)])
    slow = tuple(server for server in members if not below(3))[: (len(members) - 1) // 2]
    return Temper(
        deck=tuple(deck),
        length=SHORTEST + below(LONGEST - SHORTEST),
        slow=slow,
        patience=below(4),
        oldest_first=fifo or not below(2),
    )


class Chooser:
    """Draws the next action of a run from a source of choices."""

    def __init__(self, below: Below, cluster: Cluster, temper: Temper) -> None:
        self.below = below
        self.cluster = cluster
        self.temper = temper
        self.members = cluster.members
        self.links = cluster.network.links
        self.requests = 0

    def next_action(self) -> Action:
        """One action; every kind is drawn from the deck."""
        deck = self.temper.deck
        kind = deck[self.below(len(deck))]
        if kind is Deliver or kind is Duplicate or kind is Drop:
            source, destination = self.links[self.below(len(self.links))]
            age = 0 if self.temper.oldest_first else self.below(4)
            return kind(source, destination, age)
        if kind is Elect:
            server = self.members[self.below(len(self.members))]
            return Elect(server, self.unreachable(server))
        if kind is Sync:
            server = self.leader_mostly()
            return Sync(server, self.unreachable(server))
        if kind is ClientRequest:
            self.requests += 1
            return ClientRequest(self.leader_mostly(), f"v{self.requests}")
        if kind is HeartbeatTimeout:
            return HeartbeatTimeout(self.leader_mostly())
        return self.fault(kind)

    def fault(self, kind: type[Action]) -> Action:
        """A timeout, a crash, or something that happens to links."""
        if kind is Heal:
            return Heal()
        if kind is Partition:
            return Partition(self.minority())
        if kind is Cut:
            return Cut(*self.links[self.below(len(self.links))])
        server = self.members[self.below(len(self.members))]
        return kind(server)  # type: ignore[call-arg, arg-type]  # ElectionTimeout, Crash, Restart

    def leader_mostly(self) -> Server:
        """A server that leads, if any; now and then anyone."""
        views = self.cluster.views
        leaders = [server for server in self.members if views[server].role is Role.LEADER]
        if not leaders or not self.below(8):
            leaders = list(self.members)
        return leaders[self.below(len(leaders))]

    def unreachable(self, server: Server) -> tuple[Server, ...]:
        """Who a macro action does not reach."""
        if self.below(4) < self.temper.patience:
            return ()
        if self.temper.slow and self.below(2):
            return tuple(other for other in self.temper.slow if other != server)
        return tuple(other for other in self.members if other != server and not self.below(2))

    def minority(self) -> tuple[Server, ...]:
        """One side of a partition."""
        start = self.below(len(self.members))
        size = 1 + self.below(max(len(self.members) // 2, 1))
        around = self.members + self.members
        return tuple(sorted(around[start : start + size]))


def choices_of_run(seed: int, number: int) -> Below:
    """The source of choices that (seed, number) names."""
    draw = Random(f"{seed}/{number}").random
    return lambda limit: int(draw() * limit)


def walk(cluster: Cluster, seed: int, number: int) -> tuple[Violation | None, Schedule]:
    """One run from a fresh start: the violation, if any, and the actions that led there."""
    below = choices_of_run(seed, number)
    actions: list[Action] = []
    try:
        cluster.reset()
        temper = temper_of(below, cluster.members, cluster.network.fifo)
        chooser = Chooser(below, cluster, temper)
        for _ in range(temper.length):
            action = chooser.next_action()
            actions.append(action)
            cluster.apply(action)
    except PropertyViolatedError as violated:
        return violated.violation, tuple(actions)
    return None, tuple(actions)
