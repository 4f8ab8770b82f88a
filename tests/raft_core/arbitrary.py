"""Hypothesis strategies: states as strange as their types allow, and whole histories of a cluster.

`states` and `messages` know nothing of what is reachable. `histories` reaches what a network
can bring about, however bad: every message ever sent may be delivered at any later time,
again and again, and servers restart from their persistent state at any moment.
"""

from collections.abc import Iterator, Sequence

from attrs import evolve, field, mutable
from hypothesis import strategies as st

from raft_core import (
    SERVERS,
    AppendEntries,
    AppendEntriesResponse,
    ClientRequest,
    Configuration,
    Conflict,
    ElectionTimeout,
    Event,
    HeartbeatTimeout,
    Log,
    Message,
    PersistentState,
    RequestVote,
    RequestVoteResponse,
    Role,
    Server,
    State,
    persistent_state,
    restart,
    s1,
    step,
)
from tests.raft_core.build import Sent, compacted, entry, log_of

TERMS = st.integers(0, 5)
INDEXES = st.integers(0, 8)


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """Logs of terms that never fall, some of them with a discarded prefix."""
    terms = sorted(draw(st.lists(st.integers(1, 5), max_size=6)))
    return compacted(log_of(*terms), draw(st.integers(0, len(terms))))


@st.composite
def states(draw: st.DrawFn, server: Server = s1) -> State:
    """Servers in any role, with bookkeeping that need not fit their logs."""
    servers = draw(st.integers(1, 5))
    log = draw(logs())
    role = draw(st.sampled_from(Role))
    others = st.sampled_from(SERVERS[:servers])
    indexes = st.tuples(*[INDEXES.map(lambda index: index + 1)] * servers)
    leads = role is Role.LEADER
    state = State(
        server=server,
        configuration=Configuration(servers=servers, max_entries=draw(st.integers(1, 3))),
        current_term=max(log.last_term, draw(TERMS)),
        voted_for=draw(st.none() | others),
        log=log,
        role=role,
        leader=draw(st.none() | others),
        commit_index=draw(st.integers(log.snapshot_index, log.last_index)),
        votes_granted=(server,) if role is Role.CANDIDATE else (),
        next_index=draw(indexes) if leads else (),
        match_index=draw(st.tuples(*[INDEXES] * servers)) if leads else (),
    )
    applied = draw(st.integers(log.snapshot_index, state.commit_index))
    return evolve(state, last_applied=applied)


@st.composite
def events(draw: st.DrawFn, state: State) -> Event:
    """Timeouts, client requests, and any message that some server of the cluster could send."""
    own = state.server
    others = state.others
    timeouts: list[Event] = [ElectionTimeout(), HeartbeatTimeout(), ClientRequest("x")]
    if not others:
        return draw(st.sampled_from(timeouts))
    source = draw(st.sampled_from(others))
    entries = st.lists(st.builds(entry, st.just(1), TERMS), max_size=3).map(tuple)
    conflict = st.none() | st.builds(Conflict, st.none() | TERMS, INDEXES)
    to_own = (st.just(source), st.just(own), TERMS)
    return draw(
        st.one_of(
            st.sampled_from(timeouts),
            st.builds(RequestVote, *to_own, INDEXES, TERMS),
            st.builds(RequestVoteResponse, *to_own, st.booleans()),
            st.builds(AppendEntries, *to_own, INDEXES, TERMS, entries, INDEXES),
            st.builds(AppendEntriesResponse, *to_own, st.booleans(), INDEXES, conflict),
        )
    )


@mutable
class History:
    """A cluster with everything that it has ever sent, and what its servers said and were."""

    servers: list[State]
    sent: list[Message] = field(factory=list)
    commands: int = 0

    def happen(self, server: Server, event: Event) -> tuple[State, State, Sent]:
        """Step one server; everything sent stays in the network for ever."""
        before = self.servers[server]
        state, messages = step(before, event)
        self.servers[server] = state
        self.sent.extend(message for message in messages if isinstance(message, Message))
        return before, state, messages

    def restart(self, server: Server) -> None:
        """Crash a server and start it again."""
        before = self.servers[server]
        self.servers[server] = restart(server, before.configuration, persistent_state(before))

    def event(self, kind: int, choice: int) -> tuple[Server, Event] | None:
        """What one byte of kind and one of choice stand for here; None is a restart."""
        server = SERVERS[choice % len(self.servers)]
        if kind < 4:
            return server, ElectionTimeout()
        if kind < 14:
            return server, HeartbeatTimeout()
        if kind < 24:
            self.commands += 1
            return server, ClientRequest(f"x{self.commands}")
        if kind < 27:
            return None
        if not self.sent:
            return server, ElectionTimeout()
        age = choice if kind < 64 else choice % (3 * len(self.servers))
        message = self.sent[-1 - age % len(self.sent)]
        return message.destination, message


def run(
    tape: bytes, servers: int, max_entries: int
) -> Iterator[tuple[History, State, State, Sent]]:
    """Read a tape two bytes at a time, and yield each step: the history, before, after, sent."""
    configuration = Configuration(servers=servers, max_entries=max_entries)
    history = History(
        [restart(server, configuration, PersistentState()) for server in SERVERS[:servers]]
    )
    for kind, choice in zip(tape[::2], tape[1::2], strict=False):
        chosen = history.event(kind, choice)
        if chosen is None:
            history.restart(SERVERS[choice % servers])
        else:
            yield history, *history.happen(*chosen)


def tapes(length: int = 300) -> st.SearchStrategy[bytes]:
    """Tapes for `run`."""
    return st.binary(min_size=20, max_size=2 * length)


def is_ascending(destinations: Sequence[Server]) -> bool:
    """Whether no server comes twice, or before a lower one."""
    return list(destinations) == sorted(set(destinations))
