"""Run profiles: how one run of the walker behaves.

Each run draws its profile first: how often each action occurs, who is slow, and in which order
late messages come. A run that does a few things often goes deeper than one that does everything a
little, and no one mix of actions reaches every mistake.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from attrs import frozen

from model.actions import ACTION_TYPES, Action, CompleteWrite
from model.actions.base import Share
from raft_core import Server

DrawBelow: TypeAlias = Callable[[int], int]
"""A source of choices: `draw_below(limit)` is a number from 0 to `limit` - 1."""

DEALT: Final[tuple[tuple[type[Action], Share], ...]] = tuple(
    sorted(
        ((kind, kind.share) for kind in ACTION_TYPES if kind.share is not None),
        key=lambda pair: pair[1].place,
    )
)
"""Every kind of action that is drawn, in the order in which a profile deals them."""

SHORTEST, LONGEST = 20, 120
"""Actions in a run. Longer runs mostly repeat themselves: what is deep here is a matter of
a dozen well-chosen actions, and a fresh start costs less than a way back."""


@frozen
class RunProfile:
    """How one run behaves."""

    deck: tuple[type[Action], ...]
    """One is drawn for each action."""
    length: int
    """Actions in the run."""
    slow: tuple[Server, ...]
    """Servers that macro actions often do not reach, so that their messages grow old."""
    reach_all_of_4: int
    """The chance, in quarters, that a macro action reaches every server."""
    oldest_first: bool
    """Whether single deliveries take the oldest message, or any."""
    stalled: tuple[Server, ...] = ()
    """Servers whose writes mostly stay under way, where writes complete later."""
    rivals: tuple[Server, ...] = ()
    """The servers that take turns to lead, in a run of rival leaders; empty in any other run."""


def profile_of_run(
    draw_below: DrawBelow,
    members: tuple[Server, ...],
    fifo: bool,
    offers: frozenset[str] = frozenset(),
) -> RunProfile:
    """Draw how a run behaves; `offers` names the optional actions that the subject understands."""
    if len(members) > 1 and not draw_below(4):
        return profile_with_rivals(draw_below, members, offers)
    deck = deck_of_run(draw_below, offers)
    slow = tuple(server for server in members if not draw_below(3))[: (len(members) - 1) // 2]
    return RunProfile(
        deck=deck,
        length=SHORTEST + draw_below(LONGEST - SHORTEST),
        slow=slow,
        reach_all_of_4=draw_below(4),
        oldest_first=fifo or not draw_below(2),
        stalled=stalled_disks(draw_below, members, offers),
    )


def deck_of_run(draw_below: DrawBelow, offers: frozenset[str]) -> tuple[type[Action], ...]:
    """Draw how often each kind of action occurs in a run; half of the runs lack some kinds."""
    deck: list[type[Action]] = []
    for kind, share in DEALT:
        if not kind.offers:
            if not (share.rare and draw_below(2)):
                deck += [kind] * (share.weight * (1, 2, 2, 4)[draw_below(4)])
        elif kind.__name__ in offers and (share.always or draw_below(2)):
            deck += [kind] * (share.weight * (1, 2, 4)[draw_below(3)])
    return tuple(deck)


def profile_with_rivals(
    draw_below: DrawBelow, members: tuple[Server, ...], offers: frozenset[str] = frozenset()
) -> RunProfile:
    """Draw a run of rival leaders: they lead one after the other while one server lags behind.

    In a turn, one of the rivals is elected, gets a few requests, and reaches some of the
    others but never the one that lags. With that one it exchanges single late messages, or all
    of them at once. So whole terms go by between a message and its arrival: a refusal finds
    its leader long past it, an acknowledgement finds it in a later term. Independent draws
    hardly ever hold back one link for so long and keep all others busy.
    """
    start = draw_below(len(members))
    order = members[start:] + members[:start]
    return RunProfile(
        deck=(),
        length=SHORTEST + draw_below(LONGEST - SHORTEST) // 3,
        slow=order[:1],
        reach_all_of_4=1 + draw_below(3),
        oldest_first=not draw_below(2),
        rivals=order[:3] if draw_below(2) or len(order) == 1 else order[1:3],
        stalled=stalled_disks(draw_below, members, offers),
    )


def stalled_disks(
    draw_below: DrawBelow, members: tuple[Server, ...], offers: frozenset[str]
) -> tuple[Server, ...]:
    """Draw whose writes mostly stay under way: half of the servers at most."""
    if CompleteWrite.__name__ not in offers:
        return ()
    return tuple(server for server in members if draw_below(2))[: len(members) // 2]
