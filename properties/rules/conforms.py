"""Rules for hunts: every step of a subject whose messages carry their meaning."""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from properties.facts import Facts, MembershipChanged, facts_between
from properties.property import Violation
from properties.rules.judge import ALL_RULES, Judge
from properties.rules.knowledge import Cluster
from properties.rules.steps import (
    Appended,
    Applied,
    CommittedTo,
    Received,
    SentOut,
    Snapshotted,
    Step,
    Transition,
    Truncated,
    configured,
    content_of,
    transitions_of,
)
from properties.rules.vocabulary import (
    KINDS,
    Broken,
    Configured,
    Meaning,
    Rule,
    RuleBrokenError,
    Standing,
    Stored,
    vote_of,
)
from properties.view import MEANINGS, View
from raft_core import Server

CONFORMS: Final = "Conforms"
"""What a report calls all these rules together."""
NEEDS: Final = frozenset({MEANINGS})
RULE_NAMES: Final = tuple(rule.name for rule in ALL_RULES)


@frozen
class BrokenRule:
    """A rule that a step breaks, and how."""

    rule: Rule
    broken: Broken

    def violation(self, server: Server) -> Violation:
        """It, as the violation of a property that has the rule's name."""
        rule, broken = self.rule, self.broken
        detail = f"{server}: {broken.found}; legal: {broken.legal}."
        return Violation(rule.name, rule.statement, rule.source, detail, (server,))


class Conforms:
    """What is known of the servers of one run; every step is judged as it comes.

    It is fed like the checker: `reset` begins a run, `start` and `crash` tell of a server, and
    `step` answers with the rules that a step breaks: none, or the first one.
    """

    def __init__(self, servers: Sequence[Server], ignore: frozenset[str] = frozenset()) -> None:
        self.servers = tuple(servers)
        self.ignore = ignore
        self.reset()

    def reset(self) -> None:
        """Begin a new run: servers with empty disks, which have not started yet."""
        names = [str(server) for server in self.servers]
        self.judge = Judge(Cluster(reports_all=frozenset(KINDS), names=names), self.ignore)
        self._started: set[Server] = set()

    def start(self, server: Server, view: View) -> tuple[BrokenRule, ...]:
        """A server starts with what its disk holds."""
        known = self.judge.cluster.server_of(server)
        is_first = server not in self._started
        self._started.add(server)
        stored = Stored(view.current_term, vote_of(view), view.log.last_index, view.commit_index)
        try:
            self.judge.start(known, stored, is_first)
        except RuleBrokenError as error:
            return (BrokenRule(error.rule, error.broken),)
        log = view.log
        known.log.restart_at(log.snapshot_index, log.snapshot_term or 0)
        entries = log.entries_from(log.first_index, log.last_index)
        known.log.append(log.first_index, [entry.term for entry in entries])
        self.judge.members(known, configured(log, self.servers))
        return ()

    def crash(self, server: Server) -> None:
        """A server stops."""
        self.judge.crash(self.judge.cluster.server_of(server))

    def crash_inside(self, server: Server, sent: Sequence[Meaning]) -> None:
        """A server stops within a step: of that, nothing is seen but what it sent before."""
        for message in sent:
            self.judge.note_sent(with_key(message))
        known = self.judge.cluster.server_of(server)
        known.forget()
        known.term = known.vote = known.commit = None
        self.judge.crash(known)

    def miss(self, server: Server) -> None:
        """A server receives a message that does not say what it means: any message it may be."""
        self.judge.cluster.server_of(server).missed = True

    def step(
        self,
        server: Server,
        before: View,
        received: Meaning | None,
        after: View,
        sent: Sequence[Meaning],
        facts: Facts | None = None,
    ) -> tuple[BrokenRule, ...]:
        """Judge one step; `received` is None where no message but something local caused it."""
        if facts is None:
            facts = facts_between(server, before, after)
        known = self.judge.cluster.server_of(server)
        known.handling = None
        known.last_before = known.log.last_index
        changes = (fact for fact in facts if isinstance(fact, MembershipChanged))
        coming = [configured(fact.log, self.servers) for fact in changes]
        known.others = [(each.voters, each.joining) for each in coming]
        step = Step(server, before, received, after, tuple(sent), facts)
        try:
            for transition in transitions_of(step, self.servers):
                self._judge(server, transition)
        except RuleBrokenError as error:
            return (BrokenRule(error.rule, error.broken),)
        return ()

    def _judge(self, server: Server, transition: Transition) -> None:
        judge, known = self.judge, self.judge.cluster.server_of(server)
        match transition:
            case Received(message):
                judge.receive(known, with_key(message))
            case SentOut(message):
                judge.send(known, with_key(message))
            case Standing(term, vote, role):
                judge.stand(known, term, vote, role)
            case Truncated(first):
                judge.truncate(known, first)
            case Appended(first, entries):
                terms = tuple(entry.term for entry in entries)
                contents = tuple(content_of(entry) for entry in entries)
                judge.append(known, first, terms, contents)
            case Snapshotted(index, term):
                judge.snapshot(known, index, term)
            case CommittedTo(index):
                judge.commit(known, index)
            case Applied(place):
                judge.apply(known, place)
            case Configured():
                if known.voters is not None:
                    known.others.append((known.voters, known.joining))
                judge.members(known, transition)


def with_key(message: Meaning) -> Meaning:
    """A message that is known again by what it says."""
    if message.key is None:
        message.key = (message.kind, message.source, message.destination, *message.told())
    return message
