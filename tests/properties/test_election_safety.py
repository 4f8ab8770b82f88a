"""Election Safety: one leader a term, whenever in the run the two of them led."""

import pytest

from properties.election_safety import ELECTION_SAFETY
from properties.facts import BecameLeader
from raft_core import s1, s2, s3
from tests.properties.judge import breach_of, holds, leads


@pytest.mark.parametrize(
    "leaders",
    [
        (leads(s1, 1),),
        (leads(s1, 1), leads(s2, 2), leads(s3, 3)),
        (leads(s1, 1), leads(s1, 2)),
        (leads(s1, 4), leads(s2, 3)),
    ],
)
def test_each_term_may_have_its_leader(leaders: tuple[BecameLeader, ...]) -> None:
    """Terms with one leader each are legal in any order, and so is a server that leads several."""
    assert holds(ELECTION_SAFETY, *leaders)


def test_server_that_leads_its_term_again_is_the_same_leader() -> None:
    """The same server in the same term is no second leader."""
    assert holds(ELECTION_SAFETY, leads(s1, 1), leads(s1, 1, 1))


def test_two_leaders_of_one_term_break_it() -> None:
    """The second leader of a term is blamed together with the first."""
    breach = breach_of(ELECTION_SAFETY, leads(s1, 1), leads(s2, 1))
    assert breach is not None
    assert breach.servers == (s1, s2)
    assert breach.detail == "S1 and S2 both led term 1."


def test_the_two_need_not_lead_at_the_same_moment() -> None:
    """The first one has long led other terms when the second one comes."""
    later = (leads(s1, 2), leads(s3, 3), leads(s1, 4))
    breach = breach_of(ELECTION_SAFETY, leads(s1, 1), *later, leads(s2, 1))
    assert breach is not None
    assert breach.servers == (s1, s2)


def test_terms_without_a_leader_are_skipped() -> None:
    """A term that nobody led can still get its leader after a much later one."""
    assert holds(ELECTION_SAFETY, leads(s1, 100), leads(s2, 50))
    assert not holds(ELECTION_SAFETY, leads(s1, 100), leads(s2, 50), leads(s3, 50))
