"""State machines agree: one content an index, seen anywhere and at any time."""

from properties.facts import MachineReached
from properties.machines_agree import MACHINES_AGREE
from raft_core import s1, s2, s3
from tests.properties.judge import breach_of, holds


def test_same_content_at_one_index_agrees() -> None:
    """Servers that reach an index with the same content agree."""
    assert holds(MACHINES_AGREE, MachineReached(s1, 2, "ab"), MachineReached(s2, 2, "ab"))


def test_other_content_at_another_index_agrees() -> None:
    """Contents change with the index, seen in any order."""
    facts = (MachineReached(s1, 4, "abcd"), MachineReached(s2, 2, "ab"), MachineReached(s3, 3, "c"))
    assert holds(MACHINES_AGREE, *facts)


def test_other_content_at_the_same_index_breaks_it() -> None:
    """Both servers are named, however much was seen between."""
    between = (MachineReached(s1, 5, "later"), MachineReached(s3, 2, "ab"))
    facts = (MachineReached(s1, 2, "ab"), *between, MachineReached(s2, 2, "ac"))
    breach = breach_of(MACHINES_AGREE, *facts)
    assert breach is not None
    assert breach.servers == (s1, s2)
    assert breach.detail == "S2 and S1 hold different state machines after entry 2."


def test_restarted_server_must_reach_the_same_content() -> None:
    """A server contradicts its own earlier content too."""
    assert not holds(MACHINES_AGREE, MachineReached(s1, 1, "x"), MachineReached(s1, 1, "y"))
