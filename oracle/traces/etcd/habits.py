"""What etcd's raft does in one way only, though Raft would permit others.

A node hands its messages out in a Ready, hears its own in order, looks for what it can commit right
after what may commit it, and acknowledges its entries to itself as soon as it has them. So a line
that is lacking, or stands elsewhere, shows even where it changes nothing.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from attrs import define, field

from oracle.traces.etcd.format import NOBODY, Configuration, TracedEvent, TracedMessage
from oracle.traces.etcd.rules import (
    COMMIT_IS_LOOKED_FOR,
    CONFIGURATION_IS_APPLIED,
    FIELDS_FIT_TYPE,
    HEARTBEATS_GO_TO_ALL,
    OWN_IN_ORDER,
    PROPOSAL_IS_ACKNOWLEDGED,
    READY_HANDS_OUT,
    VOTE_SHOWS,
)
from properties.rules.judge import Judge
from properties.rules.knowledge import Knowledge
from properties.rules.vocabulary import APPEND_ENTRIES, Broken, Meaning, Rule

REPLICATE: Final = "Replicate"
CHANGE: Final = "ChangeConf"
COMMIT: Final = "Commit"
READY: Final = "Ready"
BEAT: Final = "MsgHeartbeat"
VOTE: Final = "MsgVoteResp"
REQUEST: Final = "SendAppendEntriesRequest"
ANSWER: Final = "SendAppendEntriesResponse"
APPLIES: Final = "ApplyConfChange"
PROPOSED: Final = frozenset({REPLICATE, CHANGE})
ACKNOWLEDGED: Final = "an acknowledgement"
"""In the place of the name of a line that is the receipt of one."""

Numbered = tuple[int, str]
Fits = Callable[[TracedMessage], bool]
FITS: Final[Mapping[str, Fits]] = {
    "MsgApp": lambda each: not (each.reject or each.reject_hint),
    "MsgAppResp": lambda each: (
        not (
            each.entries or each.commit or (not each.reject and (each.log_term or each.reject_hint))
        )
    ),
    "MsgHeartbeat": lambda each: not (says_log(each) or each.reject),
    "MsgHeartbeatResp": lambda each: not (says_log(each) or each.commit or each.reject),
    "MsgVote": lambda each: not (each.entries or each.commit or each.reject or each.reject_hint),
    "MsgVoteResp": lambda each: not (says_log(each) or each.commit),
    "MsgSnap": lambda each: (
        not (each.log_term or each.index or each.commit or each.reject or each.reject_hint)
    ),
}
"""By type of message: whether it says nothing that its type does not use."""


def says_log(message: TracedMessage) -> bool:
    """Whether a message says anything of entries."""
    return bool(message.entries or message.log_term or message.index or message.reject_hint)


@define(eq=False)
class Habits:
    """What one node's lines so far make of its next ones.

    Most lines are watched by nobody: `is_pending` says that the next one is.
    """

    judge: Judge
    known: Knowledge
    configuration: Configuration = ((), ())
    """What its last line shows."""
    previous: str = ""
    """What its last line was about."""
    before: str = ""
    """What the line before that was about."""
    is_pending: bool = False
    must_commit: bool = False
    """Whether the last line is the receipt of an acknowledgement that counts as more than any."""
    must_be_ready: bool = False
    """Whether another node has received what no Ready has handed out yet."""
    beat: Numbered | None = None
    """To which server its last heartbeat went, where its last line is one."""
    outbox: dict[int, Meaning] = field(factory=dict)
    """By identity: what was sent for the first time since the last Ready."""
    own: deque[TracedMessage] = field(factory=deque)
    """What it has sent to itself and not heard yet, in order."""
    granted: tuple[int, str] | None = None
    """The term and the candidate of a vote that its last line grants."""
    applied: tuple[str, ...] | None = None
    """The voters that its last line puts in force."""

    def restart(self) -> None:
        """What was not handed out is lost with the process."""
        self.previous, self.is_pending, self.must_commit = "", False, False
        self.must_be_ready, self.beat = False, None
        self.granted = self.applied = None
        self.outbox.clear()
        self.own.clear()

    def commits(self) -> None:
        """A leader looks for what it can commit where that may have changed."""
        if self.before in (ACKNOWLEDGED, APPLIES):
            self.judge.noted[COMMIT_IS_LOOKED_FOR.name] += 1
            return
        legal = "after an acknowledgement, or a configuration that is applied"
        self._break(COMMIT_IS_LOOKED_FOR, f"{COMMIT} after {self.before}", legal)

    def go_on(self, event: TracedEvent) -> None:
        """What the last lines of the node, or receipts at others, make of this one."""
        name, message = event.name, event.msg
        if self.must_commit and name != COMMIT:
            found = f"{name} after an acknowledgement that counts"
            self._break(COMMIT_IS_LOOKED_FOR, found, COMMIT)
        if self.previous == REPLICATE and name != REPLICATE:
            if name == ANSWER and message is not None and message.source == message.destination:
                self.judge.noted[PROPOSAL_IS_ACKNOWLEDGED.name] += 1
            else:
                found = f"{name} after {REPLICATE}"
                self._break(PROPOSAL_IS_ACKNOWLEDGED, found, "its acknowledgement to itself")
        if self.must_be_ready and name != READY:
            self._break(READY_HANDS_OUT, f"{name} after what was received", READY)
        if self.granted is not None:
            self._show_vote(event, *self.granted)
        if self.applied is not None:
            self.show_applied()
        if self.beat is not None and (name != REQUEST or message is None or message.type != BEAT):
            self._end_round(event)
        self.is_pending, self.must_commit, self.must_be_ready = False, False, False

    def _show_vote(self, event: TracedEvent, term: int, candidate: str) -> None:
        """A vote that was granted is the node's own, as long as it stays in that term."""
        self.granted = None
        if event.state.term != term or event.state.vote == candidate:
            self.judge.noted[VOTE_SHOWS.name] += 1
        else:
            found = f"a vote for {event.state.vote} after one was granted to {candidate}"
            self._break(VOTE_SHOWS, found, candidate)

    def show_applied(self) -> None:
        """The voters that the last line has put in force are those that this one shows."""
        expected, self.applied = self.applied, None
        shown = self.configuration[0]
        if expected is not None and set(expected) != set(shown):
            found = f"voters {' '.join(shown)}"
            self._break(CONFIGURATION_IS_APPLIED, found, " ".join(expected))

    def _end_round(self, event: TracedEvent) -> None:
        """Heartbeats went to all servers."""
        last, self.beat = self.beat, None
        left = [each for each in self._others(event) if last is None or each > last]
        if left:
            found = f"no heartbeat to {min(left)[1]} after one to {last[1] if last else NOBODY}"
            self._break(HEARTBEATS_GO_TO_ALL, found, "one to every server")

    def _beat(self, event: TracedEvent, destination: Numbered) -> None:
        """Heartbeats go to all servers one after the other, those that only learn among them."""
        last, self.beat, self.is_pending = self.beat, destination, True
        others = self._others(event)
        left = [each for each in others if last is not None and each > last]
        wanted = min(left or others, default=destination)
        if destination <= wanted and (not left or last is None or last < destination):
            self.judge.noted[HEARTBEATS_GO_TO_ALL.name] += 1
            return
        found = f"a heartbeat to {destination[1]}"
        found += "" if last is None else f" after one to {last[1]}"
        self._break(HEARTBEATS_GO_TO_ALL, found, f"one to {wanted[1]} before")

    def _others(self, event: TracedEvent) -> list[Numbered]:
        """The other voters of the configuration that the node's line shows."""
        return [numbered(each) for half in self.configuration for each in half if each != event.nid]

    def sends(self, event: TracedEvent, message: TracedMessage, kept: Meaning) -> None:
        """The node makes a message, which the next Ready hands out.

        `kept` is the first one of that content: if it is not this one, it may be on its way.
        """
        kind = message.type
        if message.vote != NOBODY or not FITS[kind](message):
            found = f"{kind} with more than its type uses"
            self._break(FIELDS_FIT_TYPE, found, "nothing in fields that it does not use")
        if kept.key is message:
            self.outbox[id(kept)] = kept
        if kind == VOTE and not message.reject and message.source != message.destination:
            self.granted, self.is_pending = (message.term, message.destination), True
        if kind == BEAT:
            self._beat(event, numbered(message.destination))
        elif message.source == message.destination:
            self.own.append(message)
            if kind == "MsgAppResp" and self.before not in PROPOSED and not self.configuration[1]:
                found = f"an acknowledgement to itself after {self.before}"
                self._break(PROPOSAL_IS_ACKNOWLEDGED, found, f"one after {REPLICATE}")

    def hears_itself(self, message: TracedMessage, meaning: Meaning) -> None:
        """What a node has sent to itself comes once a Ready has handed it out, in order."""
        if not self.own or self.own[0] != message:
            found = f"{message.type} of itself at {message.index}"
            self._break(OWN_IN_ORDER, found, "what it has sent to itself first")
            return
        self.own.popleft()
        self.judge.noted[OWN_IN_ORDER.name] += 1
        if id(meaning) in self.outbox:
            self._break(READY_HANDS_OUT, f"{message.type} of itself", "after a Ready")

    def is_heard_early(self) -> None:
        """Another node receives what no Ready of this one has handed out: it does so now."""
        self.must_be_ready = self.is_pending = self.judge.cluster.total_order

    def is_acknowledged(self, source: int, index: int) -> None:
        """A leader receives an acknowledgement of its term."""
        known, self.previous = self.known, ACKNOWLEDGED
        if index > known.match.get(source, 0) and known.voters is not None:
            self.must_commit = source in known.voters or source in known.joining
            self.is_pending = self.is_pending or self.must_commit

    def _break(self, rule: Rule, found: str, legal: str) -> None:
        """A rule is broken."""
        self.judge.note(rule, self.known, Broken(found, legal))


def numbered(name: str) -> Numbered:
    """A node's name, to be compared by the number that it is; any other text has a place too."""
    return (len(name), name)


def acknowledged_by(
    known: Knowledge, commit_before: int | None, request: Meaning, message: TracedMessage
) -> int | None:
    """Up to where a node acknowledges an AppendEntries that it accepts; None where none is.

    It is the last entry that was sent, or what is committed where all that was sent comes before.
    """
    if message.type != "MsgAppResp" or message.reject or request.kind != APPEND_ENTRIES:
        return None
    if request.term != known.term or request.index is None or commit_before is None:
        return None
    return request.last_new_index if request.index >= commit_before else commit_before
