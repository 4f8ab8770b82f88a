"""The fair schedule: all faults stop, and from then on a cluster has to make progress.

It is what Settle does. In each round every server runs, all messages arrive, and one server's
timers run out before those of the others; what Raft promises must come about in a few rounds.
"""

from typing import Final

from model import actions
from model.failures import PropertyViolatedError
from model.subject import NetworkKind, Subject
from model.world.network import Channel
from model.world.records import Happening, StepRecord
from model.world.world import World
from properties.checker import Checker
from properties.membership_agrees import in_words
from properties.property import Violation
from properties.view import COMMIT, LOG, ROLE, View
from raft_core import Role, Server

TICKS: Final = 100
"""Longer than any election timeout, in ticks of any clock."""
MOST_DELIVERED: Final = 400
"""Messages in one round of a fair schedule; a cluster that is busier answers its own answers."""
TURNS: Final = 2
"""How often in a row a server's election timer runs out before those of the others: with the first
election, some that vote by their old vote only free it."""

PROGRESS: Final = "Progress"
CHANGE_PROGRESS: Final = "ChangeProgress"
"""The same where the servers count with different configurations: only a change leads there."""
PROGRESS_NEEDS: Final = frozenset({ROLE, LOG, COMMIT})
"""What a subject has to show for it to be judged."""


class FairWorld(World):
    """A world in which Settle may happen."""

    def __init__(
        self, subject: Subject, servers: int, network: NetworkKind, checker: Checker
    ) -> None:
        super().__init__(subject, servers, network, checker)
        self._appliers[actions.Settle] = self._settle

    def _settle(self, action: actions.Settle) -> None:
        """Faults stop; where that does not lead to progress, this action alone is to blame.

        Of a subject that does not show enough, nobody can say so; nor of one whose threads had to
        wait while they held what others needed: that takes time, which the schedule does not give.
        """
        records: list[StepRecord] = []
        recorder = self.recorder
        self.recorder = None if recorder is None else records.append
        problem: str | None = None
        self.has_overlapped = False
        try:
            problem = self._problem_after(action)
            self.judge_due()
            if self.has_overlapped or not self.checker.observes >= PROGRESS_NEEDS:
                problem = None
        finally:
            self.recorder = recorder
            if recorder is not None and problem is None:
                for record in records:
                    recorder(record)
        if problem is not None:
            self._note_rounds(action, tuple(records))
            raise PropertyViolatedError(self._no_progress(problem))

    def _note_rounds(self, action: actions.Settle, records: tuple[StepRecord, ...]) -> None:
        """Show the rounds as one step, so that a schedule shrunk in steps still has the action."""
        self.micro_steps += 1
        if self.recorder is not None:
            self.recorder(StepRecord(Happening(action), rounds=records))

    def _problem_after(self, action: actions.Settle) -> str | None:
        """What is still missing after the rounds of a fair schedule; None where nothing is."""
        present = tuple(each for each in self.members if each not in action.absent)
        self._heal(actions.Heal())
        for server in action.absent:
            self._crash(actions.Crash(server))
        for number in range(action.rounds):
            for server in present:
                if not self.running[server]:
                    self._restart(actions.Restart(server))
            self._deliver_everything()
            leader = self._latest_leader(present)
            if leader is None:
                self._give_turn(present[number // TURNS % len(present)])
            elif self._leads_well(leader, present, number):
                return None
        return self._situation(present)

    def _give_turn(self, server: Server) -> None:
        """Let one server's election timer run out before those of the others."""
        self._pass_time(actions.PassTime(TICKS))
        self._election_timeout(actions.ElectionTimeout(server))
        self._deliver_everything()

    def _leads_well(self, leader: Server, present: tuple[Server, ...], number: int) -> bool:
        """Let a leader serve a request and send heartbeats; whether all then know of it."""
        before = self.views[leader].log.last_index
        self._client_request(actions.ClientRequest(leader, f"w{number + 1}"))
        appended = self.views[leader].log.last_index
        for _ in range(2 + number // 2):  # a later round gives more time for the same
            self._heartbeat_timeout(actions.HeartbeatTimeout(leader))
            self._deliver_everything()
        is_served = appended > before or "ClientRequest" in self.without
        if is_served and self._follow(leader, present, appended):
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

    def _follow(self, leader: Server, present: tuple[Server, ...], index: int) -> bool:
        """Whether a leader has committed up to `index`, and all members have its log and know."""
        lead = self.views[leader]
        if not all(self.running[server] for server in present):
            return False
        if lead.role is not Role.LEADER or lead.commit_index < index:
            return False
        membership = lead.log.membership
        return all(
            self._follows(self.views[server], lead)
            for server in present
            if server != leader and (membership is None or server in membership.servers)
        )

    def _follows(self, view: View, lead: View) -> bool:
        """Whether a server follows this leader, and has come as far."""
        return (
            view.role is Role.FOLLOWER
            and view.current_term == lead.current_term
            and view.log.last_index == lead.log.last_index
            and view.commit_index == lead.commit_index
        )

    def _latest_leader(self, present: tuple[Server, ...]) -> Server | None:
        """The leader of the highest term, if any server leads."""
        leaders = [
            server
            for server in present
            if self.running[server] and self.views[server].role is Role.LEADER
        ]
        return max(leaders, key=lambda each: self.views[each].current_term, default=None)

    def _deliver_everything(self) -> None:
        """All that is in flight arrives, link by link, with what that provokes, until quiet."""
        left = MOST_DELIVERED
        busy = True
        while busy and left > 0:
            busy = False
            for source, destination in self.network.links:
                channel: Channel = self.network.channels[source][destination]
                for _ in range(len(channel)):
                    if channel and (source, destination) not in self.network.broken:
                        self._deliver(channel, 0)
                        left -= 1
                        busy = True

    def _situation(self, present: tuple[Server, ...]) -> str:
        """The role and term of each server at the end."""
        servers = ", ".join(
            f"{server} {self.views[server].role.value}{'' if self.running[server] else ' (down)'}"
            f" of term {self.views[server].current_term}"
            f" with log to {self.views[server].log.last_index}"
            f" and commit {self.views[server].commit_index}"
            for server in present
        )
        return f"the servers are still {servers}"

    def _no_progress(self, problem: str) -> Violation:
        """A cluster that does not come to itself, as a violation like any other."""
        running = [server for server in self.members if self.running[server]]
        in_force = {server: self.views[server].log.membership for server in running}
        is_changing = len({*in_force.values()}) > 1
        if is_changing:
            counted = [f"{each} with {in_words(found)}" for each, found in in_force.items()]
            problem += f"; {', '.join(counted)}"
        return Violation(
            CHANGE_PROGRESS if is_changing else PROGRESS,
            "Once faults have stopped, a leader is elected, it commits a request, and all know.",
            "sections 5.2, 5.6 and 9.6 of paper and thesis",
            f"on a fair schedule, {problem}.",
            at=actions.Settle.__name__,
        )
