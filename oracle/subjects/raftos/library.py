"""RaftOS itself: a private copy of its modules for each server, as each process would have.

Its pins are of 2016 and do not install on Python 3.11; its code runs there with three shims, none
of which touches a rule of Raft. Not a line of it is changed; names that its modules have imported
are replaced:
- `asyncio.Queue(loop=...)`: the argument is gone since Python 3.10; the loop is the running one.
- `asyncio.futures.InvalidStateError`: moved in Python 3.8.
- `msgpack.unpackb(encoding="utf-8")`: gone since msgpack 1.0; `raw=False` is the same.
Its dice are taken away too, datagrams are not encrypted, and its set of addresses is gone
through in ascending order, since that of a set differs from process to process.
"""

import asyncio
import functools
import importlib
import logging
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Final

from attrs import frozen

from oracle.processes.user_cache import cache_directory
from oracle.subjects.pip_install import VERSION_PATTERN, install
from oracle.subjects.raftos.loop import Address

PACKAGE: Final = "raftos"
NEWEST: Final = "0.2.6"
HASHES: Final = Path(__file__).with_name("hashes.txt")
NEEDED: Final = "msgpack==1.1.2"
SERIALIZERS: Final = {"msgpack": "MessagePackSerializer", "json": "JSONSerializer"}


class AscendingSet(set[Address]):
    """A set of addresses whose order is the same in every process."""

    def __iter__(self) -> Any:
        return iter(sorted(super().__iter__()))


@frozen(eq=False)
class Library:
    """One copy of the library, for one server."""

    modules: dict[str, Any]

    def forget(self) -> None:
        """Put the variables of its classes back to what a new process finds."""
        state = self.modules["state"].State
        state.leader = state.leader_future = None
        state.wait_until_leader_id = state.wait_until_leader_future = None
        self.modules["server"].Node.nodes.clear()

    def node(self, address: Address, loop: Any, directory: str, serializer: str) -> Any:
        """A server on the files in a directory; it is not started yet."""
        self.forget()
        chosen = getattr(self.modules["serializers"], SERIALIZERS[serializer])
        cryptor = self.modules["cryptors"].DummyCryptor
        self.modules["conf"].config.configure(
            {"log_path": directory, "serializer": chosen, "cryptor": cryptor}
        )
        node = self.modules["server"].Node(address=address, loop=loop)
        node.cluster = AscendingSet()
        return node

    def value(self, name: str) -> Any:
        """A replicated value, as a user of the library has it."""
        return self.modules["replicator"].Replicated(name)

    def unpacked(self, data: bytes) -> Any:
        """What a datagram says."""
        return self.modules["conf"].config.serializer.unpack(data)

    @property
    def not_a_leader(self) -> type[Exception]:
        """What a client gets from a server that does not lead."""
        found: type[Exception] = self.modules["exceptions"].NotALeaderException
        return found


def directory_of(version: str) -> Path:
    """Where a version is, having installed it if it was not there."""
    if not VERSION_PATTERN.fullmatch(version):
        raise ValueError(f"setting version: found {version!r}, expected a version such as {NEWEST}")
    target = cache_directory() / f"{PACKAGE}-{version}"
    if not target.is_dir():
        install(version, target, PACKAGE, HASHES, NEEDED)
    return target


@functools.cache
def copy_of(version: str, number: int) -> Library:
    """The copy that a server has, imported apart from `sys.modules`."""
    directory = str(directory_of(version))
    logging.getLogger(PACKAGE).disabled = True  # it misses cryptography, and logs errors twice
    before = taken_from_modules()
    sys.path.insert(0, directory)
    try:
        importlib.import_module(f"{PACKAGE}.server")
        importlib.import_module(f"{PACKAGE}.replicator")
    finally:
        sys.path.remove(directory)
        private = taken_from_modules()
        sys.modules.update(before)
    modules = {name.partition(".")[2]: module for name, module in private.items()}
    take_control(modules)
    return Library(modules)


def taken_from_modules() -> dict[str, ModuleType]:
    """Take the package and its modules out of `sys.modules`."""
    names = [name for name in sys.modules if name.partition(".")[0] == PACKAGE]
    return {name: sys.modules.pop(name) for name in names}


def take_control(modules: dict[str, Any]) -> None:
    """Replace the names that the docstring of this file lists."""
    named = vars(asyncio)
    modules["server"].asyncio = SimpleNamespace(**{**named, "Queue": queue})
    moved = SimpleNamespace(InvalidStateError=asyncio.InvalidStateError)
    modules["state"].asyncio = SimpleNamespace(**{**named, "futures": moved})
    modules["state"].random = SimpleNamespace(uniform=lambda least, most: most)
    msgpack = modules["serializers"].msgpack
    modules["serializers"].msgpack = SimpleNamespace(
        packb=msgpack.packb, unpackb=functools.partial(unpackb, msgpack)
    )


def queue(loop: Any) -> Any:
    """A queue of the running loop, which is the one named."""
    return asyncio.Queue[Any]()


def unpackb(msgpack: Any, data: bytes, use_list: bool, encoding: str) -> Any:
    """Unpack with text decoded, as `encoding` asked for."""
    if encoding != "utf-8":
        raise ValueError(f"found encoding {encoding}, expected utf-8")
    return msgpack.unpackb(data, use_list=use_list, raw=False)
