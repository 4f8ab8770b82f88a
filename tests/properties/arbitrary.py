"""Hypothesis strategies: facts of every kind, as strange as their types allow."""

from typing import Any

from hypothesis import strategies as st

from properties import facts
from properties.facts import Fact
from raft_core import SERVERS, Membership, Role
from tests.raft_core.arbitrary import logs
from tests.raft_core.build import entry

SERVER = st.sampled_from(SERVERS[:3])
INDEX = st.integers(0, 8)
TERM = st.integers(0, 4)
ROLE = st.sampled_from(Role)
ENTRIES = st.lists(st.builds(entry, st.integers(1, 3), TERM), max_size=3).map(tuple)

CLIENT = st.integers(1, 2)
NUMBER = st.integers(0, 3)
COMMANDS = ("open", "get x", "set x a", "append x a", "get y")
MEMBERSHIP = st.none() | st.builds(
    Membership, st.lists(SERVER, min_size=1, unique=True).map(lambda each: tuple(sorted(each)))
)

FIELDS: dict[type[Fact], tuple[st.SearchStrategy[Any], ...]] = {
    facts.Started: (SERVER, st.booleans()),
    facts.TermChanged: (SERVER, TERM, TERM, ROLE, ROLE),
    facts.VoteChanged: (SERVER, TERM, st.none() | SERVER, st.none() | SERVER, st.booleans()),
    facts.EntriesTruncated: (SERVER, INDEX, INDEX, st.booleans(), st.booleans(), logs()),
    facts.EntriesAppended: (SERVER, INDEX, ENTRIES, st.none() | TERM, logs()),
    facts.SnapshotInstalled: (SERVER, INDEX, logs()),
    facts.BecameLeader: (SERVER, TERM, logs()),
    facts.CommitMoved: (SERVER, INDEX, INDEX, TERM, st.booleans(), logs()),
    facts.AppliedMoved: (SERVER, INDEX, INDEX, logs()),
    facts.IndexesMoved: (SERVER, st.booleans(), INDEX, INDEX, INDEX),
    facts.ReplicationMoved: (SERVER, SERVER, INDEX, INDEX, INDEX),
    facts.MachineReached: (SERVER, INDEX, st.sampled_from("ab")),
    facts.PrefixDiscarded: (SERVER, INDEX, logs()),
    facts.MembershipChanged: (SERVER, MEMBERSHIP, MEMBERSHIP, logs()),
    facts.Invoked: (CLIENT, NUMBER, st.sampled_from(COMMANDS) | st.text(max_size=5)),
    facts.Responded: (CLIENT, NUMBER, st.none() | st.sampled_from(("", "a", "aa"))),
}


def facts_of(*kinds: type[Fact]) -> st.SearchStrategy[Fact]:
    """Facts of these kinds."""
    return st.one_of([st.builds(kind, *FIELDS[kind]) for kind in kinds])
