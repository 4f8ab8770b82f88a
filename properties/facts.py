"""Facts: what properties see. One server's change, reduced to what a property can be about.

`facts_between` reads two views of one server, so our reference and a foreign implementation
yield the same facts. Its cost follows what changed: most steps change one thing or nothing.
"""

from collections.abc import Hashable
from typing import Final, TypeAlias

from attrs import frozen

from properties.view import UNOBSERVED, ObservedView, View
from raft_core import Command, Entry, Index, Log, Membership, Role, Server, Term


@frozen
class Started:
    """A server runs, with what its disk holds; `restarted` is False at the very first start.

    `term` is the one that its disk holds; None where that is not known.
    """

    server: Server
    restarted: bool
    term: Term | None = None


@frozen
class TermChanged:
    """`current_term` moved; `role_before` and `role_after` are those around the change."""

    server: Server
    before: Term
    after: Term
    role_before: Role
    role_after: Role


@frozen
class VoteChanged:
    """`voted_for` moved. `same_term`: without a newer term that frees the vote."""

    server: Server
    term: Term
    before: Server | None
    after: Server | None
    same_term: bool


@frozen
class EntriesTruncated:
    """Entries from `first_index` to `last_index` left the log.

    `led`: the server was the leader of the term that it is still in. `lost`: in a restart.
    """

    server: Server
    first_index: Index
    last_index: Index
    led: bool
    lost: bool
    log: Log


@frozen
class EntriesAppended:
    """Entries stand in the log from `first_index` on, after one of `previous_term`.

    `previous_term` is None if a snapshot of unknown term covers the entry before. `in_term` is the
    server's current term; None where that is not known.
    """

    server: Server
    first_index: Index
    entries: tuple[Entry, ...]
    previous_term: Term | None
    log: Log
    in_term: Term | None = None


@frozen
class SnapshotInstalled:
    """A snapshot up to `index` took the place of entries that this server did not have.

    `in_term` is the server's current term; None where that is not known.
    """

    server: Server
    index: Index
    log: Log
    in_term: Term | None = None


@frozen
class BecameLeader:
    """The server leads `term`, with this log."""

    server: Server
    term: Term
    log: Log


@frozen
class CommitMoved:
    """`commit_index` moved, in `term`. `leads`: as the leader of that term.

    A restart moves it from 0. `left` are the configurations that were in force before the log's
    own in the same step: where a configuration takes effect when it is applied, the one before
    it was counted with. `everywhere`: the leader knows by its match indexes that all servers have
    the entry. `elected`: the same step made it the leader, so that nobody has answered it yet.
    """

    server: Server
    before: Index
    after: Index
    term: Term
    leads: bool
    log: Log
    left: tuple[Membership | None, ...] = ()
    everywhere: bool = False
    elected: bool = False


@frozen
class AppliedMoved:
    """`last_applied` moved; the newly applied entries are in `log`, or covered by its snapshot."""

    server: Server
    before: Index
    after: Index
    log: Log


@frozen
class IndexesMoved:
    """One of the three indexes moved that must stay in this order.

    `starting`: in a start, where a snapshot may be ahead of what the commit index says.
    """

    server: Server
    starting: bool
    last_applied: Index
    commit_index: Index
    last_index: Index


@frozen
class ReplicationMoved:
    """What a leader knows of one follower moved, within one term of leading."""

    server: Server
    follower: Server
    match_before: Index
    match_after: Index
    next_after: Index


@frozen
class MachineReached:
    """The state machine of this server has this content after `index` entries."""

    server: Server
    index: Index
    digest: Hashable


@frozen
class PrefixDiscarded:
    """A server took a snapshot of its own, and discarded its log up to `index`."""

    server: Server
    index: Index
    log: Log


@frozen
class MembershipChanged:
    """Another configuration is in force at a server; None is all servers of the cluster."""

    server: Server
    before: Membership | None
    after: Membership | None
    log: Log


@frozen
class Invoked:
    """A client asked for its operation of this number for the first time."""

    client: int
    number: int
    command: Command


@frozen
class Responded:
    """A client was answered; `output` None where it cannot know what became of its operation."""

    client: int
    number: int
    output: str | None


Fact: TypeAlias = (
    Started
    | TermChanged
    | VoteChanged
    | EntriesTruncated
    | EntriesAppended
    | SnapshotInstalled
    | PrefixDiscarded
    | MembershipChanged
    | BecameLeader
    | CommitMoved
    | AppliedMoved
    | IndexesMoved
    | ReplicationMoved
    | MachineReached
    | Invoked
    | Responded
)
Facts: TypeAlias = list[Fact]
INDEX_FACTS: Final = (CommitMoved, AppliedMoved, IndexesMoved, MachineReached)

BLANK = ObservedView(role=Role.FOLLOWER, current_term=0, log=Log(), commit_index=0, last_applied=0)
"""A server before its first start."""


def facts_between(server: Server, before: View, after: View) -> Facts:
    """What one step changed at a running server."""
    facts: Facts = []
    if after is before:
        return facts
    term_and_vote_facts(facts, server, before, after)
    if after.log is not before.log:
        log_facts(facts, server, before, after, after.current_term, lost=False)
    leads = after.role is Role.LEADER
    if leads and is_newly_elected(before, after.current_term):
        facts.append(BecameLeader(server, after.current_term, after.log))
    index_facts(facts, server, before, after, before.log)
    if leads and after.match_index and before.role is Role.LEADER:
        replication_facts(facts, server, before, after)
    return facts


def facts_of_start(server: Server, before: View, after: View, restarted: bool) -> Facts:
    """What a start changed: the disk must have kept what is persistent; the rest begins again."""
    facts: Facts = []
    term_and_vote_facts(facts, server, before, after)
    facts.append(Started(server, restarted, after.current_term))
    log_facts(facts, server, before, after, after.current_term, lost=restarted)
    index_facts(facts, server, BLANK, after, before.log if restarted else None)
    return facts


def term_and_vote_facts(facts: Facts, server: Server, before: View, after: View) -> None:
    """Add TermChanged and VoteChanged."""
    same_term = after.current_term == before.current_term
    if not same_term:
        facts.append(
            TermChanged(server, before.current_term, after.current_term, before.role, after.role)
        )
    if after.voted_for != before.voted_for:
        old, new = before.voted_for, after.voted_for
        if old is not UNOBSERVED and new is not UNOBSERVED:
            facts.append(VoteChanged(server, after.current_term, old, new, same_term))


def log_facts(
    facts: Facts, server: Server, before: View, after: View, in_term: Term | None, lost: bool
) -> None:
    """Add what happened to the log: snapshots first, then entries that went, then new ones.

    `in_term` is the server's current term, where it is known: of a crash, the log alone is.
    """
    old, new = before.log, after.log
    if new.memberships is not old.memberships and new.membership != old.membership:
        facts.append(MembershipChanged(server, old.membership, new.membership, new))
    if new.snapshot_index > old.snapshot_index and is_installed(facts, server, old, new, in_term):
        common = new.snapshot_index  # what followed stood after another entry
    else:
        common = new.common_last_index(old)
    if old.last_index > common:
        led = before.role is Role.LEADER and after.current_term == before.current_term
        facts.append(
            EntriesTruncated(server, common + 1, old.last_index, led and not lost, lost, new)
        )
    if new.last_index > common:
        entries = new.entries_from(common + 1, new.last_index - common)
        facts.append(
            EntriesAppended(server, common + 1, entries, new.term_at(common), new, in_term)
        )


def is_installed(facts: Facts, server: Server, old: Log, new: Log, in_term: Term | None) -> bool:
    """Add PrefixDiscarded, or SnapshotInstalled where the old log did not hold what it covers."""
    index, term = new.snapshot_index, new.snapshot_term
    known = old.term_at(index)
    if known is not None and term in (None, known):
        facts.append(PrefixDiscarded(server, index, new))
        return False
    facts.append(SnapshotInstalled(server, index, new, in_term))
    return True


def index_facts(facts: Facts, server: Server, before: View, after: View, known: Log | None) -> None:
    """Add CommitMoved, AppliedMoved, MachineReached and IndexesMoved."""
    commit_index, last_applied, log = after.commit_index, after.last_applied, after.log
    moved = log is not before.log and log.last_index < commit_index
    if commit_index != before.commit_index:
        moved = True
        leads = after.role is Role.LEADER and before is not BLANK  # a start counts nothing
        left = () if known is None else memberships_left(known, log)
        term = after.current_term
        held = leads and is_known_everywhere(server, after, commit_index)
        elected = leads and is_newly_elected(before, term)
        earlier = before.commit_index
        facts.append(
            CommitMoved(server, earlier, commit_index, term, leads, log, left, held, elected)
        )
    if last_applied != before.last_applied:
        moved = True
        facts.append(AppliedMoved(server, before.last_applied, last_applied, log))
        digest = getattr(after, "applied_digest", None)
        if digest is not None:
            facts.append(MachineReached(server, last_applied, digest))
    if moved:
        facts.append(
            IndexesMoved(server, before is BLANK, last_applied, commit_index, log.last_index)
        )


def is_newly_elected(before: View, term: Term) -> bool:
    """Whether who leads this term did not lead it a step before."""
    return before.role is not Role.LEADER or before.current_term != term


def is_known_everywhere(server: Server, leader: View, index: Index) -> bool:
    """Whether a leader's match indexes say that all other servers have the entry at `index`."""
    matches = leader.match_index
    others = (match for position, match in enumerate(matches) if position != server)
    return len(matches) > 0 and all(match >= index for match in others)


def memberships_left(before: Log, after: Log) -> tuple[Membership | None, ...]:
    """The configurations that were in force before the latest one, since `before`."""
    if after.memberships is before.memberships or after.membership == before.membership:
        return ()
    since = before.membership_index
    passed = [membership for index, membership in after.memberships[:-1] if index > since]
    return (before.membership, *passed)


def replication_facts(facts: Facts, server: Server, before: View, after: View) -> None:
    """Add a ReplicationMoved for each follower of which a leader of the same term learnt something.

    Of a server that is no member there is nothing to know; one that becomes a member again is new.
    """
    if before.current_term != after.current_term or (
        after.match_index == before.match_index and after.next_index == before.next_index
    ):
        return
    for position, match_after in enumerate(after.match_index):
        next_after = after.next_index[position]
        match_before = before.match_index[position]
        if (
            position != server
            and (match_after != match_before or next_after != before.next_index[position])
            and is_member(before.log, position)
            and is_member(after.log, position)
        ):
            facts.append(
                ReplicationMoved(server, Server(position), match_before, match_after, next_after)
            )


def is_member(log: Log, position: int) -> bool:
    """Whether the configuration in force knows this server."""
    membership = log.membership
    return membership is None or position in membership.servers
