"""Configurations: who votes, who gets entries, and that quorums of neighbours overlap."""

from itertools import combinations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from raft_core import SERVERS, Membership, Server, s1, s2, s3, s4, s5
from raft_core.membership import is_majority, majority_index

INDEXES = st.lists(st.integers(0, 9), min_size=6, max_size=6).map(tuple)


def voter_sets(least: int = 1) -> st.SearchStrategy[tuple[Server, ...]]:
    """Some of the first six servers, ascending."""
    chosen = st.sets(st.sampled_from(SERVERS[:6]), min_size=least, max_size=5)
    return chosen.map(lambda servers: tuple(sorted(servers)))


VOTERS = voter_sets()
MEMBERSHIPS = st.builds(Membership, VOTERS, voter_sets(0), voter_sets(0))


def quorums(membership: Membership) -> list[set[Server]]:
    """Every set of voters that can decide."""
    voters = membership.all_voters
    groups = (group for size in range(len(voters) + 1) for group in combinations(voters, size))
    return [set(group) for group in groups if membership.is_quorum(group)]


def overlap(left: Membership, right: Membership) -> bool:
    """Whether any two quorums have a server in common."""
    return all(mine & yours for mine in quorums(left) for yours in quorums(right))


@given(MEMBERSHIPS)
def test_quorums_of_one_configuration_overlap(membership: Membership) -> None:
    """Two decisions of one configuration share a server, that of C_old,new too."""
    assert quorums(membership)
    assert overlap(membership, membership)


@given(VOTERS, st.sampled_from(SERVERS[:6]))
def test_quorums_one_voter_apart_overlap(voters: tuple[Server, ...], moved: Server) -> None:
    """Thesis 4.1: any majorities of configurations that differ by one server share a server."""
    other = tuple(sorted({*voters} ^ {moved}))
    if other:
        assert overlap(Membership(voters), Membership(other))


def test_quorums_two_voters_apart_need_not_overlap() -> None:
    """Section 6: without C_old,new, two majorities could decide apart."""
    assert not overlap(Membership((s1, s2, s3)), Membership((s1, s2, s3, s4, s5)))


@given(VOTERS, VOTERS)
def test_joint_quorum_overlaps_with_both_sides(
    old: tuple[Server, ...], new: tuple[Server, ...]
) -> None:
    """Section 6: whatever C_old,new decides, neither C_old nor C_new can decide without it."""
    joint = Membership(old, (), new)
    assert overlap(joint, Membership(old))
    assert overlap(joint, Membership(new))


@given(MEMBERSHIPS, INDEXES)
def test_quorum_index_is_the_highest_that_a_quorum_reached(
    membership: Membership, indexes: tuple[int, ...]
) -> None:
    """A quorum holds everything up to the quorum index, and nothing beyond it."""
    index = membership.quorum_index(indexes)
    reached = [server for server in membership.all_voters if indexes[server] >= index]
    beyond = [server for server in membership.all_voters if indexes[server] > index]
    assert membership.is_quorum(reached)
    assert not membership.is_quorum(beyond)


@given(MEMBERSHIPS, st.sets(st.sampled_from(SERVERS[:6])))
def test_only_voters_count(membership: Membership, servers: set[Server]) -> None:
    """Neither learners nor servers outside the configuration make a quorum, or a part of one."""
    voters = [server for server in servers if server in membership.all_voters]
    assert membership.is_quorum(sorted(servers)) == membership.is_quorum(voters)


def test_joint_consensus_needs_a_majority_of_each_side() -> None:
    """Section 6: the majority of one side alone decides nothing."""
    joint = Membership((s1, s2, s3), (), (s3, s4, s5))
    assert not joint.is_quorum((s1, s2))
    assert not joint.is_quorum((s4, s5))
    assert joint.is_quorum((s1, s3, s4))
    assert joint.quorum_index((9, 9, 1, 2, 3)) == 2


@pytest.mark.parametrize(
    ("servers", "voters", "expected"),
    [((), (s1,), False), ((s1,), (s1,), True), ((s1,), (s1, s2), False), ((s2,), (s1,), False)],
)
def test_majority_is_more_than_half(
    servers: tuple[Server, ...], voters: tuple[Server, ...], expected: bool
) -> None:
    """Half of an even number is not enough."""
    assert is_majority(servers, voters) is expected


def test_majority_index_of_an_even_number_is_the_lower_middle() -> None:
    """Two of four hold index 3 and more, which is no majority; three hold index 2."""
    assert majority_index((1, 2, 3, 4), (s1, s2, s3, s4)) == 2


def test_servers_are_all_who_get_entries() -> None:
    """Voters of both sides and learners, each once and ascending."""
    membership = Membership((s2, s3), (s1, s3), (s3, s5))
    assert membership.servers == (s1, s2, s3, s5)
    assert membership.all_voters == (s2, s3, s5)
    assert membership.is_joint
    assert Membership((s1,), (), (s2,)).servers == (s1, s2)
    plain = Membership((s1, s2))
    assert (plain.servers, plain.all_voters, plain.is_joint) == ((s1, s2), (s1, s2), False)


def test_learner_gets_entries_and_has_no_vote() -> None:
    """A learner is among the servers and not among the voters."""
    membership = Membership((s1, s2), (s3,))
    assert (membership.servers, membership.all_voters) == ((s1, s2, s3), (s1, s2))


@pytest.mark.parametrize(
    ("membership", "text"),
    [
        (Membership((s1, s2)), "[S1 S2]"),
        (Membership((s1,), (s3,)), "[S1 + learners S3]"),
        (Membership((s1, s2), (), (s2, s3)), "[S1 S2 -> S2 S3]"),
    ],
)
def test_configuration_reads_as_who_is_in_it(membership: Membership, text: str) -> None:
    """Traces show voters, the new voters behind an arrow, and learners."""
    assert str(membership) == text


def test_configurations_differ_by_each_part() -> None:
    """C_old, C_new and C_old,new are three values."""
    joint = Membership((s1,), (), (s2,))
    assert len({joint, evolve(joint, new_voters=()), Membership((s2,))}) == 3
