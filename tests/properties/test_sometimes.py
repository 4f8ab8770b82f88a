"""What a good run reaches: each event, and the one that looks like it and is not."""

import pytest

from properties.facts import (
    BecameLeader,
    Fact,
    MembershipChanged,
    PrefixDiscarded,
    Responded,
    SnapshotInstalled,
    Started,
    TermChanged,
)
from properties.sometimes import SOMETIMES
from raft_core import Log, Membership, Role, s1
from tests.properties.judge import commits, truncates

BY_NAME = {each.name: each for each in SOMETIMES}
FOLLOWER, CANDIDATE, LEADER = Role.FOLLOWER, Role.CANDIDATE, Role.LEADER

REACHED: dict[str, Fact] = {
    "leader elected": BecameLeader(s1, 1, Log()),
    "entry committed": commits(s1, 1, 1, (1,)),
    "older term's entry committed": commits(s1, 2, 3, (1, 1, 2), before=1),
    "leader deposed": TermChanged(s1, 1, 2, LEADER, FOLLOWER),
    "split vote": TermChanged(s1, 1, 2, CANDIDATE, CANDIDATE),
    "entry overwritten": truncates(s1, 1, 1),
    "server restarted": Started(s1, restarted=True),
    "log compacted": PrefixDiscarded(s1, 3, Log()),
    "configuration changed": MembershipChanged(s1, None, Membership((s1,)), Log()),
    "client answered": Responded(1, 1, ""),
    "snapshot installed": SnapshotInstalled(s1, 3, Log()),
}
NOT_REACHED: list[tuple[str, Fact]] = [
    ("entry committed", commits(s1, 1, 1, (1,), leader=False)),
    ("entry committed", commits(s1, 1, 0, (1,), before=1)),
    ("older term's entry committed", commits(s1, 2, 3, (1, 1, 2), before=2)),
    ("older term's entry committed", commits(s1, 2, 2, (1, 1), leader=False)),
    ("leader deposed", TermChanged(s1, 1, 2, CANDIDATE, FOLLOWER)),
    ("leader deposed", TermChanged(s1, 1, 2, LEADER, LEADER)),
    ("split vote", TermChanged(s1, 1, 2, FOLLOWER, CANDIDATE)),
    ("split vote", TermChanged(s1, 1, 2, CANDIDATE, FOLLOWER)),
    ("entry overwritten", truncates(s1, 1, 1, lost=True)),
    ("server restarted", Started(s1, restarted=False)),
    ("client answered", Responded(1, 1, None)),
]


def is_reached(name: str, fact: Fact) -> bool:
    """Whether this fact shows that the thing was reached."""
    sometimes = BY_NAME[name]
    return isinstance(fact, sometimes.facts) and sometimes.holds(fact)


def test_everything_has_an_example_here() -> None:
    """No guard is left without a fact that reaches it."""
    assert REACHED.keys() == BY_NAME.keys()


@pytest.mark.parametrize("name", REACHED)
def test_is_reached(name: str) -> None:
    """The example reaches it."""
    assert is_reached(name, REACHED[name])


@pytest.mark.parametrize(("name", "fact"), NOT_REACHED)
def test_is_not_reached(name: str, fact: Fact) -> None:
    """What only resembles it does not."""
    assert not is_reached(name, fact)


@pytest.mark.parametrize(("name", "fact"), REACHED.items())
def test_other_kinds_of_facts_do_not_reach_it(name: str, fact: Fact) -> None:
    """A guard looks at its own kinds of facts only, so a new kind changes nothing."""
    reached_by_it = {other for other in REACHED if is_reached(other, fact)}
    expected = {name} | ({"entry committed"} if name.startswith("older") else set())
    assert reached_by_it == expected
