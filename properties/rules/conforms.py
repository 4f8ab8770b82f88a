"""Rules for hunts: every step of a subject whose messages carry their meaning."""

from collections.abc import Container, Mapping, Sequence
from typing import Final

from attrs import frozen

from properties.facts import EntriesAppended, MembershipChanged
from properties.property import Violation
from properties.rules.catalogue import ALL_RULES
from properties.rules.judge import Judge, with_key
from properties.rules.knowledge import Cluster, Knowledge, Torn
from properties.rules.replication import committable
from properties.rules.steps import Step, configured, transitions_of
from properties.rules.vocabulary import (
    ACKNOWLEDGEMENTS,
    HEARTBEAT_RESPONSE,
    KINDS,
    REQUEST_VOTE_RESPONSE,
    Broken,
    Configured,
    Rule,
    RuleBrokenError,
    Settled,
    Standing,
    Stored,
    vote_of,
)
from properties.view import MEANINGS, View
from raft_core import Index, Log, Role, Server, Term

CONFORMS: Final = "Conforms"
"""What a report calls all these rules together."""
ANSWERS: Final = ACKNOWLEDGEMENTS | {HEARTBEAT_RESPONSE}
NEEDS: Final = frozenset({MEANINGS})
RULE_NAMES: Final = tuple(rule.name for rule in ALL_RULES)


def is_answered(step: Step) -> bool:
    """Whether a step answers the message that it received, by sending to where that came from."""
    received = step.received
    return received is not None and any(
        each.destination == received.source and each.kind in ANSWERS for each in step.sent
    )


def changes_with_entry(step: Step) -> bool:
    """Whether a step puts a configuration in force whose entry it appends."""
    index = step.after.log.membership_index
    if not any(isinstance(fact, MembershipChanged) for fact in step.facts):
        return False
    appended = [fact.first_index for fact in step.facts if isinstance(fact, EntriesAppended)]
    return any(first <= index for first in appended)


def latest_in(
    log: Log, configurations: Mapping[tuple[Index, Term | None], Configured]
) -> Configured | None:
    """Of these configurations, by index and term, the latest whose entry a log has."""
    places = [place for place in configurations if place[1] and log.term_at(place[0]) == place[1]]
    return configurations[max(places)] if places else None


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

    It is fed like the checker: `reset` begins a run, `start` and `crash` are about a server, and
    `step` answers with the rules that a step breaks: none, or the first one.
    """

    def __init__(self, servers: Sequence[Server], ignore: Container[str] = frozenset()) -> None:
        self.servers = tuple(servers)
        self.ignore = ignore
        self.reset()

    def reset(self, exact_restart: bool = True) -> None:
        """Begin a new run: servers with empty disks, which have not started yet.

        Without `exact_restart` a disk need not hold what the server has told nobody of.
        """
        names = [str(server) for server in self.servers]
        everything = frozenset(KINDS)
        cluster = Cluster(reports_all=everything, names=names, exact_restart=exact_restart)
        self.judge = Judge(cluster, self.ignore)
        self._started: set[Server] = set()
        self._crashed_inside: set[int] = set()
        self._configurations: dict[tuple[Index, Term | None], Configured] = {}
        """Those that came into force as they were appended, by index and term of the entry."""
        self._on_append = False
        """Whether one was in force before it was committed: then all are, from their append on."""

    def start(self, server: Server, view: View) -> tuple[BrokenRule, ...]:
        """A server starts with what its disk holds."""
        known = self.judge.cluster.server_of(server)
        is_first = server not in self._started
        self._started.add(server)
        term, vote = view.current_term, vote_of(view)
        stands = view.role is Role.CANDIDATE and term > (known.term or 0)
        # A first start may find any term, also below the one in which it stands at once.
        stored = Stored(
            (term - 1 if is_first else None) if stands else term,
            None if stands else vote,
            view.log.last_index,
            view.commit_index,
        )
        try:
            self.judge.start(known, stored, is_first)
            leads_on = view.role is Role.LEADER and self._leads_on(known, term)
            if stands or (view.role is Role.LEADER and not leads_on):
                # Its threads do not wait for an election timeout.
                self.judge.take(known, Standing(term, vote, view.role))
            self._load(known, view)
        except RuleBrokenError as error:
            return (BrokenRule(error.rule, error.broken),)
        self._crashed_inside.discard(known.server)
        if leads_on:
            known.role = Role.LEADER
        return ()

    def _load(self, known: Knowledge, view: View) -> None:
        """Know the log of a server that starts, and judge the configuration that it is under."""
        if known.had_applied is not None:  # it may apply more as it starts than it had before
            known.had_applied = max(known.had_applied, view.last_applied)
        log = view.log
        known.log.restart_at(log.snapshot_index, log.snapshot_term or 0)
        entries = log.entries_from(log.first_index, log.last_index)
        known.log.append(log.first_index, [entry.term for entry in entries])
        self.judge.members(known, configured(log, self.servers))
        self._settle(known, log)

    def _settle(self, known: Knowledge, log: Log) -> None:
        """Judge the configuration that a server is under at the end of a step, or of its start."""
        if not (log.memberships or self._configurations):
            return
        now = configured(log, self.servers)
        latest = latest_in(log, self._configurations) if self._on_append else None
        self.judge.settle(known, Settled(now, latest))

    def _note_change(self, step: Step) -> None:
        """Remember a configuration that comes into force with its entry, and where that stands."""
        if not changes_with_entry(step):
            return
        log, index = step.after.log, step.after.log.membership_index
        place = (index, log.term_at(index))
        self._configurations.setdefault(place, configured(log, self.servers))
        self._on_append = self._on_append or index > step.after.commit_index

    def _leads_on(self, known: Knowledge, term: int) -> bool:
        """Whether a server that starts leads in a term that it led before, as nobody else can.

        What it did in a step that ended in a crash is not seen; it may have won in that one.
        """
        leaders = self.judge.cluster.leaders
        if known.server in self._crashed_inside:
            leaders.setdefault(term, known.server)
        return leaders.get(term) == known.server

    def crash(self, server: Server, owed: View) -> None:
        """A server stops; others may count on its term and vote in a view."""
        known = self.judge.cluster.server_of(server)
        if owed.current_term != known.term or vote_of(owed) != known.vote:
            known.owed = (owed.current_term, vote_of(owed))
        self.judge.crash(known)

    def step(self, step: Step) -> tuple[BrokenRule, ...]:
        """Judge one step."""
        known = self.judge.cluster.server_of(step.server)
        if step.received_unknown:
            known.missed = True
        if step.crashed:
            self._crash_inside(known, step)
            return ()
        known.handling = None
        known.last_before = known.log.last_index
        if step.facts:  # without any, neither is looked at
            known.could_commit = committable(known)
            known.refusing = refused_in(step)
            changes = (fact for fact in step.facts if isinstance(fact, MembershipChanged))
            coming = [configured(fact.log, self.servers) for fact in changes]
            known.others = [(each.voters, each.joining) for each in coming]
        try:
            for transition in transitions_of(step, self.servers):
                self.judge.take(known, transition)
            if step.facts:
                self._note_change(step)
                self._settle(known, step.after.log)
            if is_answered(step):  # else its threads may not have come to it yet
                self.judge.handled(known)
        except RuleBrokenError as error:
            return (BrokenRule(error.rule, error.broken),)
        return ()

    def _crash_inside(self, known: Knowledge, step: Step) -> None:
        """A server stops within a step: of that, nothing is seen but what it sent before."""
        self._crashed_inside.add(known.server)
        for message in step.sent:
            self.judge.cluster.note_sent(with_key(message))
        known.torn = torn_by(known, step)
        known.forget()
        known.term = known.vote = known.commit = None
        self.judge.crash(known)


def refused_in(step: Step) -> frozenset[int]:
    """To whom a server says in this step that it gives no vote."""
    answers = (each for each in step.sent if each.kind == REQUEST_VOTE_RESPONSE)
    return frozenset(each.destination for each in answers if each.accepted is False)


def torn_by(known: Knowledge, step: Step) -> Torn | None:
    """What bounds the vote of a server that crashed inside a step; None where that is not known."""
    if step.received_unknown or known.term is None or known.vote is None:
        return None
    return Torn(known.term, known.vote, step.received)
