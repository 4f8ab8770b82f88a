"""A protocol as a value: the reference's functions, or a copy with one of them replaced.

A mutant replaces one function of raft_core. The copy is made of new function objects over
namespaces of their own, so that raft_core itself is never touched and carries no flag, and a
mutant and the reference can run side by side.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any

from attrs import frozen

import raft_core.chunks
import raft_core.commit
import raft_core.contact
import raft_core.election
import raft_core.extended
import raft_core.machine
import raft_core.prevote
import raft_core.reads
import raft_core.reconfiguration
import raft_core.replication
import raft_core.server
import raft_core.snapshot
import raft_core.transfer
from model.reference import disk as durability
from model.reference.disk import Carried, Disk, Operation
from raft_core import AnyMessage, Configuration, ExtendedEvent, PersistentState, Server, State

Step = Callable[[State, ExtendedEvent], tuple[State, tuple[AnyMessage, ...]]]
Restart = Callable[[Server, Configuration, PersistentState], State]
OperationsOf = Callable[
    [State, ExtendedEvent, State, tuple[AnyMessage, ...]], tuple[Operation, ...]
]
CarryOut = Callable[[Disk, tuple[Operation, ...], int, int, bool], Carried]

MODULES = (
    raft_core.commit,
    raft_core.chunks,
    raft_core.machine,
    raft_core.replication,
    raft_core.election,
    raft_core.server,
    raft_core.snapshot,
    raft_core.contact,
    raft_core.prevote,
    raft_core.transfer,
    raft_core.reconfiguration,
    raft_core.reads,
    raft_core.extended,
    durability,
)


@frozen
class Protocol:
    """What a cluster of reference servers runs."""

    step: Step
    restart: Restart
    operations_of: OperationsOf
    carry_out: CarryOut
    goes_on_after_failed_write: Callable[[], bool]
    watches_disk: bool = False
    """Whether the disk may depart from the order of the contract."""


REFERENCE = Protocol(
    raft_core.extended.step,
    raft_core.extended.restart,
    durability.operations_of,
    durability.carry_out,
    durability.goes_on_after_failed_write,
)


def with_replaced(target: str, replacement: Callable[..., Any]) -> Protocol:
    """The protocol with the function `target` ("raft_core.election.is_elected") replaced."""
    namespaces = {module.__name__: dict(vars(module)) for module in MODULES}
    substitutes: dict[object, Callable[..., Any]] = {}
    for namespace in namespaces.values():
        for name, value in namespace.items():
            if isinstance(value, FunctionType) and value.__module__ in namespaces:
                substitutes.setdefault(value, _rebound(name, value, namespaces))
    module_name, _, function_name = target.rpartition(".")
    substitutes[namespaces[module_name][function_name]] = replacement
    for namespace in namespaces.values():
        for name, value in namespace.items():
            if isinstance(value, FunctionType):
                namespace[name] = substitutes.get(value, value)
    whole, disk = namespaces["raft_core.extended"], namespaces["model.reference.disk"]
    return Protocol(
        whole["step"],
        whole["restart"],
        disk["operations_of"],
        disk["carry_out"],
        disk["goes_on_after_failed_write"],
        watches_disk=module_name == durability.__name__,
    )


def _rebound(
    name: str, function: FunctionType, namespaces: dict[str, dict[str, Any]]
) -> FunctionType:
    """A copy of a function that looks its names up in its module's copy."""
    return FunctionType(
        function.__code__, namespaces[function.__module__], name, function.__defaults__
    )
