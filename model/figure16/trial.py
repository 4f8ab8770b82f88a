"""Figure 16 of the extended Raft paper: how long it takes to detect and replace a crashed leader.

Section 9.3 of the paper ("Performance") and section 9.4 of Ongaro's thesis describe the
experiment. What they leave open is decided here once, for all lines, in `Assumptions`, and put
into words by `statements`.
"""

from random import Random
from typing import Final

from attrs import field, frozen

from model.figure16.timed_cluster import Milliseconds, Simulation, Span, Timing, Writes
from raft_core import (
    SERVERS,
    AppendEntries,
    Configuration,
    ElectionTimeout,
    Entry,
    Event,
    Log,
    PersistentState,
    RequestVote,
    State,
    restart,
    s1,
    step,
)

SERVERS_OF_CLUSTER: Final = 5
LIMIT: Final = 600_000.0
"""A trial is given up after ten simulated minutes."""
FEWER: Final = 10
"""The line without randomness gets one trial where the others get ten, as in the paper."""


@frozen
class Published:
    """A line of the thesis's graph, in ms: read off the vector graphic, so to about 1%."""

    minimum: Milliseconds
    median: Milliseconds
    mean: Milliseconds
    last_percent: Milliseconds
    worst: Milliseconds


@frozen
class Line:
    """One line of the figure: a range of election timeouts."""

    low: int
    high: int
    published: Published

    @property
    def name(self) -> str:
        """As the figure's legend has it."""
        return f"{self.low}-{self.high} ms"

    def trials(self, trials: int) -> int:
        """How many trials this line gets where the usual line gets so many."""
        return trials if self.high > self.low else max(trials // FEWER, 1)


TOP: Final = (
    Line(150, 150, Published(9860, 41100, 54800, 528000, 528000)),
    Line(150, 151, Published(86.2, 1198, 1537, 6010, 8230)),
    Line(150, 155, Published(85.3, 287, 345, 1242, 2142)),
    Line(150, 175, Published(84.4, 141, 164, 467, 610)),
    Line(150, 200, Published(87.1, 146, 156, 352, 512)),
    Line(150, 300, Published(92.7, 171, 181, 415, 603)),
)
"""The upper graph: how much randomness. The last of them is in the lower graph too."""
BOTTOM: Final = (
    Line(12, 24, Published(15.3, 30.0, 34.7, 86.9, 152)),
    Line(25, 50, Published(24.0, 43.0, 47.9, 119, 276)),
    Line(50, 100, Published(37.1, 66.7, 71.4, 169, 253)),
    Line(100, 200, Published(65.7, 120, 126, 277, 335)),
    TOP[-1],
)
"""The lower graph: how short the timeouts."""
LINES: Final = (*TOP, *BOTTOM[:-1])


def writes_of_logcabin(before: State, event: Event, after: State) -> int:
    """How often LogCabin, on which the paper measured, wrote to its disk in such a step.

    Once for a newer term (with the vote, where the server votes for itself), once more for a vote
    that it grants, and twice for entries: the entries, and the file that says where the log ends.
    """
    enters_term = after.current_term > before.current_term
    was_free = enters_term or before.voted_for is None
    grants = isinstance(event, RequestVote) and was_free and after.voted_for is not None
    return enters_term + grants + 2 * (after.log is not before.log)


@frozen(kw_only=True)
class Assumptions:
    """What the paper leaves open, decided: the same for every line."""

    latency: Span = field(default=Span(0.1, 0.3))
    write: Span = field(default=Span(1.8, 3.2))
    lateness: Span = field(default=Span(0.0, 0.2))
    writes: Writes = writes_of_logcabin
    no_op: bool = True
    whole_timeouts: bool = True
    uneven_logs: bool = True

    def timing(self, line: Line) -> Timing:
        """The timing of a line. The heartbeat interval is the paper's: half the least timeout."""
        return Timing(
            election_timeout=Span(line.low, line.high, self.whole_timeouts),
            heartbeat_interval=line.low / 2,
            latency=self.latency,
            write=self.write,
            lateness=self.lateness,
            writes=self.writes,
            no_op=self.no_op,
        )


ASSUMED: Final = Assumptions()


def statements(assumed: Assumptions = ASSUMED) -> tuple[str, ...]:
    """The assumptions in words, those first that the figures depend on most."""
    return (
        f"One durable write takes {span(assumed.write)}, and a message {span(assumed.latency)} one"
        " way, uniformly. The paper gives one number, a broadcast time of roughly 15 ms, which the"
        " thesis explains as round trip and disk write. An election without a split takes about"
        " 13 ms here: one write by the candidate, two by each voter, two by the new leader, and"
        " three messages one way. These spans, and the lateness below, are fitted to the thesis's"
        " curves, once for all lines.",
        "Writes are those of LogCabin, on which the paper measured (source of July 2013): one"
        " for a newer term, one more for a granted vote, two for an entry. A candidate writes"
        " before it asks for votes, a voter before it answers. While a server writes, whatever"
        " else reaches it waits.",
        "A new leader appends a no-op (section 8), as LogCabin did, before its first heartbeat.",
        "Timeouts are drawn uniformly and rounded to whole milliseconds, as in LogCabin. The timer"
        " restarts with a new random timeout when an election begins (before its write), when a"
        " vote is granted, and when the leader is heard of; not when a candidate is refused.",
        f"A timer is noticed {span(assumed.lateness)} late. Only 150-150 ms depends on this: in"
        " step, its candidates would split the votes for ever.",
        "Logs hold 5 entries at the leader and 1, 2, 3 and 4 at the others, shuffled for each"
        " trial: two of the four cannot win, as in the thesis.",
        "The old leader broadcasts heartbeats and then falls silent, so that the logs stay uneven."
        " The crash is at a uniform moment of the heartbeat interval that begins with this.",
        "A trial ends when all servers that are up have heard from the new leader, as in the"
        f" thesis. It is given up after {LIMIT / 1000:g} simulated seconds.",
    )


def span(times: Span) -> str:
    """A span in words."""
    return f"{times.low:g} to {times.high:g} ms"


def cluster_with_leader(
    random: Random, assumed: Assumptions = ASSUMED
) -> tuple[list[State], list[AppendEntries]]:
    """Servers of which S1 has just been elected, and the heartbeats that it sends at once."""
    shuffled = sorted((1, 2, 3, 4), key=lambda _: random.random())
    lengths = (5, *shuffled) if assumed.uneven_logs else (5,) * SERVERS_OF_CLUSTER
    states = [
        restart(server, Configuration(servers=SERVERS_OF_CLUSTER), stored(length))
        for server, length in zip(SERVERS, lengths, strict=False)
    ]
    states[s1], requests = step(states[s1], ElectionTimeout())
    heartbeats: list[AppendEntries] = []
    for request in requests:
        assert isinstance(request, RequestVote)
        states[request.destination], (vote,) = step(states[request.destination], request)
        states[s1], sent = step(states[s1], vote)  # type: ignore[arg-type]  # a vote
        heartbeats += [each for each in sent if isinstance(each, AppendEntries)]
    return states, heartbeats


def stored(length: int) -> PersistentState:
    """The disk of a server with so many entries, all of term 1."""
    entries = (Entry(1, f"v{index + 1}") for index in range(length))
    return PersistentState(current_term=1, log=Log.of(entries))


def is_replaced(simulation: Simulation) -> bool:
    """Whether all servers that are up know the same leader, and it is one of them."""
    first, *others = simulation.live_states
    if first.leader in (None, s1):
        return False
    return all(
        other.leader == first.leader and other.current_term == first.current_term
        for other in others
    )


def trial(
    line: Line, seed: int, number: int, assumed: Assumptions = ASSUMED
) -> Milliseconds | None:
    """One crash: the downtime until the leader is replaced, or None where that takes too long.

    (line, seed, number) names the trial, and the same name gives the same trial everywhere.
    """
    random = Random(f"{line.low}-{line.high}/{seed}/{number}")
    states, heartbeats = cluster_with_leader(random, assumed)
    timing = assumed.timing(line)
    crash = timing.heartbeat_interval * random.random()
    simulation = Simulation(states, timing, random)
    simulation.send(heartbeats)
    simulation.crash(s1)
    replaced = simulation.run_until(is_replaced, LIMIT)
    return simulation.now - crash if replaced else None


def block(line: Line, seed: int, start: int, stop: int) -> list[Milliseconds | None]:
    """A few trials: what one process does at a time."""
    return [trial(line, seed, number) for number in range(start, stop)]
