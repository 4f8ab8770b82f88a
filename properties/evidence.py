"""What a breach rests on: the earlier facts without which the last one would contradict nothing.

Two leaders of a term are told by the second election; the reader wants to see the first one as
well, and the vote that was given twice. This is for pictures only: nothing is judged by it.
May import: properties.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from properties.facts import (
    AppliedMoved,
    BecameLeader,
    CommitMoved,
    EntriesAppended,
    EntriesTruncated,
    Fact,
    IndexesMoved,
    MachineReached,
    MembershipChanged,
    ReplicationMoved,
    SnapshotInstalled,
    Started,
    TermChanged,
    VoteChanged,
)

Relation: TypeAlias = Callable[[Any, Any], bool]
"""Whether the breach of which the first fact is part rests on the second, an earlier one."""


def evidence(property_name: str, facts_of_steps: Sequence[Sequence[Fact]]) -> dict[int, list[Fact]]:
    """By step, counted from 0, the facts that the breach in the last step rests on.

    Of a property that is not about facts, such as Progress, there are none.
    """
    pairs = RESTS_ON.get(property_name, ())
    found: dict[int, list[Fact]] = {}
    if not facts_of_steps:
        return found
    *earlier, last = facts_of_steps
    for step, facts in enumerate(earlier):
        chosen = [fact for fact in facts if any(rests(pairs, each, fact) for each in last)]
        if chosen:
            found[step] = chosen
    if property_name in LATEST_ONLY and found:
        latest = max(found)
        return {latest: found[latest]}
    return found


def rests(pairs: "Sequence[tuple[type, type, Relation]]", last: Fact, earlier: Fact) -> bool:
    """Whether one of a property's relations holds between two facts."""
    return any(
        isinstance(last, late) and isinstance(earlier, early) and relation(last, earlier)
        for late, early, relation in pairs
    )


def same_server(last: Any, earlier: Any) -> bool:
    """Both are about one server."""
    return bool(last.server == earlier.server)


def same_follower(last: ReplicationMoved, earlier: ReplicationMoved) -> bool:
    """Both are about what one leader knows of one follower."""
    return (last.server, last.follower) == (earlier.server, earlier.follower)


def same_term(last: Any, earlier: Any) -> bool:
    """Both are about one term."""
    return bool(last.term == earlier.term)


def vote_of_term(last: BecameLeader, earlier: VoteChanged) -> bool:
    """A vote of the leader's term was given or lost; that a new term frees it says nothing."""
    return last.term == earlier.term and (earlier.after is not None or earlier.same_term)


def same_vote(last: VoteChanged, earlier: VoteChanged) -> bool:
    """Both are votes of one server in one term."""
    return (last.server, last.term) == (earlier.server, earlier.term)


def is_committed_without(last: BecameLeader, earlier: CommitMoved) -> bool:
    """The leader's log lacks what was committed."""
    term = earlier.log.term_at(earlier.after)
    return term is not None and not last.log.holds(earlier.after, term)


def covers(last: EntriesTruncated, earlier: CommitMoved) -> bool:
    """An entry that went had been committed."""
    return last.first_index <= earlier.after and last.last_index > earlier.before


def stored(last: EntriesTruncated, earlier: EntriesAppended) -> bool:
    """An entry that went had been stored by the same server."""
    ends = earlier.first_index + len(earlier.entries)
    same_place = earlier.first_index <= last.last_index and ends > last.first_index
    return last.server == earlier.server and same_place


def same_place(last: EntriesAppended, earlier: EntriesAppended) -> bool:
    """Both put entries at one index, and one of them has the other's term there."""
    mine = {last.first_index + place: each.term for place, each in enumerate(last.entries)}
    other = {earlier.first_index + place: each.term for place, each in enumerate(earlier.entries)}
    return any(other.get(index) == term for index, term in mine.items())


def same_index(last: Any, earlier: Any) -> bool:
    """Two servers applied, or committed, an index that both moves cover."""
    return bool(last.before < earlier.after and earlier.before < last.after)


def is_counted(last: CommitMoved, earlier: EntriesAppended) -> bool:
    """An entry that is committed was stored."""
    ends = earlier.first_index + len(earlier.entries)
    return last.before < ends and earlier.first_index <= last.after


def was_deleted(last: CommitMoved, earlier: EntriesTruncated) -> bool:
    """An entry that is committed had left a log."""
    return last.before < earlier.last_index and earlier.first_index <= last.after


def is_applied(last: MachineReached, earlier: AppliedMoved) -> bool:
    """Both machines came to one index."""
    return earlier.before < last.index <= earlier.after


def always(last: Fact, earlier: Fact) -> bool:
    """The later rests on each of the earlier."""
    return True


RESTS_ON: Final[Mapping[str, Sequence[tuple[type, type, Relation]]]] = {
    "ElectionSafety": (
        (BecameLeader, BecameLeader, same_term),
        (BecameLeader, VoteChanged, vote_of_term),
    ),
    "LeaderAppendOnly": (
        (EntriesTruncated, BecameLeader, same_server),
        (EntriesTruncated, EntriesAppended, stored),
    ),
    "LogMatching": (
        (EntriesAppended, EntriesAppended, same_place),
        (EntriesAppended, SnapshotInstalled, same_server),
    ),
    "LeaderCompleteness": (
        (BecameLeader, CommitMoved, is_committed_without),
        (BecameLeader, VoteChanged, vote_of_term),
        (CommitMoved, BecameLeader, always),
    ),
    "StateMachineSafety": ((AppliedMoved, AppliedMoved, same_index),),
    "MachinesAgree": ((MachineReached, AppliedMoved, is_applied),),
    "EntriesWithinTerm": (
        (EntriesAppended, TermChanged, same_server),
        (SnapshotInstalled, TermChanged, same_server),
    ),
    "OnlyVotersLead": ((BecameLeader, MembershipChanged, same_server),),
    "MembershipAgrees": ((MembershipChanged, MembershipChanged, always),),
    "TermMonotonic": ((TermChanged, TermChanged, same_server),),
    "VoteOnce": ((VoteChanged, VoteChanged, same_vote),),
    "LedTermIsKept": ((Started, BecameLeader, same_server),),
    "CommitMonotonic": ((CommitMoved, CommitMoved, same_server),),
    "AppliedMonotonic": ((AppliedMoved, AppliedMoved, same_server),),
    "IndexOrder": (
        (IndexesMoved, EntriesAppended, same_server),
        (IndexesMoved, CommitMoved, same_server),
    ),
    "OwnTermCommits": (
        (CommitMoved, BecameLeader, same_server),
        (CommitMoved, EntriesAppended, is_counted),
    ),
    "CommittedOnQuorum": (
        (EntriesTruncated, CommitMoved, covers),
        (EntriesTruncated, EntriesAppended, stored),
        (CommitMoved, EntriesAppended, is_counted),
        (CommitMoved, EntriesTruncated, was_deleted),
    ),
    "MatchMonotonic": ((ReplicationMoved, ReplicationMoved, same_follower),),
    "NextAboveMatch": ((ReplicationMoved, ReplicationMoved, same_follower),),
}
"""By property: kinds of a last and of an earlier fact, and what connects them."""
LATEST_ONLY: Final = frozenset(
    {"TermMonotonic", "CommitMonotonic", "AppliedMonotonic", "MatchMonotonic", "NextAboveMatch"}
)
"""Properties about one number, which rest on the step that set it last."""


def in_words(fact: Fact) -> str:
    """What a fact says, in a few words beside its step; of some kinds, its name alone."""
    words = WORDS.get(type(fact))
    return type(fact).__name__ if words is None else words(fact)


def entries_in_words(fact: EntriesAppended) -> str:
    """The first and the last of the entries, as index@term."""
    first = f"{fact.first_index}@{fact.entries[0].term}"
    if len(fact.entries) == 1:
        return first
    return f"{first}..{fact.first_index + len(fact.entries) - 1}@{fact.entries[-1].term}"


WORDS: Final[Mapping[type, Callable[[Any], str]]] = {
    BecameLeader: lambda fact: f"{fact.server} leads term {fact.term}",
    VoteChanged: lambda fact: (
        f"{fact.server}'s vote of term {fact.term} is gone"
        if fact.after is None
        else f"{fact.server} votes for {fact.after} in term {fact.term}"
    ),
    TermChanged: lambda fact: f"{fact.server} goes to term {fact.after}",
    CommitMoved: lambda fact: f"{fact.server} commits to {fact.after}",
    AppliedMoved: lambda fact: f"{fact.server} applies to {fact.after}",
    EntriesAppended: lambda fact: f"{fact.server} stores {entries_in_words(fact)}",
    EntriesTruncated: lambda fact: (
        f"{fact.server} deletes {fact.first_index}"
        if fact.first_index == fact.last_index
        else f"{fact.server} deletes {fact.first_index} to {fact.last_index}"
    ),
    SnapshotInstalled: lambda fact: f"{fact.server} installs a snapshot to {fact.index}",
    ReplicationMoved: lambda fact: (
        f"{fact.server} knows that {fact.follower} has entries to {fact.match_after}"
    ),
    MembershipChanged: lambda fact: f"{fact.server} has the configuration {fact.after}",
}
