"""Turns of rival leaders: plans of a few actions each, in which leaders take over from each other.

A plan is drawn step by step, in the order in which its steps happen; what depends on the state of
the cluster is drawn when it is its time.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final, Protocol

from model.actions import (
    Action,
    ChangeMembership,
    ClientRequest,
    Compact,
    CompleteWrite,
    CrashInside,
    Deliver,
    Duplicate,
    Elect,
    ElectionTimeout,
    Exchange,
    HeartbeatTimeout,
    PassTime,
    Restart,
    Sync,
    TransferLeadership,
)
from model.actions.base import Choices
from model.drivers.clients import Planned, superseded
from model.drivers.run_profile import RunProfile
from model.world.macro_actions import Cluster
from raft_core import Server

MOST_OF_TWO: Final = 3
"""In a larger cluster, what two servers hold is not safe yet."""


class RunChoices(Choices, Protocol):
    """What a run offers to its turns, beyond servers and numbers."""

    cluster: Cluster

    def one_in(self, count: int, /) -> bool:
        """Whether something happens that happens once in so many times."""
        ...

    def later(self, draw: Callable[[], Planned], /) -> Planned:
        """A step that is drawn when it is its time, if the driver can draw then."""
        ...

    def arrives(self, source: Server, destination: Server, age: int, /) -> Deliver | Duplicate:
        """A late message arrives, and perhaps a copy of it stays."""
        ...

    def request(self, server: Server) -> ClientRequest:
        """A request with a command of its own."""
        ...

    def invoke(self, server: Server) -> Planned:
        """An operation of some client."""
        ...

    def read_at(self, server: Server) -> Planned:
        """A read at a server that may not know that it leads no more."""
        ...

    def change_membership(self, leader: Server, /) -> ChangeMembership:
        """Another configuration, for which a leader is asked."""
        ...

    def stalled(self) -> tuple[Server, ...]:
        """The servers whose writes do not complete within a macro action."""
        ...


class RivalTurns:
    """Draws one turn after the other."""

    def __init__(self, choices: RunChoices, profile: RunProfile) -> None:
        self.choices = choices
        self.profile = profile
        self.members = choices.members
        self.offers = choices.cluster.offers
        self.has_clients = choices.cluster.has_clients

    def draw_below(self, limit: int) -> int:
        """A number below a limit, as whatever draws at present chooses it."""
        return self.choices.draw_below(limit)

    def next_turn(self) -> list[Planned]:
        """A turn of one of the rivals; where clients have histories, or one that tempts to read.

        Where a majority needs three, now and then one in which an answer comes too late.
        """
        if len(self.members) > MOST_OF_TWO and self.one_in(8):
            return self.late_answer_turn()
        if self.has_clients and len(self.members) > 1:
            if self.one_in(3):
                return self.stale_turn() if self.all_but_one_in(24) else self.repeated_read_turn()
            # Where time goes by, reads break by leases, which take all the turns there are.
            if "PassTime" not in self.offers and self.one_in(8):
                return self.early_turn()
        return self.rival_turn()

    def one_in(self, count: int) -> bool:
        """Whether something happens that happens once in so many times."""
        return self.choices.one_in(count)

    def all_but_one_in(self, count: int) -> bool:
        """Whether something happens that fails to happen once in so many times."""
        return self.draw_below(count) > 0

    def rival_turn(self) -> list[Planned]:
        """One of the rivals leads for a while; at its end the one that lags may hear of it."""
        rivals = self.profile.rivals
        leader = rivals[self.draw_below(len(rivals))]
        elected = Elect(leader, self.unreached(leader), self.choices.stalled())
        waits = "PassTime" in self.offers and self.all_but_one_in(6)
        return [
            *([PassTime.draw(self.choices)] if waits else []),
            elected,
            *self.asked(leader, 3),
            *self.replicated(leader),
            *self.features_used(leader),
            *self.heard_by_the_slow(leader),
            *self.written_by_the_slow(leader),
        ]

    def late_answer_turn(self) -> list[Planned]:
        """A leader hears what it was answered when it led before, by one that has lost that since.

        Another leader, elected by the rest, has overwritten it at both. The first one leads again,
        and reaches as many others as would make a majority with the one that answered.
        """
        old, answers, new, *others = self.around()
        half = len(self.members) // 2
        unreached = (answers, new, *others[half - 1 :])
        return [
            Elect(old, self.unreached(old)),
            *(self.asked_once(old) for _ in range(1 + self.draw_below(3))),
            HeartbeatTimeout(old),
            *(Deliver(old, answers, -self.draw_below(2)) for _ in range(1 + self.draw_below(2))),
            Elect(new, (old, answers)),
            *self.asked(new, 3),
            Sync(new),
            Elect(old),
            *(self.asked_once(old) for _ in range(1 + self.draw_below(2))),
            Sync(old, unreached),
            self.choices.arrives(answers, old, -self.draw_below(2)),
            Sync(old, unreached),
        ]

    def asked(self, leader: Server, below: int) -> list[Planned]:
        """Fewer requests than `below`; where clients have histories, mostly operations."""
        return [self.asked_once(leader) for _ in range(self.draw_below(below))]

    def asked_once(self, server: Server) -> Planned:
        """A request in a run of turns; where clients have histories, mostly an operation."""
        if self.has_clients and self.all_but_one_in(4):
            return self.choices.invoke(server)
        return self.choices.request(server)

    def replicated(self, leader: Server) -> list[Planned]:
        """Every other time a round of replication, and perhaps a request after it."""
        if not self.all_but_one_in(2):
            return []
        unreached = self.unreached(leader)
        return [Sync(leader, unreached, self.choices.stalled()), *self.asked(leader, 2)]

    def heard_by_the_slow(self, leader: Server) -> list[Action]:
        """All that is late between a leader and the one that lags, or some of it, or nothing."""
        late, slow = self.draw_below(3), self.profile.slow[0]
        if leader == slow or late == 0:
            return []
        if late == 1:
            return [Exchange(leader, slow, not self.profile.oldest_first)]
        ends = ((leader, slow), (slow, leader))
        return [
            self.choices.arrives(*ends[self.draw_below(2)], -self.draw_below(2))
            for _ in range(1 + self.draw_below(2))
        ]

    def written_by_the_slow(self, leader: Server) -> list[Action]:
        """Where writes complete later: one of the one that lags, which is told, and may be lost."""
        slow = self.profile.slow[0]
        if not self.choices.cluster.has_writes or leader == slow or self.one_in(2):
            return []
        told: list[Action] = [Exchange(slow, leader)] * self.draw_below(2)
        return [CompleteWrite(slow), *told, *([Restart(slow)] if self.one_in(3) else [])]

    def unreached(self, leader: Server) -> tuple[Server, ...]:
        """The servers that do not hear of a turn: the one that lags, and some others."""
        profile = self.profile
        return tuple(
            other
            for other in self.members
            if other != leader
            and (other in profile.slow or self.draw_below(4) >= profile.reach_all_of_4)
        )

    def features_used(self, leader: Server) -> list[Planned]:
        """Actions of features that a subject offers, before the one that lags hears of a turn."""
        choices, draw_below = self.choices, self.draw_below
        found: list[Planned] = []
        if "Compact" in self.offers and self.all_but_one_in(2):
            server = leader if self.all_but_one_in(3) else choices.server()
            found.append(Compact(server, draw_below(4) // 2))
        if self.has_clients and self.all_but_one_in(2):
            rivals = self.profile.rivals
            found.append(choices.read_at(rivals[draw_below(len(rivals))]))
        if "CrashInside" in self.offers and self.one_in(3):
            found.append(CrashInside.draw(choices))
        if "ChangeMembership" in self.offers and self.one_in(3):
            found += [choices.change_membership(leader), *self.change_spread(leader)]
        if "TransferLeadership" in self.offers and self.one_in(4):
            found.append(TransferLeadership(leader, choices.server()))
        return found

    def change_spread(self, leader: Server) -> list[Action]:
        """A round of replication; now and then, a leader that compacts and restarts instead.

        What it has stored then must not be the change, which nobody else has heard of.
        """
        if "Compact" not in self.offers or not self.one_in(4):
            return [Sync(leader, self.unreached(leader))]
        return [Compact(leader), Restart(leader)]

    # A leader gone stale

    def stale_turn(self) -> list[Planned]:
        """A leader is superseded without hearing of it, and a client asks it to read.

        Before, it may have a friend's answer on its way; meanwhile, a client is answered a write.
        Where a majority is left without them, every other time some others are left behind with it.
        """
        around, learners = self.learners_last(self.around())
        old, new, friend = around[0], around[1], around[-1]
        demoted = [] if learners else self.demoted(old, friend)
        friends = self.left_behind(around, learners + bool(demoted))
        return [
            *(PassTime(12), Elect(old), HeartbeatTimeout(old), *demoted),
            *self.led_again(old),
            *self.invoked(old, self.draw_below(2)),
            self.heartbeat_heard(old, friend),
            *self.handed_over(old, new, friend),
            *self.heard_by_one(old, (new, friend)),
            *([Restart(friend)] if self.one_in(3) else []),
            *self.time_passed(self.draw_below(3)),
            *superseded(old, new, self.invoked(new, 1 + self.draw_below(2)), friends),
            *(Deliver(friend, old, -1 - self.draw_below(2)) for _ in range(self.draw_below(3))),
            self.choices.later(partial(self.choices.read_at, old)),
            *([Exchange(old, friend)] * self.draw_below(2)),
        ]

    def around(self) -> tuple[Server, ...]:
        """All servers in a circle that begins anywhere."""
        start = self.draw_below(len(self.members))
        return self.members[start:] + self.members[:start]

    def learners_last(self, around: tuple[Server, ...]) -> tuple[tuple[Server, ...], int]:
        """The same servers, those last that only learn, as the first one knows; and how many do."""
        membership = self.choices.cluster.views[around[0]].log.membership
        learners = () if membership is None else membership.learners
        ordered = sorted(around, key=lambda server: server in learners)
        return tuple(ordered), sum(server in learners for server in around)

    def demoted(self, leader: Server, friend: Server) -> list[Action]:
        """One time in six a leader's friend only learns from now on, and makes no majority.

        Without it, three are needed: of two, none can be left behind.
        """
        changes = "ChangeMembership" in self.offers and len(self.members) > MOST_OF_TWO
        if not changes or not self.one_in(6):
            return []
        voters = tuple(sorted(set(self.members) - {friend}))
        return [ChangeMembership(leader, voters, (friend,)), Sync(leader), Sync(leader)]

    def led_again(self, old: Server) -> list[Action]:
        """One time in four the leader restarts and leads another term, while its messages are late.

        Where it can be asked to hand over, its story goes on with that instead.
        """
        if "TransferLeadership" in self.offers or not self.one_in(4):
            return []
        return [Restart(old), PassTime(12), Elect(old)]

    def heard_by_one(self, old: Server, others: tuple[Server, Server]) -> list[Action]:
        """One time in three only one of these has heard a leader, and answered it, of late.

        The rest wait for no leader any more. That one may still not stand, even if it is the
        successor, and may not vote, even if it restarts.
        """
        is_offered = "PassTime" in self.offers and "TransferLeadership" not in self.offers
        if not is_offered or not self.one_in(3):
            return []
        return [PassTime(12), HeartbeatTimeout(old), Exchange(old, others[self.draw_below(2)])]

    def left_behind(self, around: tuple[Server, ...], learners: int = 0) -> tuple[Server, ...]:
        """The servers that do not hear of a stale leader's successor either, its friend first.

        The last ones of these only learn, and are not missed where a majority is to be had.
        """
        most = learners + max((len(around) - learners - 1) // 2 - 1, 0)
        if most < 1 or not self.all_but_one_in(2):
            return ()
        return around[-1 - self.draw_below(most) :]

    def invoked(self, server: Server, count: int) -> list[Planned]:
        """So many operations of clients at a server, each drawn at its time."""
        return [self.choices.later(partial(self.choices.invoke, server)) for _ in range(count)]

    def time_passed(self, count: int) -> list[Planned]:
        """Time goes by so many times, each drawn at its time."""
        return [self.choices.later(partial(PassTime.draw, self.choices)) for _ in range(count)]

    def heartbeat_heard(self, old: Server, friend: Server) -> Action:
        """All servers hear and answer a leader's heartbeat, or a friend alone hears of it."""
        if self.all_but_one_in(2):
            return Sync(old)
        return Deliver(old, friend, -1 - self.draw_below(2))

    def handed_over(self, old: Server, new: Server, friend: Server) -> list[Action]:
        """Every other time a leader is asked to hand over, and may give that up meanwhile."""
        if "TransferLeadership" not in self.offers or not self.all_but_one_in(2):
            return []
        steps: list[Action] = [TransferLeadership(old, new)]
        if self.all_but_one_in(2):
            steps += [ElectionTimeout(old), Sync(old, (new,))]
        steps += [Deliver(old, new, -1 - self.draw_below(3)), Exchange(new, friend)]
        return steps

    def repeated_read_turn(self) -> list[Planned]:
        """A follower's question for a read arrives twice, and an answer about the first one late.

        Meanwhile the follower leads, and has committed what a read at the old leader must return.
        """
        old, new, *others = self.around()
        half = len(self.members) // 2
        soon, late = others[: half - 1], others[half - 1 :]
        return [
            *(PassTime(12), Elect(old), Exchange(old, new)),
            self.choices.later(partial(self.choices.read_at, new)),
            Duplicate(new, old, -1),
            *newest_there_and_back(old, (new, *soon)),
            *(Deliver(old, other, -1) for other in late),
            *superseded(old, new, self.invoked(new, 1 + self.draw_below(2))),
            self.choices.later(partial(self.choices.read_at, old)),
            Deliver(new, old),
            *(Deliver(other, old, -1) for other in late),
        ]

    # A leader that is new

    def early_turn(self) -> list[Planned]:
        """A new leader is asked to read before it knows what its predecessor has committed.

        A majority takes an operation, by which its leader commits it; nobody else hears of that. An
        heir, who took it, is elected by others, whose newest messages overtake the older ones.
        """
        old, heir, *others = self.around()
        half = len(self.members) // 2
        takers, voters = (heir, *others[: half - 1]), others[:half]
        led: list[Planned] = [Elect(old), Sync(old)] if self.one_in(2) else []
        return [
            *led,
            *(Exchange(old, taker) for taker in takers),
            *self.invoked(old, 1 + self.draw_below(2)),
            *newest_there_and_back(old, takers),
            Elect(heir, (old,)),
            self.choices.later(partial(self.choices.read_at, heir)),
            *newest_there_and_back(heir, voters),
        ]


def newest_there_and_back(server: Server, others: Iterable[Server]) -> list[Action]:
    """Some others get the newest message of a server, and it gets the newest of theirs."""
    return [
        step
        for other in others
        for step in (Deliver(server, other, -1), Deliver(other, server, -1))
    ]
