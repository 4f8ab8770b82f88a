"""What a good run reaches: guards against success on schedules in which nothing happened."""

from typing import Final

from properties.facts import (
    BecameLeader,
    CommitMoved,
    EntriesTruncated,
    MembershipChanged,
    PrefixDiscarded,
    Responded,
    SnapshotInstalled,
    Started,
    TermChanged,
)
from properties.property import Sometimes
from properties.view import CLIENTS, COMMIT, LOG, MEMBERSHIP, ROLE, SNAPSHOT
from raft_core import Role


def is_own_commit(fact: CommitMoved) -> bool:
    """A leader committed something."""
    return fact.leads and fact.after > fact.before


def is_indirect_commit(fact: CommitMoved) -> bool:
    """A leader committed an entry of an older term, with one of its own (section 5.4.2)."""
    return is_own_commit(fact) and fact.log.term_at(fact.before + 1) != fact.term


def is_deposed(fact: TermChanged) -> bool:
    """A leader met a newer term."""
    return fact.role_before is Role.LEADER and fact.role_after is not Role.LEADER


def is_split_vote(fact: TermChanged) -> bool:
    """A candidate was not elected, and tries again (section 5.2)."""
    return fact.role_before is Role.CANDIDATE and fact.role_after is Role.CANDIDATE


SOMETIMES: Final = (
    Sometimes(
        name="leader elected",
        statement="A server won an election.",
        needs=frozenset({ROLE}),
        facts=(BecameLeader,),
        holds=lambda fact: True,
    ),
    Sometimes(
        name="entry committed",
        statement="A leader's commit index advanced.",
        needs=frozenset({ROLE, COMMIT}),
        facts=(CommitMoved,),
        holds=is_own_commit,
    ),
    Sometimes(
        name="older term's entry committed",
        statement="An entry of an older term was committed together with one of the leader's own.",
        needs=frozenset({ROLE, LOG, COMMIT}),
        facts=(CommitMoved,),
        holds=is_indirect_commit,
    ),
    Sometimes(
        name="leader deposed",
        statement="A leader met a newer term.",
        needs=frozenset({ROLE}),
        facts=(TermChanged,),
        holds=is_deposed,
    ),
    Sometimes(
        name="split vote",
        statement="A candidate stood again.",
        needs=frozenset({ROLE}),
        facts=(TermChanged,),
        holds=is_split_vote,
    ),
    Sometimes(
        name="entry overwritten",
        statement="A follower deleted entries that conflicted with its leader's.",
        needs=frozenset({LOG}),
        facts=(EntriesTruncated,),
        holds=lambda fact: not fact.lost,
    ),
    Sometimes(
        name="server restarted",
        statement="A server started again from its disk.",
        needs=frozenset(),
        facts=(Started,),
        holds=lambda fact: fact.restarted,
    ),
    Sometimes(
        name="log compacted",
        statement="A server replaced a prefix of its log by a snapshot.",
        needs=frozenset({LOG, SNAPSHOT}),
        facts=(PrefixDiscarded,),
        holds=lambda fact: True,
    ),
    Sometimes(
        name="configuration changed",
        statement="Another configuration came into force at a server.",
        needs=frozenset({LOG, MEMBERSHIP}),
        facts=(MembershipChanged,),
        holds=lambda fact: True,
    ),
    Sometimes(
        name="client answered",
        statement="A client was answered with the output of its operation.",
        needs=frozenset({CLIENTS}),
        facts=(Responded,),
        holds=lambda fact: fact.output is not None,
    ),
    Sometimes(
        name="snapshot installed",
        statement="A snapshot replaced entries that a follower lacked.",
        needs=frozenset({LOG, SNAPSHOT}),
        facts=(SnapshotInstalled,),
        holds=lambda fact: True,
    ),
)
