"""Turns of rival leaders: what a plan holds, whatever is drawn."""

import pytest

from model.actions import Action, Deliver, Elect, Exchange, PassTime, Sync, TransferLeadership
from model.drivers.action_source import source_of_run
from model.drivers.clients import Planned
from model.drivers.rival_turns import RivalTurns
from model.drivers.walker import choices_of_run
from tests.model.fakes import reference_cluster

SEEDS = range(60)


def turns(seed: int, features: str = "on") -> RivalTurns:
    """The turns of one run of rival leaders over three servers."""
    cluster = reference_cluster(settings={"features": features})
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
