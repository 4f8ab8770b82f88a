"""The part of a property's history that decides about later verdicts, and not just their wording.

Two executions that differ only in which server was seen first with an entry get the same verdict
in every later step. So the explorer encodes of each history its deciding part alone, and such
executions lead to one state; the history that was found first stands for both.
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


DECIDING_PARTS: Final[Mapping[str, Callable[[Any], Hashable]]] = {
    "LogMatching": entries_without_witness,
    "StateMachineSafety": applied_entries,
    "MachinesAgree": first_of_pairs,
    "MembershipAgrees": first_of_pairs,
}
"""By the name of a property; of the others, the whole history decides."""


def deciding_part_of(name: str, history: Hashable) -> Hashable:
    """The deciding part of the history of the property of this name."""
    part_of = DECIDING_PARTS.get(name)
    return history if part_of is None else part_of(history)
