"""Encoding: equal bytes for equal values and for no others, under every renaming."""

from itertools import permutations
from typing import Any, Final

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from model.explorer.systems.encoding import digest, encode
from properties.facts import Fact
from raft_core import (
    Configuration,
    Entry,
    Log,
    Membership,
    NoOp,
    RequestVote,
    Role,
    Server,
    State,
    Vector,
    s1,
    s2,
    s3,
)
from tests.model.explorer.renaming import renamed
from tests.properties.arbitrary import FIELDS, facts_of
from tests.raft_core.arbitrary import logs

IDENTITY: Final = tuple(range(9))
RENAMINGS: Final = tuple(permutations(range(3)))
LEADER: Final = State(
    server=s1,
    configuration=Configuration(servers=3),
    current_term=2,
    voted_for=s1,
    role=Role.LEADER,
    leader=s1,
    votes_granted=(s1, s3),
    next_index=(1, 2, 3),
    match_index=(0, 1, 2),
)
PLAIN: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 3)
    | st.sampled_from((s1, s2, s3))
    | st.text("i'0123456789:,|()sn", max_size=4),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=6,
)
"""Small things in each other, of the letters that the encoding is made of."""


@frozen
class Unlike:
    """A class that differs from the next in its name alone."""

    only: int


@frozen
class Likewise:
    """A class that differs from the last in its name alone."""

    only: int


def shape(value: Any) -> Any:
    """A value without bytes: with its type, and tuples of servers as sets."""
    if isinstance(value, frozenset):
        return ("set", frozenset(shape(each) for each in value))
    if isinstance(value, tuple):
        if value and all(type(each) is Server for each in value):
            return ("servers", tuple(sorted(value)))
        return ("tuple", tuple(shape(each) for each in value))
    return (type(value).__name__, value)


@given(PLAIN, PLAIN)
def test_bytes_are_equal_exactly_for_equal_values(first: Any, second: Any) -> None:
    """Text that looks like numbers, nested tuples, sets and servers all keep their bounds."""
    assert (encode(first, IDENTITY) == encode(second, IDENTITY)) == (shape(first) == shape(second))


@given(facts_of(*FIELDS), facts_of(*FIELDS))
def test_bytes_of_facts_are_equal_exactly_for_equal_facts(first: Fact, second: Fact) -> None:
    """Objects in objects: logs, entries, memberships, roles."""
    assert (encode(first, IDENTITY) == encode(second, IDENTITY)) == (first == second)


@given(facts_of(*FIELDS), st.sampled_from(RENAMINGS))
def test_encoding_under_a_renaming_is_that_of_the_renamed_value(
    fact: Fact, renaming: tuple[int, ...]
) -> None:
    """Whether names change in the object or in the bytes makes no difference."""
    assert encode(fact, renaming) == encode(renamed(fact, renaming), IDENTITY)


@pytest.mark.parametrize("first", RENAMINGS)
@pytest.mark.parametrize("second", RENAMINGS)
def test_renamings_follow_each_other(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    """One after the other is one by both, also in what is indexed by server."""
    both = tuple(second[each] for each in first)
    assert encode(renamed(LEADER, first), second) == encode(LEADER, both)


def test_arrays_by_server_move_with_their_servers() -> None:
    """What S1 knew of S2 it knows of S3, if S2 is called S3."""
    moved = evolve(LEADER, votes_granted=(s1, s2), next_index=(1, 3, 2), match_index=(0, 2, 1))
    assert encode(LEADER, (0, 2, 1)) == encode(moved, (0, 1, 2))


@pytest.mark.parametrize(
    "changed",
    [
        {"server": s2},
        {"current_term": 3},
        {"voted_for": None},
        {"role": Role.FOLLOWER},
        {"leader": s2},
        {"commit_index": 1},
        {"last_applied": 1},
        {"votes_granted": (s1, s2)},
        {"next_index": (1, 3, 2)},
        {"match_index": (0, 2, 1)},
        {"match_index": ()},
        {"log": Log.of([Entry(1, "x")])},
        {"extensions": evolve(LEADER.extensions, clock=1)},
    ],
    ids=lambda changed: str(next(iter(changed))),
)
def test_every_field_of_a_state_counts(changed: dict[str, Any]) -> None:
    """A state that differs in one field has other bytes."""
    assert encode(evolve(LEADER, **changed), IDENTITY) != encode(LEADER, IDENTITY)


def test_configuration_of_all_servers_does_not_count() -> None:
    """It is fixed for a run."""
    other = evolve(LEADER, configuration=Configuration(servers=5))
    assert encode(other, IDENTITY) == encode(LEADER, IDENTITY)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Unlike(1), Likewise(1)),
        (True, 1),
        (1, s2),
        (None, ()),
        ((), frozenset()),
        ("1", 1),
        (("a,'b", "c"), ("a", "b,'c")),
        ((("a",), "b"), (("a", "b"),)),
        (NoOp(), "no-op"),
        (Role.LEADER, "leader"),
        (Vector((), (1,)), Vector(((1,),), ())),
        (Membership((s1,), (s2,)), Membership((s1, s2))),
        (RequestVote(s1, s2, 1, 0, 1), RequestVote(s1, s2, 1, 1, 0)),
    ],
)
def test_what_is_not_the_same_has_other_bytes(first: Any, second: Any) -> None:
    """Also where Python or a careless separator would take one for the other."""
    assert encode(first, IDENTITY) != encode(second, IDENTITY)


def test_servers_alone_are_a_set() -> None:
    """Voters stay ascending under any names, and have the same bytes then."""
    assert encode((s1, s3), (2, 1, 0)) == encode((s1, s3), (0, 1, 2))
    assert encode((s1, s3), (1, 0, 2)) == encode((s2, s3), (0, 1, 2))


def test_unknown_types_are_refused() -> None:
    """Nothing is encoded by how it happens to print."""
    with pytest.raises(TypeError, match="found list, expected an attrs class"):
        encode([1], IDENTITY)


@given(st.lists(logs(), min_size=2, max_size=2))
def test_digests_differ_where_bytes_do(pair: list[Log]) -> None:
    """64 bits for the bytes: the same in every process, and other ones for others."""
    first, second = (encode(each, IDENTITY) for each in pair)
    assert (digest(first) == digest(second)) == (first == second)
    assert digest(b"raft") == 0x475D1CD1A28D4B8A
