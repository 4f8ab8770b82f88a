"""A cluster on a virtual clock: its messages travel, its disks write and its timers run.

The servers are the states of raft_core, and whatever happens to them goes through `step`. The core
owns no clock, so all that a clock does is here: the election timer (section 5.2), the leader's
heartbeats, the way of a message, and the writes that go before it ("updated on stable storage
before responding to RPCs", Figure 2). The same random source gives the same run everywhere: no
draw needs more than `random()` and arithmetic, and sums are rounded once (`sum` is not the same in
all versions of Python). All times are milliseconds.

A server does one thing at a time: what reaches it while it writes waits, its own timer too.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from heapq import heappop, heappush
from math import fsum
from random import Random
from typing import TypeAlias

from attrs import define, frozen

from raft_core import (
    AppendEntries,
    AppendEntriesResponse,
    ClientRequest,
    ElectionTimeout,
    Event,
    HeartbeatTimeout,
    Message,
    RequestVote,
    RequestVoteResponse,
    Role,
    Sent,
    Server,
    State,
    persistent_state,
    step,
)

Milliseconds: TypeAlias = float
Writes: TypeAlias = Callable[[State, Event, State], int]
"""How many durable writes, one after the other, a step costs: from the states before and after."""

NO_OP = "no-op"
"""The command of the entry with which a leader may begin its term. Section 8."""
MESSAGES = (AppendEntries, AppendEntriesResponse, RequestVote, RequestVoteResponse)


@frozen
class Span:
    """A time that is drawn uniformly, from `low` to `high`."""

    low: Milliseconds
    high: Milliseconds
    is_rounded: bool = False
    """Whether only whole milliseconds come out."""

    def draw(self, random: Random) -> Milliseconds:
        """One such time."""
        drawn = self.low + (self.high - self.low) * random.random()
        return round(drawn) if self.is_rounded else drawn


AT_ONCE = Span(0, 0)


def one_write(before: State, event: Event, after: State) -> int:
    """What has to be durable is written at once, if anything of it changed. Figure 2, State."""
    return int(persistent_state(before) != persistent_state(after))


@frozen(kw_only=True)
class Timing:
    """How long everything takes."""

    election_timeout: Span
    """Drawn anew whenever the timer restarts (section 5.2, "chosen randomly")."""
    heartbeat_interval: Milliseconds
    latency: Span = AT_ONCE
    """A message's way, from the sender to the receiver."""
    write: Span = AT_ONCE
    """One durable write."""
    lateness: Span = AT_ONCE
    """How much later than its time a timer is noticed."""
    writes: Writes = one_write
    no_op: bool = False
    """Whether a new leader appends an entry before it sends anything. Section 8."""


@define(eq=False)
class Machine:
    """A server and what the core does not know of it: its timer, its disk, and whether it is up."""

    state: State
    is_up: bool = True
    timer: int = 0
    """Counts restarts: a timer that was set before the last one means nothing any more."""
    busy_until: Milliseconds = 0.0


def leads(state: State) -> bool:
    """Whether a server is leader."""
    return state.role is Role.LEADER


def restarts_timer(before: State, event: Event, after: State, sent: Sequence[object]) -> bool:
    """Whether a step restarts the election timer.

    Section 5.2 and Figure 2, Followers 2 and Candidates 1 and 4: an election that begins, a
    message of the current leader, and a vote that is granted. A candidate that is refused, or a
    newer term alone, does not; but a leader has no such timer, and one that steps down needs it.
    """
    if leads(after):
        return False
    if isinstance(event, ElectionTimeout) or leads(before):
        return True
    if isinstance(event, AppendEntries):
        return event.term == after.current_term
    return any(isinstance(each, RequestVoteResponse) and each.vote_granted for each in sent)


class Simulation:
    """A cluster on a virtual clock: what is to happen, and when."""

    def __init__(self, states: Iterable[State], timing: Timing, random: Random) -> None:
        self.machines = tuple(Machine(state) for state in states)
        self.timing = timing
        self.random = random
        self.now: Milliseconds = 0.0
        self._queue: list[tuple[Milliseconds, int, Callable[[], None]]] = []
        self._queued = 0
        for machine in self.machines:
            set_first = self._set_heartbeat if leads(machine.state) else self._set_timer
            set_first(machine)

    @property
    def live_states(self) -> tuple[State, ...]:
        """The states of the servers that are up."""
        return tuple(machine.state for machine in self.machines if machine.is_up)

    def run_until(self, predicate: Callable[["Simulation"], bool], limit: Milliseconds) -> bool:
        """Let time pass until the predicate holds; False if it does not by `limit`."""
        while not predicate(self):
            if not self._queue or self._queue[0][0] > limit:
                self.now = limit
                return False
            self.now, _, action = heappop(self._queue)
            action()
        return True

    def at(self, time: Milliseconds, action: Callable[[], None]) -> None:
        """Let something happen at a time; what is for the same time happens in this order."""
        self._queued += 1
        heappush(self._queue, (time, self._queued, action))

    def send(self, messages: Iterable[Message]) -> None:
        """Put messages on their way, now."""
        for message in messages:
            arrival = self.now + self.timing.latency.draw(self.random)
            receiver = self.machines[message.destination]
            self.at(arrival, partial(self._handle, receiver, message))

    def request(self, server: Server, command: str) -> None:
        """A client's request reaches a server now."""
        self._handle(self.machines[server], ClientRequest(command))

    def crash(self, server: Server) -> None:
        """A server stops: it does nothing, gets nothing, and sends nothing more."""
        self.machines[server].is_up = False

    def _handle(self, machine: Machine, event: Event, timer: int | None = None) -> None:
        """A server meets an event, once it has nothing else to do.

        An event of a timer carries the count under which it was set, and is void under another.
        """
        if not machine.is_up or timer not in (None, machine.timer):
            return
        if machine.busy_until > self.now:
            self.at(machine.busy_until, partial(self._handle, machine, event, timer))
            return
        before = machine.state
        after, sent = self._step(before, event)
        machine.state = after
        self._spend(machine, self.timing.writes(before, event, after), sent)
        if leads(after):
            if not leads(before) or isinstance(event, HeartbeatTimeout):
                self._set_heartbeat(machine)
        elif restarts_timer(before, event, after, sent):
            self._set_timer(machine)

    def _step(self, before: State, event: Event) -> tuple[State, Sent]:
        """The core's step; where the leader begins with an entry, that entry is part of it."""
        after, sent = step(before, event)
        if self.timing.no_op and leads(after) and not leads(before):
            after, sent = step(after, ClientRequest(NO_OP))
        return after, sent

    def _spend(self, machine: Machine, writes: int, sent: Sent) -> None:
        """Write, then send. Answers to clients are left out: this world has no clients."""
        messages = [each for each in sent if isinstance(each, MESSAGES)]
        if not writes:
            self.send(messages)
            return
        taken = fsum(self.timing.write.draw(self.random) for _ in range(writes))
        machine.busy_until = self.now + taken
        if messages:
            self.at(machine.busy_until, partial(self._depart, machine, messages))

    def _depart(self, machine: Machine, messages: list[Message]) -> None:
        """Messages leave, now that what they say is durable, unless their sender is gone."""
        if machine.is_up:
            self.send(messages)

    def _set_timer(self, machine: Machine) -> None:
        """Restart the election timer with a new random timeout. Section 5.2."""
        machine.timer += 1
        timeout = self.timing.election_timeout.draw(self.random)
        noticed = self.now + timeout + self.timing.lateness.draw(self.random)
        self.at(noticed, partial(self._handle, machine, ElectionTimeout(), machine.timer))

    def _set_heartbeat(self, machine: Machine) -> None:
        """A leader's timer is that of its heartbeats. Figure 2, Leaders 1."""
        machine.timer += 1
        time = self.now + self.timing.heartbeat_interval
        self.at(time, partial(self._handle, machine, HeartbeatTimeout(), machine.timer))
