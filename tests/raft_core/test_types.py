"""Servers, roles and configurations: the small words of the protocol."""

import pytest

import raft_core
from raft_core import MAX_SERVERS, SERVERS, Configuration, Entry, Role, Server, s1, s2, s3, s9
from tests.raft_core.build import follower


def test_servers_are_positions_from_zero() -> None:
    """A server is its own position in every tuple that is indexed by server."""
    assert tuple(range(MAX_SERVERS)) == SERVERS
    assert ("a", "b", "c")[s2] == "b"


@pytest.mark.parametrize("server", SERVERS)
def test_server_prints_as_its_constant(server: Server) -> None:
    """The repr is a name that raft_core exports, and stands for the same server."""
    assert eval(repr(server), vars(raft_core)) is server


def test_server_reads_as_the_papers_name() -> None:
    """In text a server is S1, S2 and so on."""
    assert (str(s1), f"{s9}") == ("S1", "S9")


def test_members_are_the_first_servers() -> None:
    """A cluster of three consists of the first three servers, in order."""
    assert Configuration(servers=3).members() == (s1, s2, s3)


def test_others_are_all_members_but_oneself() -> None:
    """A server's others are the rest of its cluster, in order."""
    assert follower(server=s2).others == (s1, s3)
    assert follower(servers=1).others == ()


def test_there_are_the_papers_roles_and_the_pre_candidate() -> None:
    """A server is a follower, a candidate or a leader, or asks first; each is usable as a key."""
    assert [role.value for role in Role] == ["follower", "pre-candidate", "candidate", "leader"]
    assert {Role.LEADER: 1}[Role("leader")] == 1


def test_entries_differ_by_term_and_by_command() -> None:
    """An entry is its term and its command together."""
    assert len({Entry(1, "x"), Entry(1, "y"), Entry(2, "x"), Entry(1, "x")}) == 3
