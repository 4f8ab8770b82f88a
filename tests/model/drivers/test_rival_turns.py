"""Turns of rival leaders: what a plan holds, whatever is drawn."""

from types import SimpleNamespace
from typing import cast

import pytest

from model.actions import (
    Action,
    ChangeMembership,
    Compact,
    Deliver,
    Duplicate,
    Elect,
    Exchange,
    PassTime,
    Restart,
    Sync,
    TransferLeadership,
)
from model.drivers.action_source import source_of_run
from model.drivers.clients import Planned
from model.drivers.rival_turns import RivalTurns
from model.drivers.walker import choices_of_run
from properties.view import ObservedView
from raft_core import Server
from raft_core.membership import Membership
from tests.model.fakes import reference_cluster

SEEDS = range(60)


def turns(seed: int, features: str = "on", servers: int = 3) -> RivalTurns:
    """The turns of one run of rival leaders, over three servers if no other number is said."""
    cluster = reference_cluster(servers, settings={"features": features})
    cluster.reset()
    found = source_of_run(choices_of_run(seed, 0), cluster, rival_leaders=True).turns
    assert found is not None
    return found


def of_kind(plan: list[Planned], *kinds: type[Action]) -> list[Action]:
    """The actions of these kinds in a plan, of those that are drawn already."""
    return [each for each in plan if isinstance(each, kinds)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rival_reaches_the_one_that_lags_by_late_messages_only(seed: int) -> None:
    """Elections and rounds of replication leave it out; one link to it may catch up at the end."""
    run = turns(seed)
    (slow,) = run.profile.slow
    plan = run.rival_turn()
    leader = of_kind(plan, Elect)[0]
    assert isinstance(leader, Elect)
    assert leader.server in run.profile.rivals
    for each in of_kind(plan, Elect, Sync):
        assert isinstance(each, Elect | Sync)
        assert slow in (*each.unreachable, each.server)
    late = of_kind(plan, Deliver, Exchange)
    assert all(each in plan[-len(late) :] for each in late)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stale_leader_hears_nothing_of_its_successor_before_it_is_asked_to_read(
    seed: int,
) -> None:
    """The old leader is elected, perhaps twice, and the new one without it; it reads at the end."""
    plan = turns(seed).stale_turn()
    (first, *again, second) = of_kind(plan, Elect)
    assert again in ([], [first])
    assert isinstance(first, Elect)
    assert isinstance(second, Elect)
    assert (first.unreachable, second.unreachable) == ((), (first.server,))
    rest = plan[plan.index(second) :]
    assert Sync(second.server, (first.server,)) in rest
    heard = [each for each in of_kind(rest, Exchange) if isinstance(each, Exchange)]
    read = max(place for place, each in enumerate(rest) if callable(each))
    assert all(rest.index(each) > read for each in heard)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_new_leader_is_asked_to_read_before_it_hears_what_its_predecessor_committed(
    seed: int,
) -> None:
    """The heir takes an operation, hears no more of its leader, and reads when it is elected."""
    run = turns(seed)
    plan = run.early_turn()
    elected = of_kind(plan, Elect)[-1]
    assert isinstance(elected, Elect)
    heir, (old,) = elected.server, elected.unreachable
    before, (read, *heard) = plan[: plan.index(elected)], plan[plan.index(elected) + 1 :]
    taken = [each for each in before if isinstance(each, Deliver)]
    assert taken == [Deliver(old, heir, -1), Deliver(heir, old, -1)]
    assert any(callable(each) for each in before[: before.index(taken[0])])
    (voter,) = set(run.members) - {heir, old}
    assert callable(read)
    assert heard == [Deliver(heir, voter, -1), Deliver(voter, heir, -1)]


def test_a_stale_leader_may_be_heard_by_one_server_alone_of_late() -> None:
    """By its successor or by its friend, once all have ceased to wait for it; without transfers."""
    found = set()
    for seed in SEEDS:
        run = turns(seed)
        others = run.members[1], run.members[2]
        assert run.heard_by_one(run.members[0], others) == []
        run.offers -= {"TransferLeadership"}
        for last in run.heard_by_one(run.members[0], others)[2:]:
            assert isinstance(last, Exchange)
            found.add(last.peer)
        run.offers -= {"PassTime"}
        assert run.heard_by_one(run.members[0], others) == []
    assert found == {*others}


def test_plans_use_only_what_a_subject_offers() -> None:
    """Without features there is neither time nor a transfer of leadership in a turn."""
    plans = [turns(seed, "off").rival_turn() for seed in SEEDS]
    assert not any(of_kind(plan, PassTime, TransferLeadership) for plan in plans)
    featured = [turns(seed).rival_turn() for seed in SEEDS]
    assert any(of_kind(plan, PassTime) for plan in featured)
    assert any(of_kind(plan, TransferLeadership) for plan in featured)


def test_chances_are_those_that_their_names_say() -> None:
    """Over many draws, one in three is a third of them, and all but one in four three quarters."""
    run = turns(1)
    assert 260 < sum(run.one_in(3) for _ in range(900)) < 340
    assert 630 < sum(run.all_but_one_in(4) for _ in range(900)) < 720


@pytest.mark.parametrize("servers", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", range(20))
def test_runs_of_rivals_have_a_next_action_in_clusters_of_every_size(
    servers: int, seed: int
) -> None:
    """A server that is alone is its own rival."""
    cluster = reference_cluster(servers)
    cluster.reset()
    source = source_of_run(choices_of_run(seed, 0), cluster, rival_leaders=True)
    for _ in range(30):
        cluster.apply(source.next_action())
    assert source.profile.rivals


@pytest.mark.parametrize("seed", SEEDS)
def test_a_copy_of_a_request_and_a_late_answer_reach_a_leader_after_it_is_asked_to_read(
    seed: int,
) -> None:
    """The follower whose request it was leads by then; nobody else has answered a second time."""
    plan = turns(seed).repeated_read_turn()
    (copy,) = of_kind(plan, Duplicate)
    first, second = of_kind(plan, Elect)
    assert isinstance(copy, Duplicate)
    assert isinstance(first, Elect)
    assert isinstance(second, Elect)
    new, old = copy.source, copy.destination
    assert (first, second) == (Elect(old), Elect(new, (old,)))
    assert callable(plan[plan.index(copy) - 1])
    (late,) = set(map(Server, range(3))) - {new, old}
    heard = [Deliver(old, new, -1), Deliver(new, old, -1), Deliver(old, late, -1)]
    assert plan[plan.index(copy) + 1 : plan.index(second)] == heard
    assert callable(plan[-3])
    assert plan[-2:] == [Deliver(new, old), Deliver(late, old, -1)]


def with_learners(learners: tuple[Server, ...], servers: int = 5) -> RivalTurns:
    """Turns in which every server knows that these only learn."""
    cluster = reference_cluster(servers, settings={"features": "on"})
    cluster.reset()
    voters = tuple(server for server in cluster.members if server not in learners)
    membership = Membership(voters=voters, learners=learners)
    run = source_of_run(choices_of_run(0, 0), cluster, rival_leaders=True).turns
    assert run is not None
    seen = cast(ObservedView, SimpleNamespace(log=SimpleNamespace(membership=membership)))
    run.choices.cluster.views = [seen] * servers
    return run


def test_learners_are_the_friends_of_a_stale_leader() -> None:
    """They are last in the circle, and may all be left behind: no majority misses them."""
    s1, s2, s3, s4, s5 = map(Server, range(5))
    run = with_learners((s1, s2))
    around, learners = run.learners_last((s2, s3, s4, s5, s1))
    assert (around, learners) == ((s3, s4, s5, s2, s1), 2)
    left = {run.left_behind(around, learners) for _ in range(60)}
    assert left == {(), (s1,), (s2, s1)}


def test_a_friend_of_a_leader_that_goes_stale_may_only_learn_from_then_on() -> None:
    """All hear of that before anything else; among three, whom a majority needs, nobody does."""
    s1, s2, s3, s4 = map(Server, range(4))
    found = [turns(seed, servers=4).demoted(s4, s2) for seed in SEEDS]
    demotes = [ChangeMembership(s4, (s1, s3, s4), (s2,)), Sync(s4), Sync(s4)]
    assert [each for each in found if each] == [demotes] * sum(map(bool, found))
    assert 0 < sum(map(bool, found)) < len(found) / 3
    assert not any(turns(seed).demoted(s3, s2) for seed in SEEDS)


def test_whom_a_turn_elects_is_asked_for_the_change_of_members() -> None:
    """Nobody else may lead, since the turn has not begun when it is drawn."""
    changes = 0
    for seed in SEEDS:
        plan = turns(seed).rival_turn()
        (elected,) = of_kind(plan, Elect)
        for change in of_kind(plan, ChangeMembership):
            assert isinstance(elected, Elect)
            assert isinstance(change, ChangeMembership)
            assert change.server == elected.server
            changes += 1
    assert changes


def test_a_leader_may_compact_and_restart_before_anybody_hears_of_its_change() -> None:
    """Mostly the change is replicated."""
    run, leader = turns(0), Server(1)
    found = [run.change_spread(leader) for _ in range(60)]
    assert [Compact(leader), Restart(leader)] in found
    assert sum(isinstance(each[0], Sync) for each in found) > len(found) / 2
    run.offers -= {"Compact"}
    assert all(isinstance(run.change_spread(leader)[0], Sync) for _ in range(60))
