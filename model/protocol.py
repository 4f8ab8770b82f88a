"""A protocol as a value: the reference's functions, or a copy with one of them replaced.

A mutant replaces one function of raft_core. The copy is made of new function objects over
namespaces of their own, so that raft_core itself is never touched and carries no flag, and a
mutant and the reference can run side by side.

May import: attrs, typing, types, raft_core, model.durability.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any

from attrs import frozen

import raft_core.commit
import raft_core.election
import raft_core.replication
import raft_core.server
from model import durability
from raft_core import (
    ClientMessage,
    Configuration,
    Event,
    Message,
    PersistentState,
    Server,
    State,
)

Step = Callable[[State, Event], tuple[State, tuple[Message | ClientMessage, ...]]]
Restart = Callable[[Server, Configuration, PersistentState], State]
OnDisk = Callable[[State, Event, State], PersistentState]

MODULES = (
    raft_core.commit,
    raft_core.replication,
    raft_core.election,
    raft_core.server,
    durability,
)


@frozen
class Protocol:
    """What a cluster of reference servers runs."""

    step: Step
    restart: Restart
    on_disk: OnDisk


REFERENCE = Protocol(raft_core.server.step, raft_core.server.restart, durability.on_disk)


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
    server = namespaces["raft_core.server"]
    return Protocol(server["step"], server["restart"], namespaces["model.durability"]["on_disk"])


def _rebound(
    name: str, function: FunctionType, namespaces: dict[str, dict[str, Any]]
) -> FunctionType:
    """A copy of a function that looks its names up in its module's copy."""
    return FunctionType(
        function.__code__, namespaces[function.__module__], name, function.__defaults__
    )
