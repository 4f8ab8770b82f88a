"""The judge: lets every transition pass its rules, and then into what is known.

A transition that no rule permits raises RuleBrokenError. With a partial trace that is so only for
rules that are certain; for the others it means that something was not seen.
"""

from collections import Counter
from collections.abc import Container
from typing import Final

from properties.rules.catalogue import (
    ALL_RULES,
    APPEND,
    APPLY,
    COMMIT,
    HANDLED,
    LATE,
    MATCH,
    MEMBERS,
    RECEIVE,
    SEND,
    SETTLED,
    SNAPSHOT,
    STANDING,
    START,
    TRUNCATE,
    Asked,
)
from properties.rules.knowledge import (
    Cluster,
    Committed,
    Knowledge,
    note_known_commit,
    note_leader_commit,
)
from properties.rules.life import contents_between
from properties.rules.replication import quorum_match
from properties.rules.requests import ANY_TERM
from properties.rules.shown import is_taken_over
from properties.rules.steps import (
    Appended,
    Applied,
    CommittedTo,
    Received,
    SentOut,
    Snapshotted,
    Transition,
    Truncated,
    content_of,
)
from properties.rules.vocabulary import (
    ABOUT_VOTES,
    ACKNOWLEDGEMENTS,
    APPEND_ENTRIES,
    FROM_LEADERS,
    HOLDS,
    INSTALL_SNAPSHOT,
    REQUEST_VOTE,
    REQUEST_VOTE_RESPONSE,
    TIMEOUT_NOW,
    Broken,
    Configured,
    Matched,
    Meaning,
    Missing,
    NewEntries,
    Place,
    Rule,
    RuleBrokenError,
    Settled,
    Standing,
    Stored,
)
from raft_core import Role

NAMES_LOG_END: Final = frozenset({REQUEST_VOTE, APPEND_ENTRIES})
RESPONSES: Final = ACKNOWLEDGEMENTS | {REQUEST_VOTE_RESPONSE}
DISCARD_EVERY: Final = 4_096
"""Transitions, or lines of a trace, between two times of forgetting what nobody needs."""


class Judge:
    """All that is known of a cluster, and how often each rule was asked."""

    def __init__(self, cluster: Cluster, ignore: Container[str] = frozenset()) -> None:
        self.cluster = cluster
        self.ignore = ignore
        """Names of rules that are not held against the servers."""
        self.held = [0] * len(ALL_RULES)
        self.noted: Counter[str] = Counter()
        self.lacking: Counter[tuple[str, str]] = Counter()
        """By rule and by what was missing: how often it could not judge."""
        self._until_discard = DISCARD_EVERY

    def _ask(self, rules: Asked, server: Knowledge, change: object) -> None:
        held = self.held
        for number, check in rules:
            outcome = check(server, change)
            if outcome is HOLDS:
                held[number] += 1
            elif outcome is None:
                continue
            elif type(outcome) is Missing:
                self.lacking[ALL_RULES[number].name, outcome.what] += 1
            else:
                self._broken(ALL_RULES[number], server, outcome)

    def _broken(self, rule: Rule, server: Knowledge, broken: Broken) -> None:
        """Reject, or in a partial trace take it that something was not seen."""
        if rule.name in self.ignore:
            return
        if rule.certain or not self.cluster.partial:
            raise RuleBrokenError(rule, broken)
        self.lacking[rule.name, "events that the trace does not have"] += 1
        server.forget()

    def note(self, rule: Rule, server: Knowledge, broken: Broken | None = None) -> None:
        """A rule of a format's own, which its reader has asked: it holds, or is broken."""
        if broken is None:
            self.noted[rule.name] += 1
        else:
            self._broken(rule, server, broken)

    def take(self, server: Knowledge, transition: Transition) -> None:
        """Judge one transition of a server, and know it from then on."""
        if isinstance(transition, Received):  # most are messages, and a match takes its time
            self.receive(server, with_key(transition.message))
        elif isinstance(transition, SentOut):
            self.send(server, with_key(transition.message), transition.message.late)
        else:
            self._take_change(server, transition)
        self._until_discard -= 1
        if self._until_discard == 0:
            self._until_discard = DISCARD_EVERY
            self.cluster.discard()

    def _take_change(self, server: Knowledge, change: Transition) -> None:
        """Judge what is no message."""
        match change:
            case Standing(term, vote, role):
                self.stand(server, term, vote, role)
            case Truncated(first):
                self.truncate(server, first)
            case Appended(first, entries):
                terms = tuple(entry.term for entry in entries)
                contents = tuple(content_of(entry) for entry in entries)
                self.append(server, first, terms, contents)
            case Snapshotted(index, term):
                self.snapshot(server, index, term)
            case CommittedTo(index):
                self.commit(server, index)
            case Matched():
                self._ask(MATCH, server, change)
            case Applied(place):
                self.apply(server, place)
            case Configured():
                if server.voters is not None:
                    server.others.append((server.voters, server.joining))
                self.members(server, change)

    # Messages

    def receive(self, server: Knowledge, message: Meaning) -> None:
        """A server takes a message in hand."""
        self._ask(RECEIVE, server, message)
        server.handling, server.voted_before = message, (server.vote, server.term)
        server.reports.add(message.kind)
        kind, term = message.kind, message.term
        if kind in RESPONSES:
            if message.accepted is not False:
                self._note_answer(server, message)
        elif kind in FROM_LEADERS and term is not None and term >= (server.term or 0):
            server.heard_term = term
            if kind == INSTALL_SNAPSHOT:
                server.offered = (message.index, message.log_term)
            elif kind == TIMEOUT_NOW:
                server.asked_term = term
            note_leader_commit(server, message)
        if kind in ABOUT_VOTES and message.commit is not None:
            note_known_commit(server, message.commit, message.commit_term)

    def handled(self, server: Knowledge) -> None:
        """A server is done with the message in hand."""
        if server.handling is not None:
            self._ask(HANDLED, server, server.handling)

    def _note_answer(self, server: Knowledge, message: Meaning) -> None:
        """Count a vote or an acknowledgement; it binds the server that sent it."""
        sender, term = self.cluster.servers.get(message.source), message.term or 0
        if message.kind == REQUEST_VOTE_RESPONSE:
            if message.term == server.term:
                server.granted.add(message.source)
            if sender is not None and term >= sender.arrived_vote[0]:
                sender.arrived_vote = (term, server.server)
            return
        index = message.index
        if index is None:  # it may have acknowledged everything
            index = server.log.last_index or 0
        is_now = message.term in (None, server.term)  # many say no term where they take a snapshot
        if is_now and index > server.match.get(message.source, 0):
            server.match[message.source] = index
        if sender is not None and (term, index) > sender.arrived_match:
            sender.arrived_match = (term, index)

    def send(self, server: Knowledge, message: Meaning, late: bool = False) -> Meaning:
        """A server sends a message; one that is late says what was so when it was made."""
        if late:
            self._ask(LATE, server, message)
            server.reports_sending.add(message.kind)
            return self.cluster.note_sent(message)
        if self.cluster.partial:
            self._learn_term(server, message)
        self._ask(SEND[message.kind][message.accepted], server, message)
        server.reports_sending.add(message.kind)
        kind, index = message.kind, message.index
        if kind in ACKNOWLEDGEMENTS:
            if message.accepted and index is not None and index > server.acknowledged:
                server.acknowledged = index
        elif (
            kind in NAMES_LOG_END
            and message.log_term
            and index
            and server.log.term_at(index) is None
        ):
            server.log.learn(index, message.log_term)
        return self.cluster.note_sent(message)

    def _learn_term(self, server: Knowledge, message: Meaning) -> None:
        """What a sender says of its own term, where that may not have been seen to change."""
        term = message.term
        if term is None or message.kind in ANY_TERM:
            return
        if server.term is None or term > server.term:
            self.stand(server, term, None, None)

    # Transitions

    def stand(
        self, server: Knowledge, term: int | None, vote: int | None, role: Role | None
    ) -> None:
        """A server's term, vote and role, as they are now."""
        if term == server.term and vote == server.vote and role is server.role:
            return
        self._ask(STANDING[role is Role.LEADER], server, Standing(term, vote, role))
        newer = term != server.term
        if vote is not None and is_taken_over(server, Standing(term, vote, role)):
            server.taken_over = (vote, term)
        if newer:
            server.granted.clear()
            server.match.clear()
            server.decided = 0
        if role is Role.LEADER and (newer or server.role is not Role.LEADER):
            server.match.clear()
            server.led_from = server.led_from or term or 0
            if term is not None:
                self.cluster.leaders.setdefault(term, server.server)
        server.term, server.vote, server.role = term, vote, role
        self.cluster.note_vote(server)
        if role is Role.CANDIDATE:
            server.has_stood = True
        if vote == server.server:
            server.granted.add(vote)
        if term is not None and term > self.cluster.highest_term:
            self.cluster.highest_term = term

    def truncate(self, server: Knowledge, first: int) -> None:
        """Entries from `first` on leave the log."""
        self._ask(TRUNCATE, server, Place(first, None))
        server.log.truncate(first)
        server.acknowledged = min(server.acknowledged, first - 1)
        server.agrees = (server.agrees[0], min(server.agrees[1], first - 1))
        if server.shaky_from is None or first < server.shaky_from:
            server.shaky_from = first

    def append(
        self,
        server: Knowledge,
        first: int,
        terms: tuple[int, ...],
        contents: tuple[str | None, ...] | None = None,
    ) -> None:
        """Entries stand in the log from `first` on."""
        new = NewEntries(first, terms, contents)
        self._ask(APPEND[server.role is Role.LEADER], server, new)
        server.shows_log = True
        before, entries = server.log.term_at(first - 1), self.cluster.entries
        for position, term in enumerate(terms):
            place = (first + position, term)
            if place not in entries:
                content = None if contents is None else contents[position]
                entries[place] = (before, content, server.server)
            before = term
        server.log.append(first, terms)
        message = server.handling
        if message is not None and message.kind == APPEND_ENTRIES and message.term is not None:
            # What took the place of other entries agrees with the leader's, too.
            end = min(message.last_new_index or 0, server.log.last_index or 0)
            server.agrees = max(server.agrees, (message.term, end))
        if server.role is Role.LEADER:
            self.cluster.has_waiting = True

    def commit(self, server: Knowledge, index: int) -> None:
        """The commit index of a server, as it is now."""
        before = server.commit
        if index == before:
            return
        self._ask(COMMIT[server.role is Role.LEADER], server, Place(index, None))
        server.commit, server.shows_commits = index, True
        server.known_before = self.cluster.newest
        if index > server.may_commit:  # where it falls, that is told; it may rise again so far
            server.may_commit = index
        if index > self.cluster.newest:
            self.cluster.newest, self.cluster.has_waiting = index, False
        committed, term_at = self.cluster.committed, server.log.term_at
        start = index - 1 if before is None else before
        for place in server.log.known(start + 1, index):
            term = term_at(place)
            if term is not None and place not in committed:
                committed[place] = (term, server.server)
        self._note_furthest(server, index)

    def _note_furthest(self, server: Knowledge, index: int) -> None:
        furthest, term = self.cluster.furthest, server.log.term_at(index)
        if term is None or server.term is None or (furthest and furthest[-1].index >= index):
            return
        while furthest and furthest[-1].in_term >= server.term:
            furthest.pop()
        furthest.append(Committed(server.term, index, term))

    def apply(self, server: Knowledge, place: Place) -> None:
        """A server applies an entry; one of its own log, where nothing else is said."""
        if place.term is None:
            place = Place(place.index, server.log.term_at(place.index), place.content)
        self._ask(APPLY, server, place)
        if server.applied is None or place.index != server.applied + 1:
            self.cluster.passed_over.update(contents_between(server, place.index))
        server.applied, server.had_applied = place.index, None
        if place.content is not None:
            known = (place.content, server.server)
            self.cluster.contents.setdefault(place.index, known)

    def snapshot(self, server: Knowledge, index: int, term: int | None) -> None:
        """A snapshot takes the place of all up to `index`; what comes after it stays."""
        self._ask(SNAPSHOT, server, Place(index, term))
        log = server.log
        if log.sized and index <= (log.last_index or 0):  # maybe before what is forgotten
            log.discard(index)
            log.learn(index, term or 0)
        else:
            log.restart_at(index, term or 0)
            log.sized = True
        server.may_commit = max(server.may_commit, index)
        server.replaced = max(server.replaced, index)

    def members(self, server: Knowledge, after: Configured) -> None:
        """Another configuration is in force at a server."""
        if server.voters is not None:
            self._ask(MEMBERS, server, after)
            if server.role is Role.LEADER:
                held = quorum_match(server, server.voters, server.joining)
                server.decided = max(server.decided, held)
            counted = server.voters, server.joining
            if server.is_configured and counted != (after.voters, after.joining):
                server.before = counted  # a restart shows the same one again
        self.configure(server, after)

    def settle(self, server: Knowledge, settled: Settled) -> None:
        """A step that may have changed the log or the configuration is over."""
        self._ask(SETTLED, server, settled)

    def configure(self, server: Knowledge, after: Configured) -> None:
        """Take a configuration as it is."""
        if server.voters is not None:
            server.past.add(server.voters)
        server.past.discard(after.voters)
        server.voters, server.joining = after.voters, after.joining
        server.learners, server.is_configured = after.learners, True
        server.configured_at = after.index
        self.cluster.note_configuration(server, after)

    def crash(self, server: Knowledge) -> None:
        """A server stops; its disk stays."""
        server.running = False
        server.handling = None

    def start(self, server: Knowledge, stored: Stored, is_first: bool = False) -> None:
        """A server starts from its disk, as a follower."""
        if not is_first:
            self._ask(START, server, stored)
        server.running, server.role, server.handling = True, Role.FOLLOWER, None
        server.owed = server.torn = None
        server.granted.clear()
        server.match.clear()
        server.decided = server.heard_term = 0
        server.led_from = server.acknowledged = 0
        server.offered = server.asked_term = None
        if stored.term is not None:
            server.term = stored.term
            server.vote = stored.vote
            self.cluster.note_vote(server)
            self.cluster.highest_term = max(self.cluster.highest_term, stored.term)
        if stored.last_index is not None and stored.last_index != server.log.last_index:
            server.log.resize(stored.last_index)
        server.shows_log = server.shows_log or stored.last_index is not None
        server.shows_commits = server.shows_commits or stored.commit is not None
        server.commit = server.log.offset if stored.commit is None else stored.commit
        if server.applied is not None and not is_first:
            server.had_applied = max(server.applied, server.had_applied or 0)
        server.applied = 0 if is_first and stored.last_index == 0 else None
        if server.shaky_from is not None:
            if not self.cluster.exact_restart:
                server.log.forget_from(max(server.shaky_from, server.commit + 1))
            server.shaky_from = None


def with_key(message: Meaning) -> Meaning:
    """A message that is known again by what it says."""
    if message.key is None:
        message.key = (message.kind, message.source, message.destination, *message.said())
    return message
