"""The servers of one subject: every call of one, and how what came of it is judged.

Whatever the world lets happen ends here: the subject is called, what it sent goes into the network,
the server is looked at, and the differences are judged as facts and, where messages show their
meaning, by the rules. A breach is raised as PropertyViolatedError.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from model.actions import MicroAction
from model.failures import PropertyViolatedError, failure_of_subject
from model.subject import (
    NetworkKind,
    Packet,
    Sent,
    ServerCrashedError,
    Subject,
    SubjectWithFeatures,
    SubjectWithMeanings,
    offers_of,
    overlapping_of,
)
from model.world.conformance import blame, meanings_of, step_of
from model.world.network import Network
from model.world.records import Aftermath, Happening, Recorder, StepRecord
from properties.checker import Checker
from properties.facts import Facts, Responded, facts_between, log_facts
from properties.rules.conforms import CONFORMS, NEEDS, Conforms
from properties.rules.steps import Step
from properties.view import View
from raft_core import SERVERS, Server

Answer = TypeVar("Answer")


class JudgedServers:
    """The servers of a subject, their network and the checker; a recorder sees every step."""

    def __init__(
        self, subject: Subject, servers: int, network: NetworkKind, checker: Checker
    ) -> None:
        self.subject = subject
        self.members = SERVERS[:servers]
        self.network = Network(servers, network)
        self.checker = checker
        self.recorder: Recorder | None = None
        self.micro_steps = 0
        self.running: list[bool] = []
        self.views: list[View] = []
        self.answered: set[tuple[int, int]] = set()
        """Operations whose clients wait no longer, by client and number."""
        self._reached: View | None = None
        self._aftermath = Aftermath()
        self.offers = offers_of(subject)
        self._featured = cast(SubjectWithFeatures, subject)
        self.has_clients = "Invoke" in self.offers
        self._speaking = cast(SubjectWithMeanings, subject)
        self.rules: Conforms | None = None
        """Judges every step by itself, where the subject says what its messages mean."""
        if checker.observes >= NEEDS and CONFORMS not in checker.ignored:
            self.rules = Conforms(self.members, checker.ignored)

    def _act(
        self,
        server: Server,
        action: MicroAction | None,
        call: Callable[..., Sent],
        *arguments: Any,
        packet: Packet | None = None,
        caused: Facts | None = None,
    ) -> None:
        """Let a server that runs do something, look at it, and judge what changed.

        `caused` are facts that the view does not show. A server that crashes inside the step is
        looked at when it starts again, but for its log if the subject shows that; the messages
        that it sent before may still arrive.
        """
        if not self.running[server]:
            if packet is not None:
                self._note(action, packet)
            return
        before = self.views[server]
        facts: Facts = []
        sent: Sent = ()
        try:
            sent = self.call_subject(call, *arguments, acting=server)
            for each in sent:
                self.network.send(each)
            facts = self._changes(server, before)
            if self.has_clients:
                facts = [*(caused or ()), *facts, *self._responses()]
        finally:
            self.micro_steps += 1
            is_seen = self.recorder is not None or self.rules is not None
            step = self._shown(server, action, packet, before, facts, sent) if is_seen else None
        if facts:
            self._judge(facts)
        if self.rules is not None and step is not None:
            blame(server, self.rules.step(step_of(step, self._speaking.meaning)))

    def _changes(self, server: Server, before: View) -> Facts:
        """Look at a server after its step; of one that crashed, at its log, where that is shown."""
        if self.running[server]:
            self.views[server] = after = self.call_subject(self.subject.view, server)
            return facts_between(server, before, after)
        lost: Facts = []
        if self.views[server] is not before:
            log_facts(lost, server, before, self.views[server], lost=True)
        return lost

    def _shown(
        self,
        server: Server,
        action: MicroAction | None,
        packet: Packet | None,
        before: View,
        facts: Facts,
        sent: Sent,
    ) -> StepRecord | None:
        """A step as one value, for the recorder and for the rules; None for one without action."""
        if action is None:
            return None
        seen = Happening(action, packet), server, before, self.views[server], facts
        how = (True, sent, self._reached) if not self.running[server] else (False, sent, None)
        step = StepRecord(*seen, *how, overlapping_of(self.subject))
        if self.recorder is not None:
            self.recorder(step)
        return step

    def _crashed_inside(self, server: Server, crash: ServerCrashedError) -> Sent:
        """Take down a server that crashed inside a call about it; the messages that had left."""
        self.running[server] = False
        self.views[server] = crash.view or self.views[server]
        self._reached = crash.reached
        return crash.sent

    def _responses(self) -> Facts:
        """What clients were answered in this step."""
        answers = self.call_subject(self._featured.answers)
        self.answered.update((each.client, each.number) for each in answers)
        return [Responded(each.client, each.number, each.output) for each in answers]

    def _note(
        self,
        action: MicroAction | None,
        packet: Packet | None = None,
        aftermath: Aftermath | None = None,
    ) -> None:
        """Count a micro action at which no server acts, and show it to the recorder."""
        self.micro_steps += 1
        if self.recorder is not None and action is not None:
            self._aftermath = aftermath or Aftermath()
            self.recorder(StepRecord(Happening(action, packet), aftermath=self._aftermath))

    def call_subject(
        self, call: Callable[..., Answer], *arguments: Any, acting: Server | None = None
    ) -> Answer:
        """Call the subject; whatever it raises is a finding.

        Only a server that is `acting`, in a call that lets it do something, may crash inside it.
        """
        try:
            return call(*arguments)
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # SystemExit too: a subject must not end the hunt
            if isinstance(error, ServerCrashedError) and acting is not None:
                return cast(Answer, self._crashed_inside(acting, error))
            failure = failure_of_subject(error, getattr(call, "__name__", ""))
            raise PropertyViolatedError(failure) from error

    def _look(self, server: Server, sent: Sent) -> None:
        """Judge a change that came with a connection's news, or with time."""
        before, after = self.views[server], self.call_subject(self.subject.view, server)
        self.views[server] = after
        facts = facts_between(server, before, after)
        if self.recorder is not None:
            self._aftermath.add(server, after, facts, sent)
        self._judge(facts)
        if self.rules is not None:
            said = meanings_of(sent, self._speaking.meaning)
            blame(server, self.rules.step(Step(server, before, None, after, said, facts)))

    def _judge_start(self, rules: Conforms, server: Server, sent: Sent) -> None:
        """Judge a server that starts from its disk, and what it sends at once."""
        view = self.views[server]
        blame(server, rules.start(server, view))
        said = meanings_of(sent, self._speaking.meaning)
        blame(server, rules.step(Step(server, view, None, view, said, ())))

    def _judge(self, facts: Facts) -> None:
        violation = self.checker.check(facts)
        if violation is not None:
            raise PropertyViolatedError(violation)

    def _send(self, sent: Sent) -> None:
        for packet in sent:
            self.network.send(packet)
