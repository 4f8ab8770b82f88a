"""A protocol as a value: the reference's functions, or a copy with some of them replaced.

A mutant replaces one function of raft_core, a researcher's own protocol as many as it takes. The
copy is made of new function objects over namespaces of their own, so that raft_core itself is never
touched and carries no flag, and a mutant and the reference can run side by side.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from attrs import frozen

import raft_core.extended
from model.reference import disk as durability
from model.reference import slow_disk
from model.reference.disk import Carried, Disk, Operation
from model.reference.replacing import (
    DISK,
    SLOW_DISK,
    WHOLE,
    Copy,
    Layer,
    Replacement,
    check_replacement,
)
from model.reference.slow_disk import Queue, UnderWay
from raft_core import AnyMessage, Configuration, ExtendedEvent, PersistentState, Server, State

Step: TypeAlias = Callable[[State, ExtendedEvent], tuple[State, tuple[AnyMessage, ...]]]
Restart: TypeAlias = Callable[[Server, Configuration, PersistentState], State]
OperationsOf: TypeAlias = Callable[
    [State, ExtendedEvent, State, tuple[AnyMessage, ...]], tuple[Operation, ...]
]
Queued: TypeAlias = Callable[
    [Queue, tuple[Operation, ...], State], tuple[tuple[Operation, ...], Queue]
]
CarryOut: TypeAlias = Callable[[Disk, tuple[Operation, ...], int, int, bool], Carried]


@frozen
class Protocol:
    """What a cluster of reference servers runs."""

    step: Step
    restart: Restart
    operations_of: OperationsOf
    carry_out: CarryOut
    goes_on_after_failed_write: Callable[[], bool]
    queued: Queued
    completed: Callable[[Queue], tuple[UnderWay, Queue]]
    watches_disk: bool = False
    """Whether the disk may depart from the order of the contract."""
    layers: tuple[Layer, ...] = ()
    """What was replaced, the first replacements first; later ones lie on top of earlier ones."""


REFERENCE: Final = Protocol(
    raft_core.extended.step,
    raft_core.extended.restart,
    durability.operations_of,
    durability.carry_out,
    durability.goes_on_after_failed_write,
    slow_disk.queued,
    slow_disk.completed,
)


TURNED_ON_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "raft_core.chunks": ("snapshots",),
    "raft_core.contact": ("leases", "pre_vote", "check_quorum", "leader_stickiness"),
    "raft_core.durable": ("async_writes",),
    "raft_core.machine": ("state_machine",),
    "raft_core.prevote": ("pre_vote",),
    "raft_core.reads": ("reads",),
    "raft_core.reconfiguration": ("joint_consensus", "single_server_changes"),
    "raft_core.snapshot": ("snapshots",),
    "raft_core.transfer": ("leadership_transfer",),
    SLOW_DISK: ("async_writes",),
}
"""By module: the settings of which one has to be on for what it says to matter."""


def not_in_use(protocol: Protocol, settings: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """What is replaced in features that are off, each with the settings that turn one on."""
    names = [name for layer in protocol.layers for name in layer]
    ways = {name: TURNED_ON_BY.get(name.rpartition(".")[0], ()) for name in names}
    on = {name for name, value in settings.items() if value == "on"}
    return {name: way for name, way in ways.items() if way and not on & {*way, "features"}}


def with_replaced(
    target: str | Mapping[str, Replacement],
    replacement: Replacement | None = None,
    *,
    base: Protocol = REFERENCE,
) -> Protocol:
    """A protocol with functions or methods replaced: one, or several at once by their names.

    A name is that of a function ("raft_core.election.is_elected") or of a method
    ("raft_core.log.Log.appended"), a property among them. `base` is what is changed: the reference,
    or a protocol in which something was replaced before. Where a replacement names what it
    replaces, it means what was there before; where it names what another one replaces, it means
    that one; all else is the reference's. ValueError says which name there is not, and which
    signature does not fit.
    """
    if isinstance(target, str):
        if replacement is None:
            raise ValueError(f"{target}: found no replacement, expected a function")
        target = {target: replacement}
    for name, each in target.items():
        check_replacement(name, each)
    layers = (*base.layers, dict(target))
    copy = Copy(layers)
    whole, disk, slow = (copy.namespaces[each] for each in (WHOLE, DISK, SLOW_DISK))
    return Protocol(
        whole["step"],
        copy.adopting(whole["restart"]),
        disk["operations_of"],
        disk["carry_out"],
        disk["goes_on_after_failed_write"],
        slow["queued"],
        slow["completed"],
        watches_disk=any(name.startswith(f"{DISK}.") for layer in layers for name in layer),
        layers=layers,
    )
