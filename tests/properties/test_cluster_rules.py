"""Figure 3 over a trace: what one server does against what others did."""

from properties.rules.cluster_rules import (
    CLUSTER_APPEND_RULES,
    CLUSTER_APPLY_RULES,
    CLUSTER_COMMIT_RULES,
    CLUSTER_STANDING_RULES,
)
from properties.rules.knowledge import Committed
from properties.rules.vocabulary import NewEntries, Place, Standing
from raft_core import Role, s1, s2
from tests.properties.transitions import BROKEN, HELD, LACKING, SILENT, cluster, server, sort_of

ELECTION_SAFETY, COMPLETENESS = (rule.check for rule in CLUSTER_STANDING_RULES)
LOG_MATCHING = CLUSTER_APPEND_RULES[0].check
COMMITS_AGREE, LEADERS_HOLD = (rule.check for rule in CLUSTER_COMMIT_RULES)
APPLIED_AGREE = CLUSTER_APPLY_RULES[0].check
LEADS = Standing(3, s1, Role.LEADER)


def test_a_term_has_one_leader() -> None:
    """Election Safety: the first leader of a term is the only one."""
    among = cluster()
    known = server((), among, term=3)
    assert sort_of(ELECTION_SAFETY(known, LEADS)) == HELD
    among.leaders[3] = s2
    assert sort_of(ELECTION_SAFETY(known, LEADS)) == BROKEN


def test_a_leader_holds_what_lower_terms_committed() -> None:
    """Leader Completeness: the furthest commit of a lower term is one look-up."""
    among = cluster()
    among.furthest = [Committed(2, 2, 2)]
    assert sort_of(COMPLETENESS(server((1, 2), among, term=3), LEADS)) == HELD
    assert sort_of(COMPLETENESS(server((1, 1), cluster(furthest=among.furthest)), LEADS)) == BROKEN
    assert sort_of(COMPLETENESS(server((1,), cluster(furthest=among.furthest)), LEADS)) == BROKEN
    among.furthest = [Committed(3, 5, 3)]
    assert sort_of(COMPLETENESS(among.servers[s1], LEADS)) == HELD


def test_entries_of_one_index_and_term_are_the_same() -> None:
    """Log Matching: neither the content nor the entry before may differ."""
    among = cluster()
    among.entries[2, 2] = (1, "v1", s2)
    assert sort_of(LOG_MATCHING(server((1,), among), NewEntries(2, (2,), ("v1",)))) == HELD
    assert sort_of(LOG_MATCHING(among.servers[s1], NewEntries(2, (2,), ("v2",)))) == BROKEN
    assert sort_of(LOG_MATCHING(server((2,), among, s2), NewEntries(2, (2,), ("v1",)))) == BROKEN


def test_servers_commit_the_same_entries() -> None:
    """State Machine Safety, as far as commits show it."""
    among = cluster()
    among.committed[2] = (2, s2)
    assert sort_of(COMMITS_AGREE(server((1, 2), among), Place(2, None))) == HELD
    assert sort_of(COMMITS_AGREE(server((1, 1), among, s2), Place(2, None))) == BROKEN


def test_a_commit_is_held_by_leaders_of_higher_terms() -> None:
    """Leader Completeness the other way round: an old leader commits late."""
    among = cluster(highest_term=5, leaders={5: s2})
    late = server((1, 3), among, term=3, role=Role.LEADER)
    server((1, 3), among, s2, term=5, role=Role.LEADER)
    assert sort_of(LEADERS_HOLD(late, Place(2, None))) == HELD
    among.servers[s2].log.terms[1] = 2
    assert sort_of(LEADERS_HOLD(late, Place(2, None))) == BROKEN


def test_servers_apply_the_same_contents() -> None:
    """State Machine Safety: what is applied at an index is the same everywhere."""
    among = cluster()
    known = server((1,), among)
    assert sort_of(APPLIED_AGREE(known, Place(1, 1, "v1"))) == HELD
    among.contents[1] = ("v2", s2)
    assert sort_of(APPLIED_AGREE(known, Place(1, 1, "v1"))) == BROKEN
    assert sort_of(APPLIED_AGREE(known, Place(1, 1))) == SILENT


def test_an_unknown_log_is_not_judged() -> None:
    """A leader whose log nobody has seen may hold everything."""
    known = server((), cluster(furthest=[Committed(2, 2, 2)]))
    known.log.sized = False
    assert sort_of(COMPLETENESS(known, LEADS)) == LACKING
