"""What is known of logs and clusters: partial, compact, and forgotten in time."""

import pytest

from properties.rules.judge import with_key
from properties.rules.knowledge import HORIZON, TERMS, WAITING, KnownLog
from properties.rules.shown import vote_in
from raft_core import s1, s2
from tests.properties.transitions import cluster, message, server


def log_of(*terms: int) -> KnownLog:
    """A log of these entries."""
    log = KnownLog()
    log.append(1, terms)
    return log


def test_a_log_tells_terms_by_index() -> None:
    """Index 0 has term 0, and after the end there is none."""
    log = log_of(1, 1, 3)
    assert [log.term_at(index) for index in range(5)] == [0, 1, 1, 3, None]
    assert (log.last_index, log.last_term) == (3, 3)


def test_what_is_discarded_stays_counted() -> None:
    """Indexes do not move when a prefix is forgotten; the last term of it stays known."""
    log = log_of(1, 1, 3, 4)
    log.discard(2)
    assert [log.term_at(index) for index in range(1, 5)] == [None, 1, 3, 4]
    assert log.last_index == 4


def test_a_resized_log_has_unknown_entries() -> None:
    """Entries that are there without having been seen are of unknown term, until learnt."""
    log = log_of(1)
    log.resize(3)
    assert (log.last_index, log.last_term) == (3, None)
    log.learn(3, 2)
    assert log.last_term == 2
    log.resize(1)
    assert (log.last_index, log.last_term) == (1, 1)


@pytest.mark.parametrize("first", [1, 2, 3])
def test_truncation_leaves_the_entries_before(first: int) -> None:
    """The entry at `first` is the first one that goes."""
    log = log_of(1, 1, 3)
    log.truncate(first)
    assert log.last_index == first - 1


def test_a_log_of_unknown_length_learns_it_from_an_append() -> None:
    """Where entries are appended, the log ends."""
    log = log_of(1, 1)
    log.sized = False
    assert log.last_term is None
    log.append(5, (4,))
    assert [log.term_at(index) for index in (2, 4, 5, 6)] == [1, None, 4, None]


def test_a_cluster_forgets_what_is_committed_everywhere() -> None:
    """Neither terms nor messages nor tables of it are kept."""
    among = cluster()
    for number in (s1, s2):
        server((1,) * 100, among, number, commit=90, term=1)
    among.committed = dict.fromkeys(range(1, 91), (1, s1))
    old = message("append_entries", term=1, index=3, log_term=1, terms=(1,), key="old")
    new = message("append_entries", term=1, index=95, log_term=1, terms=(1,), key="new")
    among.sent = {"old": old, "new": new}
    among.discard()
    assert among.floor == 90
    assert set(among.committed) == {90}
    assert set(among.sent) == {"new"}
    assert len(among.servers[s1].log.terms) == 10


def test_a_server_that_lags_holds_up_the_rest_only_so_far() -> None:
    """Behind the horizon everything is forgotten, so that memory stays bounded."""
    among = cluster()
    server((), among, s1, commit=HORIZON + 500)
    server((), among, s2, commit=0)
    among.discard()
    assert among.floor == 500


def test_a_server_that_is_down_for_ever_keeps_nothing() -> None:
    """Terms go on without it: their leaders, votes and messages are forgotten all the same."""
    among = cluster()
    server((), among, s2, term=0)
    stands = server((), among, s1)
    for term in range(1, 3 * TERMS):
        stands.term, stands.vote = term, s1
        among.highest_term, among.leaders[term] = term, s1
        among.note_vote(stands)
        asked = message("request_vote", s1, s2, term=term, index=0, log_term=0)
        among.note_sent(with_key(asked))
        if term % TERMS == 0:
            among.discard()
    among.discard()
    assert len(among.sent) <= TERMS + 1
    assert len(among.leaders) <= TERMS + 1
    assert vote_in(among, s1, 1) is None
    old = message("request_vote", s1, s2, term=1, index=0, log_term=0)
    assert among.is_over(old)


def test_entries_that_nobody_commits_are_forgotten_in_time() -> None:
    """A logger may write no commit index at all."""
    among = cluster()
    leads = server((1,) * (2 * WAITING), among)
    among.entries = {(index, 1): (1, None, s1) for index in range(1, 2 * WAITING)}
    among.discard()
    assert len(among.entries) <= WAITING
    assert leads.log.last_index == 2 * WAITING
