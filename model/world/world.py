"""The world around a subject: lets micro actions happen to it, and has every step judged.

With the servers that it inherits, this is the only place where a subject, a network and the
properties meet. How one micro step goes:

1. `apply` finds the method of the action; on a server that is down, only a message is lost.
2. The subject is called; this and all that follows is in judged_servers.py. What it raises is a
   violation of SubjectFailed; only ServerCrashedError, in a call that lets a server act, is a
   crash inside the step instead.
3. What it sent goes into the network, and the server is looked at.
4. The differences between the view before and the one after are facts (properties/facts.py).
5. The recorder sees the step first, so that a trace has the step that is to blame.
6. The checker judges the facts, then the rules judge the step, where messages show their meaning.

A breach is raised as PropertyViolatedError; after that the world is of no use until `reset`.
"""

from collections.abc import Callable
from typing import Any, Final

from model import actions
from model.actions import Action
from model.subject import (
    NetworkKind,
    Packet,
    Sent,
    Subject,
    owed_by,
    without_of,
    writes_under_way,
)
from model.world.conformance import sent_by
from model.world.judged_servers import JudgedServers
from model.world.network import Channel
from model.world.records import Aftermath, Happening, StepRecord
from properties.checker import Checker
from properties.facts import (
    BLANK,
    INDEX_FACTS,
    Facts,
    Invoked,
    facts_of_start,
)
from raft_core import Server

START: Final = "start"
CONNECTION: Final = "connection"
"""What happens in a step that is no action: servers start, or hear of their connections."""
MOST_WRITES: Final = 100
"""Writes that complete in one go; a subject that never runs out of them shall not hang a hunt."""


class World(JudgedServers):
    """One subject, its network, and the checker; `recorder`, if set, sees every micro step."""

    def __init__(
        self, subject: Subject, servers: int, network: NetworkKind, checker: Checker
    ) -> None:
        super().__init__(subject, servers, network, checker)
        self.on_action: Callable[[Action | None], None] | None = None
        """Called before each action that is applied, and with None before a new run."""
        self.without: frozenset[str] = frozenset()  # the names of actions that do nothing here
        self.has_writes = False  # whether writes complete when the schedule says
        self._appliers: dict[type[Any], Callable[[Any], None]] = {
            actions.ElectionTimeout: self._election_timeout,
            actions.HeartbeatTimeout: self._heartbeat_timeout,
            actions.ClientRequest: self._client_request,
            actions.Deliver: self._deliver_nearest,
            actions.Duplicate: self._duplicate_nearest,
            actions.Drop: self._drop_nearest,
            actions.Crash: self._crash,
            actions.Restart: self._restart,
            actions.Cut: self._cut,
            actions.Partition: self._partition,
            actions.Heal: self._heal,
            **dict.fromkeys(actions.OPTIONAL_TYPES, self._perform),
            actions.PassTime: self._pass_time,
            actions.Invoke: self._invoke,
        }

    def reset(self) -> None:
        """A new run: disks empty, all servers up, nothing in flight."""
        if self.on_action is not None:
            self.on_action(None)
        self.network.reset()
        self.checker.reset()
        self.running = [True] * len(self.members)
        self._invoked: set[tuple[int, int]] = set()
        self.answered = set()
        self.applied, self._due, self._breach = 0, None, None
        self.views = [BLANK] * len(self.members)
        self._doing = START
        sent = self.call_subject(self.subject.reset)
        self.without = without_of(self.subject)
        self.has_writes = "CompleteWrite" in self.offers - self.without
        facts: Facts = []
        for server in self.members:
            self.views[server] = self.call_subject(self.subject.view, server)
            facts += facts_of_start(server, BLANK, self.views[server], restarted=False)
        # What all logs hold comes before what is committed: some start with a common entry.
        self._judge(sorted(facts, key=lambda fact: isinstance(fact, INDEX_FACTS)))
        if self.rules is not None:
            self.rules.reset(exact_restart=not self.has_writes)
            for server in self.members:
                self._judge_start(self.rules, server, sent_by(server, sent))
        self._send(sent)

    def apply(self, action: Action) -> None:
        """Let an action happen; PropertyViolatedError at the first micro step that breaks one."""
        self.applied += 1
        if self.on_action is not None:
            self.on_action(action)
        self._appliers[type(action)](action)

    def replay(self, happening: Happening) -> None:
        """Let a recorded micro action happen again; its packet is found by its label."""
        if happening.packet is None:
            self.apply(happening.action)
            return
        age = self.network.age_of(happening.packet)
        if age is None:
            return
        packet = happening.packet
        channel = self.network.channels[packet.source][packet.destination]
        match happening.action:
            case actions.Deliver():
                self._deliver(channel, age)
            case actions.Duplicate():
                self._duplicate(channel, age)
            case _:
                self._drop(channel, age)

    # Micro actions

    def _election_timeout(self, action: actions.ElectionTimeout) -> None:
        self._act(action.server, action, self.subject.election_timeout, action.server)

    def _heartbeat_timeout(self, action: actions.HeartbeatTimeout) -> None:
        self._act(action.server, action, self.subject.heartbeat_timeout, action.server)

    def _client_request(self, action: actions.ClientRequest) -> None:
        if "ClientRequest" in self.without:
            return
        call = self.subject.client_request
        self._act(action.server, action, call, action.server, action.command)

    def _perform(self, action: actions.OptionalAction) -> None:
        """An action of a feature at one server, where the subject has that feature."""
        offered = type(action).__name__ in self.offers - self.without
        if offered and not isinstance(action, actions.PassTime):
            self._act(action.server, action, self._featured.perform, action)

    def writes_at(self, server: Server) -> int:
        """How many writes of a server are under way; none where writes complete at once."""
        if not self.has_writes or not self.running[server]:
            return 0
        return self.call_subject(writes_under_way, self.subject, server)

    def _complete_writes(self, server: Server) -> bool:
        """Let all writes of a running server complete; whether any was under way."""
        count = min(self.writes_at(server), MOST_WRITES)
        for _ in range(count):
            self._perform(actions.CompleteWrite(server))
        return count > 0

    def _pass_time(self, action: actions.PassTime) -> None:
        if "PassTime" not in self.offers:
            return
        self._doing = action
        sent: Sent = ()
        try:
            sent = self.call_subject(self._featured.perform, action)
            self._send(sent)
        finally:
            self._note(action)
        for server in self.members:
            if self.running[server]:
                self._look(server, sent_by(server, sent))

    def _invoke(self, action: actions.Invoke) -> None:
        """A client's operation: invoked if it is new, or tried again."""
        if not self.has_clients or not self.running[action.server]:
            return
        name = (action.client, action.number)
        invoked: Facts = []
        if name not in self._invoked:
            self._invoked.add(name)
            invoked = [Invoked(*name, action.command)]
        self._act(action.server, action, self._featured.perform, action, caused=invoked)

    def _deliver_nearest(self, action: actions.Deliver) -> None:
        channel = self.network.nearest(action.source, action.destination)
        if channel is not None:
            self._deliver(channel, self._age_in(channel, action.age))

    def _duplicate_nearest(self, action: actions.Duplicate) -> None:
        channel = self.network.nearest(action.source, action.destination)
        if channel is not None and not self.network.fifo:
            self._duplicate(channel, self._age_in(channel, action.age))

    def _drop_nearest(self, action: actions.Drop) -> None:
        channel = self.network.nearest(action.source, action.destination)
        if channel is not None and not self.network.fifo:
            self._drop(channel, self._age_in(channel, action.age))

    def _age_in(self, channel: Channel, age: int) -> int:
        return 0 if self.network.fifo else age % len(channel)

    def _deliver(self, channel: Channel, age: int) -> None:
        packet = channel.pop(age)
        self._receive(packet, actions.Deliver, age if age >= 0 else len(channel))

    def _duplicate(self, channel: Channel, age: int) -> None:
        self._receive(channel[age], actions.Duplicate, age)

    def _receive(
        self, packet: Packet, kind: type[actions.Deliver | actions.Duplicate], age: int
    ) -> None:
        action = None  # only who looks at steps needs it
        if self.recorder is not None:
            action = kind(packet.source, packet.destination, age)
        self._act(packet.destination, action, self.subject.receive, packet, packet=packet)

    def _drop(self, channel: Channel, age: int) -> None:
        packet = channel.pop(age)
        self._note(actions.Drop(packet.source, packet.destination, age), packet)

    def _crash(self, action: actions.Crash) -> None:
        if self.running[action.server] and "Crash" not in self.without:
            aftermath = self._aftermath = Aftermath()
            try:
                self._stop(action.server)
            finally:
                self._note(action, aftermath=aftermath)

    def _restart(self, action: actions.Restart) -> None:
        server = action.server
        if "Restart" in self.without:
            return
        before = after = self.views[server]
        facts: Facts = []
        self._aftermath = aftermath = Aftermath()
        try:
            if self.running[server]:
                self._stop(server)
            before = self.views[server]
            self._break_connections(server)
            sent = self.call_subject(self.subject.restart, server)
            aftermath.sent += sent
            self._send(sent)
            self.running[server] = True
            self.views[server] = after = self.call_subject(self.subject.view, server)
            facts = facts_of_start(server, before, after, restarted=True)
        finally:
            self.micro_steps += 1
            if self.recorder is not None:
                step = StepRecord(
                    Happening(action), server, before, after, facts, aftermath=aftermath
                )
                self.recorder(step)
        self._doing = action  # and not what connections said meanwhile
        self._judge(facts)
        if self.rules is not None:
            self._judge_start(self.rules, server, sent)
        if self.network.fifo:
            split = self.network.split
            for peer in self.members:
                if peer != server and self.running[peer] and (server, peer) not in split:
                    self._connect(server, peer)

    def _stop(self, server: Server) -> None:
        """Crash a running server; on a fifo network its connections break."""
        self.call_subject(self.subject.crash, server)
        self.running[server] = False
        self.views[server] = owed_by(self.subject, server) or self.views[server]
        if self.rules is not None:
            self.rules.crash(server, self.views[server])
        self._break_connections(server)

    def _break_connections(self, server: Server) -> None:
        """Connections of a fifo network do not outlive a server."""
        if self.network.fifo:
            for peer in self.members:
                if peer != server:
                    self._disconnect(server, peer)

    def _cut(self, action: actions.Cut) -> None:
        if action.source != action.destination:
            self.network.cut.add((action.source, action.destination))
            self._note(action)

    def _partition(self, action: actions.Partition) -> None:
        self._note(action)
        rest = tuple(server for server in self.members if server not in action.side)
        for server in action.side:
            for peer in rest:
                if self.network.fifo:
                    self.network.split.update(((server, peer), (peer, server)))
                    self._disconnect(server, peer)
                else:
                    self.network.cut.update(((server, peer), (peer, server)))

    def _heal(self, action: actions.Heal) -> None:
        self._note(action)
        self.network.cut.clear()
        split, self.network.split = self.network.split, set()
        for server, peer in sorted(split):
            if server < peer and self.running[server] and self.running[peer]:
                self._connect(server, peer)

    def _disconnect(self, server: Server, peer: Server) -> None:
        if (server, peer) not in self.network.broken:
            self.network.disconnect(server, peer)
            self._tell(self.subject.disconnect, server, peer)

    def _connect(self, server: Server, peer: Server) -> None:
        self.network.connect(server, peer)
        self._tell(self.subject.connect, server, peer)

    def _tell(self, call: Callable[[Server, Server], Sent], server: Server, peer: Server) -> None:
        """Tell both ends about their connection; a server that is down hears nothing."""
        self._doing = CONNECTION
        for one, other in ((server, peer), (peer, server)):
            if self.running[one]:
                sent = self.call_subject(call, one, other)
                self._send(sent)
                self._look(one, sent)
