"""What of a property's history decides about the future; the rest is for the wording alone.

Two executions that differ only in who was seen first with an entry are one, as soon as nothing
else tells them apart: the verdict of every later step is the same. The history that was found
first speaks for both.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final


def entries_without_witness(entries: Any) -> Hashable:
    """LogMatching: by index, the entries that stood there, and the terms before them."""
    return tuple(
        None if known is None else frozenset((entry, term) for entry, term, _ in known)
        for known in entries
    )


def first_of_pairs(items: Any) -> Hashable:
    """By index, what was seen there, without by whom."""
    return tuple(None if item is None else (item[0],) for item in items)


def applied_entries(ghosts: Any) -> Hashable:
    """StateMachineSafety: the entries applied; what it has looked at only saves work."""
    return first_of_pairs(ghosts.applied)


ESSENCE: Final[Mapping[str, Callable[[Any], Hashable]]] = {
    "LogMatching": entries_without_witness,
    "StateMachineSafety": applied_entries,
    "MachinesAgree": first_of_pairs,
    "MembershipAgrees": first_of_pairs,
}


def essence_of(name: str, history: Hashable) -> Hashable:
    """What of the history of the property of this name decides."""
    essence = ESSENCE.get(name)
    return history if essence is None else essence(history)
