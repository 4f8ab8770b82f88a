"""One trial of Figure 16 of the extended Raft paper: how long a crashed leader is missed.

Section 9.3 of the paper ("Performance") and section 9.4 of Ongaro's thesis describe the
experiment. What they leave open stands in model/figure16/assumptions.py.
"""

from random import Random
from typing import Final

from model.figure16.assumptions import ASSUMED, LIMIT, Assumptions
from model.figure16.published import Line
from model.figure16.timed_cluster import Milliseconds, Simulation
from raft_core import (
    SERVERS,
    AppendEntries,
    Configuration,
    ElectionTimeout,
    Entry,
    Log,
    PersistentState,
    RequestVote,
    State,
    restart,
    s1,
    step,
)

SERVERS_OF_CLUSTER: Final = 5


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
