"""The fair schedule: all faults stop, and from then on a cluster has to make progress.

It is what Settle does. In each round every server runs, all messages arrive, and one server's
timers run out before those of the others. What Raft promises must come about in a few rounds, one
demand after the other.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from attrs import frozen

from model import actions
from model.failures import PropertyViolatedError
from model.subject import NetworkKind, Subject
from model.world.network import Channel
from model.world.records import Happening, StepRecord
from model.world.world import World
from properties.checker import Checker
from properties.membership_agrees import in_words
from properties.property import Violation
from properties.view import CLIENTS, COMMIT, LOG, MEMBERSHIP, ROLE, View
from raft_core import Index, Membership, Role, Server
from raft_core.evolve import evolve

TICKS: Final = 100
"""Longer than any election timeout, in ticks of any clock."""
TICKS_OF_HEARTBEAT: Final = 5
"""Shorter than any: a leader's heartbeats come so often while time goes by."""
MOST_DELIVERED: Final = 400
"""Messages in one round of a fair schedule; a cluster that is busier answers its own answers."""
TURNS: Final = 2
"""How often in a row a server's election timer runs out before those of the others: with the first
election, some that vote by their old vote only free it."""
CLIENT: Final = 9
"""The client of fair schedules, whom no driver lets ask."""

PROGRESS: Final = "Progress"
CHANGE_PROGRESS: Final = "ChangeProgress"
"""The same where the servers count with different configurations: only a change leads there."""
CHANGE_COMPLETES: Final = "ChangeCompletes"
CLIENT_PROGRESS: Final = "ClientProgress"
PROGRESS_NAMES: Final = (PROGRESS, CLIENT_PROGRESS, CHANGE_PROGRESS, CHANGE_COMPLETES)
"""What a violation may be called when a fair schedule leads nowhere."""
PROGRESS_NEEDS: Final = frozenset({ROLE, LOG, COMMIT})
"""What a subject has to show for it to be judged."""

STOPPED: Final = "Once faults have stopped"

IsMet: TypeAlias = Callable[[], bool]


@frozen
class Demand:
    """One thing that must come about in a few rounds."""

    property: str
    statement: str
    source: str
    circumstance: str
    """Under which the rounds went by, after "on a fair schedule"."""
    ask: Callable[[Server], IsMet]
    """Ask a leader for it; what tells afterwards whether it has come about."""


class FairWorld(World):
    """A world in which Settle may happen."""

    def __init__(
        self, subject: Subject, servers: int, network: NetworkKind, checker: Checker
    ) -> None:
        super().__init__(subject, servers, network, checker)
        self._appliers[actions.Settle] = self._settle
        self._present: tuple[Server, ...] = ()
        """Who runs in a fair schedule, in the order in which their timers run out."""
        self._wanted: tuple[Server, ...] = ()
        """The voters to whom a fair schedule changes; none where it has not chosen any."""
        self._first_index = 0
        """Where the configuration stands in a log with which the servers start."""

    def reset(self) -> None:
        """A new run, whose first configuration may stand in the log already."""
        super().reset()
        self._first_index = max(view.log.membership_index for view in self.views)

    def _settle(self, action: actions.Settle) -> None:
        """Faults stop; where that does not lead to progress, this action alone is to blame.

        Of a subject that does not show enough, nobody can say so; nor of one whose threads had to
        wait while they held what others needed: that takes time, which the schedule does not give.
        Where too few servers run to elect anyone, nothing is to be expected, and nothing happens.
        """
        self._present = self._present_in(action)
        if action.absent and not self._can_elect():
            return
        records: list[StepRecord] = []
        recorder = self.recorder
        self.recorder = None if recorder is None else records.append
        unmet: Demand | None = None
        self.has_overlapped = False
        try:
            unmet = self._unmet_after(action)
            self.judge_due()
            if self.has_overlapped or not self.checker.observes >= PROGRESS_NEEDS:
                unmet = None
        finally:
            self.recorder = recorder
            if recorder is not None and unmet is None:
                for record in records:
                    recorder(record)
        if unmet is not None:
            self._note_rounds(action, tuple(records))
            raise PropertyViolatedError(self._no_progress(unmet))

    def _note_rounds(self, action: actions.Settle, records: tuple[StepRecord, ...]) -> None:
        """Show the rounds as one step, so that a schedule shrunk in steps still has the action."""
        self.micro_steps += 1
        if self.recorder is not None:
            self.recorder(StepRecord(Happening(action), rounds=records))

    def _unmet_after(self, action: actions.Settle) -> Demand | None:
        """The first demand that the rounds of a fair schedule do not meet; None where all are."""
        self._wanted = ()
        self._heal(actions.Heal())
        for server in action.absent:
            self._crash(actions.Crash(server))
        unmet = (
            each
            for each in self._demands(action.waits)
            if not self._comes_about(each, action.rounds)
        )
        return next(unmet, None)

    def _present_in(self, action: actions.Settle) -> tuple[Server, ...]:
        """Who runs in a fair schedule, from the first one on."""
        around = (*self.members[action.first :], *self.members[: action.first])
        return tuple(each for each in around if each not in action.absent)

    def _can_elect(self) -> bool:
        """Whether those who run are a quorum of all configurations that any server knows."""
        known = [self._membership(each) for each in self.members]
        return all(each.is_quorum(self._present) for each in known if each.voters)

    def _comes_about(self, demand: Demand, rounds: int) -> bool:
        """Whether so many rounds lead to a leader, and there to what is demanded."""
        for number in range(rounds):
            for server in self._present:
                if not self.running[server]:
                    self._restart(actions.Restart(server))
            self._deliver_everything()
            leader = self._latest_leader()
            if leader is None:
                self._give_turn(self._present[number // TURNS % len(self._present)])
            elif self._leads_well(leader, demand, number):
                return True
        return False

    def _give_turn(self, server: Server) -> None:
        """Let one server's election timer run out before those of the others.

        A leader, if there is one, goes on with its heartbeats while time goes by.
        """
        leader = self._latest_leader()
        if leader is None or "PassTime" not in self.offers:
            self._pass_time(actions.PassTime(TICKS))
        else:
            for _ in range(TICKS // TICKS_OF_HEARTBEAT):
                self._pass_time(actions.PassTime(TICKS_OF_HEARTBEAT))
                self._send_heartbeats(leader)
        self._election_timeout(actions.ElectionTimeout(server))
        self._deliver_everything()

    def _send_heartbeats(self, leader: Server) -> None:
        """A leader's heartbeats, and all that they provoke."""
        self._heartbeat_timeout(actions.HeartbeatTimeout(leader))
        self._deliver_everything()

    def _leads_well(self, leader: Server, demand: Demand, number: int) -> bool:
        """Ask a leader for what is demanded, and let it send heartbeats; whether it comes about."""
        is_met = demand.ask(leader)
        for _ in range(2 + number // 2):  # a later round gives more time for the same
            self._send_heartbeats(leader)
        if is_met():
            return True
        # An election timeout goes by at the leader: what it waits for in vain, it gives up.
        self._election_timeout(actions.ElectionTimeout(leader))
        self._deliver_everything()
        self._give_turns_past(leader)
        return False

    def _give_turns_past(self, leader: Server) -> None:
        """Let election timers run out at servers whose term is newer than the latest leader's.

        Such a server ignores the leader. If an implementation answers no message of an older
        term, the leader learns of the newer one only in this way; it learns of a learner's term
        from a server that was removed and does not know it.
        """
        for server in self.members:
            newer = self.views[server].current_term > self.views[leader].current_term
            if newer and self.running[server]:
                self._give_turn(server)

    # What is demanded

    def _demands(self, waits: bool) -> list[Demand]:
        """What must come about, in this order, of a subject that offers and shows so much."""
        statement = f"{STOPPED}, a leader is elected, it commits a request, and all know."
        paper = "sections 5.2, 5.6 and 9.6 of paper and thesis"
        asking = Demand(PROGRESS, statement, paper, "", self._request)
        waiting = evolve(asking, circumstance=" without requests", ask=self._wait)
        found = [waiting, asking] if waits else [asking]
        if self.has_clients and CLIENTS in self.checker.observes:
            statement = f"{STOPPED}, a leader answers a client's write and its read."
            thesis = "section 8 of the paper; thesis, chapter 6"
            found += [
                Demand(CLIENT_PROGRESS, statement, thesis, f" with a client's {kind}", ask)
                for kind, ask in self._operations()
            ]
        changes = "ChangeMembership" in self.offers - self.without
        if changes and MEMBERSHIP in self.checker.observes:
            statement = f"{STOPPED}, the last change is completed, and another made."
            thesis = "section 6 of the paper; thesis, chapter 4"
            left = Demand(CHANGE_COMPLETES, statement, thesis, "", self._leave)
            found += [left, evolve(left, circumstance=" with another change", ask=self._change)]
        if "TransferLeadership" in self.offers - self.without and self._knows_voters():
            statement = f"{STOPPED}, a leader that is asked to hand over to a voter does so."
            thesis, to = "thesis, section 3.10", " with a transfer of leadership"
            handing = Demand(PROGRESS, statement, thesis, to, self._hand_over)
            found += [handing, evolve(asking, circumstance=" after a transfer of leadership")]
        return found

    def _wait(self, leader: Server) -> IsMet:
        """Nothing is asked: a leader's own entries are committed, and all members have its log."""

        def is_met() -> bool:
            view = self.views[leader]
            last = view.log.last_index
            is_own = view.log.term_at(last) == view.current_term
            return self._follow(leader, last if is_own else 0)

        return is_met

    def _request(self, leader: Server) -> IsMet:
        """A request is committed, and all know."""
        before = self.views[leader].log.last_index
        appended = self._append(leader)
        is_served = appended > before or "ClientRequest" in self.without
        return lambda: is_served and self._follow(leader, appended)

    def _append(self, leader: Server) -> Index:
        """Ask a leader for an entry; the end of its log after that.

        Every demand but waiting does so: without an entry of its own term, a leader commits none.
        """
        last = self.views[leader].log.last_index
        self._client_request(actions.ClientRequest(leader, f"w{last + 1}"))
        return self.views[leader].log.last_index

    def _operations(self) -> list[tuple[str, Callable[[Server], IsMet]]]:
        """What a client of its own asks for, with a session first where there are sessions."""
        has_session = "Retry" not in self.offers or (CLIENT, 0) in self.answered
        session = [] if has_session else [("session", self._asking("open"))]
        write = ("write", self._asking("set x settled"))
        return [*session, write, ("read", self._asking("get x"))]

    def _asking(self, command: str) -> Callable[[Server], IsMet]:
        """How a client asks a leader for this operation; again where it is executed once."""
        asked: list[tuple[int, int]] = []

        def ask(leader: Server) -> IsMet:
            if not asked or "Retry" not in self.offers:
                number = sum(client == CLIENT for client, _ in self._invoked)
                asked.append((CLIENT, number))
            client, number = asked[-1]
            words = f"{command}{number}" if command.startswith("set") else command
            self._invoke(actions.Invoke(leader, client, number, words))
            self._append(leader)
            return lambda: asked[-1] in self.answered

        return ask

    def _leave(self, leader: Server) -> IsMet:
        """The change that is under way is completed."""
        self._append(leader)
        return lambda: not self._membership(leader).is_joint

    def _change(self, leader: Server) -> IsMet:
        """One server more votes, or one less; the change is committed, and all know.

        Only where one was made before: what a subject offers, its settings may forbid.
        """
        if self.views[leader].log.membership_index <= self._first_index:
            return lambda: True
        self._wanted = self._wanted or self._other_voters(leader)
        if self._membership(leader).voters != self._wanted:
            learners = self._membership(leader).learners
            left = tuple(each for each in learners if each not in self._wanted)
            self._perform(actions.ChangeMembership(leader, self._wanted, left))
        self._append(leader)

        def is_met() -> bool:
            found = self._membership(leader)
            is_new = not found.is_joint and found.voters == self._wanted
            return is_new and self._follow(leader, self.views[leader].log.membership_index)

        return is_met

    def _other_voters(self, leader: Server) -> tuple[Server, ...]:
        """The voters of a leader's configuration and one more; if all vote, all but one of them."""
        voters = self._membership(leader).voters
        more = [each for each in self._present if each not in voters]
        if more:
            return tuple(sorted((*voters, more[0])))
        less = [each for each in voters if each != leader][:1]
        return tuple(each for each in voters if each not in less)

    def _hand_over(self, leader: Server) -> IsMet:
        """Another voter leads, as the leader is asked to hand over to it; true where none runs.

        Only of a leader that does something about it: what a subject offers, its settings may
        forbid.
        """
        voters = self._membership(leader).voters
        targets = [each for each in self._present if each in voters and each != leader]
        before = self.views[leader]
        for target in targets[:1]:
            self._perform(actions.TransferLeadership(leader, target))
        heeds = self.views[leader] != before or any(self.network.packets())
        return lambda: not heeds or self._latest_leader() == targets[0]

    def _knows_voters(self) -> bool:
        """Whether it can be seen who votes: nobody else can be asked to take over."""
        return "ChangeMembership" not in self.offers or MEMBERSHIP in self.checker.observes

    def _membership(self, server: Server) -> Membership:
        """The configuration in force at a server."""
        return self.views[server].log.membership or Membership(self.members)

    def _follow(self, leader: Server, index: int) -> bool:
        """Whether a leader has committed up to `index`, and all members have its log and know."""
        lead = self.views[leader]
        if not all(self.running[server] for server in self._present):
            return False
        if lead.role is not Role.LEADER or lead.commit_index < index:
            return False
        membership = lead.log.membership
        return all(
            self._follows(self.views[server], lead)
            for server in self._present
            if server != leader and (membership is None or server in membership.servers)
        )

    def _follows(self, view: View, lead: View) -> bool:
        """Whether a server follows this leader, and has come as far.

        Its log may be longer, as nothing conflicts yet; and it may know of more that is committed,
        as a leader counts no copies of an older term's entry.
        """
        last = lead.log.last_index
        return (
            view.role is Role.FOLLOWER
            and view.current_term == lead.current_term
            and view.log.last_index >= last
            and view.log.term_at(last) in (lead.log.term_at(last), None)
            and view.commit_index >= lead.commit_index
        )

    def _latest_leader(self) -> Server | None:
        """The leader of the highest term, if any server leads."""
        leaders = [
            server
            for server in self._present
            if self.running[server] and self.views[server].role is Role.LEADER
        ]
        return max(leaders, key=lambda each: self.views[each].current_term, default=None)

    def _deliver_everything(self) -> None:
        """All that is in flight arrives, link by link, with what that provokes, until quiet."""
        left = MOST_DELIVERED
        busy = True
        while busy and left > 0:
            busy = False
            for server in self._present:
                if self._complete_writes(server):
                    left -= 1
                    busy = True
            for source, destination in self.network.links:
                channel: Channel = self.network.channels[source][destination]
                for _ in range(len(channel)):
                    if channel and (source, destination) not in self.network.broken:
                        self._deliver(channel, 0)
                        left -= 1
                        busy = True

    def _situation(self) -> str:
        """The role and term of each server at the end."""
        servers = ", ".join(
            f"{server} {self.views[server].role.value}{'' if self.running[server] else ' (down)'}"
            f" of term {self.views[server].current_term}"
            f" with log to {self.views[server].log.last_index}"
            f" and commit {self.views[server].commit_index}"
            for server in sorted(self._present)
        )
        return f"the servers are still {servers}"

    def _no_progress(self, unmet: Demand) -> Violation:
        """A cluster that does not come to itself, as a violation like any other."""
        problem = self._situation()
        running = [server for server in self.members if self.running[server]]
        in_force = {server: self.views[server].log.membership for server in running}
        is_changing = len({*in_force.values()}) > 1
        if is_changing or unmet.property == CHANGE_COMPLETES:
            counted = [f"{each} with {in_words(found)}" for each, found in in_force.items()]
            problem += f"; {', '.join(counted)}"
        return Violation(
            CHANGE_PROGRESS if is_changing else unmet.property,
            unmet.statement,
            unmet.source,
            f"on a fair schedule{unmet.circumstance}, {problem}.",
            at=actions.Settle.__name__,
        )
