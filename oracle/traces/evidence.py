"""The earlier line that a rejected one contradicts, found by reading the trace once more.

Judging keeps no line: a trace may be of any length. What a rule is about says which line it is:
of a second vote the one that wrote the first, of a fallen commit index the one that said it last.
Who draws the end of the trace looks at the same lines meanwhile: there is no third reading.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
from attrs import define, field, frozen

from oracle.traces.etcd.format import TracedEvent
from oracle.traces.events import format as facts_format
from oracle.traces.formats import FACTS, Format
from oracle.traces.merging import Placed
from oracle.traces.verdict import Options, Verdict, in_order

AROUND: Final = 2
"""Lines that are shown before and after each of both."""
FURTHER: Final = 200_000
"""Lines after a receipt in which its message is looked for."""

TERM, VOTE, ROLE, LOG, COMMIT = "term", "vote", "role", "log", "commit"
APPLY, MEMBERS, RECEIVE, LIFE, ANY = "apply", "members", "receive", "life", "any"
SAME_ENTRY, ENTRY_HERE, COMMITTED = "same entry", "entry here", "committed"
APPLIED, LEADER, OTHER_VOTE = "applied", "leader", "other vote"

ABOUT: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("TermRises", "TermIsKept", "TermHasCause", "SentInOwnTerm"), (TERM,)),
    **dict.fromkeys(("VoteOnce", "VoteIsKept", "VoteIsGranted", "VoteIsRefused"), (VOTE,)),
    **dict.fromkeys(("NewTermFreesVote", "VoteHasCause"), (RECEIVE, TERM)),
    **dict.fromkeys(("OnlyLeadersLead", "OnlyCandidatesAsk", "LeaderKeepsEntries"), (ROLE, TERM)),
    **dict.fromkeys(("CandidateInNewTerm", "LeaderWasCandidate", "EventFitsRole"), (ROLE, TERM)),
    **dict.fromkeys(("CommittedStays", "CommitRises", "RestartCommitsKnown"), (COMMIT,)),
    **dict.fromkeys(("CommitIsOwn", "SnapshotIsCommitted", "CommittedIsApplied"), (COMMIT,)),
    **dict.fromkeys(("OnlyConflictsGo", "EndGoesEarly", "FollowerAppendsSent"), (RECEIVE,)),
    **dict.fromkeys(("AcknowledgedWasSent", "AcceptedIsStored", "AppendIsRefused"), (RECEIVE,)),
    **dict.fromkeys(("AnswersOnce", "CommitFollowsLeader", "LogIsExplained"), (RECEIVE,)),
    **dict.fromkeys(("EntriesInOrder", "CommitWithinLog", "RequestTellsLog"), (LOG,)),
    **dict.fromkeys(("AcknowledgedIsHeld", "LogIsKept", "VoteToUpToDate"), (LOG,)),
    **dict.fromkeys(("PreviousEntryIsOwn", "EntriesAreOwn"), (ENTRY_HERE, LOG)),
    **dict.fromkeys(("AppliedAsStored", "LeaderCommitsOwnTerm"), (ENTRY_HERE, LOG)),
    **dict.fromkeys(("ChangeIsOneStep", "ChangeFollowsCommit", "LearnersFollow"), (MEMBERS,)),
    **dict.fromkeys(("ConfigurationIsKept", "ConfigurationHasEntry"), (MEMBERS,)),
    **dict.fromkeys(("ReceivedByItself", "SentByItself"), (LIFE,)),
    "ConfigurationIsApplied": (MEMBERS,),
    "LeaderAppendsOwn": (ROLE, TERM),
    "LeaderHasMajority": (OTHER_VOTE, RECEIVE, TERM),
    "LeaderHadMajority": (LEADER,),
    "ElectionSafety": (LEADER,),
    "LeaderCompleteness": (COMMITTED,),
    "LogMatching": (SAME_ENTRY,),
    "StateMachineSafety": (APPLIED, COMMITTED),
    "LeaderCommitsMajority": (ENTRY_HERE, RECEIVE),
    "MatchIsAcknowledged": (RECEIVE,),
    "FollowerCommitsTold": (RECEIVE, COMMITTED, COMMIT),
    "SnapshotIsKnown": (RECEIVE, COMMIT),
    "SnapshotReplacesConflict": (ENTRY_HERE, LOG),
    "AppliedInOrder": (APPLY, COMMIT),
    "SuccessorIsComplete": (RECEIVE, LOG),
    "TransferWasAsked": (RECEIVE,),
}
"""By rule: what is contradicted, the closest first."""


@frozen
class Spot:
    """A line of one of the files."""

    file: int
    number: int


@frozen
class Evidence:
    """The earlier line that is contradicted, or the later one that comes too late."""

    earlier: Spot | None = None
    later: Spot | None = None
    """Where what is received is sent, after all: the lines are not in the order of causes."""


@define
class Search:
    """Which lines said last what of which server, up to the culprit."""

    culprit: Any
    server: str
    spots: dict[tuple[str, str], Spot] = field(factory=dict)
    states: dict[str, tuple[Any, ...]] = field(factory=dict)
    terms: dict[str, int] = field(factory=dict)
    leaders: dict[int, tuple[str, Spot]] = field(factory=dict)
    """By term: who led it first, and where that is said."""

    def look(self, format: Format, said: Any, spot: Spot) -> None:
        """Note what one line says."""
        server = format.server(said)
        term, _ = format.height(said)
        if term:
            self.terms[server] = term
        if leads(format, said):
            self.leaders.setdefault(self.terms.get(server, 0), (server, spot))
        aspects = facts_aspects(said) if format.name == FACTS else self._etcd_aspects(said)
        for aspect in aspects:
            self.spots[aspect, server] = spot
        for aspect in matches(said, self.culprit, server == self.server):
            self.spots.setdefault((aspect, ""), spot)

    def _etcd_aspects(self, event: TracedEvent) -> Iterator[str]:
        """What changed at a node of etcd's: every line shows all of its state."""
        state = event.state
        now = (state.term, state.vote, event.role, event.log, state.commit, event.conf)
        before = self.states.get(event.nid, (None,) * len(now))
        self.states[event.nid] = now
        for aspect, old, new in zip(
            (TERM, VOTE, ROLE, LOG, COMMIT, MEMBERS), before, now, strict=True
        ):
            if old != new:
                yield aspect
        if event.name.startswith("Receive"):
            yield RECEIVE
        if event.name == "InitState":
            yield LIFE
        yield ANY

    def found(self, rule: str) -> Spot | None:
        """The line that says what a rule is about; else the server's last one."""
        term = getattr(self.culprit, "term", None) or self.terms.get(self.server, 0)
        if isinstance(self.culprit, TracedEvent):
            term = self.culprit.state.term
        leader, spot = self.leaders.get(term, ("", None))
        if spot is not None and leader != self.server:
            self.spots[LEADER, ""] = spot
        for aspect in (*ABOUT.get(rule, ()), ANY):
            for server in ("", self.server):
                if (aspect, server) in self.spots:
                    return self.spots[aspect, server]
        return None


OF_FACTS: Final[Mapping[type, tuple[str, ...]]] = {
    facts_format.Start: (TERM, VOTE, ROLE, LOG, COMMIT, LIFE, ANY),
    facts_format.Crash: (LIFE, ANY),
    facts_format.Term: (TERM, VOTE, ANY),
    facts_format.RoleTaken: (ROLE, ANY),
    facts_format.Leader: (ROLE, ANY),
    facts_format.Append: (LOG, ANY),
    facts_format.Truncate: (LOG, ANY),
    facts_format.Snapshot: (LOG, ANY),
    facts_format.Commit: (COMMIT, ANY),
    facts_format.Apply: (APPLY, ANY),
    facts_format.Members: (MEMBERS, ANY),
    facts_format.Receive: (RECEIVE, ANY),
    facts_format.Send: (ANY,),
}
"""By kind of line of facts: what it says of its server."""


def facts_aspects(said: facts_format.Line) -> tuple[str, ...]:
    """What a line of facts says of its server."""
    aspects = OF_FACTS.get(type(said), ())
    if isinstance(said, facts_format.Start) and said.voters is not None:
        return (*aspects, MEMBERS)
    return aspects


def matches(said: Any, culprit: Any, is_same: bool) -> Iterator[str]:
    """What a line says of the very entry or term that the culprit is about."""
    index, term = getattr(culprit, "index", None), getattr(culprit, "term", None)
    kind = type(said)
    if kind is facts_format.Append and is_same and said.index in indexes_of(culprit):
        yield ENTRY_HERE
    if is_same:
        return
    if kind is facts_format.Append and (said.index, said.term) == (index, term):
        yield SAME_ENTRY
    elif kind is facts_format.Commit and (index is None or said.index >= index):
        yield COMMITTED
    elif kind is facts_format.Apply and said.index == index:
        yield APPLIED
    elif kind is facts_format.Term and said.term == term and votes_for_another(said, culprit):
        yield OTHER_VOTE


def votes_for_another(said: facts_format.Term, culprit: Any) -> bool:
    """Whether a vote is not for the server of the culprit."""
    return said.voted_for not in (None, msgspec.UNSET, culprit.server)


def leads(format: Format, said: Any) -> bool:
    """Whether a line says that its server begins to lead."""
    if format.name != FACTS:
        return bool(said.name == "BecomeLeader")
    return isinstance(said, facts_format.Leader) or getattr(said, "role", "") == "leader"


def indexes_of(culprit: Any) -> range:
    """The entries that a line is about: one, or those of an AppendEntries and the one before."""
    message = getattr(culprit, "message", None)
    if message is None or message.prev_log_index is None:
        index = getattr(culprit, "index", None)
        return range(0) if index is None else range(index, index + 1)
    first: int = message.prev_log_index
    return range(first, first + len(message.entries or ()) + 1)


def evidence_of(
    files: dict[str, Iterable[bytes]],
    options: Options,
    verdict: Verdict,
    look: Callable[[int, Any], None],
) -> Evidence:
    """Read a rejected trace again, for the line that its culprit contradicts.

    `look` is called with what every line says, up to the culprit, and with its position.
    """
    format, entries = in_order(files, options)
    decoded = format.decode(verdict.line.encode())
    search = Search(decoded, format.server(decoded))
    for count, (place, (number, _, said)) in enumerate(entries, start=1):
        look(number if len(files) == 1 else count, said)
        if (place, number) == (verdict.file, verdict.number):
            break
        search.look(format, said, Spot(place, number))
    assert verdict.rule is not None
    if verdict.rule.name == "ReceivedWasSent":
        later = sent_later(format, entries, decoded)
        return Evidence(None, later)
    return Evidence(search.found(verdict.rule.name))


def sent_later(format: Format, entries: Iterator[Placed], receipt: Any) -> Spot | None:
    """Where a message is sent that was received before."""
    wanted = format.received(receipt)
    for _, (place, entry) in zip(range(FURTHER), entries, strict=False):
        sent = format.sent(entry[2]) if type(entry[2]) in format.sends else None
        if sent is not None and sent == wanted:
            return Spot(place, entry[0])
    return None


def lines_around(
    lines: Iterable[bytes], numbers: Iterable[int], around: int = AROUND
) -> Iterator[tuple[int, bytes]]:
    """Lines of a file near some of them, with their numbers."""
    wanted = {each + step for each in numbers for step in range(-around, around + 1)}
    last = max(wanted, default=0)
    for number, line in enumerate(lines, start=1):
        if number in wanted:
            yield number, line
        if number >= last:
            return
