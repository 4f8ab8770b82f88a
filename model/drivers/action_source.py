"""The action source: draws a run's next action, as its profile says, from a source of choices."""

from collections.abc import Callable

from model.actions import (
    Action,
    ChangeMembership,
    ClientRequest,
    CompleteWrite,
    CrashInside,
    Deliver,
    Drop,
    Duplicate,
    Elect,
    Exchange,
    HeartbeatTimeout,
    Invoke,
    PassTime,
    Restart,
    Settle,
    Sync,
    fair_rounds,
)
from model.drivers.clients import Clients, Planned, drawn
from model.drivers.rival_turns import RivalTurns
from model.drivers.run_profile import (
    DrawBelow,
    RunProfile,
    profile_of_run,
    profile_with_rivals,
)
from model.world.macro_actions import Cluster
from raft_core import Role, Server


class ActionSource:
    """Draws the next action of a run from a source of choices.

    What is drawn alike in every run is drawn by the action's class (model/actions); what depends
    on the run's profile, its clients, or the state of the cluster is drawn here.
    """

    def __init__(self, draw_below: DrawBelow, cluster: Cluster, profile: RunProfile) -> None:
        self.draw_below = draw_below
        self.cluster = cluster
        self.profile = profile
        self.members = cluster.members
        self.links = cluster.network.links
        self.requests = 0
        self.clients = Clients(cluster)
        self.turns = RivalTurns(self, profile) if profile.rivals else None
        self.turn: list[Planned] = []
        """What comes next without being drawn, last first."""
        self.has_time = "PassTime" in cluster.offers
        self.draws: dict[type[Action], Callable[[], Planned]] = {
            Deliver: lambda: self.single(Deliver),
            Duplicate: lambda: self.single(Duplicate),
            Drop: lambda: self.single(Drop),
            Elect: self.elect,
            Sync: self.sync,
            Exchange: self.exchange,
            ClientRequest: lambda: self.request(self.leader_mostly()),
            Invoke: lambda: self.invoke(self.leader_mostly()),
            ChangeMembership: lambda: self.change_membership(self.leader_mostly()),
            CompleteWrite: self.complete_write,
            Restart: self.restart,
            CrashInside: self.crash_inside,
        }

    def next_action(self) -> Action:
        """One action: the next of this turn, or one of a kind that is drawn from the deck."""
        if self.turns is not None and not self.turn:
            self.turn = self.turns.next_turn()[::-1]
        return drawn(self.turn.pop() if self.turn else self.from_deck())

    def from_deck(self) -> Planned:
        """One action of a kind from the deck; what has to follow it is put into `turn`."""
        deck = self.profile.deck
        kind = deck[self.draw_below(len(deck))]
        draw = self.draws.get(kind)
        planned: Planned = kind.draw(self) if draw is None else draw()
        return planned

    def one_in(self, count: int) -> bool:
        """Whether something happens that happens once in so many times."""
        return not self.draw_below(count)

    def later(self, draw: Callable[[], Planned]) -> Planned:
        """A step of a turn that is drawn when it is its time."""
        return draw

    def single(self, kind: type[Deliver | Duplicate | Drop]) -> Action:
        """Something that happens to one message."""
        source, destination = self.link()
        return kind(source, destination, 0 if self.profile.oldest_first else self.draw_below(4) - 1)

    def arrives(self, source: Server, destination: Server, age: int) -> Deliver | Duplicate:
        """A late message arrives in a turn; copies of messages are single actions."""
        return Deliver(source, destination, age)

    def elect(self) -> Action:
        """An election at any server; where servers heed clocks, mostly after some time."""
        server = self.server()
        election = Elect(server, self.unreachable(server), self.stalled())
        if not self.has_time or not self.draw_below(6):
            return election
        self.turn.append(election)
        return PassTime.draw(self)

    def sync(self) -> Action:
        """A round of replication."""
        server = self.leader_mostly()
        return Sync(server, self.unreachable(server), self.stalled())

    def exchange(self) -> Action:
        """All that is late between two servers."""
        return Exchange(*self.link(), not self.profile.oldest_first)

    def crash_inside(self) -> CrashInside | ClientRequest:
        """A crash inside a step; mostly of one that comes at once, after which the server restarts.

        What was half written is seen only at the restart, and is of use to a mistake only soon.
        """
        crash, others = CrashInside.draw(self), [*self.members]
        others.remove(crash.server)
        if not others or self.one_in(3):
            return crash
        if self.one_in(4):
            return self.crash_at_a_copy(crash)
        other = others[self.draw_below(len(others))]
        step = (Elect(other), Sync(other), Exchange(other, crash.server))[self.draw_below(3)]
        self.turn += [Restart(crash.server), step]
        return crash

    def crash_at_a_copy(self, crash: CrashInside) -> CrashInside | ClientRequest:
        """A crash where a server hears once more what it has stored, and what is committed."""
        leader, server = self.leader_mostly(), crash.server
        if leader == server:  # which sends itself nothing
            return crash
        beats, heard = [HeartbeatTimeout(leader)] * 2, Deliver(leader, server, -1)
        self.turn += [Restart(server), heard, crash, Deliver(server, leader, -1), heard, *beats]
        return self.request(leader)

    def server(self) -> Server:
        """Any server."""
        return self.members[self.draw_below(len(self.members))]

    def link(self) -> tuple[Server, Server]:
        """Any two servers; in a cluster of one, the same twice."""
        if not self.links:
            return self.members[0], self.members[0]
        return self.links[self.draw_below(len(self.links))]

    def request(self, server: Server) -> ClientRequest:
        """A request with a command of its own."""
        self.requests += 1
        return ClientRequest(server, f"v{self.requests}")

    def invoke(self, server: Server) -> Planned:
        """A client's next operation, or one that it has asked for already, once more."""
        return self.clients.draw(self.draw_below, server)

    def read_at(self, server: Server) -> Planned:
        """A read at a server that may not know that it leads no more."""
        return self.clients.draw_read(self.draw_below, server)

    def change_membership(self, leader: Server) -> ChangeMembership:
        """One server more or less, or any other set; a server that does not vote may learn."""
        membership = self.cluster.views[leader].log.membership
        voters = self.members if membership is None else membership.voters
        if self.draw_below(3):
            moved = self.server()
            chosen = set(voters) ^ {moved}
        else:
            chosen = {server for server in self.members if self.draw_below(3)}
        rest = [server for server in self.members if server not in chosen]
        learning = tuple(server for server in rest if not self.draw_below(3))
        wanted = tuple(sorted(chosen)) or (leader,)
        learners = tuple(server for server in learning if server not in wanted)
        return ChangeMembership(leader, wanted, learners)

    def leader_mostly(self) -> Server:
        """A server that leads, if any; now and then any server."""
        views = self.cluster.views
        leaders = [server for server in self.members if views[server].role is Role.LEADER]
        if not leaders or not self.draw_below(8):
            leaders = list(self.members)
        return leaders[self.draw_below(len(leaders))]

    def unreachable(self, server: Server) -> tuple[Server, ...]:
        """The servers that a macro action does not reach."""
        if self.draw_below(4) < self.profile.reach_all_of_4:
            return ()
        if self.profile.slow and self.draw_below(2):
            return tuple(other for other in self.profile.slow if other != server)
        return tuple(other for other in self.members if other != server and not self.draw_below(2))

    def stalled(self) -> tuple[Server, ...]:
        """The servers whose writes do not complete within a macro action, if that is a matter."""
        if not self.profile.stalled or not self.draw_below(4):
            return ()
        return self.profile.stalled

    def complete_write(self) -> CompleteWrite:
        """A write at a server that has any under way."""
        return CompleteWrite(self.writing_server())

    def restart(self) -> Restart:
        """A restart at any server; every other time, where something is to be lost."""
        if not self.cluster.has_writes or self.draw_below(2):
            return Restart(self.server())
        return Restart(self.writing_server())

    def writing_server(self) -> Server:
        """A server that has writes under way, if any."""
        writing = [each for each in self.members if self.cluster.writes_at(each)] or self.members
        return writing[self.draw_below(len(writing))]

    def settle(self) -> Settle:
        """The end of all faults; a minority may stay away, where all servers vote for good."""
        first = self.server()
        changes = "ChangeMembership" in self.cluster.offers
        all_vote = all(view.log.membership is None for view in self.cluster.views)
        minority = self.minority()[: (len(self.members) - 1) // 2]
        absent = () if changes or not all_vote or self.draw_below(2) else minority
        rounds = fair_rounds(len(self.members))
        return Settle(rounds, absent=absent, first=first, waits=not self.draw_below(2))

    def minority(self) -> tuple[Server, ...]:
        """One side of a partition."""
        start = self.draw_below(len(self.members))
        size = 1 + self.draw_below(max(len(self.members) // 2, 1))
        around = self.members + self.members
        return tuple(sorted(around[start : start + size]))


def source_of_run(
    draw_below: DrawBelow, cluster: Cluster, rival_leaders: bool = False
) -> ActionSource:
    """The action source of a run, which draws the run's profile first."""
    if rival_leaders:
        profile = profile_with_rivals(draw_below, cluster.members, cluster.offers)
    else:
        fifo = cluster.network.fifo
        profile = profile_of_run(draw_below, cluster.members, fifo, cluster.offers)
    return ActionSource(draw_below, cluster, profile)
