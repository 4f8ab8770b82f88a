"""A whole cluster in a few lines: deliver everything that is sent, in order, until all is quiet.

The only fault is servers that cannot be reached. Hostile networks are the model's business.
"""

from collections import deque
from collections.abc import Collection, Sequence
from typing import Any

from raft_core import (
    SERVERS,
    AppendEntries,
    Configuration,
    ExtendedEvent,
    ExtendedMessage,
    Log,
    Membership,
    PersistentState,
    Server,
    State,
    Tick,
    persistent_state,
    restart,
    step,
)
from tests.raft_core.build import Sent, answer_to_append, requests_in

Servers = tuple[State, ...]


def started(servers: int = 3, initial_voters: int = 0, **features: bool | int) -> Servers:
    """A cluster in which nothing has happened yet; it may begin with a part of the servers."""
    chosen: dict[str, Any] = dict(features)
    configuration = Configuration(servers=servers, **chosen)
    log = Log(memberships=((0, Membership(SERVERS[:initial_voters])),)) if initial_voters else Log()
    stored = PersistentState(log=log)
    return tuple(restart(server, configuration, stored) for server in SERVERS[:servers])


def happen(
    servers: Sequence[State],
    server: Server,
    event: ExtendedEvent,
    *,
    unreachable: Collection[Server] = (),
) -> Servers:
    """The cluster after an event at one server and all deliveries that follow from it."""
    states = list(servers)
    states[server], messages = step(states[server], event)
    return settle(states, messages, unreachable=unreachable)


def settle(
    servers: Sequence[State], messages: Sent, *, unreachable: Collection[Server] = ()
) -> Servers:
    """Deliver messages, and those sent in answer, first come first served; some reach nobody."""
    states = list(servers)
    waiting = deque(messages)
    while waiting:
        message = waiting.popleft()
        if not isinstance(message, ExtendedMessage):
            continue
        if message.source in unreachable or message.destination in unreachable:
            continue
        receiver = message.destination
        states[receiver], answers = step(states[receiver], message)
        waiting.extend(answers)
    return tuple(states)


def restarted(servers: Sequence[State], server: Server) -> Servers:
    """The cluster after a crash and restart of one server."""
    states = list(servers)
    old = states[server]
    states[server] = restart(server, old.configuration, persistent_state(old))
    return tuple(states)


def time_passes(servers: Sequence[State], ticks: int) -> Servers:
    """The cluster after so many ticks of every clock."""
    return tuple(step(state, Tick(ticks))[0] for state in servers)


def replicate(
    leader: State, follower: State, request: AppendEntries
) -> tuple[State, State, tuple[AppendEntries, ...]]:
    """Exchange requests and answers until the leader has nothing to add; all requests, in order."""
    requests = [request]
    while True:
        follower, response = answer_to_append(follower, requests[-1])
        leader, messages = step(leader, response)
        following = requests_in(messages)
        if not following:
            return leader, follower, tuple(requests)
        requests.extend(following)
