"""Renaming servers in plain objects: apart from model.explorer.systems.encoding, to judge it."""

from collections import Counter
from collections.abc import Hashable
from functools import cache
from typing import Any, Final

from attrs import evolve, fields, has

from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.system import AspectOf, Change, Offer, Outcome, Renaming, State
from raft_core import Configuration, Server

Renamed = frozenset[tuple[str, Hashable]]
"""A state without the order of its places: by place, what is there."""

INDEXED_BY_SERVER: Final = frozenset(
    {"next_index", "match_index", "snapshot_offsets", "confirmed", "logs", "looked_at"}
)
"""Figure 2's arrays, and what the ghosts of properties keep in the same way."""


def renamed(value: Any, renaming: Renaming) -> Any:
    """The same value with other names for the servers."""
    if isinstance(value, Server):
        return Server(renaming[value])
    if isinstance(value, tuple):
        items = tuple(renamed(each, renaming) for each in value)
        ascending = bool(items) and all(isinstance(each, Server) for each in items)
        return tuple(sorted(items)) if ascending else items
    if has(type(value)) and not isinstance(value, Configuration):
        return renamed_object(value, renaming)
    return value


def renamed_object(value: Any, renaming: Renaming) -> Any:
    """An attrs object with each of its fields renamed."""
    changed = {}
    for each in fields(type(value)):
        part = renamed(getattr(value, each.name), renaming)
        if each.name in INDEXED_BY_SERVER and isinstance(part, tuple) and part:
            part = tuple(part[renaming.index(server)] for server in range(len(part)))
        changed[each.name] = part
    return evolve(value, **changed)


def place_renamed(system: RaftSystem, place: int, renaming: Renaming) -> int:
    """Where the value at a place is after the renaming."""
    server = system.components[place].server
    return place if server is None else place - server + renaming[server]


@cache
def decisive(name: str, history: Any) -> Hashable:
    """Of a history, all but who was seen with an entry: that words a breach, and decides none."""
    match name:
        case "history of LogMatching":
            return tuple(
                frozenset((entry, term) for entry, term, _ in known or ()) for known in history
            )
        case "history of StateMachineSafety":
            return tuple(item and item[0] for item in history.applied)
        case "history of MachinesAgree" | "history of MembershipAgrees":
            return tuple(item and (item[0],) for item in history)
        case _:
            return history  # type: ignore[no-any-return]  # hashable, as all histories


def name_of(system: RaftSystem, place: int) -> str:
    """A place in words."""
    return f"{system.components[place].kind} {system.components[place].server}"


def state_renamed(system: RaftSystem, state: State, renaming: Renaming) -> Renamed:
    """A state with other names, without the order of messages and without witnesses."""
    parts = []
    for place, value in enumerate(state):
        kind, after = system.components[place].kind, renamed(value, renaming)
        content = frozenset(after) if kind == "inbox" else decisive(kind, after)
        parts.append((name_of(system, place_renamed(system, place, renaming)), content))
    return frozenset(parts)


def orbit(system: RaftSystem, state: State) -> frozenset[Renamed]:
    """All that a state is called under the system's symmetries."""
    return frozenset(state_renamed(system, state, each) for each in system.renamings)


def label_renamed(label: Any, renaming: Renaming) -> Hashable:
    """A label with other names; in what order messages and facts come makes no difference."""
    if isinstance(label, AspectOf):
        return AspectOf(renaming[label.place])
    after = renamed(label, renaming)
    for inside in ("messages", "facts"):
        if hasattr(after, inside):
            return (type(after), frozenset(Counter(getattr(after, inside)).items()))
    return after  # type: ignore[no-any-return]  # hashable, as all labels


def changes_renamed(
    system: RaftSystem, changes: tuple[Change, ...], renaming: Renaming
) -> Hashable:
    """Changes with other names; those of different places come in any order."""
    by_place: dict[int, tuple[Hashable, ...]] = {}
    for change in changes:
        place = place_renamed(system, change.place, renaming)
        by_place[place] = (*by_place.get(place, ()), label_renamed(change.label, renaming))
    return frozenset(by_place.items())


def outcome_renamed(
    system: RaftSystem, outcome: Outcome, renaming: Renaming
) -> tuple[Hashable, ...]:
    """An outcome with other names."""
    broken = None if outcome.broken is None else outcome.broken.property
    changes = changes_renamed(system, outcome.changes, renaming)
    return (renamed(outcome.value, renaming), changes, outcome.outside, broken, outcome.note)


def offer_renamed(system: RaftSystem, offer: Offer, renaming: Renaming) -> tuple[Hashable, ...]:
    """An offer with other names."""
    subject = offer.subject if offer.subject is None else renaming[offer.subject]
    changes = changes_renamed(system, offer.changes, renaming)
    return (offer.kind, subject, renamed(offer.event, renaming), changes)
