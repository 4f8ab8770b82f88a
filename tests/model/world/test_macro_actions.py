"""Macro actions: a whole election, a whole round of replication, all that is late on a link."""

import pytest

from model.actions import Action, ClientRequest, Crash, Cut, Deliver, Elect, Exchange, Sync
from model.runs.run import run
from model.subject import NetworkKind, Sent
from model.world.macro_actions import Cluster
from raft_core import Index, Role, Server, s1, s2, s3, s4, s5
from tests.model.fakes import Call, Noted, apply_all, noted, packet, reference_cluster

in_every_kind = pytest.mark.parametrize("kind", ["any", "fifo"])


def after(*schedule: Action, servers: int = 3, kind: NetworkKind = "any") -> Cluster:
    """A cluster of the reference to which all this has happened."""
    return apply_all(reference_cluster(servers, kind), schedule)


def leaders(cluster: Cluster) -> list[Server]:
    """The servers that lead."""
    return [each for each in cluster.members if cluster.views[each].role is Role.LEADER]


def committed(cluster: Cluster) -> list[Index]:
    """The commit index of each server."""
    return [view.commit_index for view in cluster.views]


def lengths(cluster: Cluster) -> list[Index]:
    """The last index of each server."""
    return [view.log.last_index for view in cluster.views]


@in_every_kind
@pytest.mark.parametrize("servers", [1, 2, 3, 5])
def test_elect_elects(kind: NetworkKind, servers: int) -> None:
    """Where everybody is reachable the election is won, and the term is known to all."""
    cluster = after(Elect(s1), servers=servers, kind=kind)
    assert leaders(cluster) == [s1]
    assert {view.current_term for view in cluster.views} == {1}


@in_every_kind
def test_elect_reaches_a_majority_only(kind: NetworkKind) -> None:
    """The votes of the reachable servers are enough; the others hear of nothing."""
    cluster = after(Elect(s3, (s4, s5)), servers=5, kind=kind)
    assert leaders(cluster) == [s3]
    assert [view.current_term for view in cluster.views] == [1, 1, 1, 0, 0]


@in_every_kind
def test_elect_without_a_majority_elects_nobody(kind: NetworkKind) -> None:
    """The candidate waits for votes that do not come."""
    cluster = after(Elect(s1, (s2, s3)), kind=kind)
    assert leaders(cluster) == []
    assert cluster.views[s1].role is Role.CANDIDATE


@in_every_kind
def test_unreachable_servers_get_their_messages_later(kind: NetworkKind) -> None:
    """They stay in flight, and still elect when they arrive."""
    cluster = after(Elect(s1, (s2, s3)), Deliver(s1, s2), Deliver(s2, s1), kind=kind)
    assert leaders(cluster) == [s1]


@in_every_kind
def test_sync_replicates_and_commits(kind: NetworkKind) -> None:
    """A round goes on until the followers know what is committed, or almost."""
    requests = (ClientRequest(s1, "v1"), ClientRequest(s1, "v2"))
    cluster = after(Elect(s1), *requests, Sync(s1), Sync(s1), kind=kind)
    assert lengths(cluster) == [2, 2, 2]
    assert committed(cluster) == [2, 2, 2]


@in_every_kind
def test_sync_without_a_majority_commits_nothing(kind: NetworkKind) -> None:
    """The leader's own copy and one more of five are not enough."""
    request = ClientRequest(s1, "v1")
    cluster = after(Elect(s1), request, Sync(s1, (s3, s4, s5)), servers=5, kind=kind)
    assert lengths(cluster) == [1, 1, 0, 0, 0]
    assert committed(cluster) == [0, 0, 0, 0, 0]


@in_every_kind
def test_sync_of_a_server_that_does_not_lead_is_nothing(kind: NetworkKind) -> None:
    """A follower's heartbeat interval goes by in silence."""
    cluster = after(Elect(s1), ClientRequest(s1, "v1"), Sync(s2), kind=kind)
    assert lengths(cluster) == [1, 0, 0]


def test_macro_leaves_older_messages_where_order_is_not_kept() -> None:
    """What was late before a macro is still late after it."""
    early, own = packet(s1, s2, "early"), packet(s1, s2, "own")
    world = noted(sends={("heartbeat_timeout", s1): (own,)})
    world.put(early)
    assert world.apply(Sync(s1)) == [("heartbeat_timeout", s1), ("receive", s2, "own")]
    assert world.in_flight() == ["early"]


def test_macro_takes_older_messages_along_on_a_connection() -> None:
    """On a fifo network nothing can overtake them."""
    early, own = packet(s1, s2, "early"), packet(s1, s2, "own")
    world = noted("fifo", sends={("heartbeat_timeout", s1): (own,)})
    world.put(early)
    received = [call[-1] for call in world.apply(Sync(s1)) if call[0] == "receive"]
    assert received == ["early", "own"]


def test_answers_may_provoke_more_but_not_for_ever() -> None:
    """Two servers that always answer each other are left after a few rounds."""
    there, back = packet(s1, s2, "there"), packet(s2, s1, "back")
    world = noted(
        sends={
            ("heartbeat_timeout", s1): (there,),
            ("receive", s2, "there"): (back,),
            ("receive", s1, "back"): (there,),
        }
    )
    received = [call[-1] for call in world.apply(Sync(s1)) if call[0] == "receive"]
    assert received == ["there", "back"] * 4
    assert world.in_flight() == ["there"]


@pytest.mark.parametrize("action", [Elect(s1), Sync(s1)])
def test_macro_does_not_pass_a_cut(action: Action) -> None:
    """What a macro sends into a cut does not arrive."""
    own = (packet(s1, s2, "own"), packet(s1, s3, "own"))
    sends: dict[Call, Sent] = {("heartbeat_timeout", s1): own, ("election_timeout", s1): own}
    world = noted("fifo", sends=sends)
    world.apply(Cut(s1, s2))
    received = [call for call in world.apply(action) if call[0] == "receive"]
    assert received == [("receive", s3, "own")]


def late_messages(kind: NetworkKind = "any") -> Noted:
    """Two messages from s1 to s2 are late, and one back."""
    world = noted(kind)
    world.put(packet(s1, s2, "a"), packet(s1, s2, "b"), packet(s2, s1, "c"), packet(s1, s3, "d"))
    return world


@pytest.mark.parametrize(
    ("kind", "newest_first", "order"),
    [("any", False, "abc"), ("any", True, "bac"), ("fifo", False, "abc"), ("fifo", True, "abc")],
)
def test_exchange_delivers_all_in_order(kind: NetworkKind, newest_first: bool, order: str) -> None:
    """Everything between the two arrives, there first, and nothing of others."""
    world = late_messages(kind)
    calls = world.apply(Exchange(s1, s2, newest_first))
    assert [call[-1] for call in calls] == list(order)
    assert world.in_flight() == ["d"]


@pytest.mark.parametrize("cut", [Cut(s1, s2), Cut(s2, s1)])
def test_exchange_does_not_pass_a_cut(cut: Action) -> None:
    """Two servers that do not reach each other exchange nothing."""
    world = late_messages()
    world.apply(cut)
    assert world.apply(Exchange(s1, s2)) == []


def test_exchange_of_a_server_with_itself_is_nothing() -> None:
    """There is no such link."""
    assert late_messages().apply(Exchange(s1, s1)) == []


def test_exchange_ends_where_a_connection_breaks() -> None:
    """A server that is down receives nothing, and what was on its links is gone."""
    world = late_messages("fifo")
    assert world.apply(Crash(s2), Exchange(s1, s2))[-1][0] == "disconnect"
    assert world.in_flight() == ["d"]


@in_every_kind
def test_macro_is_the_micro_actions_that_it_is_resolved_to(kind: NetworkKind) -> None:
    """The recorded micro actions lead to the same servers without any macro."""
    schedule = (Elect(s1, (s3,)), ClientRequest(s1, "v1"), Sync(s1), Exchange(s1, s3, True))
    cluster = reference_cluster(3, kind)
    outcome = run(cluster, schedule)
    views = list(cluster.views)
    micro = tuple(happening.action for happening in outcome.happenings)
    again = run(cluster, micro)
    assert cluster.views == views
    assert again.records == outcome.records
