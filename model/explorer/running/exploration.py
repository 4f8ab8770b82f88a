"""One exploration, from what the user ordered to what came out."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
from attrs import asdict, evolve, field, frozen

from model.explorer.engines.choice import make_engine
from model.explorer.engines.engine import Engine
from model.explorer.search.breadth_first import Search
from model.explorer.search.checkpoint import restore, save
from model.explorer.search.random_walks import Simulated
from model.explorer.search.reduction_check import unsound
from model.explorer.search.reference_search import search as reference_search
from model.explorer.search.result import Explored, Limits
from model.explorer.spread.coordinator import SpreadSearch, explore_distributed
from model.explorer.systems.budgets import Bounds
from model.explorer.systems.raft import RaftSystem
from model.explorer.systems.raft_order import RaftRecipe
from model.explorer.systems.raft_tla import RaftTla
from model.explorer.systems.system import System

LOCAL = "local"
CANDIDATES_OF_A_STATE = 16
"""How many successors a state is thought to have, when memory for the next chunk is set aside."""


@frozen(kw_only=True)
class Order:
    """What to explore: all that decides about the counts. A checkpoint keeps it."""

    model: Literal["raft", "raft.tla"] = "raft"
    servers: int = 3
    bounds: Bounds = field(factory=Bounds)
    settings: dict[str, str] = field(factory=dict)
    ignore: tuple[str, ...] = ()
    mutant: str | None = None
    reduce: bool = True
    symmetry: bool = True
    specification: RaftTla = field(factory=RaftTla)

    def system(self) -> System:
        """The system; ValueError names what does not fit."""
        return self.specification if self.model == "raft.tla" else self.recipe().make()

    def as_json(self) -> dict[str, Any]:
        """The order as plain values."""
        plain = asdict(self, filter=lambda attribute, value: attribute.init)
        return {**plain, "bounds": asdict(self.bounds), "ignore": list(self.ignore)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Order":
        """The order that plain values are; ValueError where they are none."""
        values = dict(plain)
        values["bounds"] = msgspec.convert(values["bounds"], Bounds)
        values["specification"] = RaftTla(**values["specification"])
        values["ignore"] = tuple(values["ignore"])
        return cls(**values)

    def recipe(self) -> RaftRecipe:
        """How to make the cluster."""
        return RaftRecipe(
            servers=self.servers,
            bounds=self.bounds,
            settings=self.settings,
            ignore=frozenset(self.ignore),
            mutant=self.mutant,
            reduce=self.reduce,
        )


@frozen(kw_only=True)
class Means:
    """With what to explore, and where to stop: none of it changes a count."""

    engine: str = "auto"
    workers: int = 1
    limits: Limits = field(factory=Limits)
    memory: int = 0
    """Bytes."""
    checkpoint: Path | None = None
    resume: Path | None = None
    interval: float = 300.0
    """Seconds between two checkpoints."""
    cluster: str | None = None
    """`local`, or the address of a scheduler, where workers are processes."""


@frozen(kw_only=True)
class Account:
    """What came out, and how."""

    order: Order
    system: System
    explored: Explored
    engine: str
    workers: int
    seconds: float
    bytes: int
    """Memory that the states took at the end."""
    renamings: int
    interrupted: bool = False
    stored: Path | None = None
    """Where the search can be taken up again."""
    unstored_because: str = ""
    """Why the last checkpoint is older than the end."""
    unreduced_because: str = ""
    """Why stale replies were kept after all."""
    walks: Simulated | None = None
    """Of a random simulation: what the walks were."""


@frozen
class Glance:
    """How far a search is."""

    level: int
    frontier: int
    done: int
    distinct: int
    generated: int
    seconds: float
    bytes: int
    levels: tuple[int, ...]


Report = Callable[[Glance], None]


def explore(
    order: Order, means: Means, report: Report, is_interrupted: Callable[[], bool]
) -> Account:
    """Explore; without throwing anything away, where that could have mattered."""
    system = order.system()
    if means.engine == "reference":
        started = time.monotonic()
        explored = reference_search(system, means.limits, order.symmetry)
        return account_of(order, system, explored, "reference", 1, time.monotonic() - started, 0)
    if means.cluster is not None:
        return explore_on_cluster(order, means, report, is_interrupted)
    engine = make_engine(means.engine, system, order.symmetry, means.workers)
    try:
        account = Expedition(order, means, system, engine, report, is_interrupted).run()
    finally:
        engine.close()
    reason = reason_to_repeat(order, system, engine)
    if reason and not account.interrupted:
        again = explore(evolve(order, reduce=False), means, report, is_interrupted)
        return evolve(again, unreduced_because=reason)
    return account


def reason_to_repeat(order: Order, system: System, engine: Engine) -> str:
    """Why a search without stale replies may have missed something; empty where it cannot.

    Of the plain reference, which answers no stale reply, that is known (tests/model/explorer).
    """
    if not isinstance(system, RaftSystem) or not order.reduce or is_plain(order, system):
        return ""
    return unsound(system, engine.tables)


def is_plain(order: Order, system: System) -> bool:
    """Whether this is the reference without features."""
    is_extended = isinstance(system, RaftSystem) and system.configuration.is_extended
    return order.mutant is None and not is_extended


def explore_on_cluster(
    order: Order, means: Means, report: Report, is_interrupted: Callable[[], bool]
) -> Account:
    """Explore with the workers of a cluster; nothing is thrown away that nobody could look at."""
    system, reason = order.system(), ""
    if order.reduce and not is_plain(order, system):
        order, reason = evolve(order, reduce=False), "no one worker sees all of them"
        system = order.system()
    started, most = time.monotonic(), 0

    def watch(search: SpreadSearch) -> str:
        nonlocal most
        most, levels = max(most, search.bytes), tuple(search.levels)
        seconds = time.monotonic() - started
        counts = (search.distinct, search.generated, seconds, search.bytes)
        report(Glance(len(levels), levels[-1], 0, *counts, levels))
        if is_interrupted():
            return "an interrupt"
        return f"--memory {means.memory / 2**30:g}GiB" if most > means.memory > 0 else ""

    address = None if means.cluster == LOCAL else means.cluster
    explored = explore_distributed(
        order.system, order.symmetry, means.engine, means.limits, means.workers, address, watch
    )
    seconds = time.monotonic() - started
    more = {"interrupted": is_interrupted(), "unreduced_because": reason}
    name = f"{means.engine} on a cluster"
    return account_of(order, system, explored, name, means.workers, seconds, most, **more)


def account_of(
    order: Order,
    system: System,
    explored: Explored,
    engine: str,
    workers: int,
    seconds: float,
    size: int,
    **more: Any,
) -> Account:
    """What came out, with the number of renamings that count as one."""
    return Account(
        order=order,
        system=system,
        explored=explored,
        engine=engine,
        workers=workers,
        seconds=seconds,
        bytes=size,
        renamings=len(system.renamings) if order.symmetry else 1,
        **more,
    )


class Expedition:
    """A search with an eye on time, memory and the user."""

    def __init__(
        self,
        order: Order,
        means: Means,
        system: System,
        engine: Engine,
        report: Report,
        is_interrupted: Callable[[], bool],
    ) -> None:
        self.order, self.means, self.system, self.engine = order, means, system, engine
        self.report, self.is_interrupted = report, is_interrupted
        self.stored: Path | None = None
        self.unstored_because = ""
        self.before = 0.0
        """Seconds that a search took before it was taken up again."""

    def run(self) -> Account:
        """Search until the end, or until something ends it."""
        if self.means.resume is None:
            search = Search(self.engine)
        else:
            search, manifest = restore(self.engine, self.means.resume)
            self.before = manifest.seconds
        self.started = self.saved = time.monotonic()
        explored = search.run(self.means.limits, self.watch)
        if explored.verdict == "stopped":
            self.store(search)
        return account_of(
            self.order,
            self.system,
            explored,
            self.engine.name,
            self.means.workers,
            self.seconds,
            search.bytes,
            interrupted=self.is_interrupted(),
            stored=self.stored,
            unstored_because=self.unstored_because,
        )

    @property
    def seconds(self) -> float:
        """How long it took so far, also before it was taken up again."""
        return self.before + time.monotonic() - self.started

    def watch(self, search: Search) -> str:
        """After each chunk: what ends the search now, if anything."""
        self.report(self.glance(search))
        if self.is_interrupted():
            return "an interrupt"
        if needed_for_more(search) > self.means.memory > 0:
            return f"--memory {self.means.memory / 2**30:g}GiB"
        if time.monotonic() - self.saved >= self.means.interval:
            self.store(search)
        return ""

    def store(self, search: Search) -> None:
        """Write a checkpoint, where the user wants one."""
        folder = self.means.checkpoint
        if folder is None:
            return
        self.saved = time.monotonic()
        try:
            save(search, self.order.as_json(), self.seconds, folder)
            self.stored, self.unstored_because = folder, ""
        except OSError as error:  # a full disk must not end the search
            self.unstored_because = f"cannot write to {folder}: {error.strerror or error}"

    def glance(self, search: Search) -> Glance:
        """How far it is."""
        return Glance(
            level=len(search.levels),
            frontier=len(search.frontier),
            done=search.position,
            distinct=search.distinct,
            generated=search.generated,
            seconds=self.seconds,
            bytes=search.bytes,
            levels=tuple(search.levels),
        )


def needed_for_more(search: Search) -> int:
    """Memory with one more chunk: the set of fingerprints may have to move to a larger one."""
    fingerprints = search.engine.fingerprints
    room = CANDIDATES_OF_A_STATE * min(search.engine.chunk, len(search.frontier))
    needed = search.bytes
    if fingerprints.is_full_with(room):
        needed += 3 * fingerprints.slots.nbytes
    if search.position and search.position + search.engine.chunk >= len(search.frontier):
        needed += sum(each.nbytes for each in search.following)  # they are joined
    return needed


def total_memory() -> int:
    """What this machine has, in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
