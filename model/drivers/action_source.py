"""The chooser: draws a run's next action, as its temper says, from a source of choices."""

from collections.abc import Callable
from typing import Final, TypeAlias

from model.actions import (
    Action,
    ChangeMembership,
    ClientRequest,
    Compact,
    Crash,
    CrashInside,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Elect,
    ElectionTimeout,
    Exchange,
    FailWrite,
    Heal,
    HeartbeatTimeout,
    Invoke,
    Partition,
    PassTime,
    Restart,
    Settle,
    Sync,
    TransferLeadership,
)
from model.drivers.run_profile import Below, Temper
from model.world.macro_actions import Cluster
from raft_core import Role, Server

Planned: TypeAlias = Action | Callable[[], Action]
"""An action of a turn, or how to draw it when it is its time."""
CLIENTS: Final = 3
KEYS: Final = ("x", "y")
"""Few clients and fewer keys, so that operations meet."""


class Chooser:
    """Draws the next action of a run from a source of choices."""

    def __init__(self, below: Below, cluster: Cluster, temper: Temper) -> None:
        self.below = below
        self.cluster = cluster
        self.temper = temper
        self.members = cluster.members
        self.links = cluster.network.links
        self.requests = 0
        self.turn: list[Planned] = []
        """What comes next without being drawn, last first."""
        self.has_time = "PassTime" in cluster.offers
        self.operations: dict[int, list[str]] = {}
        """What each client has asked for, by number."""
        self.draws: dict[type[Action], Callable[[], Action]] = {
            Deliver: lambda: self.single(Deliver),
            Duplicate: lambda: self.single(Duplicate),
            Drop: lambda: self.single(Drop),
            Elect: self.elect,
            Sync: self.sync,
            Exchange: self.exchange,
            ClientRequest: lambda: self.request(self.leader_mostly()),
            HeartbeatTimeout: lambda: HeartbeatTimeout(self.leader_mostly()),
            ElectionTimeout: lambda: ElectionTimeout(self.server()),
            Restart: lambda: Restart(self.server()),
            Crash: lambda: Crash(self.server()),
            Partition: lambda: Partition(self.minority()),
            Cut: lambda: Cut(*self.link()),
            Heal: Heal,
            Invoke: lambda: self.invoke(self.leader_mostly()),
            PassTime: self.pass_time,
            Compact: self.compact,
            ChangeMembership: self.change_membership,
            TransferLeadership: lambda: TransferLeadership(self.leader_mostly(), self.server()),
            CrashInside: lambda: CrashInside(self.server(), self.below(6), self.below(3)),
            FailWrite: lambda: FailWrite(self.server(), self.below(2)),
        }

    def next_action(self) -> Action:
        """One action: the next of this turn, or one of a kind that is drawn from the deck."""
        if self.temper.rivals and not self.turn:
            stale = self.cluster.has_clients and len(self.members) > 1 and not self.below(3)
            self.turn = (self.stale_turn() if stale else self.next_turn())[::-1]
        if self.turn:
            planned = self.turn.pop()
            return planned() if callable(planned) else planned
        deck = self.temper.deck
        return self.draws[deck[self.below(len(deck))]]()

    def single(self, kind: type[Deliver | Duplicate | Drop]) -> Action:
        """Something that happens to one message."""
        source, destination = self.link()
        return kind(source, destination, 0 if self.temper.oldest_first else self.below(4) - 1)

    def elect(self) -> Action:
        """An election at any server; where servers heed clocks, mostly after some time."""
        server = self.server()
        election = Elect(server, self.unreachable(server))
        if not self.has_time or not self.below(6):
            return election
        self.turn.append(election)
        return self.pass_time()

    def sync(self) -> Action:
        """A round of replication."""
        server = self.leader_mostly()
        return Sync(server, self.unreachable(server))

    def exchange(self) -> Action:
        """All that is late between two servers."""
        return Exchange(*self.link(), not self.temper.oldest_first)

    def server(self) -> Server:
        """Any server."""
        return self.members[self.below(len(self.members))]

    def link(self) -> tuple[Server, Server]:
        """Any two servers; in a cluster of one, the same twice."""
        if not self.links:
            return self.members[0], self.members[0]
        return self.links[self.below(len(self.links))]

    def asked(self, server: Server) -> Action:
        """A request in a run of turns; where clients have histories, mostly an operation."""
        if self.cluster.has_clients and self.below(4):
            return self.invoke(server)
        return self.request(server)

    def request(self, server: Server) -> ClientRequest:
        """A request with a command of its own."""
        self.requests += 1
        return ClientRequest(server, f"v{self.requests}")

    def invoke(self, server: Server) -> Action:
        """A client's next operation, or one that it has asked for already, once more."""
        client = 1 + self.below(CLIENTS)
        asked = self.operations.setdefault(client, [])
        if "Retry" in self.cluster.offers:
            if not asked:
                asked.append("open")
            elif self.is_idle(client) or not self.below(20):
                asked.append(self.command_of(client, len(asked)))
            late = min(self.below(8) // 7, len(asked) - 1)
            number = len(asked) - 1 - late
        elif not asked or self.is_idle(client) or not self.below(4):
            asked.append(self.command_of(client, len(asked)))
            number = len(asked) - 1
        else:
            return HeartbeatTimeout(server)  # this client waits
        return Invoke(server, client, number, asked[number])

    def read_at(self, server: Server) -> Action:
        """A read at a server that may not know that it leads no more, by a client that is idle."""
        for client, asked in self.operations.items():
            if self.is_idle(client):
                asked.append(f"get {KEYS[self.below(len(KEYS))]}")
                return Invoke(server, client, len(asked) - 1, asked[-1])
        return self.invoke(server)

    def is_idle(self, client: int) -> bool:
        """Whether a client's last operation is answered."""
        return (client, len(self.operations[client]) - 1) in self.cluster.answered

    def command_of(self, client: int, number: int) -> str:
        """A read, or a write of a value that nobody else writes."""
        key = KEYS[self.below(len(KEYS))]
        kind = self.below(5)
        if kind < 2:
            return f"get {key}"
        value = f"{'abcdefghi'[client - 1]}{number}"
        return f"append {key} {value}" if kind == 2 else f"set {key} {value}"

    def compact(self) -> Compact:
        """A snapshot, of a leader's log every other time."""
        server = self.leader_mostly() if self.below(2) else self.server()
        return Compact(server, max(self.below(4) - 1, 0))

    def pass_time(self) -> PassTime:
        """Some ticks, and who is fast."""
        ticks = 1 + self.below(12)
        return PassTime(ticks, tuple(server for server in self.members if not self.below(2)))

    def change_membership(self) -> ChangeMembership:
        """One server more or less, or any other set; a server that does not vote may learn."""
        leader = self.leader_mostly()
        membership = self.cluster.views[leader].log.membership
        voters = self.members if membership is None else membership.voters
        if self.below(3):
            moved = self.server()
            chosen = set(voters) ^ {moved}
        else:
            chosen = {server for server in self.members if self.below(3)}
        rest = [server for server in self.members if server not in chosen]
        learners = tuple(server for server in rest if not self.below(3))
        return ChangeMembership(leader, tuple(sorted(chosen)) or (leader,), learners)

    def next_turn(self) -> list[Planned]:
        """One of the rivals leads for a while; at its end the one that lags may hear of it."""
        below, rivals, slow = self.below, self.temper.rivals, self.temper.slow[0]
        leader = rivals[below(len(rivals))]
        turn: list[Planned] = [Elect(leader, self.unreached(leader))]
        if self.has_time and below(6):
            turn.insert(0, self.pass_time())
        turn += [self.asked(leader) for _ in range(below(3))]
        if below(2):
            turn.append(Sync(leader, self.unreached(leader)))
            turn += [self.asked(leader) for _ in range(below(2))]
        turn += self.between_turns(leader)
        late = below(3)
        if leader != slow and late == 1:
            turn.append(Exchange(leader, slow, not self.temper.oldest_first))
        elif leader != slow and late == 2:
            ends = ((leader, slow), (slow, leader))
            turn += [Deliver(*ends[below(2)], -below(2)) for _ in range(1 + below(2))]
        return turn

    def stale_turn(self) -> list[Planned]:
        """A leader is superseded without a word, and a client asks it to read.

        Before, it may have a friend's answer on its way; meanwhile, a client is told of a write.
        """
        below = self.below
        start = below(len(self.members))
        around = self.members[start:] + self.members[:start]
        old, new, friend = around[0], around[1], around[-1]
        turn: list[Planned] = [PassTime(12), Elect(old), HeartbeatTimeout(old)]
        turn += [lambda: self.invoke(old) for _ in range(below(2))]
        turn.append(Sync(old) if below(2) else Deliver(old, friend, -1 - below(2)))
        if "TransferLeadership" in self.cluster.offers and below(2):
            turn.append(TransferLeadership(old, new))
            if below(2):
                turn.append(ElectionTimeout(old))
                turn.append(Sync(old, (new,)))
            turn += [Deliver(old, new, -1 - below(3)), Exchange(new, friend)]
        turn += [Restart(friend)] * (not below(3))
        turn += [self.pass_time] * below(3)
        turn.append(Elect(new, (old,)))
        turn += [lambda: self.invoke(new) for _ in range(1 + below(2))]
        turn.append(Sync(new, (old,)))
        turn += [Deliver(friend, old, -1 - below(2)) for _ in range(below(3))]
        turn.append(lambda: self.read_at(old))
        turn += [Exchange(old, friend)] * below(2)
        return turn

    def between_turns(self, leader: Server) -> list[Action]:
        """What a subject offers besides, before the one that lags hears of a turn."""
        offers, below = self.cluster.offers, self.below
        found: list[Action] = []
        if "Compact" in offers and below(2):
            found.append(Compact(leader if below(3) else self.server(), below(4) // 2))
        if self.cluster.has_clients and below(2):
            found.append(self.read_at(self.temper.rivals[below(len(self.temper.rivals))]))
        if "CrashInside" in offers and not below(3):
            found.append(CrashInside(self.server(), below(6), below(3)))
        if "ChangeMembership" in offers and not below(3):
            found += [self.change_membership(), Sync(leader, self.unreached(leader))]
        if "TransferLeadership" in offers and not below(4):
            found.append(TransferLeadership(leader, self.server()))
        return found

    def unreached(self, leader: Server) -> tuple[Server, ...]:
        """Who does not hear of a turn: the one that lags, and some others."""
        return tuple(
            other
            for other in self.members
            if other != leader
            and (other in self.temper.slow or self.below(4) >= self.temper.patience)
        )

    def leader_mostly(self) -> Server:
        """A server that leads, if any; now and then anyone."""
        views = self.cluster.views
        leaders = [server for server in self.members if views[server].role is Role.LEADER]
        if not leaders or not self.below(8):
            leaders = list(self.members)
        return leaders[self.below(len(leaders))]

    def unreachable(self, server: Server) -> tuple[Server, ...]:
        """Who a macro action does not reach."""
        if self.below(4) < self.temper.patience:
            return ()
        if self.temper.slow and self.below(2):
            return tuple(other for other in self.temper.slow if other != server)
        return tuple(other for other in self.members if other != server and not self.below(2))

    def settle(self) -> Settle:
        """The end of all faults; a minority may stay away, where all servers vote for good."""
        changes = "ChangeMembership" in self.cluster.offers
        all_vote = all(view.log.membership is None for view in self.cluster.views)
        minority = self.minority()[: (len(self.members) - 1) // 2]
        return Settle(absent=() if changes or not all_vote or self.below(2) else minority)

    def minority(self) -> tuple[Server, ...]:
        """One side of a partition."""
        start = self.below(len(self.members))
        size = 1 + self.below(max(len(self.members) // 2, 1))
        around = self.members + self.members
        return tuple(sorted(around[start : start + size]))
