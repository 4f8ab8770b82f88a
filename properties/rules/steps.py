"""A step of a server that is seen as a whole, taken apart into transitions in an order of its own.

First what was received, then term, vote and role, the log, the commit index and what is applied,
then what was sent. A leader that steps down within its term does so last.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import TypeAlias

from attrs import frozen

from properties.facts import (
    AppliedMoved,
    BecameLeader,
    CommitMoved,
    EntriesAppended,
    EntriesTruncated,
    Fact,
    MembershipChanged,
    PrefixDiscarded,
    ReplicationMoved,
    SnapshotInstalled,
    facts_between,
)
from properties.rules.vocabulary import (
    ABOUT_VOTES,
    FROM_LEADERS,
    INSTALL_SNAPSHOT,
    NOBODY,
    TIMEOUT_NOW,
    Configured,
    Matched,
    Meaning,
    Place,
    Standing,
    vote_of,
)
from properties.view import View
from raft_core import Entry, Index, Log, Membership, Role, Server
from raft_core.evolve import evolve


@frozen
class Received:
    """The server takes a message in hand."""

    message: Meaning


@frozen
class SentOut:
    """The server sends a message."""

    message: Meaning


@frozen
class Truncated:
    """Entries from `first` on leave the log."""

    first: int


@frozen
class Appended:
    """Entries stand in the log from `first` on."""

    first: int
    entries: tuple[Entry, ...]


@frozen
class Snapshotted:
    """A snapshot takes the place of all up to `index`."""

    index: int
    term: int | None


@frozen
class CommittedTo:
    """The commit index is `index`."""

    index: int


@frozen
class Applied:
    """An entry is applied."""

    place: Place


Transition: TypeAlias = (
    Received
    | SentOut
    | Standing
    | Truncated
    | Appended
    | Snapshotted
    | CommittedTo
    | Matched
    | Applied
    | Configured
)


@frozen
class Step:
    """One server before and after something happened to it, and what it received and sent."""

    server: Server
    before: View
    received: Meaning | None
    after: View
    sent: tuple[Meaning, ...]
    facts: Sequence[Fact]
    """The differences between the two views, as properties/facts.py finds them."""
    received_unknown: bool = False
    """Whether it received a message that does not say what it means: it may be any message."""
    crashed: bool = False
    """Whether it crashed inside the step; then nothing is seen of it but what it had sent."""


def step_between(
    server: Server,
    before: View,
    after: View,
    received: Meaning | None = None,
    sent: tuple[Meaning, ...] = (),
) -> Step:
    """A step that is known by its two views alone: the facts are what differs between them."""
    return Step(server, before, received, after, sent, facts_between(server, before, after))


def transitions_of(step: Step, servers: Sequence[Server]) -> Iterator[Transition]:
    """What a step did, in order."""
    before, after = step.before, step.after
    abdicates = (
        before.role is Role.LEADER
        and after.role is not Role.LEADER
        and before.current_term == after.current_term
    )
    if step.received is not None:
        yield Received(step.received)
        if stands_afterwards(step, step.received):
            yield from obeyed_then_stood(step, step.received, servers)
            return
    if not abdicates:
        yield from standings_of(step)
    yield from changes_of(step, servers)
    for message in step.sent:
        yield SentOut(message)
    if abdicates:
        yield from standings_of(step)


def stands_afterwards(step: Step, received: Meaning) -> bool:
    """Whether a server handled a leader's message, and then stood in a newer term, in one step.

    Some end an election timeout too early when they hear from a leader.
    """
    after = step.after
    newest = max(step.before.current_term, received.term or 0)
    stood = after.role is Role.CANDIDATE and after.voted_for == step.server
    is_told = received.kind in FROM_LEADERS and received.kind != TIMEOUT_NOW
    return is_told and stood and after.current_term > newest


def obeyed_then_stood(
    step: Step, received: Meaning, servers: Sequence[Server]
) -> Iterator[Transition]:
    """What such a step did after the message came, in order."""
    told, vote = received.term or 0, vote_of(step.after)
    if step.before.current_term < told:
        yield Standing(told, NOBODY, Role.FOLLOWER)
    yield from changes_of(step, servers)
    asks = [each for each in step.sent if each.kind in ABOUT_VOTES]
    for message in step.sent:
        if message not in asks:
            yield SentOut(message)
    yield Standing(step.after.current_term, vote, step.after.role)
    for message in asks:
        yield SentOut(message)


def standings_of(step: Step) -> Iterator[Standing]:
    """How term, vote and role moved, by way of what they must have been in between."""
    before, after, received = step.before, step.after, step.received
    term, role = after.current_term, after.role
    vote = vote_of(after)
    if (term, after.voted_for, role) == (before.current_term, before.voted_for, before.role):
        return
    told = 0 if received is None or received.term is None else received.term
    stood = before.role is Role.CANDIDATE and before.current_term == term
    if before.current_term < told < term:
        yield Standing(told, None if vote is None else NOBODY, Role.FOLLOWER)
    newly = role is Role.LEADER and (before.role is not role or before.current_term != term)
    if newly and not stood:
        yield Standing(term, vote, Role.CANDIDATE)
    yield Standing(term, vote, role)


class Rank(IntEnum):
    """The order in which the changes of one step are judged, each with what it rests on."""

    TRUNCATED = 0
    """Entries that conflict go before others take their place."""
    SENT_SNAPSHOT = 1
    """A snapshot that was sent comes before all that builds on it."""
    EARLY_COMMIT = 2
    """A leader's commit of entries that it had comes before the entries that it adds.

    A leader whose last configuration is committed in this step may add the next one to its log,
    and where a configuration counts only once it is committed or applied, it is committed by the
    one before.
    """
    IN_ORDER = 3
    """Everything else comes as it stands: entries, configurations, the commit, what is applied.

    What a commit needs is judged by what has changed in the step.
    """
    OLD_CONFIGURATION = 4
    """A configuration that was in the log before counts once it is committed or applied."""
    OWN_SNAPSHOT = 5
    """A snapshot that a server makes itself may be of what is committed in the step."""
    BEYOND_SNAPSHOT = 6
    """What is applied in the step in which a snapshot covers a part of it: the rest is seen."""


def changes_of(step: Step, servers: Sequence[Server]) -> Iterator[Transition]:
    """What became of the log, the commit index and the state machine, in the order of ranks."""
    facts, rank = step.facts, ranks_of(step)
    early = early_commit(step)
    yield from matches_kept(step)
    for fact in facts if len(facts) < 2 else sorted(facts, key=rank):
        if early and rank(fact) > Rank.EARLY_COMMIT:
            yield CommittedTo(early)
            early = 0
        match fact:
            case EntriesTruncated():
                yield Truncated(fact.first_index)
            case SnapshotInstalled() | PrefixDiscarded():
                yield Snapshotted(fact.index, fact.log.snapshot_term)
            case EntriesAppended():
                yield Appended(fact.first_index, fact.entries)
            case MembershipChanged():
                yield evolve(configured(fact.log, servers), passed=passed_by_leader(step, fact.log))
            case CommitMoved():
                yield CommittedTo(fact.after)
            case AppliedMoved():
                yield from applied_of(fact)
            case ReplicationMoved() if fact.match_after > fact.match_before:
                yield Matched(fact.follower, fact.match_after)


def matches_kept(step: Step) -> Iterator[Transition]:
    """What a leader takes followers to hold in the very step in which it is elected: nothing."""
    for fact in step.facts:
        if isinstance(fact, BecameLeader):
            for follower, index in enumerate(step.after.match_index):
                if index and follower != fact.server:
                    yield Matched(follower, index)


def early_commit(step: Step) -> int:
    """What a leader commits before it adds another configuration that lets it commit more; else 0.

    That is its last configuration, with an entry of its own term.
    """
    before, after = step.before, step.after
    if before.role is not Role.LEADER or before.current_term != after.current_term:
        return 0
    change, last = before.log.membership_index, before.log.last_index
    is_first = before.commit_index < change < after.log.membership_index
    if not is_first or after.commit_index <= last:
        return 0
    own = (at for at in range(change, last) if before.log.term_at(at) == before.current_term)
    return next(own, last)


def ranks_of(step: Step) -> Callable[[Fact], Rank]:
    """Where each fact of a step stands in the order."""
    before, after = step.before, step.after
    led = before.role is Role.LEADER and before.current_term == after.current_term
    added = before.log.membership_index > before.commit_index
    applied = after.log.membership_index <= before.log.last_index
    waited = led and (added or applied)
    is_sent = step.received is not None and step.received.kind == INSTALL_SNAPSHOT
    changes = (fact for fact in step.facts if isinstance(fact, MembershipChanged))
    first = next(changes, None)
    was_there = first is not None and first.log.membership_index <= before.log.last_index

    def rank(fact: Fact) -> Rank:
        match fact:
            case EntriesTruncated():
                return Rank.TRUNCATED
            case SnapshotInstalled():
                return Rank.SENT_SNAPSHOT
            case PrefixDiscarded():
                return Rank.SENT_SNAPSHOT if is_sent else Rank.OWN_SNAPSHOT
            case CommitMoved() if waited and fact.after <= before.log.last_index:
                return Rank.EARLY_COMMIT
            case AppliedMoved() if fact.before < fact.log.snapshot_index:
                return Rank.BEYOND_SNAPSHOT
            case MembershipChanged() if was_there:
                return Rank.OLD_CONFIGURATION
            case _:
                return Rank.IN_ORDER

    return rank


def applied_of(fact: AppliedMoved) -> Iterator[Applied]:
    """The entries that were applied and still stand in the log."""
    log = fact.log
    last = min(fact.after, log.last_index)
    for index in range(max(fact.before, log.snapshot_index) + 1, last + 1):
        entry = log.entry_at(index)
        yield Applied(Place(index, entry.term, content_of(entry)))


def content_of(entry: Entry) -> str:
    """What an entry carries, as text."""
    return str(entry.command)


def passed_by_leader(step: Step, log: Log) -> tuple[Configured, ...]:
    """The configurations before the latest that a leader puts in force in the same step."""
    if step.before.role is not Role.LEADER:
        return ()
    since = step.before.log.membership_index
    return tuple([configuration(each, at) for at, each in log.memberships[:-1] if at > since])


def configured(log: Log, servers: Sequence[Server]) -> Configured:
    """The configuration in a log in the words of rules; without one it is all servers."""
    membership = log.membership
    if membership is None:
        return Configured(frozenset(servers), index=0)
    return configuration(membership, log.membership_index)


def configuration(membership: Membership, index: Index) -> Configured:
    """A configuration in the words of rules."""
    voters, joining = frozenset(membership.voters), frozenset(membership.new_voters)
    return Configured(voters, joining, index, frozenset(membership.learners))
