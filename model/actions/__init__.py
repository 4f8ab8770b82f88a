"""Everything that can happen to a cluster: the one vocabulary of all drivers.

Micro actions are single happenings. Macro actions stand for many of them, so that one draw
gets far: a whole election, a whole round of replication; each expands into micro actions,
and every property is checked after every one of those. Some actions only make sense to subjects
that have the feature; what a subject does not offer does nothing.

An action never fails to apply: where it makes no sense, it does nothing. What belongs to a kind of
action stands with its class: text, plainer forms, how it is drawn, whether it is optional. The
lists here are derived from the three unions.
"""

from typing import Final, TypeAlias, get_args

from model.actions.macro import Elect, Exchange, MacroAction, Sync
from model.actions.optional import (
    ChangeMembership,
    Compact,
    CompleteWrite,
    CrashInside,
    FailWrite,
    Invoke,
    OptionalAction,
    PassTime,
    TransferLeadership,
)
from model.actions.required import (
    ClientRequest,
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    ElectionTimeout,
    Heal,
    HeartbeatTimeout,
    Partition,
    RequiredAction,
    Restart,
    Settle,
    fair_rounds,
)

__all__ = [
    "ACTION_TYPES",
    "OPTIONAL",
    "OPTIONAL_TYPES",
    "Action",
    "ChangeMembership",
    "ClientRequest",
    "Compact",
    "CompleteWrite",
    "Crash",
    "CrashInside",
    "Cut",
    "Deliver",
    "Drop",
    "Duplicate",
    "Elect",
    "ElectionTimeout",
    "Exchange",
    "FailWrite",
    "Heal",
    "HeartbeatTimeout",
    "Invoke",
    "MacroAction",
    "MicroAction",
    "OptionalAction",
    "Partition",
    "PassTime",
    "RequiredAction",
    "Restart",
    "Schedule",
    "Settle",
    "Sync",
    "TransferLeadership",
    "fair_rounds",
]

MicroAction: TypeAlias = RequiredAction | OptionalAction
Action: TypeAlias = MicroAction | MacroAction
Schedule: TypeAlias = tuple[Action, ...]

OPTIONAL_TYPES: Final[tuple[type[OptionalAction], ...]] = get_args(OptionalAction)
"""Every kind of action that a subject may offer."""
OPTIONAL: Final = frozenset(name for kind in OPTIONAL_TYPES for name in kind.offers)
"""The names of optional actions, as a subject lists what it offers."""
ACTION_TYPES: Final[tuple[type[Action], ...]] = get_args(Action)
"""Every kind of action."""
