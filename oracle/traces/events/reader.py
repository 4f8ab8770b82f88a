"""Reads traces in the facts format: each line is a transition, or a message sent or received.

Every line calls the judge's method for it directly. To build a transition for each line, as a hunt
does for the changes that it finds (`Judge.take`), takes about a tenth longer for a whole trace.
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import UNSET, UnsetType

from oracle.terminal.wording import one_line
from oracle.traces.events import format as facts_format
from oracle.traces.events.format import Name, TraceMessage
from oracle.traces.events.messages import meaning_of, text_of
from oracle.traces.lines import MissingEventsError, UnknownEventError, next_number
from properties.rules.judge import Judge
from properties.rules.knowledge import Cluster, Knowledge
from properties.rules.vocabulary import KINDS, NOBODY, Configured, Meaning, Place, Stored
from raft_core import Role

ROLES: Final = {
    "follower": Role.FOLLOWER,
    "pre_candidate": Role.PRE_CANDIDATE,
    "candidate": Role.CANDIDATE,
    "leader": Role.LEADER,
}


class FactsReader:
    """The servers of a trace, and the judge of what happens at them."""

    def __init__(self, judge: Judge, files: int = 1) -> None:
        self.judge = judge
        self._sent = judge.cluster.sent
        self.files = files
        """How many files there are; of several, only each one's own lines are in order."""
        judge.cluster.total_order = files == 1
        self._headers = 0
        self._complete = 0
        """Of how many of them every message is there."""
        self.numbers: dict[Name, int] = {}
        self.initial: Configured | None = None
        self._last_seq: dict[int, int] = {}
        self._started: set[int] = set()
        self._begun = False
        self._known: dict[Name, Knowledge] = {}
        """By name, the servers of which there was a line; 1 and "1" are one server."""
        self._readers: dict[type[Any], Callable[[Knowledge, Any], None]] = {
            facts_format.Start: self._start,
            facts_format.Crash: lambda known, line: self.judge.crash(known),
            facts_format.Term: self._term,
            facts_format.RoleTaken: lambda known, line: self._role(
                known, ROLES[line.role], line.term
            ),
            facts_format.Leader: lambda known, line: self._role(known, Role.LEADER, line.term),
            facts_format.Append: self._append,
            facts_format.Truncate: lambda known, line: self.judge.truncate(known, line.first),
            facts_format.Commit: lambda known, line: self.judge.commit(known, line.index),
            facts_format.Apply: self._apply,
            facts_format.Snapshot: lambda known, line: self.judge.snapshot(
                known, line.index, line.term
            ),
            facts_format.Members: self._members,
            facts_format.Send: self._send,
            facts_format.Receive: self._receive,
        }

    def read(self, line: facts_format.Line) -> None:
        """Judge a line."""
        if type(line) is facts_format.Trace:
            self._header(line)
            return
        known = self._known.get(line.server)
        if known is None:
            self._read_first(line)
            return
        if line.seq is not None:
            self._count(known, line.seq)
        self._readers[type(line)](known, line)

    def _read_first(self, line: facts_format.AtServer) -> None:
        """Judge the first line of a server; what the trace begins with holds for it, too."""
        self._begun = True
        known = self.judge.cluster.server_of(self._number(line.server))
        if line.seq is not None:
            self._count(known, line.seq)
        if known.voters is None and self.initial is not None and known.server not in self._started:
            known.voters = self.initial.voters
        self._readers[type(line)](known, line)
        self._started.add(known.server)
        self._known[line.server] = known

    def _header(self, line: facts_format.Trace) -> None:
        self._headers += 1
        if self._begun or self._headers > self.files:
            raise UnknownEventError("trace")  # a header stands in the first line
        cluster = self.judge.cluster
        self._complete += line.messages == "all"
        is_complete = self._complete == self.files
        if is_complete:
            cluster.reports_all = frozenset(KINDS)
        cluster.total_order = line.order == "total" and (self.files == 1 or is_complete)
        if line.servers:
            self.initial = Configured(self._set(line.servers))

    def _count(self, known: Knowledge, seq: int) -> None:
        """A number that was left out is a line that is lacking."""
        last = self._last_seq.get(known.server)
        self._last_seq[known.server] = seq
        if last is None or seq == last + 1:
            return
        if not self.judge.cluster.partial:
            raise MissingEventsError(self.judge.cluster.name(known.server), last, seq)
        known.forget()

    def _number(self, name: Name) -> int:
        number = self.numbers.get(name)
        return self._new_number(name) if number is None else number

    def _new_number(self, name: Name) -> int:
        """A name that was not written so before; 1 and "1" are one."""
        text, names = str(name), self.judge.cluster.names
        number = self.numbers.get(text)
        if number is None:
            number = self.numbers[text] = next_number(names)
            names.append(one_line(text))
        self.numbers[name] = number
        return number

    def _set(self, names: tuple[Name, ...]) -> frozenset[int]:
        return frozenset(map(self._number, names))

    def _vote(self, name: Name | UnsetType | None, otherwise: int | None) -> int | None:
        if name is UNSET:
            return otherwise
        return NOBODY if name is None else self._number(name)

    def _note_vote(self, known: Knowledge, name: Name | UnsetType | None) -> None:
        """A server that says for whom it votes once says it always."""
        known.shows_votes = known.shows_votes or name is not UNSET

    # Transitions

    def _start(self, known: Knowledge, line: facts_format.Start) -> None:
        term = known.term if line.term is None else line.term
        unchanged = known.vote if term == known.term else None
        vote = self._vote(line.voted_for, unchanged)
        voters = None if line.voters is None else self._set(line.voters)
        stored = Stored(term, vote, line.last_index, line.commit, voters)
        self._note_vote(known, line.voted_for)
        self.judge.start(known, stored, is_first=known.server not in self._started)
        if voters is not None and voters != known.voters:
            self.judge.configure(known, Configured(voters))
        known.is_configured = known.is_configured or voters is not None

    def _term(self, known: Knowledge, line: facts_format.Term) -> None:
        """A newer term makes a follower of anyone but a candidate that stands again."""
        vote = self._vote(line.voted_for, known.vote if line.term == known.term else None)
        self._note_vote(known, line.voted_for)
        role = known.role
        stands = role is Role.CANDIDATE and vote == known.server
        if line.term != known.term and role is not None and not stands:
            role = Role.FOLLOWER
        self.judge.stand(known, line.term, vote, role)

    def _role(self, known: Knowledge, role: Role, term: int | None) -> None:
        term = known.term if term is None else term
        vote = known.vote
        if term != known.term:
            vote = known.server if role is Role.CANDIDATE else None
        self.judge.stand(known, term, vote, role)

    def _append(self, known: Knowledge, line: facts_format.Append) -> None:
        contents = None if line.digest is None else (text_of(line.digest),)
        self.judge.append(known, line.index, (line.term,), contents)

    def _apply(self, known: Knowledge, line: facts_format.Apply) -> None:
        self.judge.apply(known, Place(line.index, line.term, text_of(line.digest)))

    def _members(self, known: Knowledge, line: facts_format.Members) -> None:
        voters, joining = self._set(line.voters), self._set(line.new_voters)
        learners = self._set(line.learners)
        self.judge.members(known, Configured(voters, joining, line.index, learners))

    # Messages

    def _send(self, known: Knowledge, line: facts_format.Send) -> None:
        source = known.server if line.source is None else self._number(line.source)
        meaning = self._meaning(line.message, source, self._number(line.destination))
        self.judge.send(known, meaning, line.late is True)

    def _receive(self, known: Knowledge, line: facts_format.Receive) -> None:
        destination = known.server if line.destination is None else self._number(line.destination)
        meaning = self._meaning(line.message, self._number(line.source), destination)
        self.judge.receive(known, meaning)

    def _meaning(self, message: TraceMessage, source: int, destination: int) -> Meaning:
        """What a message says; that of the one that was sent, where it says the same."""
        try:
            known = self._sent.get((source, destination, message))
        except TypeError:  # a content that is an array or an object
            known = None
        return meaning_of(message, source, destination) if known is None else known


def cluster_of(partial: bool) -> Cluster:
    """What is known from the start of a trace of facts, unless its header says otherwise."""
    return Cluster(partial=partial, shows_roles=False)
