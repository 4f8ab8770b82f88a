"""What stands with each kind of action, and the lists that are derived from it."""

from typing import Any

import pytest

from model import actions
from model.actions import ACTION_TYPES, OPTIONAL, OPTIONAL_TYPES, Action, OptionalAction
from model.actions.base import ActionAtServer, BaseAction
from model.actions.macro import BaseRound
from model.actions.optional import BaseOptionalAction
from model.drivers.run_profile import DEALT
from model.schedule import check_action
from raft_core import SERVERS, s1, s2, s3
from tests.model.fakes import reference_cluster

BASES = {BaseAction, ActionAtServer, BaseOptionalAction, BaseRound}
SAMPLES: tuple[tuple[Action, str], ...] = (
    (actions.ElectionTimeout(s1), "S1 election timeout"),
    (actions.HeartbeatTimeout(s1), "S1 heartbeat timeout"),
    (actions.Crash(s2), "S2 crashes"),
    (actions.Restart(s2), "S2 restarts from its disk"),
    (actions.Cut(s1, s2), "S1 -/-> S2 cut"),
    (actions.Compact(s1), "S1 takes a snapshot"),
    (actions.Compact(s1, 2), "S1 takes a snapshot, keeps 2 entries"),
    (actions.TransferLeadership(s1, s2), "administrator -> S1 hand over to S2"),
    (actions.PassTime(3), "3 ticks go by"),
    (actions.PassTime(3, (s1, s3)), "3 ticks go by, more for S1 S3"),
    (actions.Invoke(s1, 2, 0, "get x"), "client 2 -> S1 #0 get x"),
    (actions.CrashInside(s1, 2, 1), "S1 will crash after 2 writes and sends, losing 1 unsynced"),
    (actions.FailWrite(s1, 1), "S1's disk will refuse a write after 1"),
    (actions.CompleteWrite(s1), "S1's oldest write completes"),
    (actions.Settle(3, (s2,)), "faults stop; 3 fair rounds without S2"),
    (actions.Settle(), "faults stop; 20 fair rounds"),
)


def every_subclass(kind: type[Any]) -> set[type[Any]]:
    """All classes that are made of this one."""
    return {kind} | {each for child in kind.__subclasses__() for each in every_subclass(child)}


def test_every_kind_of_action_is_in_the_catalogue() -> None:
    """A class that stands in no union would be known to no driver and to no schedule."""
    assert every_subclass(BaseAction) - BASES == set(ACTION_TYPES)
    assert every_subclass(BaseOptionalAction) - BASES == set(OPTIONAL_TYPES)


def test_cluster_lets_every_kind_of_action_happen() -> None:
    """None is in the vocabulary that a cluster does not know."""
    assert set(reference_cluster()._appliers) == set(ACTION_TYPES)


def test_optional_actions_are_offered_by_their_names() -> None:
    """A subject offers an action by its name; only Invoke has another word, for repetitions."""
    assert {kind.offers[0] for kind in OPTIONAL_TYPES} == {each.__name__ for each in OPTIONAL_TYPES}
    assert {name for kind in OPTIONAL_TYPES for name in kind.offers[1:]} == {"Retry"}
    assert all(kind.offers == () for kind in set(ACTION_TYPES) - set(OPTIONAL_TYPES))
    assert "Retry" in OPTIONAL


def test_kinds_are_dealt_in_an_order_that_stays() -> None:
    """A seed means the same run only as long as no kind takes another place or weight."""
    assert " ".join(f"{kind.__name__} {share.weight}," for kind, share in DEALT) == (
        "Deliver 5, Elect 4, ClientRequest 4, Sync 4, Exchange 1, ElectionTimeout 1, "
        "HeartbeatTimeout 1, Duplicate 1, Drop 1, Restart 1, Crash 1, Partition 1, Cut 1, Heal 1, "
        "Invoke 6, PassTime 1, Compact 2, ChangeMembership 2, TransferLeadership 1, "
        "CrashInside 1, FailWrite 1, CompleteWrite 3,"
    )
    assert [share.place for _, share in DEALT] == list(range(len(DEALT)))


@pytest.mark.parametrize(("action", "text"), SAMPLES, ids=lambda each: str(each)[:20])
def test_action_in_a_trace_is_in_plain_words(action: Action, text: str) -> None:
    """Who does what, with the servers as the paper writes them."""
    assert action.text() == text


@pytest.mark.parametrize("servers", [1, 2, 3, 5])
@pytest.mark.parametrize("kind", OPTIONAL_TYPES)
def test_examples_fit_the_cluster(kind: type[OptionalAction], servers: int) -> None:
    """An example may stand in a schedule for that cluster."""
    action = kind.example(SERVERS[:servers])
    check_action(action, servers)
    assert isinstance(action, kind)


@pytest.mark.parametrize(
    ("action", "plainer"),
    [
        (actions.Compact(s1, 2), actions.Compact(s1)),
        (actions.PassTime(3, (s1,)), actions.PassTime(3)),
        (actions.ChangeMembership(s1, (s1,), (s2,)), actions.ChangeMembership(s1, (s1,))),
        (actions.CrashInside(s1, 2, 1), actions.CrashInside(s1, 2)),
        (actions.Settle(3, (s1,)), actions.Settle(3)),
        (actions.Exchange(s1, s2, True), actions.Exchange(s1, s2)),
        (actions.Elect(s1, (s2,), (s1,)), actions.Elect(s1)),
        (actions.Sync(s1, (), (s1,)), actions.Sync(s1)),
        (actions.Duplicate(s1, s2, 1), actions.Deliver(s1, s2)),
    ],
)
def test_the_plainest_form_comes_first_and_has_none_plainer(
    action: Action, plainer: Action
) -> None:
    """Shrinking ends: each form is plainer than the one before."""
    assert action.plainer()[0] == plainer
    assert plainer.plainer() == ()


def test_only_what_happens_between_two_servers_may_not_name_one_twice() -> None:
    """A link to oneself does not exist; a set that names a server twice does no harm."""
    between = {kind.__name__ for kind in ACTION_TYPES if kind.is_between_two}
    assert between == {"Deliver", "Duplicate", "Drop", "Cut", "Exchange"}
