"""Tempers: how one run of the walker behaves.

Each run draws a temper first: how often each action occurs, who is slow, and in which order late
messages come. A run that does a few things often goes deeper than one that does everything a
little, and no one mix of actions reaches every mistake.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from attrs import frozen

from model.actions import (
    Action,
    ChangeMembership,
    ClientRequest,
    Compact,
    Crash,
    CrashInside,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Elect,
    ElectionTimeout,
    Exchange,
    FailWrite,
    Heal,
    HeartbeatTimeout,
    Invoke,
    Partition,
    PassTime,
    Restart,
    Sync,
    TransferLeadership,
)
from raft_core import Server

Below: TypeAlias = Callable[[int], int]
"""A source of choices: `below(n)` is a number from 0 to n - 1."""

WEIGHTS: Final[tuple[tuple[type[Action], int], ...]] = (
    (Deliver, 5),
    (Elect, 4),
    (ClientRequest, 4),
    (Sync, 4),
    (Exchange, 1),
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
OFFERED: Final[tuple[tuple[type[Action], int], ...]] = (
    (Invoke, 6),
    (PassTime, 1),
    (Compact, 2),
    (ChangeMembership, 2),
    (TransferLeadership, 1),
    (CrashInside, 1),
    (FailWrite, 1),
)
"""Drawn too where the subject offers them; all but Invoke are left out of half the runs."""
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
    rivals: tuple[Server, ...] = ()
    """Who takes turns to lead, in a run of turns; empty in any other run."""


def temper_of(
    below: Below, members: tuple[Server, ...], fifo: bool, offers: frozenset[str] = frozenset()
) -> Temper:
    """Draw how a run behaves; `offers` names the optional actions that the subject understands."""
    if len(members) > 1 and not below(4):
        return turns_temper(below, members)
    deck: list[type[Action]] = []
    for kind, weight in WEIGHTS:
        if kind in RARE and below(2):
            continue
        deck += [kind] * (weight * (1, 2, 2, 4)[below(4)])
    for kind, weight in OFFERED:
        if kind.__name__ in offers and (kind is Invoke or below(2)):
            deck += [kind] * (weight * (1, 2, 4)[below(3)])
    slow = tuple(server for server in members if not below(3))[: (len(members) - 1) // 2]
    return Temper(
        deck=tuple(deck),
        length=SHORTEST + below(LONGEST - SHORTEST),
        slow=slow,
        patience=below(4),
        oldest_first=fifo or not below(2),
    )


def turns_temper(below: Below, members: tuple[Server, ...]) -> Temper:
    """Draw a run of turns: rivals lead one after the other while one server lags behind.

    In a turn, one of the rivals is elected, gets a few requests, and reaches some of the
    others but never the one that lags. With that one it exchanges single late messages, or all
    of them at once. So whole terms go by between a message and its arrival: a refusal finds
    its leader long past it, an acknowledgement finds it in a later term. Independent draws
    hardly ever hold back one link for so long and keep all others busy.
    """
    start = below(len(members))
    order = members[start:] + members[:start]
    return Temper(
        deck=(),
        length=SHORTEST + below(LONGEST - SHORTEST) // 3,
        slow=order[:1],
        patience=1 + below(3),
        oldest_first=not below(2),
        rivals=order[:3] if below(2) else order[1:3],
    )
