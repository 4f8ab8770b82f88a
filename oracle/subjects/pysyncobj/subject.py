"""PySyncObj (https://github.com/bakwc/PySyncObj) as a subject: the real library, in process.

There are no sockets and no threads: a transport in its place records what is sent, and every
tick is a call. Each server has a clock of its own, which only calls move. Journal and dump are real
files; a crash leaves what a killed process leaves, and a restart reads it. With `crash_points`
the kill may also fall before any write or send of a step. The library never syncs a file, and
`power_failures` says what a crash takes then (`lost` of CrashInside means nothing here).

Works with every version since 0.3.5, the first with a Transport class (tried: all up to
0.3.17). Defaults are the library's own, but for these: `journal` and `dump` are on, since
without them a restart forgets everything, and the library never forks to write a dump.

What looks odd and is the library's nature:
- The log begins with entry 1 of term 0, a no-op which counts as committed and applied.
- A restarted server begins with the commit index that it last stored (about once a second).
- A leader moves next_index when it sends. After compaction, the last two applied entries stay
  in the log.
- With `membership`, a server counts with its current set of members (`otherNodes`), which a
  leader changes with the entry, a follower with the message that brings it, and a restarted
  server begins with all servers, or those of its dump, until it applies the change again. Views
  show the set with which it counted last, and not where in the log that comes from; nor what a
  leader knows of the others, since the library forgets it with a member. Members are added and
  removed one at a time: of several that differ from what is asked for, the first. There are no
  learners. A connection breaks when either end drops the other, as in the library's transport.
- A leader that a newer term deposes may start an election within the same call: its election
  deadline dates from the time when it followed.
"""

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, cast

from attrs import evolve

from model.actions import ChangeMembership, Compact, CrashInside, OptionalAction
from model.subject import NetworkKind, Packet, Sent, ServerCrashedError, SubjectError
from oracle.processes.scratch import scratch_directory
from oracle.subjects.pysyncobj.crash import KilledError, Process, WrittenBack, release_files
from oracle.subjects.pysyncobj.library import CANDIDATE, LEADER, Clock, Library, library_of
from oracle.subjects.pysyncobj.links import Links
from oracle.subjects.pysyncobj.messages import message_label, without_digest
from oracle.subjects.pysyncobj.settings import OPTIONS, Choices, read_settings
from properties.view import (
    APPLIED,
    COMMIT,
    LOG,
    MACHINE,
    REPLICATION,
    ROLE,
    SNAPSHOT,
    VOTE,
    ObservedView,
)
from raft_core import SERVERS, Command, Log, Membership, Role, Server

START_OF_TIME: Final = 1000.0
MOMENT: Final = 0.001
JOURNAL: Final = "journal"
MOST_SENT: Final = 20_000
"""More messages than this from one call: the server would never have come to an end."""
ROLES: Final = {LEADER: Role.LEADER, CANDIDATE: Role.CANDIDATE}
VOTES: Final[dict[str | None, Server | None]] = {f"s{server + 1}": server for server in SERVERS}


def reply_to_client(result: object, reason: object) -> None:
    """The callback of a request: nobody waits for it."""


class PySyncObjSubject:
    """A cluster of PySyncObj servers in this process."""

    def __init__(self, library: Library, servers: int, choices: Choices) -> None:
        self._library = library
        self._clock: Clock = library.clock
        self._members = SERVERS[:servers]
        self._choices = choices
        self.directory = Path(tempfile.mkdtemp(prefix="raft-oracle-", dir=scratch_directory()))
        self._remove = weakref.finalize(self, shutil.rmtree, self.directory, ignore_errors=True)
        self._paths = [str(self.directory / f"s{server + 1}") for server in self._members]
        for path in self._paths:
            os.mkdir(path)
        self._configurations = [self._configuration(path) for path in self._paths]
        self._clocks = [START_OF_TIME] * servers
        self._running: dict[Server, Any] = {}
        self._transports: dict[Server, Any] = {}
        self._links = Links(library.nodes)
        self._processes: dict[Server, Process] = {}
        self._written_back: dict[Server, WrittenBack] = {}
        """Where a crash is a power failure: what it leaves of each server's journal."""
        self._lives: dict[Server, int] = {}
        """How many writes and sends of its next step a server lives for, where it is armed."""
        self._views: dict[Server, ObservedView] = {}
        self._logs: dict[Server, tuple[Log, Log]] = {}
        """Each server's log, and the same with its members."""
        self._counted: dict[Server, tuple[Server, ...]] = {}
        """The servers that a server counted when it moved its commit index in its last step."""
        self._outbox: list[Packet] = []
        self.offers = offers_of(choices)

    def reset(self) -> Sent:
        """Empty all directories, and start all servers, connected with each other."""
        for server in list(self._running):
            self.crash(server)
        for path in self._paths:
            for name in os.listdir(path):
                os.unlink(f"{path}/{name}")
        sent: Sent = ()
        for server in self._members:
            self._clocks[server] = START_OF_TIME
            sent += self.restart(server)
        for server in self._members:
            for peer in self._members:
                if peer != server:
                    sent += self.connect(server, peer)
        return sent

    def election_timeout(self, server: Server) -> Sent:
        """Move the clock just beyond the election deadline, and tick; a leader has none."""
        machine = self._enter(server)
        if machine._SyncObj__raftState == LEADER:
            return ()
        deadline: float = machine._SyncObj__raftElectionDeadline
        self._clock.now = max(self._clock.now, deadline + MOMENT)
        return self._tick(server, machine)

    def heartbeat_timeout(self, server: Server) -> Sent:
        """Move the clock by a heartbeat interval, but no follower's beyond its deadline."""
        machine = self._enter(server)
        period: float = machine._getConf().appendEntriesPeriod + MOMENT
        if machine._SyncObj__raftState != LEADER:
            left: float = machine._SyncObj__raftElectionDeadline - self._clock.now
            period = max(0.0, min(period, left))
        self._clock.now += period
        return self._tick(server, machine)

    def client_request(self, server: Server, command: Command) -> Sent:
        """Call a replicated method as a client would, and tick."""
        machine = self._enter(server)
        machine.execute(command, callback=reply_to_client)
        return self._tick(server, machine)

    def receive(self, packet: Packet) -> Sent:
        """Hand a message to the transport's owner, and tick."""
        server = packet.destination
        machine = self._enter(server)
        number, content = cast(tuple[int, bytes], packet.content)
        if number != self._links.number(packet.source, server):
            return ()
        message = self._library.pickle.loads(content)
        source = self._library.nodes[packet.source]
        self._attempt(server, self._transports[server]._onMessageReceived, source, message)
        return self._tick(server, machine)

    def perform(self, action: OptionalAction) -> Sent:
        """One of the actions that the settings offer."""
        match action:
            case CrashInside(server, after):
                self._lives[server] = after
                return ()
            case Compact(server):
                machine = self._enter(server)
                machine._forceLogCompaction()
                return self._tick(server, machine)
            case ChangeMembership(server, voters):
                return self._change_membership(server, voters)
            case _:
                return ()

    def crash(self, server: Server) -> None:
        """Forget the server; its files stay as a crash leaves them, and none is open any more."""
        machine = self._running.pop(server)
        del self._transports[server]
        self._links.stop(server)
        self._lives.pop(server, None)
        self._views.pop(server, None)
        self._processes[server].is_dead = True
        release_files(machine)
        if server in self._written_back:
            self._written_back.pop(server).restore()

    def restart(self, server: Server) -> Sent:
        """A new server on the same files, connected with nobody; its first tick reads the dump."""
        self._processes[server] = Process()
        self._clear(server)
        library = self._library
        others = [peer for peer in self._members if peer != server]
        transport = library.transport(server, set(others), self._post)
        machine = library.machine_type(
            library.nodes[server],
            [library.nodes[peer] for peer in others],
            self._configurations[server],
            transport=transport,
        )
        if self._choices.membership:
            self._watch_commits(server, machine)
        if self._choices.power_failures:
            journal = Path(self._paths[server], JOURNAL)
            self._written_back[server] = WrittenBack(journal, machine._SyncObj__raftLog)
        self._running[server], self._transports[server] = machine, transport
        self._links.start(server, transport)
        return self._tick(server, machine)

    def _after_crash(self, server: Server, before: ObservedView | None) -> ObservedView | None:
        """The server as last seen, with the log that it would find if it started now.

        It starts for that, on its files, of which a copy is kept.
        """
        path = self._paths[server]
        shutil.copytree(path, f"{path}-kept")
        try:
            self.restart(server)
            found = self.view(server)
            return found if before is None else evolve(before, log=found.log)
        except Exception:
            return None  # the real start will show it
        finally:
            if server in self._running:
                self.crash(server)
            shutil.rmtree(path)
            os.rename(f"{path}-kept", path)

    def disconnect(self, server: Server, peer: Server) -> Sent:
        """The transport's news that a connection is gone."""
        self._clear(server)
        self._links.report(server, peer, is_up=False)
        return self._leave(server)

    def connect(self, server: Server, peer: Server) -> Sent:
        """The transport's news that a connection stands."""
        self._clear(server)
        self._links.report(server, peer, is_up=True)
        return self._leave(server)

    def describe(self, packet: Packet) -> str:
        """The packet's label, without the digest of what it leaves out."""
        return without_digest(str(packet.label))

    def close(self) -> None:
        """Stop all servers, and remove their directories."""
        for server in list(self._running):
            self.crash(server)
        self._remove()

    def view(self, server: Server) -> ObservedView:
        """What the server holds, from its own attributes."""
        machine = self._running[server]
        log: Log = machine._SyncObj__raftLog.mirror.log()
        if self._choices.membership:
            log = self._with_members(server, machine, log)
        next_index, match_index = self._replication(server, machine, log)
        view = ObservedView(
            role=ROLES.get(machine._SyncObj__raftState, Role.FOLLOWER),
            current_term=machine._SyncObj__raftCurrentTerm,
            log=log,
            commit_index=machine._SyncObj__raftCommitIndex,
            last_applied=machine._SyncObj__raftLastApplied,
            voted_for=VOTES.get(machine._SyncObj__votedForNodeId),
            next_index=next_index,
            match_index=match_index,
            applied_digest=machine.digest,
        )
        known = self._views.get(server)
        if known is not None and known == view:
            return known
        self._views[server] = view
        return view

    def _with_members(self, server: Server, machine: Any, log: Log) -> Log:
        """The log with the members that the server counts with, as if from its beginning.

        Where it moved its commit index in this step, they are those with whom it did so.
        """
        members = self._counted.get(server) or members_of(machine)
        known, shown = self._logs.get(server, (None, None))
        if known is log and shown is not None and shown.membership == Membership(members):
            return shown
        shown = evolve(log, memberships=((0, Membership(members)),))
        self._logs[server] = (log, shown)
        return shown

    def _watch_commits(self, server: Server, machine: Any) -> None:
        """Remember which servers a server counted: in the same tick it may change its members."""
        journal = machine._SyncObj__raftLog
        library_set = getattr(journal, "setRaftCommitIndex", None)
        if library_set is None:
            return  # the oldest versions do not say; they show their present members

        def set_and_remember(index: int) -> None:
            self._counted[server] = members_of(machine)
            library_set(index)

        journal.setRaftCommitIndex = set_and_remember

    def _change_membership(self, server: Server, voters: tuple[Server, ...]) -> Sent:
        """Ask for the first server to be added or removed that differs from what is wanted."""
        machine = self._enter(server)
        members = members_of(machine)
        for each in self._members:
            if (each in voters) != (each in members):
                call = machine.addNodeToCluster if each in voters else machine.removeNodeFromCluster
                call(self._library.nodes[each], callback=reply_to_client)
                break
        return self._tick(server, machine)

    def _replication(
        self, server: Server, machine: Any, log: Log
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What a leader knows of the others; of members that come and go it forgets it."""
        if machine._SyncObj__raftState != LEADER or self._choices.membership:
            return (), ()
        last, nodes = log.last_index, self._library.nodes
        next_of, match_of = machine._SyncObj__raftNextIndex, machine._SyncObj__raftMatchIndex
        return (
            tuple(last + 1 if each == server else next_of[nodes[each]] for each in self._members),
            tuple(last if each == server else match_of[nodes[each]] for each in self._members),
        )

    def _configuration(self, path: str) -> Any:
        """The library's configuration of one server."""
        choices = self._choices
        return self._library.configuration_type(
            autoTick=False,
            useFork=False,
            journalFile=f"{path}/{JOURNAL}" if choices.journal else None,
            fullDumpFile=f"{path}/dump" if choices.dump else None,
            **choices.library_options,
        )

    def _clear(self, server: Server) -> None:
        """Begin a call: nothing sent, nothing logged, and it is this server's time."""
        self._outbox.clear()
        self._counted.pop(server, None)
        self._library.log.errors.clear()
        self._clock.now = self._clocks[server]
        self._library.running.process = self._processes[server]

    def _enter(self, server: Server) -> Any:
        """Begin a step, in which the server dies where it is armed."""
        self._clear(server)
        self._processes[server].left = self._lives.pop(server, None)
        return self._running[server]

    def _tick(self, server: Server, machine: Any) -> Sent:
        self._attempt(server, machine.doTick, 0.0)
        return self._leave(server)

    def _attempt(self, server: Server, call: Callable[..., object], *arguments: object) -> None:
        """Call the library; with `survive_errors`, do as its own thread does with exceptions."""
        process = self._processes[server]
        try:
            call(*arguments)
        except KilledError:
            pass
        except Exception:
            if not (self._choices.survive_errors or process.is_dead):
                raise
        if process.is_dead:
            self._clocks[server] = self._clock.now
            sent, before = tuple(self._outbox), self._views.get(server)
            self.crash(server)
            raise ServerCrashedError(sent, self._after_crash(server, before))

    def _leave(self, server: Server) -> Sent:
        """End a call: what was sent, or SubjectError for what the library logged."""
        self._clocks[server] = self._clock.now
        if not self._choices.survive_errors:
            self._library.log.raise_errors()
        return tuple(self._outbox)

    def _post(self, source: Server, destination: Server, message: Any) -> None:
        """Record a message as the real transport would: as bytes that share nothing."""
        self._processes[source].act()
        number = self._links.number(source, destination)
        content = (number, self._library.pickle.dumps(message))
        self._outbox.append(Packet(source, destination, message_label(message), content))
        if len(self._outbox) > MOST_SENT:
            raise SubjectError(f"one call sent more than {MOST_SENT} messages")
        self._clock.now += self._choices.send_seconds
        if message.get("serialized", self) is None:
            # The library sends this in a loop until its clock has moved by 0.1 s.
            self._clock.now += 0.04


def offers_of(choices: Choices) -> frozenset[str]:
    """The optional actions that the settings ask for."""
    offered = {
        "CrashInside": choices.crash_points,
        "Compact": choices.forced_compaction,
        "ChangeMembership": choices.membership,
    }
    return frozenset(name for name, is_on in offered.items() if is_on)


def members_of(machine: Any) -> tuple[Server, ...]:
    """The servers that a server counts with, itself among them."""
    nodes = machine._SyncObj__otherNodes | {machine._SyncObj__selfNode}
    return tuple(sorted(node.server for node in nodes))


class PySyncObjFactory:
    """Makes clusters of PySyncObj servers."""

    name: Final = "pysyncobj"
    summary: Final = "PySyncObj, a replicated Python object; any version since 0.3.5"
    network: Final[NetworkKind] = "fifo"
    observes: Final = frozenset({ROLE, VOTE, LOG, COMMIT, APPLIED, REPLICATION, MACHINE, SNAPSHOT})
    settings: Final = tuple(option.setting for option in OPTIONS)

    def version(self, settings: Mapping[str, str]) -> str:
        """The version of the library that these settings choose."""
        return library_of(read_settings(settings).version).version

    def observes_with(self, settings: Mapping[str, str]) -> frozenset[str]:
        """What these settings let be seen: next and match indexes only of members that stay."""
        hidden = {REPLICATION} if read_settings(settings).membership else set()
        return self.observes - hidden

    def create(self, servers: int, settings: Mapping[str, str]) -> PySyncObjSubject:
        """A new cluster; ValueError says what does not fit, in one line."""
        if not 1 <= servers <= len(SERVERS):
            raise ValueError(f"found {servers} servers, expected 1 to {len(SERVERS)}")
        choices = read_settings(settings)
        return PySyncObjSubject(library_of(choices.version), servers, choices)


PYSYNCOBJ: Final = PySyncObjFactory()
