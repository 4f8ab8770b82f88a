"""Optional actions in the words of the adapter protocol."""

import pytest
from attrs import fields

from model import actions
from model.actions import OPTIONAL_TYPES, OptionalAction
from oracle.adapter import wire
from oracle.adapter.subject import COMMAND_TYPES, command_of, name_of
from raft_core import SERVERS, s1, s2, s3


@pytest.mark.parametrize("kind", OPTIONAL_TYPES)
def test_every_optional_action_is_a_command_with_the_same_fields(
    kind: type[OptionalAction],
) -> None:
    """A field that the command lacks would never reach an adapter."""
    command = COMMAND_TYPES[kind]
    assert command.__struct_fields__ == tuple(each.name for each in fields(kind))
    assert isinstance(command_of(kind.example(SERVERS[:3])), command)


def test_servers_are_named_in_a_command() -> None:
    """One server, a server in a set, and no server at all."""
    change = actions.ChangeMembership(s1, (s1, s2), (s3,))
    assert command_of(change) == wire.ChangeMembership("S1", ("S1", "S2"), ("S3",))
    assert command_of(actions.PassTime(3, (s2,))) == wire.PassTime(3, ("S2",))
    assert command_of(actions.Invoke(s3, 2, 1, "get x")) == wire.Invoke("S3", 2, 1, "get x")
    assert name_of(command_of(change)) == "change_membership"
