"""What is explored, and how: plain values, of which a checkpoint keeps the first part."""

from pathlib import Path
from typing import Any, Final, Literal, Protocol

import msgspec
from attrs import asdict, field, fields, frozen

from model.explorer.search.result import SearchLimits
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.raft_order import RaftOrder, reference_target
from model.explorer.systems.raft_tla import RaftTla
from model.explorer.systems.system import System
from model.mutants import MUTANT_BY_NAME
from raft_core import SERVERS
from raft_core.evolve import evolve

MOST_SYMMETRIC: Final = 7
"""Servers whose renamings an engine can still go through: 5,040."""


class NamedSystem(System, Protocol):
    """A system with the words that name it."""

    @property
    def text(self) -> str:
        """The file, and what is taken from it."""
        ...

    @property
    def servers(self) -> int:
        """How many there are of what is renamed."""
        ...


@frozen(kw_only=True)
class ExplorationSpec:
    """What is explored: all that decides about the counts of a whole exploration."""

    model: RaftOrder | RaftTla | NamedSystem = field(factory=RaftOrder)
    """The reference or a mutant within bounds; Ongaro's specification with its constants; or a
    system of the user's own, which cannot be stored.
    """
    symmetry: bool = True
    """Whether states that differ only in the names of servers count as one."""

    def system(self) -> System:
        """The system to explore; ValueError says which setting or mutant does not fit."""
        return self.model.make() if isinstance(self.model, RaftOrder) else self.model

    def renamings(self, system: System) -> int:
        """How many renamings of the servers count as one."""
        return len(system.renamings) if self.symmetry else 1

    def needs_reduction_check(self, system: System) -> bool:
        """Whether stale replies are thrown away although they might matter to this protocol.

        The plain reference answers no stale reply: tests/model/explorer/search shows it.
        """
        if not isinstance(self.model, RaftOrder) or not isinstance(system, RaftSystem):
            return False
        is_plain = self.model.is_plain and not system.configuration.is_extended
        return self.model.reduce and not is_plain

    def without_reduction(self) -> "ExplorationSpec":
        """The same with stale replies kept."""
        if not isinstance(self.model, RaftOrder):
            return self
        return evolve(self, model=evolve(self.model, reduce=False))

    def as_json(self) -> dict[str, Any]:
        """The specification as plain values, in the form that checkpoints have under `order`."""
        order = self.model if isinstance(self.model, RaftOrder) else RaftOrder()
        constants = self.model if isinstance(self.model, RaftTla) else RaftTla()
        assert isinstance(self.model, RaftOrder | RaftTla), "a user's own system is not stored"
        stored = StoredSpec(
            model="raft" if isinstance(self.model, RaftOrder) else "raft.tla",
            servers=self.model.servers,
            bounds=order.bounds,
            settings=dict(order.target.settings),
            ignore=sorted(order.target.ignore),
            mutant=order.target.mutant,
            reduce=order.reduce,
            symmetry=self.symmetry,
            specification=constants_of(constants),
        )
        return asdict(stored)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "ExplorationSpec":
        """The specification that plain values say; ValueError or TypeError where they say none."""
        if unknown := sorted({*plain} - {each.name for each in fields(StoredSpec)}):
            raise ValueError(f"found {unknown[0]!r}, which this version does not know")
        stored = msgspec.convert(plain, StoredSpec)
        check_servers(stored.servers, stored.symmetry)
        numbers = {**asdict(stored.bounds), **stored.specification}
        numbers.pop("unchecked", None)
        for name, number in numbers.items():
            if not isinstance(number, int) or number < 0:
                raise ValueError(f"{name}: found {number!r}, expected a whole number from 0 on")
        if stored.model == "raft.tla":
            check_servers(stored.specification.get("servers", 1), stored.symmetry)
            unchecked = frozenset(stored.specification.pop("unchecked", ()))
            model = RaftTla(**stored.specification, unchecked=unchecked)
            return cls(model=model, symmetry=stored.symmetry)
        if stored.mutant is not None and stored.mutant not in MUTANT_BY_NAME:
            raise ValueError(f"mutant: found {stored.mutant!r}, expected one that there is")
        target = reference_target(
            stored.servers, stored.settings, frozenset(stored.ignore), stored.mutant
        )
        order = RaftOrder(target=target, bounds=stored.bounds, reduce=stored.reduce)
        return cls(model=order, symmetry=stored.symmetry)


def check_servers(servers: int, symmetry: bool) -> None:
    """ValueError where there are more servers than can be renamed, or than there are at all."""
    most = MOST_SYMMETRIC if symmetry else len(SERVERS)
    if not 1 <= servers <= most:
        what = f"found {servers}" + (" with symmetry" if symmetry else "")
        raise ValueError(f"servers: {what}, expected 1 to {most}")


def constants_of(model: RaftTla) -> dict[str, Any]:
    """The constants of raft.tla as plain values, with what is not checked if there is any."""
    constants = asdict(model, filter=lambda attribute, value: attribute.init)
    unchecked = sorted(constants.pop("unchecked"))
    return {**constants, "unchecked": unchecked} if unchecked else constants


@frozen(kw_only=True)
class StoredSpec:
    """An ExplorationSpec as checkpoints of version 1 hold it: these names are on disk, and stay.

    Both models share one form: what belongs to the other one has its defaults.
    """

    model: Literal["raft", "raft.tla"]
    servers: int
    bounds: Bounds
    settings: dict[str, str]
    ignore: list[str]
    mutant: str | None
    reduce: bool
    symmetry: bool
    specification: dict[str, Any]
    """The constants of raft.tla."""


@frozen(kw_only=True)
class ExecutionOptions:
    """How an exploration is run, and where it stops; a whole one counts the same with any."""

    engine: str = "auto"
    """One of `ENGINES` in model.explorer.engines.choice."""
    workers: int = 1
    """Threads; with `cluster`, processes."""
    limits: SearchLimits = field(factory=SearchLimits)
    memory: int = 0
    """The search stops before its states need more bytes than this; 0 sets no limit."""
    checkpoint: Path | None = None
    """The folder in which the search is stored."""
    resume: Path | None = None
    """The folder of a stored search that is taken up."""
    interval: float = 300.0
    """Seconds between two checkpoints."""
    cluster: str | None = None
    """LOCAL, or the address of a Dask scheduler, where workers are processes."""
