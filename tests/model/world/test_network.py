"""The network: what is in flight where, what may arrive, and what is lost."""

import pytest

from model.subject import NetworkKind, Packet
from model.world.network import Network
from raft_core import Server, s1, s2, s3
from tests.model.fakes import packet

in_every_kind = pytest.mark.parametrize("kind", ["any", "fifo"])


def network(kind: NetworkKind, *packets: Packet) -> Network:
    """A network of three servers with packets in flight."""
    made = Network(3, kind)
    for each in packets:
        made.send(each)
    return made


def labels(made: Network, source: Server, destination: Server) -> list[object]:
    """What is on a link, oldest first."""
    return [each.label for each in made.channels[source][destination]]


def nearest_label(made: Network, source: Server, destination: Server) -> object:
    """The oldest packet of the nearest channel, or None where nothing can arrive."""
    channel = made.nearest(source, destination)
    return channel[0].label if channel else None


def test_every_ordered_pair_of_servers_is_a_link() -> None:
    """Links go both ways, and from no server to itself."""
    assert Network(3, "any").links == ((s1, s2), (s1, s3), (s2, s1), (s2, s3), (s3, s1), (s3, s2))
    assert Network(1, "any").links == ()


@in_every_kind
def test_oldest_packet_stands_first(kind: NetworkKind) -> None:
    """A channel keeps the order of sending."""
    made = network(kind, packet(s1, s2, "old"), packet(s1, s2, "new"), packet(s2, s1, "back"))
    assert labels(made, s1, s2) == ["old", "new"]
    assert labels(made, s2, s1) == ["back"]


@in_every_kind
def test_nearest_is_the_link_itself_where_something_is_on_it(kind: NetworkKind) -> None:
    """Other links do not matter then."""
    made = network(kind, packet(s1, s2, "other"), packet(s3, s1, "wanted"))
    assert nearest_label(made, s3, s1) == "wanted"


@in_every_kind
@pytest.mark.parametrize(("source", "destination"), [(s1, s2), (s2, s1), (s2, s3), (s3, s2)])
def test_empty_link_means_the_next_one_around(
    kind: NetworkKind, source: Server, destination: Server
) -> None:
    """Links are looked through in order, and after the last one comes the first."""
    made = network(kind, packet(s1, s3, "x"), packet(s3, s1, "y"))
    expected = {(s1, s2): "x", (s2, s1): "y", (s2, s3): "y", (s3, s2): "x"}
    assert nearest_label(made, source, destination) == expected[source, destination]


@in_every_kind
def test_nothing_in_flight_is_nothing_near(kind: NetworkKind) -> None:
    """Where nothing can arrive there is no channel, for a link and for none."""
    made = network(kind)
    assert made.nearest(s1, s2) is None
    assert made.nearest(s1, s1) is None


@in_every_kind
def test_no_link_means_any_link(kind: NetworkKind) -> None:
    """From a server to itself: the search begins with the first link."""
    assert nearest_label(network(kind, packet(s3, s2, "x")), s2, s2) == "x"


@in_every_kind
def test_cut_link_is_passed_over(kind: NetworkKind) -> None:
    """What waits on a cut link cannot arrive."""
    made = network(kind, packet(s1, s2, "stuck"), packet(s2, s3, "free"))
    made.cut.add((s1, s2))
    assert nearest_label(made, s1, s2) == "free"
    made.cut.add((s2, s3))
    assert made.nearest(s1, s2) is None


def test_cut_loses_what_is_sent_where_order_is_not_kept() -> None:
    """Packets into a cut are lost, one way only."""
    made = network("any")
    made.cut.add((s1, s2))
    made.send(packet(s1, s2))
    made.send(packet(s2, s1))
    assert (labels(made, s1, s2), labels(made, s2, s1)) == ([], ["x"])


def test_cut_stalls_a_connection() -> None:
    """On a fifo network what is sent waits, as in the buffers of TCP."""
    made = network("fifo")
    made.cut.add((s1, s2))
    made.send(packet(s1, s2))
    assert labels(made, s1, s2) == ["x"]
    assert made.nearest(s1, s2) is None


def test_broken_connection_loses_both_ways_until_it_is_back() -> None:
    """What was in flight is lost, and so is what is sent meanwhile; other links go on."""
    made = network("fifo", packet(s1, s2), packet(s2, s1), packet(s1, s3, "other"))
    made.disconnect(s2, s1)
    made.send(packet(s1, s2, "lost"))
    assert (labels(made, s1, s2), labels(made, s2, s1)) == ([], [])
    assert labels(made, s1, s3) == ["other"]
    made.connect(s1, s2)
    made.send(packet(s2, s1, "again"))
    assert labels(made, s2, s1) == ["again"]
    assert made.broken == set()


def test_packet_is_found_by_its_label() -> None:
    """Of equal labels the oldest is meant; the link counts too."""
    made = network("any", packet(s1, s2, "x"), packet(s1, s2, "y"), packet(s1, s2, "y"))
    assert made.age_of(packet(s1, s2, "x")) == 0
    assert made.age_of(packet(s1, s2, "y")) == 1
    assert made.age_of(packet(s1, s2, "z")) is None
    assert made.age_of(packet(s2, s1, "x")) is None


def test_packet_behind_another_cannot_arrive_on_a_connection() -> None:
    """On a fifo network only the oldest one is found."""
    made = network("fifo", packet(s1, s2, "x"), packet(s1, s2, "y"))
    assert made.age_of(packet(s1, s2, "x")) == 0
    assert made.age_of(packet(s1, s2, "y")) is None


@in_every_kind
def test_packet_on_a_cut_link_is_not_found(kind: NetworkKind) -> None:
    """It is there and cannot arrive."""
    made = network(kind, packet(s1, s2))
    made.cut.add((s1, s2))
    assert made.age_of(packet(s1, s2)) is None


@in_every_kind
def test_reset_forgets_packets_and_faults(kind: NetworkKind) -> None:
    """A new run finds all links working and empty."""
    made = network(kind, packet(s1, s2))
    made.cut.add((s1, s2))
    made.disconnect(s1, s3)
    made.split.add((s1, s3))
    made.reset()
    assert made.nearest(s1, s2) is None
    assert (made.cut, made.broken, made.split) == (set(), set(), set())
