"""The words of rules: messages, what a rule answers, and what a rule is.

Servers are small numbers here. What is not known is None; a vote for nobody is NOBODY.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final, Literal, TypeAlias, get_args

from attrs import define, field, frozen

from properties.view import UNOBSERVED, View
from raft_core import Role

NOBODY: Final = -1
"""The vote of a server that has not voted in its term."""

REQUEST_VOTE: Final = "request_vote"
REQUEST_VOTE_RESPONSE: Final = "request_vote_response"
PRE_VOTE: Final = "pre_vote"
PRE_VOTE_RESPONSE: Final = "pre_vote_response"
APPEND_ENTRIES: Final = "append_entries"
APPEND_ENTRIES_RESPONSE: Final = "append_entries_response"
HEARTBEAT: Final = "heartbeat"
HEARTBEAT_RESPONSE: Final = "heartbeat_response"
INSTALL_SNAPSHOT: Final = "install_snapshot"
INSTALL_SNAPSHOT_RESPONSE: Final = "install_snapshot_response"
TIMEOUT_NOW: Final = "timeout_now"
OTHER: Final = "other"
Kind: TypeAlias = Literal[
    "request_vote",
    "request_vote_response",
    "pre_vote",
    "pre_vote_response",
    "append_entries",
    "append_entries_response",
    "heartbeat",
    "heartbeat_response",
    "install_snapshot",
    "install_snapshot_response",
    "timeout_now",
    "other",
]
"""The kind of a message, as rules, traces and the adapter protocol call it."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

FROM_LEADERS: Final = frozenset({APPEND_ENTRIES, HEARTBEAT, INSTALL_SNAPSHOT, TIMEOUT_NOW})
"""What only the leader of a term sends."""
ABOUT_VOTES: Final = frozenset({REQUEST_VOTE, REQUEST_VOTE_RESPONSE, PRE_VOTE, PRE_VOTE_RESPONSE})
ACKNOWLEDGEMENTS: Final = frozenset({APPEND_ENTRIES_RESPONSE, INSTALL_SNAPSHOT_RESPONSE})

LAST_ENTRY: Final = {"index": "last_log_index", "log_term": "last_log_term"}
KNOWN_COMMIT: Final = {"commit": "commit_index", "commit_term": "commit_term"}
ACKNOWLEDGED: Final = {"index": "match_index", "accepted": "success"}
FIELDS_OF: Final[Mapping[Kind, Mapping[str, str]]] = {
    REQUEST_VOTE: LAST_ENTRY | KNOWN_COMMIT | {"by_transfer": "by_transfer"},
    REQUEST_VOTE_RESPONSE: {"accepted": "vote_granted", **KNOWN_COMMIT},
    PRE_VOTE: LAST_ENTRY | KNOWN_COMMIT,
    PRE_VOTE_RESPONSE: {"accepted": "vote_granted", **KNOWN_COMMIT},
    APPEND_ENTRIES: {
        "index": "prev_log_index",
        "log_term": "prev_log_term",
        "commit": "leader_commit",
    },
    APPEND_ENTRIES_RESPONSE: ACKNOWLEDGED,
    HEARTBEAT: {"commit": "leader_commit"},
    HEARTBEAT_RESPONSE: {},
    INSTALL_SNAPSHOT: {"index": "last_included_index", "log_term": "last_included_term"},
    INSTALL_SNAPSHOT_RESPONSE: ACKNOWLEDGED,
    TIMEOUT_NOW: LAST_ENTRY,
    OTHER: {},
}
"""By kind of message: what the paper's figures call the attributes of its Meaning.

Traces and the adapter protocol write these words. Every message has a `term` too, and an
AppendEntries has `entries`, which a Meaning holds as `count`, `terms` and `contents`.
"""


@define(eq=False)
class Meaning:
    """What a message says, as far as it is known; FIELDS_OF says what each attribute stands for.

    `commit` is leader_commit, or the index up to which the sender of a message about votes knows
    the log to be committed; `commit_term` is the term of the entry there. `terms` and `contents`
    are those of an AppendEntries's entries; `count` is how many entries there are.
    """

    kind: Kind
    source: int
    destination: int
    term: int | None = None
    index: int | None = None
    log_term: int | None = None
    commit: int | None = None
    commit_term: int | None = None
    accepted: bool | None = None
    by_transfer: bool | None = None
    """Whether a candidate says that its leader asked it to stand, so that nobody heeds that one."""
    count: int | None = None
    terms: tuple[int, ...] | None = None
    contents: tuple[str | None, ...] | None = None
    key: Hashable = None
    """What names the message where it is received; None where nothing does."""
    late: bool = False
    """Whether a thread sends what it made in an earlier term."""

    @property
    def last_new_index(self) -> int | None:
        """The index of the last entry of an AppendEntries, or of the one before its entries."""
        return None if self.index is None or self.count is None else self.index + self.count

    def may_be(self, other: "Meaning") -> bool:
        """Whether two messages on one link say nothing that contradicts the other."""
        if (self.kind, self.source, self.destination) != (
            other.kind,
            other.source,
            other.destination,
        ):
            return False
        return all(
            None in (mine, theirs) or mine == theirs
            for mine, theirs in zip(self.said(), other.said(), strict=True)
        )

    def said(self) -> tuple[object, ...]:
        """What it says, field by field."""
        return (
            self.term,
            self.index,
            self.log_term,
            self.commit,
            self.commit_term,
            self.accepted,
            self.by_transfer,
            self.count,
            self.terms,
            self.contents,
        )


@define  # as one is made for many a line of a trace, and what is frozen takes twice the time
class Standing:
    """A server's term, vote and role after a change."""

    term: int | None
    vote: int | None
    role: Role | None


def vote_of(view: View) -> int | None:
    """A server's vote in the words of rules: NOBODY for none, None where it is not observed."""
    vote = view.voted_for
    if vote is None:
        return NOBODY
    return None if vote is UNOBSERVED else vote


@define
class NewEntries:
    """Entries that an append puts into a log from `first` on."""

    first: int
    terms: tuple[int, ...]
    contents: tuple[str | None, ...] | None = None


@define
class Place:
    """An index of a log, with the term of the entry there."""

    index: int
    term: int | None
    content: str | None = None


@frozen
class Matched:
    """A leader takes it that a follower holds its log up to this index."""

    follower: int
    index: int


@frozen
class Configured:
    """A configuration that comes into force; `joining` is C_new while both majorities count.

    `index` is that of the entry that it stands in, where that is known. `passed` are those that
    a leader puts in force before it, in the same step.
    """

    voters: frozenset[int]
    joining: frozenset[int] = frozenset()
    index: int | None = None
    learners: frozenset[int] = frozenset()
    passed: "tuple[Configured, ...]" = ()


@frozen
class Settled:
    """The configuration in force at the end of a step, or once a server has started."""

    now: Configured
    latest: Configured | None = None
    """The latest that stands in the server's log, where servers go by it from its append on."""


@frozen
class Stored:
    """What a server finds on its disk when it starts, as far as it says."""

    term: int | None = None
    vote: int | None = None
    last_index: int | None = None
    commit: int | None = None
    voters: frozenset[int] | None = None


@frozen
class Holds:
    """The rule was about this transition, and the transition keeps it."""


@frozen
class Missing:
    """The rule is about this transition, but cannot judge it without `what`."""

    what: str


@frozen
class Broken:
    """What was observed, and what the rule permits there."""

    found: str
    legal: str


HOLDS: Final = Holds()
Outcome: TypeAlias = Holds | Missing | Broken | None
"""None: the rule is not about this transition."""


@frozen
class Rule:
    """One thing that Raft permits or forbids in a transition of one server.

    `check(server, change)` sees what is known of the server before the change.
    `certain`: a breach is one even where not everything that happened before was seen.
    """

    name: str
    statement: str
    source: str
    check: Callable[[Any, Any], Outcome] = field(repr=False)
    certain: bool = False
    kinds: frozenset[str] | None = None
    """The kinds of messages that it is about; None for all, and for other transitions."""
    leads: bool | None = None
    """Whether it is about leaders alone, or about all others alone; None for both.

    Where a role changes, the new one counts. Like `kinds` and `accepts` this saves calls and no
    more: of others, `check` has nothing to say.
    """
    accepts: bool | None = None
    """Whether it is about answers that accept, or about those that refuse; None for all."""


class RuleBrokenError(Exception):
    """A transition that Raft does not permit; the rest of a trace is not looked at."""

    def __init__(self, rule: Rule, broken: Broken) -> None:
        super().__init__(f"{rule.name}: {broken.found}, expected {broken.legal}")
        self.rule = rule
        self.broken = broken
