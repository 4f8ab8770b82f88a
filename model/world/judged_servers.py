"""The servers of one subject: every call of one, and how what came of it is judged.

Whatever the world lets happen ends here: the subject is called, what it sent goes into the network,
the server is looked at, and the differences are judged as facts and, where messages show their
meaning, by the rules. A breach is raised as PropertyViolatedError.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from model.actions import MicroAction
from model.failures import PropertyViolatedError, failure_of_subject, kind_of_message
from model.subject import (
    NetworkKind,
    Packet,
    Sent,
    ServerCrashedError,
    Subject,
    SubjectWithFeatures,
    SubjectWithMeanings,
    elsewhere,
    offers_of,
    overlapping_of,
)
from model.world.conformance import Acted, changes_of, meanings_of, step_seen
from model.world.network import Network
from model.world.records import Aftermath, Happening, Recorder, StepRecord
from properties.checker import Checker
from properties.facts import Fact, Facts, Responded, facts_between
from properties.rules.conforms import CONFORMS, NEEDS, BrokenRule, Conforms
from properties.rules.steps import Step
from properties.view import View
from raft_core import SERVERS, Server
from raft_core.evolve import evolve

Answer = TypeVar("Answer")


class Known(Container[str]):
    """The names of what is not held against the step that happens now.

    What is ignored is a name, or a shape such as `VoteOnce@Restart`: a name at a kind of step.
    """

    def __init__(self, ignored: frozenset[str], at: Callable[[], str]) -> None:
        self._ignored = ignored
        self._at = at

    def __contains__(self, name: object) -> bool:
        """Whether it is ignored, now or always."""
        return name in self._ignored or f"{name}@{self._at()}" in self._ignored


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
        self.has_overlapped = False
        """Whether a server was busy with two things at once since somebody set this to False."""
        self.applied = 0
        """Actions that were applied in this run."""
        self.is_ahead = False
        """Whether a step is judged only when the subject is at work on the next one."""
        self._due: Acted | None = None
        self._breach: Acted | None = None
        """The step in which something was broken that was found only later."""
        self.offers = offers_of(subject)
        self._featured = cast(SubjectWithFeatures, subject)
        self.has_clients = "Invoke" in self.offers
        self._speaking = cast(SubjectWithMeanings, subject)
        self._doing: MicroAction | Packet | str = ""
        """What happens in the step that is judged now: a message arrives, or something else."""
        checker.known = known = Known(checker.ignored, self._kind_of_step)
        self.rules: Conforms | None = None
        """Judges every step by itself, where the subject says what its messages mean."""
        if checker.observes >= NEEDS and CONFORMS not in checker.ignored:
            self.rules = Conforms(self.members, known)
        self._judges_all = (
            self.rules is not None or self.has_clients or hasattr(subject, "overlapping")
        )
        """Whether there is more to a step than what it changes in a view; in most there is not."""

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
        self._doing = packet or action or ""
        before = self.views[server]
        sent: Sent = ()
        said: Sequence[Fact] = ()
        failure: PropertyViolatedError | None = None
        try:
            sent = self.call_subject(call, *arguments, acting=server)
            for each in sent:
                self.network.send(each)
            if self.running[server]:
                self.views[server] = self.call_subject(self.subject.view, server)
            if self.has_clients:
                said = self._responses()
        except PropertyViolatedError as error:
            failure = error
        self.micro_steps += 1
        after, shown = self.views[server], self._judges_all or self.recorder is not None
        if after is before and failure is None and not shown:
            return
        overlapping = overlapping_of(self.subject)
        self.has_overlapped = self.has_overlapped or overlapping
        acted = Acted(
            server,
            before,
            after,
            not self.running[server],
            overlapping,
            packet,
            sent,
            action,
            caused or (),
            said,
            self.applied,
            self.micro_steps,
        )
        self._judge_soon(acted, failure)

    def _judge_soon(self, acted: Acted, failure: PropertyViolatedError | None) -> None:
        """Judge a step, at once or while the next one goes on; one that failed is over."""
        if failure is not None:
            self._record(acted, [])
            raise failure
        self._due = acted
        if not self.is_ahead:
            self.judge_due()

    @contextmanager
    def judging_meanwhile(self) -> Iterator[None]:
        """Judge each step while the subject works on the next one, if it has a process for that.

        A breach is then raised one step late. All that was counted since is taken back: what was
        applied are the actions up to the one with which it came.
        """
        subject = elsewhere(self.subject)
        if subject is None:
            yield
            return
        self.is_ahead, subject.meanwhile = True, self.judge_due
        try:
            yield
            self.judge_due()
        except PropertyViolatedError:
            if self._breach is not None:
                self.applied, self.micro_steps = self._breach.applied, self._breach.micro_steps
            raise
        finally:
            self.is_ahead, subject.meanwhile = False, None

    def judge_due(self) -> None:
        """Judge the last step, and show it to the recorder, unless that is done."""
        acted, self._due = self._due, None
        if acted is None:
            return
        facts = changes_of(acted.server, acted.before, acted.after, acted.crashed)
        if self.has_clients:
            facts = [*acted.caused, *facts, *acted.said]
        if self.recorder is not None:
            self._record(acted, facts)
        comes, self._doing = self._doing, acted.doing
        try:
            if facts:
                self._judge(facts)
            if self.rules is not None:
                seen = step_seen(acted, facts, self._speaking.meaning)
                self._blame(acted.server, self.rules.step(seen))
        except PropertyViolatedError:
            self._breach = acted
            raise
        finally:
            self._doing = comes

    def _record(self, acted: Acted, facts: Facts) -> None:
        """Show a step to the recorder, if there is one."""
        if self.recorder is None or acted.action is None:
            return
        happening = Happening(acted.action, acted.packet)
        seen = happening, acted.server, acted.before, acted.after, facts
        reached = self._reached if acted.crashed else None
        self.recorder(StepRecord(*seen, acted.crashed, acted.sent, reached, acted.overlapping))

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
        except (KeyboardInterrupt, GeneratorExit, PropertyViolatedError):
            raise
        except BaseException as error:  # SystemExit too: a subject must not end the hunt
            self.judge_due()
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
            self._blame(server, self.rules.step(Step(server, before, None, after, said, facts)))

    def _judge_start(self, rules: Conforms, server: Server, sent: Sent) -> None:
        """Judge a server that starts from its disk, and what it sends at once."""
        view = self.views[server]
        self._blame(server, rules.start(server, view))
        said = meanings_of(sent, self._speaking.meaning)
        self._blame(server, rules.step(Step(server, view, None, view, said, ())))

    def _judge(self, facts: Facts) -> None:
        violation = self.checker.check(facts)
        if violation is not None:
            raise PropertyViolatedError(evolve(violation, at=self._kind_of_step()))

    def _blame(self, server: Server, broken: Sequence[BrokenRule]) -> None:
        """Raise the first rule that a step of a server breaks, if there is any."""
        for each in broken:
            raise PropertyViolatedError(evolve(each.violation(server), at=self._kind_of_step()))

    def _kind_of_step(self) -> str:
        """What happens in the step that is judged now, in one word that is the same in any run."""
        if isinstance(self._doing, Packet):
            return kind_of_message(self.subject.describe(self._doing))
        return self._doing if isinstance(self._doing, str) else type(self._doing).__name__

    def _send(self, sent: Sent) -> None:
        for packet in sent:
            self.network.send(packet)
