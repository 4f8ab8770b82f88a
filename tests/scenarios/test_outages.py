"""Outages that stay: what plain Raft makes of them, and what each feature changes. Thesis, 9.6.

Every claim is made twice: with the feature the cluster comes to one leader that goes on; without
it, it does not, in as many rounds as one likes. Timers run out in every order that is drawn.
"""

from random import Random
from typing import Final

import pytest
from attrs import evolve

from model.reference.cluster import ReferenceFactory
from model.runs.render import render
from model.runs.run import Run, recording
from model.setup import Setup
from model.subject import NetworkKind
from raft_core import FEATURES, SERVERS, Membership, Server
from tests.scenarios.outages import (
    DEAF_LEADER,
    FLAPPING_LINK,
    MUTE_LEADER,
    ONE_HUB,
    OUTAGES,
    PARTIAL_SWITCH,
    PARTLY_CONNECTED,
    REMOVED_SERVER,
    Course,
    Order,
    Outage,
    endure,
    in_turn,
)
from tests.scenarios.test_golden import check_golden

ROUNDS: Final = 30
ALWAYS: Final = {REMOVED_SERVER.name: ("single_server_changes",)}
"""Without which an outage cannot come about."""
EVERYTHING: Final = tuple(name for name in FEATURES if name != "joint_consensus")


def setup_of(outage: Outage, features: tuple[str, ...], network: NetworkKind = "any") -> Setup:
    """The reference with these features."""
    wanted = (*features, *ALWAYS.get(outage.name, ()))
    return Setup(
        factory=ReferenceFactory(),
        servers=outage.servers,
        network=network,
        settings=dict.fromkeys(wanted, "on"),
    )


def course_of(
    outage: Outage, *features: str, network: NetworkKind = "any", order: Order = in_turn
) -> Course:
    """What becomes of a fresh cluster with these features."""
    return endure(setup_of(outage, features, network).cluster(), outage, ROUNDS, order)


def drawn(seed: int) -> Order:
    """An order of timers that is drawn anew for each round."""

    def order(number: int, servers: tuple[Server, ...]) -> tuple[Server, ...]:
        return tuple(Random(f"{seed}/{number}").sample(servers, len(servers)))

    return order


ORDERS: Final = (in_turn, *map(drawn, range(5)))
in_every_order = pytest.mark.parametrize("order", ORDERS, ids=lambda each: str(ORDERS.index(each)))


def is_quiet(course: Course) -> bool:
    """Whether one leader went on for the second half."""
    return sum(course.elections[ROUNDS // 2 :]) == 0


def is_served(course: Course) -> bool:
    """Whether every request of the second half was committed."""
    return min(course.commits[ROUNDS // 2 :]) > 0


@in_every_order
@pytest.mark.parametrize("features", [(), ("check_quorum",)])
def test_partial_switch_flips_leadership_for_ever(order: Order, features: tuple[str, ...]) -> None:
    """Cloudflare, November 2020: S1 and S3 depose each other each round; CheckQuorum is no help."""
    course = course_of(PARTIAL_SWITCH, *features, order=order)
    assert course.elections == (1,) * ROUNDS
    assert course.terms == ROUNDS


@in_every_order
@pytest.mark.parametrize(
    "features", [("pre_vote",), ("pre_vote", "check_quorum"), EVERYTHING], ids=len
)
def test_pre_vote_keeps_the_leader_at_a_partial_switch(
    order: Order, features: tuple[str, ...]
) -> None:
    """Thesis, 9.6: S2 hears the leader, so that S1 enters no term and deposes nobody."""
    course = course_of(PARTIAL_SWITCH, *features, order=order)
    assert (sum(course.elections), course.terms) == (0, 0)


def test_stickiness_keeps_the_leader_but_not_the_terms_at_a_partial_switch() -> None:
    """Thesis, 4.2.3: S2 does not listen to S1, whose term runs away until the link is back."""
    course = course_of(PARTIAL_SWITCH, "leader_stickiness")
    assert (sum(course.elections), course.terms) == (0, ROUNDS)


@in_every_order
def test_partial_switch_under_load_ends_with_the_server_in_the_middle(order: Order) -> None:
    """Section 5.4.1: S1 lacks what S3 commits, so it deposes S3 but cannot win; S2 can."""
    course = course_of(evolve(PARTIAL_SWITCH, is_idle=False), order=order)
    assert sum(course.elections) >= 1
    assert is_quiet(course)
    assert is_served(course)


@in_every_order
def test_no_op_ends_the_partial_switch_too(order: Order) -> None:
    """Section 8: each new leader has an entry that the one cut off from it lacks; S2 lacks none.

    What an implementation adds to Raft may change how it fails ("Examining Raft's behaviour
    during partial network failures", 2021, is about etcd and this very outage).
    """
    course = course_of(PARTIAL_SWITCH, "no_op", order=order)
    assert sum(course.elections) >= 1
    assert is_quiet(course)


@in_every_order
@pytest.mark.parametrize("features", [(), ("pre_vote",), ("leader_stickiness",)])
def test_nothing_replaces_a_deaf_leader(order: Order, features: tuple[str, ...]) -> None:
    """Section 5.2: its heartbeats keep all others quiet, and no acknowledgement reaches it."""
    course = course_of(DEAF_LEADER, *features, order=order)
    assert (sum(course.elections), sum(course.commits)) == (0, 0)


@in_every_order
def test_check_quorum_alone_replaces_a_deaf_leader_again_and_again(order: Order) -> None:
    """Thesis, 6.2: it steps down, and others lead; but it then stands, and deposes each of them."""
    course = course_of(DEAF_LEADER, "check_quorum", order=order)
    assert sum(course.commits) > 0
    assert sum(course.elections) >= ROUNDS // 3
    assert not is_quiet(course)


@in_every_order
@pytest.mark.parametrize(
    "features",
    [("check_quorum", "pre_vote"), ("check_quorum", "leader_stickiness"), EVERYTHING],
    ids=len,
)
def test_check_quorum_and_quiet_voters_replace_a_deaf_leader_for_good(
    order: Order, features: tuple[str, ...]
) -> None:
    """Thesis, 6.2 and 9.6: one election, and every request of the second half is served."""
    course = course_of(DEAF_LEADER, *features, order=order)
    assert sum(course.elections) == 1
    assert is_served(course)


@in_every_order
@pytest.mark.parametrize("features", [(), EVERYTHING], ids=len)
def test_mute_leader_is_replaced_without_any_feature(
    order: Order, features: tuple[str, ...]
) -> None:
    """Section 5.2: nobody hears it, it hears its successor; no feature makes that worse."""
    course = course_of(MUTE_LEADER, *features, order=order)
    assert sum(course.elections) == 1
    assert is_served(course)


@in_every_order
@pytest.mark.parametrize("features", [(), ("leader_stickiness", "check_quorum")], ids=len)
def test_follower_that_comes_and_goes_deposes_each_leader(
    order: Order, features: tuple[str, ...]
) -> None:
    """Thesis, 9.6: it returns with a higher term, and its refusal carries that to the leader.

    Stickiness is no help: only requests for votes are not listened to.
    """
    course = course_of(FLAPPING_LINK, *features, order=order)
    assert sum(course.elections) == ROUNDS // 3
    assert course.terms >= ROUNDS


@in_every_order
@pytest.mark.parametrize("features", [("pre_vote",), EVERYTHING], ids=len)
def test_pre_vote_lets_a_follower_come_and_go(order: Order, features: tuple[str, ...]) -> None:
    """Thesis, 9.6: it returns in the term in which it left."""
    course = course_of(FLAPPING_LINK, *features, order=order)
    assert (sum(course.elections), course.terms) == (0, 0)
    assert is_served(course)


def test_removed_server_is_the_only_one_that_does_not_know() -> None:
    """Else the claims below would be about something else."""
    cluster = setup_of(REMOVED_SERVER, ()).cluster()
    endure(cluster, REMOVED_SERVER, 0)
    known = [view.log.membership for view in cluster.views]
    assert known == [Membership(SERVERS[:3])] * 3 + [None]
    assert cluster.views[0].commit_index == cluster.views[0].log.last_index
    assert not cluster.network.cut


def test_outage_that_cannot_come_about_is_refused() -> None:
    """A subject without membership changes cannot remove a server."""
    cluster = Setup(factory=ReferenceFactory(), servers=4, network="any").cluster()
    with pytest.raises(ValueError, match="removed-server: the subject does not offer ChangeMemb"):
        endure(cluster, REMOVED_SERVER, 1)


@in_every_order
@pytest.mark.parametrize("features", [(), ("check_quorum",)], ids=len)
def test_removed_server_deposes_leaders_for_ever(order: Order, features: tuple[str, ...]) -> None:
    """Section 6, third issue: it hears no heartbeats, and its requests bring new terms."""
    course = course_of(REMOVED_SERVER, *features, order=order)
    assert not is_quiet(course)
    assert course.terms >= ROUNDS


@in_every_order
@pytest.mark.parametrize("features", [("leader_stickiness",), ("pre_vote",), EVERYTHING], ids=len)
def test_removed_server_is_not_listened_to(order: Order, features: tuple[str, ...]) -> None:
    """Section 6; thesis, 4.2.3 and 9.6: the members have heard from their leader."""
    course = course_of(REMOVED_SERVER, *features, order=order)
    assert sum(course.elections) == 0
    assert is_served(course)


@in_every_order
@pytest.mark.parametrize("features", [(), ("check_quorum",)], ids=len)
def test_partly_connected_servers_interrupt_each_leader(
    order: Order, features: tuple[str, ...]
) -> None:
    """Decentralized Thoughts, 2020-12-12: whoever leads, S4 or S5 does not hear it and stands."""
    course = course_of(PARTLY_CONNECTED, *features, order=order)
    assert not is_quiet(course)
    assert sum(course.elections) >= ROUNDS // 3


@in_every_order
@pytest.mark.parametrize("features", [("pre_vote",), ("pre_vote", "check_quorum")], ids=len)
def test_pre_vote_leaves_the_leader_of_a_majority_alone(
    order: Order, features: tuple[str, ...]
) -> None:
    """Decentralized Thoughts, 2020-12-12: who is asked has heard the leader, and says no."""
    course = course_of(PARTLY_CONNECTED, *features, order=order)
    assert (sum(course.elections), course.terms) == (0, 0)
    assert is_served(course)


@in_every_order
def test_hub_comes_to_lead_in_plain_raft(order: Order) -> None:
    """Section 5.2: the others' candidacies depose the leader that leads nobody, and S2 can win."""
    course = course_of(ONE_HUB, order=order)
    assert sum(course.elections) == 1
    assert is_served(course)


@in_every_order
@pytest.mark.parametrize(
    "features", [("pre_vote",), ("leader_stickiness",), ("pre_vote", "leader_stickiness")]
)
def test_quiet_voters_alone_keep_a_leader_that_leads_nobody(
    order: Order, features: tuple[str, ...]
) -> None:
    """Decentralized Thoughts, 2020-12-12: PreVote and stickiness open a hole of their own.

    S2, who alone could be elected, hears the leader for ever; nobody else gets a majority.
    """
    course = course_of(ONE_HUB, *features, order=order)
    assert (sum(course.elections), sum(course.commits)) == (0, 0)


@in_every_order
@pytest.mark.parametrize("quiet", ["pre_vote", "leader_stickiness"])
def test_check_quorum_closes_the_hole_that_quiet_voters_open(order: Order, quiet: str) -> None:
    """Thesis, 6.2; Decentralized Thoughts: the leader steps down, so that S2 stands and wins."""
    course = course_of(ONE_HUB, quiet, "check_quorum", order=order)
    assert sum(course.elections) == 1
    assert is_served(course)


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda each: str(each.name))
def test_outages_are_the_same_over_connections(outage: Outage) -> None:
    """A link that stalls keeps its messages; that changes no course, with features or without."""
    for features in ((), ("pre_vote", "check_quorum")):
        over_connections = course_of(outage, *features, network="fifo")
        assert over_connections == course_of(outage, *features)


@pytest.mark.parametrize("name", ["without", "with"])
def test_trace_of_the_partial_switch_is_the_golden_one(name: str) -> None:
    """Cloudflare, November 2020: two rounds without, and with PreVote and CheckQuorum."""
    features = () if name == "without" else ("pre_vote", "check_quorum")
    cluster = setup_of(PARTIAL_SWITCH, features).cluster()
    with recording(cluster) as records:
        endure(cluster, PARTIAL_SWITCH, 2)
    heading = f"{PARTIAL_SWITCH.summary}: two rounds {name} PreVote and CheckQuorum"
    check_golden(
        f"partial_switch_{name}", render(cluster.subject, Run(tuple(records), None), heading)
    )
