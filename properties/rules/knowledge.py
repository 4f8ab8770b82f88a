"""What is known of the servers of a trace: compact, mutable, and no more than is still needed.

Nothing here judges. Properties keep immutable histories, which a search over schedules needs; a
trace has one past, may be a million events long, and must not grow in memory.
"""

from collections.abc import Hashable, Sequence
from typing import Final

from attrs import define, field, frozen

from properties.rules.places import Places
from properties.rules.vocabulary import APPEND_ENTRIES, Configured, Meaning
from raft_core import Role

HORIZON: Final = 20_000
"""Entries that are so far before the newest commit are forgotten, even if a server lacks them."""
WAITING: Final = 100_000
"""Entries that nobody commits are forgotten so far before the end of the longest log."""
TERMS: Final = 10_000
"""Terms that are so far before the highest one are forgotten, even if a server is still in them."""
UNKNOWN: Final = 0
"""In the place of a term that is not known; no entry has term 0."""
SHARE: Final = 10
"""Of entries and messages that stay, so many parts: by one of them they grow until all are looked
through, which so takes little for each."""
DISCARD_AT: Final = 1_024
"""Prefixes are discarded in pieces, so that it costs little an entry."""


class KnownLog:
    """The terms of one server's log as far as they are known; indexes as in raft_core.Log."""

    __slots__ = ("offset", "offset_term", "sized", "terms")

    def __init__(self) -> None:
        self.offset = 0
        self.offset_term = UNKNOWN
        self.terms: list[int] = []
        self.sized = True
        """Whether the log is known to end where `terms` do."""

    @property
    def last_index(self) -> int | None:
        """The index of the last entry; None where it is not known."""
        return self.offset + len(self.terms) if self.sized else None

    @property
    def last_term(self) -> int | None:
        """The term of the last entry, 0 for an empty log; None where it is not known."""
        return self.term_at(self.offset + len(self.terms)) if self.sized else None

    def term_at(self, index: int) -> int | None:
        """The term of the entry at `index`; None where it is not known, or there is none."""
        position = index - self.offset - 1
        if position < 0:
            if index == 0:
                return 0
            return (self.offset_term or None) if position == -1 else None
        return (self.terms[position] or None) if position < len(self.terms) else None

    def known(self, first: int, last: int) -> range:
        """The indexes from `first` to `last` whose terms may be known; its cost is theirs."""
        return range(max(first, self.offset), min(last, self.offset + len(self.terms)) + 1)

    def append(self, first: int, terms: Sequence[int]) -> None:
        """Put entries from `first` on at the end, wherever that was thought to be."""
        if not self.sized or first != self.offset + len(self.terms) + 1:
            self.resize(first - 1)
        self.terms.extend(terms)

    def truncate(self, first: int) -> None:
        """Take away the entry at `first` and all after it."""
        if self.sized and first > self.offset:
            del self.terms[first - self.offset - 1 :]
        else:
            self.resize(first - 1)

    def resize(self, last_index: int) -> None:
        """The log ends at `last_index`; what that adds is of unknown terms."""
        self.sized = True
        if last_index < self.offset:
            self.restart_at(last_index, UNKNOWN)
            return
        missing = last_index - self.offset - len(self.terms)
        if missing < 0:
            del self.terms[missing:]
        elif missing > DISCARD_AT:  # a gap that costs memory, for terms that nobody will ask for
            self.restart_at(last_index, UNKNOWN)
        else:
            self.terms.extend([UNKNOWN] * missing)

    def learn(self, index: int, term: int) -> None:
        """The entry at `index` is of `term`, which was not known."""
        position = index - self.offset - 1
        if 0 <= position < len(self.terms):
            self.terms[position] = term
        elif position == -1:
            self.offset_term = term

    def forget_from(self, first: int) -> None:
        """Terms from `first` on are not known any more."""
        for position in range(max(first - self.offset - 1, 0), len(self.terms)):
            self.terms[position] = UNKNOWN

    def restart_at(self, index: int, term: int) -> None:
        """Nothing is left but what comes after a snapshot up to `index`."""
        self.offset, self.offset_term = index, term
        self.terms.clear()

    def discard(self, index: int) -> None:
        """Forget the terms before `index`: nobody refers to them any more."""
        count = min(index - self.offset, len(self.terms))
        if count > 0:
            self.offset_term = self.terms[count - 1]
            self.offset += count
            del self.terms[:count]


@frozen
class Torn:
    """A step inside which a server crashed: of its writes, any number may be on the disk."""

    term: int
    vote: int
    handled: Meaning | None
    """The message that it was handling, if any."""


@define(eq=False)
class Knowledge:
    """What is known of one server. None is unknown; `term` and `vote` are of Figure 2."""

    server: int
    cluster: "Cluster" = field(repr=False)
    running: bool = True
    term: int | None = 0
    vote: int | None = -1
    role: Role | None = Role.FOLLOWER
    log: KnownLog = field(factory=KnownLog)
    commit: int | None = 0
    applied: int | None = 0
    had_applied: int | None = None
    """What it had applied before it last started: its state machine holds no more than that."""
    voters: frozenset[int] | None = None
    joining: frozenset[int] = frozenset()
    """C_new while C_old,new is in force."""
    learners: frozenset[int] = frozenset()
    """Those that get the log, and neither vote nor count nor lead."""
    others: list[tuple[frozenset[int], frozenset[int]]] = field(factory=list)
    """Voters and joining of all that is in force at some time in a step that is seen as a whole.

    Where a configuration counts once it is committed, the one before has committed it.
    """
    last_before: int | None = None
    """Where the log ended before a step that is seen as a whole: it may have sent first."""
    could_commit: int = 0
    """Up to where it could commit before such a step, as a leader that may step down in it."""
    configured_at: int | None = None
    """The index of the entry that the configuration stands in."""
    before: tuple[frozenset[int], frozenset[int]] | None = None
    """Voters and joining of the configuration before, under which it may have committed too."""
    past: set[frozenset[int]] = field(factory=set)
    """The voters of the configurations that it has left."""
    is_configured: bool = False
    """Whether it has said itself under which configuration it is."""
    shows_votes: bool = False
    """Whether it says for whom it votes."""
    shows_log: bool = False
    """Whether it says what its log holds."""
    shows_commits: bool = False
    """Whether it says what it commits."""

    handling: Meaning | None = None
    """The message that the server is acting upon."""
    refusing: frozenset[int] = frozenset()
    """Whom it refuses its vote in the step that is judged, where that is seen as a whole."""
    granted: set[int] = field(factory=set)
    """The servers whose votes of this term it has got, its own among them."""
    match: dict[int, int] = field(factory=dict)
    """What was acknowledged to it as the leader of this term."""
    replaced: int = 0
    """Up to where its snapshots have taken the place of entries."""
    known_before: int = 0
    """The highest commit index of all before that of this server moved last."""
    decided: int = 0
    """What a majority of an earlier configuration held in this term, while that was in force."""
    has_stood: bool = False
    """Whether it was ever seen as a candidate: then it would be seen again."""
    asked_term: int | None = None
    """The latest term in which its leader asked it to stand, since it started."""
    heard_term: int = 0
    """The latest term in which it heard from a leader."""
    voted_before: tuple[int | None, int | None] = (None, None)
    """Its vote and term when it took the last message in hand."""
    taken_over: tuple[int | None, int | None] = (None, None)
    """The last vote that it bound without giving it, and the term: nobody had asked for it."""
    led_from: int = 0
    """The first term that it has led since it last started, or 0.

    Entries from that term on are its own, or acknowledged to others.
    """
    acknowledged: int = 0
    """Up to where it has acknowledged its log to a leader since it started."""
    offered: tuple[int | None, int | None] | None = None
    """The last entry of the latest snapshot that a leader has offered it, index and term."""
    may_commit: int = 0
    """Up to where leaders have let it commit."""
    agrees: tuple[int, int] = (0, 0)
    """The latest term in which it took AppendEntries, and up to where its log is that leader's."""
    shaky_from: int | None = None
    """The lowest index truncated since its start: what its disk has from there is uncertain."""
    arrived_vote: tuple[int, int] = (0, -1)
    """The latest term in which its vote reached a candidate, and which candidate."""
    arrived_match: tuple[int, int] = (0, 0)
    """The latest term in which an acknowledgement of it arrived, and of which index."""
    owed: tuple[int, int | None] | None = None
    """Its term and vote as others may count on them after a crash, if that is not all of it."""
    torn: "Torn | None" = None
    """What it had, and was asked for, when it crashed inside its last step."""
    reports: set[str] = field(factory=set)
    """The kinds of messages that it is known to report on receiving them."""
    reports_sending: set[str] = field(factory=set)
    """The kinds of messages that it is known to report on sending them."""

    missed: bool = False
    """Whether it ever received a message of which nobody said what it means."""

    def forget(self) -> None:
        """Events of this server are lacking: what they may have changed is not known."""
        self.handling = None
        self.granted.clear()
        self.match.clear()
        self.log.forget_from((self.commit or 0) + 1)
        self.log.sized = False
        self.applied = self.had_applied = None


@define(eq=False)
class Committed:
    """The furthest entry known to be committed by the end of a term."""

    in_term: int
    index: int
    term: int


@define(eq=False)
class Cluster:
    """What is known of a cluster, and how much its trace shows."""

    total_order: bool = True
    """Whether the order of events at different servers is the order in which they happened."""
    sends_first: bool = False
    """Whether a message is sent before it is received, even without such an order."""
    partial: bool = False
    """Whether events or servers may be lacking."""
    reports_all: frozenset[str] | None = None
    """The kinds of messages whose every receipt is in the trace; None: as each server shows."""
    says_all: bool = False
    """Whether a message says where it is received all that it says where it is sent."""
    vote_follows_grant: bool = False
    """Whether a vote is seen only after the message that grants it."""
    binds_votes: bool = True
    """Whether a server may bind its vote to somebody who did not ask for it."""
    shows_roles: bool = True
    """Whether every server is seen to become a candidate before it is one."""
    exact_restart: bool = True
    """Whether what a server says is on its disk when it says so."""
    names: list[str] = field(factory=list)
    servers: dict[int, Knowledge] = field(factory=dict)
    highest_term: int = 0
    leaders: dict[int, int] = field(factory=dict)
    """By term, the server that led it."""
    votes: dict[int, dict[int, int | None]] = field(factory=dict)
    """By term and voter: for whom it votes; None where it does not say."""
    configurations: dict[tuple[frozenset[int], frozenset[int]], int] = field(factory=dict)
    """By configuration: the furthest index at which it was ever in force; 0 if that is not said."""
    passed_over: set[str] = field(factory=set)
    """Contents of entries without effect, which state machines do not get: those of no-ops."""
    changes: dict[int, tuple[int | None, frozenset[int], frozenset[int], int]] = field(factory=dict)
    """By index of a configuration's entry: its term, voters, joining, and who had it first."""
    entries: dict[tuple[int, int], tuple[int | None, str | None, int]] = field(factory=dict)
    """By index and term: the term of the entry before, the content, and who had it first."""
    committed: dict[int, tuple[int, int]] = field(factory=dict)
    """By index: the term of the entry that is committed, and who said so first."""
    contents: dict[int, tuple[str, int]] = field(factory=dict)
    """By index: what was applied there first, and by whom."""
    sent: dict[Hashable, Meaning] = field(factory=dict)
    """What was sent and may still change something where it arrives."""
    places: Places | None = None
    """The same in their places, from when a message first says less where it arrives."""
    newest: int = 0
    """The highest commit index of all."""
    has_waiting: bool = False
    """Whether a leader holds an entry that nobody has committed."""
    furthest: list[Committed] = field(factory=list)
    """Rising in `in_term` and in `index`."""
    discarded_terms: dict[int, int] = field(factory=dict)
    """By server: messages to it of lower terms than this are forgotten."""
    floor: int = 0
    """Everything up to here is committed everywhere, or beyond the horizon."""
    kept: int = 0
    """How many entries and messages were left when some were forgotten last."""
    oldest_term: int = 0
    """Every server is in this term or a later one, or beyond the horizon of terms."""

    def server_of(self, number: int) -> Knowledge:
        """What is known of a server, from now on."""
        known = self.servers.get(number)
        if known is None:
            known = self.servers[number] = Knowledge(number, self)
            if self.partial:
                self.make_unknown(known)
        return known

    def make_unknown(self, known: Knowledge) -> None:
        """Nothing is known of a server whose beginning is lacking."""
        known.term = known.vote = known.role = known.commit = known.applied = None
        known.log.sized = False

    def name(self, server: int | None) -> str:
        """What a trace calls a server."""
        if server is None:
            return "unknown"
        return self.names[server] if 0 <= server < len(self.names) else "nobody"

    def hears_all(self, known: Knowledge, kind: str) -> bool:
        """Whether a message of this kind that the server got would have been seen."""
        if self.partial or known.missed:
            return False
        return kind in (known.reports if self.reports_all is None else self.reports_all)

    def note_vote(self, known: Knowledge) -> None:
        """A server shows its vote, or that it is in a term."""
        if known.term is not None:
            self.votes.setdefault(known.term, {})[known.server] = known.vote

    def note_configuration(self, known: Knowledge, after: Configured) -> None:
        """A configuration is in force at a server."""
        both = (after.voters, after.joining)
        self.configurations[both] = max(self.configurations.get(both, 0), after.index or 0)
        if after.index:
            term = known.log.term_at(after.index)
            self.changes.setdefault(after.index, (term, *both, known.server))

    def discard(self) -> None:
        """Forget what nobody can refer to any more."""
        commits = [each.commit or 0 for each in self.servers.values()]
        newest = max(commits, default=0)
        ends = (each.log.offset + len(each.log.terms) for each in self.servers.values())
        waiting = max(ends, default=0) - WAITING
        self.floor = max(self.floor, min(commits, default=0), newest - HORIZON, waiting)
        lowest = min((each.term or 0 for each in self.servers.values()), default=0)
        self.oldest_term = max(self.oldest_term, lowest, self.highest_term - TERMS)
        for known in self.servers.values():
            known.log.discard(min(self.floor, known.commit or 0))
            self.discarded_terms[known.server] = known.term or 0
        large = len(self.sent) + len(self.entries)
        if large > self.kept + self.kept // SHARE:
            self._discard_large()
            self.kept = len(self.sent) + len(self.entries)
        for term in [term for term in self.leaders if term < self.oldest_term]:
            del self.leaders[term]
        for term in [term for term in self.votes if term < self.oldest_term]:
            del self.votes[term]
        for index in [index for index in self.changes if index < self.floor]:
            del self.changes[index]
        while len(self.furthest) > 1 and self.furthest[1].in_term < self.oldest_term:
            del self.furthest[0]

    def _discard_large(self) -> None:
        """Forget entries and messages: while a server lags, there are many that stay."""
        for table in (self.committed, self.contents):
            for index in [index for index in table if index < self.floor]:
                del table[index]
        for place in [place for place in self.entries if place[0] < self.floor]:
            del self.entries[place]
        for key in [key for key, message in self.sent.items() if self.is_over(message)]:
            del self.sent[key]
        self.places = None

    def note_sent(self, message: Meaning) -> Meaning:
        """A message is under way: it, or one that says the same and was sent before."""
        if message.key is None:
            return message
        kept = self.sent.setdefault(message.key, message)
        if kept is not message:
            if kept.terms is not None:
                return kept
            self.sent[message.key] = message
        if self.places is not None:
            self.places.add(message)
        return message

    def was_sent(self, message: Meaning) -> bool | None:
        """Whether a message was sent that says the same, as far as both are known.

        None where it would have to be looked for among too many, as it says too little.
        """
        if message.key in self.sent:
            return True
        if self.says_all:
            return False
        if self.places is None:
            self.places = Places()
            for each in self.sent.values():
                self.places.add(each)
        return self.places.has(message)

    def is_over(self, message: Meaning) -> bool:
        """Whether a message may be forgotten: it changes nothing any more, if it arrives."""
        term = message.term or 0
        if term < self.discarded_terms.get(message.destination, 0) or 0 < term < self.oldest_term:
            return True
        end = message.commit if message.index is None else message.index + (message.count or 0)
        return end is not None and 0 < end < self.floor


def note_known_commit(server: Knowledge, index: int, term: int | None) -> None:
    """Some say with a vote what is committed: a server that holds that entry may commit it."""
    if term is not None and server.log.term_at(index) in (None, term):
        server.may_commit = max(server.may_commit, index)


def note_leader_commit(server: Knowledge, message: Meaning) -> None:
    """Up to where a message lets this server commit. Figure 2, AppendEntries RPC, receiver 5."""
    index, commit = message.index, message.commit
    if message.kind == APPEND_ENTRIES and index is not None:
        log = server.log
        last = log.last_index
        if last is not None and index > last:
            return
        known = log.term_at(index)
        if known is not None and message.log_term not in (None, known):
            return
        end = message.last_new_index
        if end is not None and message.term is not None:
            # What it took from this leader before is that leader's, too, and in this term it stays.
            agreed = (message.term, end)
            if agreed > server.agrees:
                server.agrees = agreed
            # A message that does not show it may have said as much as the logs agree.
            agreed_to = server.agrees[1]
            if commit is None or commit > agreed_to:
                commit = agreed_to
    elif index is not None:
        commit = index
    if commit is not None and commit > server.may_commit:
        server.may_commit = commit
