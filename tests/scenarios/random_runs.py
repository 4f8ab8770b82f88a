"""The lab's random scenarios: what happens is drawn from a seed, so every run can be repeated.

Each ends with a healed cluster that must agree, and must still hold all that was ever committed.
"""

from random import Random

from attrs import frozen

from model.actions import (
    Action,
    ClientRequest,
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Elect,
    ElectionTimeout,
    Exchange,
    Heal,
    HeartbeatTimeout,
    Partition,
    Restart,
    Sync,
)
from model.world.macro_actions import Cluster
from raft_core import Command, Server
from tests.scenarios.cluster import (
    Memory,
    agree,
    agreed_commands,
    leaders,
    play,
    running,
    terms,
)

FINAL: tuple[Command, ...] = ("final 1", "final 2", "final 3")


@frozen
class Ended:
    """What a random run came to, so that a test can see whether anything happened in it."""

    committed: int
    """Entries that some server knew to be committed before the last heal."""
    terms: int
    """The newest term before the last heal."""


def some(random: Random, servers: tuple[Server, ...]) -> tuple[Server, ...]:
    """Any of these servers, each as likely in as out."""
    return tuple(server for server in servers if random.random() < 0.5)


def drawn(random: Random, servers: tuple[Server, ...]) -> Server:
    """One of these servers."""
    return servers[int(random.random() * len(servers))]


def two(random: Random, servers: tuple[Server, ...]) -> tuple[Server, Server]:
    """Two different servers of these."""
    one = drawn(random, servers)
    return one, drawn(random, tuple(other for other in servers if other != one))


def newest_leader(cluster: Cluster) -> Server | None:
    """The running leader of the newest term, if any."""
    return max(leaders(cluster), key=lambda one: terms(cluster)[one], default=None)


def figure_8_round(cluster: Cluster, random: Random, number: int) -> list[Action]:
    """A leader gets a request, reaches some or none, and nearly always crashes, as in Figure 8."""
    leader = newest_leader(cluster)
    if leader is None:
        return figure_8_election(cluster, random)
    actions: list[Action] = []
    if random.random() < 0.5:
        actions.append(Sync(leader, some(random, cluster.members)))
    if random.random() < 0.8:
        actions.append(ClientRequest(leader, f"v{number}"))
    if random.random() < 0.1:
        actions.append(Sync(leader, some(random, cluster.members)))
    if random.random() < 0.9:
        actions.append(Crash(leader))
    return actions


def figure_8_election(cluster: Cluster, random: Random) -> list[Action]:
    """A server that crashed may come back, and must where too few are up; then someone stands."""
    up = running(cluster)
    down = tuple(server for server in cluster.members if server not in up)
    is_quorum = 2 * len(up) > len(cluster.members)
    if down and (not is_quorum or random.random() < 0.5):
        return [Restart(drawn(random, down)), Elect(drawn(random, up))]
    return [Elect(drawn(random, up))]


def unreliable_round(cluster: Cluster, random: Random, number: int) -> list[Action]:
    """Requests at servers that lead, and messages that come late, twice, in any order, or never."""
    leader = newest_leader(cluster)
    if leader is None:
        return [Elect(drawn(random, cluster.members))]
    return [ClientRequest(leader, f"v{number}"), *some_messages(cluster, random, 10)]


def some_messages(cluster: Cluster, random: Random, count: int) -> list[Action]:
    """Any messages arrive in any order; some twice, some never; some leader sends heartbeats."""
    actions: list[Action] = []
    for _ in range(count):
        source, destination = two(random, cluster.members)
        kind = drawn_kind(random)
        actions.append(kind(source, destination, int(random.random() * 4) - 1))
    beating = newest_leader(cluster)
    return actions if beating is None else [*actions, HeartbeatTimeout(beating)]


def drawn_kind(random: Random) -> type[Deliver | Duplicate | Drop]:
    """What happens to a message: most arrive, one in ten is lost, one in five arrives again."""
    chance = random.random()
    return Drop if chance < 0.1 else Duplicate if chance < 0.3 else Deliver


def figure_8_unreliable_round(cluster: Cluster, random: Random, number: int) -> list[Action]:
    """Figure 8's rounds on a network that delays, repeats, reorders and loses."""
    return [*some_messages(cluster, random, 12), *figure_8_round(cluster, random, number)]


def churn_round(cluster: Cluster, random: Random, number: int) -> list[Action]:
    """Clients ask all who claim to lead, while servers and links come and go."""
    actions: list[Action] = [
        ClientRequest(leader, f"v{number} at {leader}") for leader in leaders(cluster)
    ]
    one, other = two(random, cluster.members)
    trouble: tuple[Action, ...] = (
        Partition(some(random, cluster.members)),
        Crash(one),
        Restart(one),
        Restart(other),
        Cut(one, other),
        Heal(),
        Heal(),
        Exchange(one, other, newest_first=True),
        ElectionTimeout(one),
        Elect(one),
        Elect(other),
    )
    actions.append(trouble[int(random.random() * len(trouble))])
    actions += some_messages(cluster, random, 4)
    actions += [Sync(leader) for leader in some(random, leaders(cluster))]
    return actions


ROUNDS = {
    "figure 8": figure_8_round,
    "figure 8, unreliable": figure_8_unreliable_round,
    "unreliable agreement": unreliable_round,
    "churn": churn_round,
}


def run_at_random(cluster: Cluster, story: str, seed: int, rounds: int) -> Ended:
    """Play so many rounds of a story, heal, and have all agree; nothing committed may be lost."""
    random = Random(f"{story}/{seed}")
    memory = Memory(cluster)
    for number in range(rounds):
        for action in ROUNDS[story](cluster, random, number):
            play(cluster, (action,))
            memory.note()
    ended = Ended(len(memory.committed), max(terms(cluster)))
    leader = agree(cluster, *FINAL)
    assert leaders(cluster) == (leader,)
    agreed = agreed_commands(cluster)
    assert agreed[-len(FINAL) :] == FINAL
    assert len(set(agreed)) == len(agreed)
    assert [memory.lost(server) for server in cluster.members] == [[]] * len(cluster.members)
    return ended


def elect_many_times(cluster: Cluster, seed: int, rounds: int) -> int:
    """Cut off a minority, elect among the others, heal, again and again; how many led in all."""
    random = Random(f"many elections/{seed}")
    led = set()
    for _ in range(rounds):
        shuffled = sorted(cluster.members, key=lambda one: random.random())
        lonely, rest = shuffled[: len(shuffled) // 2], shuffled[len(shuffled) // 2 :]
        play(cluster, [Partition((server,)) for server in lonely])
        leader = elect_among(cluster, rest)
        assert leader in rest
        led.add(leader)
        old = [Sync(one) for one in leaders(cluster) if one != leader]
        play(cluster, (Heal(), *old))
        assert leaders(cluster) == (leader,)
        play(cluster, (Sync(leader),))
        assert set(terms(cluster)) == {terms(cluster)[leader]}
    return len(led)


def elect_among(cluster: Cluster, candidates: list[Server]) -> Server | None:
    """Two stand at once, and again one of them if neither wins; the newest term's leader."""
    one, other = candidates[:2]
    links = [(each, peer) for peer in candidates for each in (one, other) if each != peer]
    play(cluster, (ElectionTimeout(one), ElectionTimeout(other)))
    play(cluster, [Deliver(each, peer, -1) for each, peer in links])
    play(cluster, [Deliver(peer, each, -1) for each, peer in links])
    if newest_leader(cluster) not in candidates:
        play(cluster, (Elect(one), Elect(one)))
    return newest_leader(cluster)
