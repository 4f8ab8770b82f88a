"""PySyncObj itself: a private copy of a version, with its clock, dice and log controlled here.

The library is imported apart from `sys.modules`, so that versions can stand side by side and a
user's own import of it stays as it is. Not a line of it is changed; the names that its modules
have imported (clock, random, poller, gzip, open, rename, logging) are replaced.
"""

import functools
import gzip
import importlib.util
import io
import sys
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Final

from attrs import define, frozen

from model.subject import SubjectError
from oracle.subjects.pysyncobj.crash import Running
from oracle.subjects.pysyncobj.install import PACKAGE, directory_of, installed_directory
from oracle.subjects.pysyncobj.journal import JournalMirror
from raft_core import SERVERS, Server

LEADER: Final = 2
CANDIDATE: Final = 1
FIRST_DIGEST: Final = "0" * 16


@define
class Clock:
    """The time of the library's monotonic clock; each call of a server sets it first."""

    now: float = 0.0

    def read(self) -> float:
        """Stands in for `pysyncobj.monotonic.monotonic`."""
        return self.now


class LogRecorder:
    """Takes the library's log records: errors are kept to be raised, the rest is dropped.

    Also dropped is level critical: "truncating already-applied log entries" reports that a
    property is broken, which the properties see for themselves.
    """

    def __init__(self) -> None:
        self.errors: list[str] = []

    def ignored(self, message: str, *arguments: object) -> None:
        """A record that is no failure of the library."""

    debug = info = warning = critical = ignored

    def error(self, message: str, *arguments: object) -> None:
        """A record of something that failed."""
        self.errors.append(message % arguments if arguments else message)

    def exception(self, message: str, *arguments: object) -> None:
        """A record of an exception that the library swallows.

        Its type is kept but not its text, which may name a temporary file.
        """
        self.error(message, *arguments)
        error = sys.exc_info()[1]
        if error is not None:
            self.errors[-1] += f" ({type(error).__name__})"

    def raise_errors(self) -> None:
        """Raise what was recorded since the last time."""
        if self.errors:
            text = "; ".join(self.errors)
            self.errors.clear()
            raise SubjectError(f"pysyncobj logged: {text}")


class NullPoller:
    """A poller that nothing subscribes to: there are no sockets."""

    def poll(self, timeout: float) -> None:
        """Return at once."""


class ServerNode:
    """An addition to the library's Node: a hash that is the same in every process.

    The library iterates over sets of nodes; these hashes make it do so in ascending order.
    """

    server: Server
    version: str

    def __hash__(self) -> int:
        return int(self.server)

    def __reduce__(self) -> tuple[Callable[[str, int], Any], tuple[str, int]]:
        return node_of, (self.version, int(self.server))


class RecordingTransport:
    """A replacement for the library's Transport: sending is a call of `post`.

    As in the library's own, a server is connected only with servers that it knows as members.
    """

    server: Server
    connected: set[Server]
    known: set[Server]
    post: Callable[[Server, Server, Any], None]
    members_moved: Callable[[Server, Server], None]

    def send(self, node: Any, message: Any) -> bool:
        """Hand a message to `post`, if the connection stands."""
        if node.server not in self.connected:
            return False
        self.post(self.server, node.server, message)
        return True

    def addNode(self, node: Any) -> None:  # noqa: N802  # the library's name
        """A server has become a member."""
        self.known.add(node.server)
        self.members_moved(self.server, node.server)

    def dropNode(self, node: Any) -> None:  # noqa: N802  # the library's name
        """A server is a member no more."""
        self.known.discard(node.server)
        self.members_moved(self.server, node.server)


@frozen(eq=False)
class Library:
    """One version of PySyncObj, ready to run servers."""

    version: str
    clock: Clock
    log: LogRecorder
    nodes: tuple[Any, ...]
    configuration_type: Any
    machine_type: Any
    transport_type: Any
    pickle: Any
    running: Running

    def transport(
        self, server: Server, known: set[Server], post: Callable[[Server, Server, Any], None]
    ) -> Any:
        """A transport for one server, connected with nobody."""
        transport = self.transport_type(None, None, [])
        transport.server, transport.post = server, post
        transport.connected, transport.known = set(), known
        return transport


_NODES: dict[str, tuple[Any, ...]] = {}


def node_of(version: str, position: int) -> Any:
    """The node of a server; a dump file names nodes this way."""
    return _NODES[version][position]


# A dump holds the name of this function, and its length decides how many chunks a snapshot takes.
# So that schedules mean the same wherever this file lies, the name is one that never changes.
node_of.__module__ = "oracle.pysyncobj_library"
sys.modules.setdefault(node_of.__module__, sys.modules[__name__])


def library_of(version: str | None) -> Library:
    """The version asked for, installed first where needed; None is what this Python has."""
    return load(installed_directory() if version is None else directory_of(version))


@functools.cache
def load(directory: Path) -> Library:
    """Import the package in `directory`, and put it under control."""
    modules = import_apart(directory)
    syncobj, version = modules["syncobj"], modules["version"].VERSION
    clock, log, running = Clock(), LogRecorder(), Running()
    take_control(modules, clock, log, running)
    node_type = type("ServerNode", (ServerNode, modules["node"].Node), {"version": version})
    nodes = tuple(node_type(f"s{server + 1}", server=server) for server in SERVERS)
    _NODES[version] = nodes
    return Library(
        version=version,
        clock=clock,
        log=log,
        nodes=nodes,
        configuration_type=modules["config"].SyncObjConf,
        machine_type=machine_type_of(syncobj),
        transport_type=type(
            "RecordingTransport", (RecordingTransport, modules["transport"].Transport), {}
        ),
        pickle=modules["pickle"],
        running=running,
    )


def import_apart(directory: Path) -> dict[str, ModuleType]:
    """The package's modules by their short names, leaving `sys.modules` as it was."""
    before = taken_from_modules()
    try:
        spec = importlib.util.spec_from_file_location(
            PACKAGE, directory / "__init__.py", submodule_search_locations=[str(directory)]
        )
        if spec is None or spec.loader is None:
            raise ValueError(f"found no Python package in {directory}")
        package = importlib.util.module_from_spec(spec)
        sys.modules[PACKAGE] = package
        spec.loader.exec_module(package)
    finally:
        private = taken_from_modules()
        sys.modules.update(before)
    return {name.partition(".")[2]: module for name, module in private.items()}


def taken_from_modules() -> dict[str, ModuleType]:
    """Take the package and its modules out of `sys.modules`."""
    names = [name for name in sys.modules if name.partition(".")[0] == PACKAGE]
    return {name: sys.modules.pop(name) for name in names}


def take_control(
    modules: dict[str, ModuleType], clock: Clock, log: LogRecorder, running: Running
) -> None:
    """Replace everything that the library would take from the outside world."""
    syncobj: Any = modules["syncobj"]
    syncobj.monotonicTime = clock.read
    syncobj.random = SimpleNamespace(random=lambda: 0.5)
    syncobj.createPoller = lambda kind: NullPoller()
    syncobj.PIPE_NOTIFIER_ENABLED = False
    syncobj.createJournal = functools.partial(observed_journal, syncobj.createJournal)
    serializer: Any = modules["serializer"]
    serializer.gzip = SimpleNamespace(GzipFile=steady_gzip_file)
    journal: Any = modules["journal"]
    journal.open = serializer.open = functools.partial(open_unleaking, running)
    running.count_writes(journal, serializer)
    for module in modules.values():
        for name in ("logging", "logger"):
            if hasattr(module, name):
                setattr(module, name, log)


def observed_journal(create: Callable[[str | None], Any], path: str | None) -> Any:
    """The library's journal, with a mirror that shows what it holds."""
    journal = create(path)
    journal.mirror = JournalMirror(journal)
    return journal


def steady_gzip_file(fileobj: Any, mode: str | None = None) -> gzip.GzipFile:
    """A gzip file without compression or date: the same bytes on every machine, every day."""
    mode = mode or getattr(fileobj, "mode", "rb")
    return gzip.GzipFile(fileobj=fileobj, mode=mode, compresslevel=0, mtime=0)


def open_unleaking(running: Running, path: str, mode: str) -> Any:
    """`open`, but what is read leaves no handle: the library does not close all that it reads.

    A file that is read is never written again, only replaced, so its content now is all of it.
    """
    if mode == "rb":
        return io.BytesIO(Path(path).read_bytes())
    return running.opened(path) if mode == "wb" else open(path, mode)


def machine_type_of(syncobj: Any) -> Any:
    """A replicated state machine: it folds the commands that it is given into a digest.

    The digest stands for the list of all commands, so a snapshot keeps its size.
    """

    class Machine(syncobj.SyncObj):  # type: ignore[misc]  # the library has no types
        def __init__(self, *arguments: Any, **keywords: Any) -> None:
            super().__init__(*arguments, **keywords)
            self.digest = FIRST_DIGEST

        @syncobj.replicated  # type: ignore[untyped-decorator]  # nor has its decorator
        def execute(self, command: str) -> None:
            content = f"{self.digest} {command}".encode()
            self.digest = blake2b(content, digest_size=8).hexdigest()

    return Machine
